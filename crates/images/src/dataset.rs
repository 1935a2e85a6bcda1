//! A run's pictures, decoded once and kept in memory as RGB8.

use std::collections::BTreeSet;

use resnette_picture::Picture;
use resnette_picture::report::{LeftOut, OpenedReport, Problem, SplitOrigin};

use crate::resize::{centre_crop, shrink};

/// The most classes that a sentence names.
const MAX_LISTED: usize = 8;

/// A picture with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// For training the whole picture, with a shorter side of at most [`train_side`] pixels; for
    /// validation its centre square, as large as the network's input.
    pub picture: Picture,
    /// The class's index in [`Dataset::classes`].
    pub label: u32,
}

/// What a class of opened files was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassOrigin {
    /// The raw names of the folders or labels that became this class: several, if the reader made
    /// several into one.
    pub keys: Vec<String>,
    /// Some of the folders or files that its pictures come from.
    pub origins: Vec<String>,
}

/// The training and validation pictures of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dataset {
    /// The class names in label order, as they are displayed. No two are the same.
    pub classes: Vec<String>,
    /// What each class was made from, in the same order; empty if the names say it all.
    pub origins: Vec<ClassOrigin>,
    /// The training pictures.
    pub train: Vec<Sample>,
    /// The validation pictures.
    pub valid: Vec<Sample>,
    /// Where the pictures come from, in a few words.
    pub source: String,
    /// The pictures that could not be used.
    pub problems: Vec<Problem>,
    /// How training and validation pictures were told apart.
    pub split: SplitOrigin,
    /// Folders and classes whose pictures are not used, and why.
    pub left_out: Vec<LeftOut>,
    /// How opened files were read, and what of that the reader may choose; `None` if the pictures
    /// come from elsewhere.
    pub opened: Option<OpenedReport>,
}

/// The shorter side, in pixels, at which training pictures are kept for a network whose input has
/// `size` pixels a side.
///
/// It is a quarter larger, so that crops need not be enlarged: chapter 14 of the fastai book keeps
/// 160 pixels for an input of 128.
pub fn train_side(size: u32) -> u32 {
    resnette_spec::limits::train_side(size)
}

impl Dataset {
    /// What to tell of classes that are trained and of which no picture validates, if pictures of
    /// other classes do; `None` if there are none.
    pub fn missing_validation(&self) -> Option<Problem> {
        let labels = |samples: &[Sample]| -> BTreeSet<u32> {
            samples.iter().map(|sample| sample.label).collect()
        };
        let (trained, validated) = (labels(&self.train), labels(&self.valid));
        let missing: Vec<String> = trained
            .difference(&validated)
            .filter_map(|label| Some(format!("“{}”", self.classes.get(*label as usize)?)))
            .collect();
        if validated.is_empty() || missing.is_empty() {
            return None;
        }
        let more = match missing.len().saturating_sub(MAX_LISTED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let listed = missing.get(..MAX_LISTED).unwrap_or(&missing).join(", ");
        Some(Problem {
            name: self.source.clone(),
            reason: format!(
                "there are no validation pictures of {listed}{more}, so nothing will show how well the network recognises them; add some, or use one in five of all pictures for validation"
            ),
        })
    }

    /// Adds a training picture for a network whose input has `size` pixels a side.
    pub fn push_train(&mut self, picture: &Picture, label: u32, size: u32) {
        self.train.push(Sample { picture: shrink(picture, train_side(size)), label });
    }

    /// Adds a validation picture for a network whose input has `size` pixels a side.
    pub fn push_valid(&mut self, picture: &Picture, label: u32, size: u32) {
        self.valid.push(Sample { picture: centre_crop(picture, size), label });
    }
}
