//! A run's pictures, decoded once and kept in memory as RGB8.

use resnette_picture::Picture;
use resnette_picture::report::Problem;

use crate::resize::{centre_crop, shrink};

/// A picture with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// For training the whole picture, with a shorter side of at most [`train_side`] pixels; for
    /// validation its centre square, as large as the network's input.
    pub picture: Picture,
    /// The class's index in [`Dataset::classes`].
    pub label: u32,
}

/// The training and validation pictures of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dataset {
    /// The class names in label order.
    pub classes: Vec<String>,
    /// The training pictures.
    pub train: Vec<Sample>,
    /// The validation pictures.
    pub valid: Vec<Sample>,
    /// Where the pictures come from, in a few words.
    pub source: String,
    /// The pictures that could not be used.
    pub problems: Vec<Problem>,
}

/// The shorter side, in pixels, at which training pictures are kept for a network whose input has
/// `size` pixels a side.
///
/// It is a quarter larger, so that crops need not be enlarged: chapter 14 of the fastai book keeps
/// 160 pixels for an input of 128.
pub fn train_side(size: u32) -> u32 {
    size + size / 4
}

impl Dataset {
    /// Adds a training picture for a network whose input has `size` pixels a side.
    pub fn push_train(&mut self, picture: &Picture, label: u32, size: u32) {
        self.train.push(Sample { picture: shrink(picture, train_side(size)), label });
    }

    /// Adds a validation picture for a network whose input has `size` pixels a side.
    pub fn push_valid(&mut self, picture: &Picture, label: u32, size: u32) {
        self.valid.push(Sample { picture: centre_crop(picture, size), label });
    }
}
