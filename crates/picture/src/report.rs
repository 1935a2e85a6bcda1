//! What is told of pictures: how loading goes, what is loaded, what a batch looks like.

use serde::{Deserialize, Serialize};

use crate::Picture;

/// How far loading has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadProgress {
    /// Pictures decoded.
    pub pictures: u32,
    /// Pictures wanted.
    pub wanted: u32,
    /// Bytes that came over the network or from files.
    pub bytes: u64,
    /// Bytes expected in all, where known.
    pub expected: Option<u64>,
}

/// What is loaded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataReport {
    /// Class by class, in label order.
    pub classes: Vec<ClassReport>,
    /// Where from, in a few words.
    pub source: String,
    /// Pictures that could not be used: name and reason.
    pub problems: Vec<Problem>,
    /// Equal for the same pictures with the same labels, whichever way they came.
    pub fingerprint: u64,
    /// Bytes that the pictures take in memory.
    pub memory: u64,
}

/// One class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassReport {
    /// For people.
    pub name: String,
    /// Training pictures.
    pub train: u32,
    /// Validation pictures.
    pub valid: u32,
    /// A few training pictures, small, for a contact sheet.
    pub examples: Vec<Picture>,
}

/// A file or picture that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// File or row.
    pub name: String,
    /// Why, and what to do.
    pub reason: String,
}

/// A batch as the network sees it, normalisation undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchSheet {
    /// Augmented pictures beside the pictures they came from.
    pub pictures: Vec<BatchPicture>,
}

/// One picture of a [`BatchSheet`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchPicture {
    /// Class.
    pub label: String,
    /// As it came, cropped to a square.
    pub before: Picture,
    /// As the network sees it.
    pub after: Picture,
}
