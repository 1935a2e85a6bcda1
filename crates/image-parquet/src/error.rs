//! Why a parquet file cannot be read.

use crate::source::SourceError;

/// Why pictures cannot be read from a parquet file. Every message names the file and says what to
/// do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParquetError {
    /// The source of the bytes failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The file is not a parquet file at all.
    #[error(
        "{0} is no parquet file, whatever its name says; a parquet file of labelled pictures is wanted, as Hugging Face publishes them"
    )]
    NotParquet(String),
    /// The file is damaged, cut off or crafted to do harm.
    #[error(
        "{name} cannot be read as parquet ({reason}); the file is damaged or cut off, load it again or choose another"
    )]
    Damaged {
        /// The file's address or path.
        name: String,
        /// What is wrong with it, at most 160 characters.
        reason: String,
    },
    /// There is no column of pictures, or none of labels.
    #[error(
        "{name} has no column of {} that can be read; its columns are: {found}. Wanted are {}",
        if *.column == "label" { "labels" } else { "pictures" },
        if *.column == "label" {
            "labels as whole numbers or text in a column such as “label”, “labels”, “class” or “fine_label”; rename the column that holds them"
        } else {
            "encoded pictures (JPEG, PNG or WebP) in a column such as “image”, “img” or “picture”, as bytes or as a structure with “bytes”; write the file again in this form"
        }
    )]
    MissingColumn {
        /// The file's address or path.
        name: String,
        /// The usual name of the column that is missing: `image` or `label`.
        column: &'static str,
        /// The columns that the file has, in a few words.
        found: String,
    },
    /// The column that a reader chose is not there, or cannot hold what it was chosen for.
    #[error(
        "{name} has no column “{chosen}” that could hold {what}; it has: {found}. Choose another"
    )]
    NotChosen {
        /// The file's address or path.
        name: String,
        /// The name that was chosen.
        chosen: String,
        /// What it was chosen for: `labels` or `pictures`.
        what: &'static str,
        /// The columns that the file has, in a few words.
        found: String,
    },
    /// The labels are in another column than those of the file before it, and numbers without names
    /// tell by no means whether both mean the same.
    #[error(
        "{name} has its labels in column “{column}” and {other} in “{wanted}”, and numbers without names do not tell whether both mean the same; give both columns the same name, or name their classes"
    )]
    OtherColumn {
        /// The file's address or path.
        name: String,
        /// Its column.
        column: String,
        /// The other file.
        other: String,
        /// The other file's column.
        wanted: String,
    },
    /// The labels are texts in one file and numbers without names in the other, and nothing tells
    /// which text a number stands for.
    #[error(
        "{name} has {} in its column “{column}”, and {other} has {} there; nothing tells which text each number stands for. Write the labels as text in both, or name their classes in both",
        kind_of(*.is_text),
        kind_of(!*.is_text)
    )]
    OtherKind {
        /// The file's address or path.
        name: String,
        /// Its column.
        column: String,
        /// The other file.
        other: String,
        /// Whether the labels of `name` are the texts.
        is_text: bool,
    },
    /// The file holds the paths of pictures and not the pictures.
    #[error(
        "{0} holds the paths of its pictures and not the pictures; write it again with the pictures inside, or open the folder that holds them"
    )]
    PathsOnly(String),
    /// A row group is too large to be read.
    #[error(
        "{name} has a row group of {megabytes} MB, and groups of at most 512 MB are read; write it again with fewer rows in a group"
    )]
    LargeGroup {
        /// The file's address or path.
        name: String,
        /// The size of a column in the row group, in units of 2^20 bytes.
        megabytes: u64,
    },
    /// The column of labels has too many different values.
    #[error(
        "{name} has more than {most} different labels in its column “{column}”, so it does not name classes; choose another file"
    )]
    ManyLabels {
        /// The file's address or path.
        name: String,
        /// The column's name.
        column: String,
        /// The most that are read.
        most: usize,
    },
    /// The pages are compressed with a codec that is not supported here.
    #[error(
        "{name} is compressed with parquet's codec {codec}, which cannot be read here; write it with snappy, gzip, zstd or none"
    )]
    UnsupportedCodec {
        /// The file's address or path.
        name: String,
        /// The number of the codec in parquet.thrift's `CompressionCodec`.
        codec: i64,
    },
    /// The values are encoded in a way that is not supported here.
    #[error("{name} uses {encoding}, which is not read here; write it again with plain encoding")]
    UnsupportedEncoding {
        /// The file's address or path.
        name: String,
        /// The encoding's name.
        encoding: String,
    },
    /// The caller stopped the reading.
    #[error("loading was stopped")]
    Stopped,
}

/// What a column of labels holds, in words.
fn kind_of(is_text: bool) -> &'static str {
    if is_text { "texts" } else { "numbers without names" }
}

impl ParquetError {
    /// [`ParquetError::Damaged`], with the reason cut off after 160 characters: parts of it may
    /// come from the file itself.
    pub(crate) fn damaged(name: &str, reason: impl ToString) -> Self {
        Self::Damaged { name: name.into(), reason: reason.to_string().chars().take(160).collect() }
    }
}

/// Why values of a column cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum PageError {
    /// They are damaged. What is wrong with them, as part of a sentence.
    #[error("{0}")]
    Damaged(String),
    /// They are valid, and encoded in a way that is not read here: the encoding's name.
    #[error("it uses {0}, which is not read here")]
    Encoding(String),
}

impl PageError {
    /// The error of the file of this name.
    pub fn of_file(self, name: &str) -> ParquetError {
        match self {
            Self::Damaged(reason) => ParquetError::damaged(name, reason),
            Self::Encoding(encoding) => {
                ParquetError::UnsupportedEncoding { name: name.into(), encoding }
            }
        }
    }
}

impl From<String> for PageError {
    fn from(reason: String) -> Self {
        Self::Damaged(reason)
    }
}

impl From<&str> for PageError {
    fn from(reason: &str) -> Self {
        Self::Damaged(reason.into())
    }
}
