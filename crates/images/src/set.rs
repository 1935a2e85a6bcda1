//! The pictures of a run, decoded once and kept as bytes.

use resnette_picture::Picture;
use resnette_picture::report::Problem;

use crate::square::{centre_square, shrink};

/// A picture and its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Training: the whole picture, shorter side at most [`train_side`]. Validation: the middle
    /// square at the run's size.
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

/// Shorter side of a kept training picture for a network that sees `size` pixels: the chapter's 160
/// for 128.
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
}
