//! What the worker reports about pictures: how far loading has come, what is loaded, and what a
//! batch looks like.
//!
//! These types travel between page and worker as postcard, which encodes fields in the order in
//! which they stand here. Both sides are always built from the same version.

use std::collections::{BTreeMap, BTreeSet};

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
    /// How training and validation pictures were told apart.
    pub split: SplitOrigin,
    /// Folders whose pictures are in no class, and why.
    pub left_out: Vec<LeftOut>,
    /// What opened files leave to the reader; `None` if the pictures come from elsewhere.
    pub opened: Option<OpenedReport>,
}

/// How opened files were read, and what of that the reader may choose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedReport {
    /// The corrections that they were read with.
    pub corrections: ClassCorrections,
    /// The columns of parquet files that could tell the classes.
    pub label_columns: ColumnReport,
    /// The columns of parquet files that could be the pictures.
    pub image_columns: ColumnReport,
    /// Number of JPEGs that end early, of those that were read: left out, or used as far as they
    /// go if [`ClassCorrections::accept_cut`] says so.
    pub cut: u32,
    /// Number of pictures that were read.
    pub read: u32,
    /// Number of pictures that were not read, or not kept, because the draw did not take them: how
    /// many of those end early is not known, or does not matter.
    pub unread: u32,
}

/// Columns of parquet files of which one is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnReport {
    /// Their names, the preferred one of the first file first; none if there is no parquet file.
    pub names: Vec<String>,
    /// The one that is used of the first file.
    pub used: String,
}

/// How training and validation pictures were told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SplitOrigin {
    /// The source has both parts: published files, or the drawn set.
    #[default]
    Published,
    /// Folders or files name both.
    Named {
        /// The folders or files of the training pictures.
        train: Vec<String>,
        /// The folders or files of the validation pictures.
        valid: Vec<String>,
    },
    /// One in five pictures of each class was drawn for validation.
    Drawn,
}

/// A folder, or a class, whose pictures are not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The folder's path, or the class's key.
    pub name: String,
    /// Number of pictures in it.
    pub pictures: u32,
    /// Why they are left out, and what to do to use them.
    pub reason: String,
}

/// What a reader changed about the classes and the split that were found in opened files. The same
/// changes apply whenever these files are loaded.
///
/// The headers of saved runs end with them, so a change of these fields changes that format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCorrections {
    /// The new name of a class by its key (one of [`ClassReport::keys`]). Classes that get the same
    /// name become one.
    pub names: BTreeMap<String, String>,
    /// The keys of classes that are left out.
    pub left_out: BTreeSet<String>,
    /// Where validation pictures come from; `None` if it stays as it was found.
    pub validation: Option<Validation>,
    /// The column of parquet files that tells the classes; `None` for the usual one.
    pub label_column: Option<String>,
    /// The column of parquet files that holds the pictures; `None` for the usual one.
    pub image_column: Option<String>,
    /// Whether JPEGs that end early are used as far as they go.
    pub accept_cut: bool,
}

/// Where validation pictures come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Validation {
    /// One in five of all pictures of each class, whatever the folders are called.
    Drawn,
    /// The pictures in this folder, one of those in [`SplitOrigin::Named`] or
    /// [`DataReport::left_out`]; all others train.
    Folder(String),
}

/// What a loaded data set holds of one class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassReport {
    /// The class's name as it is displayed.
    pub name: String,
    /// What distinguishes it from the other classes: its raw name. Several, if the reader merged
    /// classes.
    pub keys: Vec<String>,
    /// Some of the folders, files or columns that its pictures come from.
    pub origins: Vec<String>,
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
