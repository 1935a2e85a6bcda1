//! The pictures of a run, decoded once and kept as bytes.

use super::Picture;
use super::fingerprint;
use super::square::{centre_square, shrink};
use crate::protocol::data::{ClassReport, DataReport, Problem};

/// A picture and its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Training: the whole picture, shorter side at most [`train_side`]. Validation: the middle square at the run's size.
    pub picture: Picture,
    /// Class, counted from 0.
    pub label: u32,
}

/// Training and validation pictures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataSet {
    /// Class names in label order.
    pub classes: Vec<String>,
    /// Training pictures.
    pub train: Vec<Sample>,
    /// Validation pictures.
    pub valid: Vec<Sample>,
    /// Where they come from, in a few words.
    pub source: String,
    /// What was refused.
    pub problems: Vec<Problem>,
}

/// Shorter side of a kept training picture for a network that sees `size` pixels: the chapter's 160 for 128.
pub fn train_side(size: u32) -> u32 {
    size + size / 4
}

impl DataSet {
    /// Takes in a training picture for a network that sees `size` pixels.
    pub fn push_train(&mut self, picture: &Picture, label: u32, size: u32) {
        self.train.push(Sample { picture: shrink(picture, train_side(size)), label });
    }

    /// Takes in a validation picture for a network that sees `size` pixels.
    pub fn push_valid(&mut self, picture: &Picture, label: u32, size: u32) {
        self.valid.push(Sample { picture: centre_square(picture, size), label });
    }

    /// What the page shows of the set.
    pub fn report(&self) -> DataReport {
        const EXAMPLES: usize = 6;
        const EXAMPLE_SIDE: u32 = 64;
        let count = |samples: &[Sample], label: usize| samples.iter().filter(|sample| sample.label as usize == label).count() as u32;
        let classes = self.classes.iter().enumerate().map(|(label, name)| ClassReport {
            name: name.clone(),
            train: count(&self.train, label),
            valid: count(&self.valid, label),
            examples: self
                .train
                .iter()
                .filter(|sample| sample.label as usize == label)
                .take(EXAMPLES)
                .map(|sample| centre_square(&sample.picture, EXAMPLE_SIDE))
                .collect(),
        });
        DataReport {
            classes: classes.collect(),
            source: self.source.clone(),
            problems: self.problems.clone(),
            fingerprint: fingerprint::of(self),
            memory: self.train.iter().chain(&self.valid).map(|sample| sample.picture.rgb.len() as u64).sum(),
        }
    }
}
