//! What the worker reports about pictures: how far loading has come, what is loaded, and what a
//! batch looks like.
//!
//! These types travel between page and worker as postcard, which encodes fields in the order in
//! which they stand here. Both sides are always built from the same version.

use serde::{Deserialize, Serialize};

use crate::picture::Picture;

/// How far loading has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadProgress {
    /// Number of pictures decoded so far.
    pub pictures: u32,
    /// Number of pictures that will be decoded in all.
    pub wanted: u32,
    /// Number of bytes received from the network or read from files so far.
    pub bytes: u64,
    /// Number of bytes expected in all; `None` if it is not known.
    pub expected: Option<u64>,
}

/// What a loaded data set holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataReport {
    /// The classes in label order.
    pub classes: Vec<ClassReport>,
    /// Where the pictures come from, in a few words.
    pub source: String,
    /// The pictures and files that could not be used.
    pub problems: Vec<Problem>,
    /// A hash of the pictures and their labels, the same whichever source they came from.
    pub fingerprint: u64,
    /// Memory that the decoded pictures take, in bytes.
    pub memory: u64,
}

/// What a loaded data set holds of one class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassReport {
    /// The class's name as it is displayed.
    pub name: String,
    /// Number of training pictures.
    pub train: u32,
    /// Number of validation pictures.
    pub valid: u32,
    /// A few training pictures as small squares.
    pub examples: Vec<Picture>,
}

/// A file or picture that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The file's path, or the file and the row in it.
    pub name: String,
    /// Why it could not be used, and what to do about it.
    pub reason: String,
}

/// The first pictures of a training batch as the network sees them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchPreview {
    /// The pictures, each before and after augmentation.
    pub pictures: Vec<BatchPicture>,
}

/// One picture of a [`BatchPreview`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchPicture {
    /// The class's name, or both names and their shares where Mixup blends two pictures.
    pub label: String,
    /// The picture before augmentation, cropped to its centre square.
    pub before: Picture,
    /// The picture after augmentation and Mixup, with the normalisation undone.
    pub after: Picture,
}
