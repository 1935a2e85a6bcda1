//! A labelled picture.

use resnette_picture::Picture;

use crate::file_hash::FileHash;

/// A picture with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// For training the whole picture, with a shorter side of at most
    /// [`Keep::train_side`](resnette_spec::source::Keep::train_side) pixels; for validation the
    /// square that the network sees, as large as its input.
    pub picture: Picture,
    /// A validation picture as it would be kept for training, which test-time augmentation
    /// augments; `None` where it augments the square.
    pub whole: Option<Picture>,
    /// Tells whether two pictures come from the same bytes; `None` of drawings.
    pub file: Option<FileHash>,
    /// The class's index in [`Dataset::classes`](crate::dataset::Dataset::classes).
    pub label: u32,
}
