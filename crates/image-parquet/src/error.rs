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
    #[error("{0} is no parquet file; Hugging Face's parquet of an image data set is wanted")]
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
    /// A column of an image data set is missing or has the wrong type.
    #[error(
        "{name} has no column “{column}” of the right type; `image.bytes` (binary) and `label` (int64) are wanted"
    )]
    MissingColumn {
        /// The file's address or path.
        name: String,
        /// The column's path in the schema.
        column: &'static str,
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
    /// A label is not the number of a class.
    #[error("{name} has the label {label}, and labels from 0 to {} are wanted", .classes.saturating_sub(1))]
    LabelOutOfRange {
        /// The file's address or path.
        name: String,
        /// The label found in the file.
        label: i64,
        /// The number of classes.
        classes: usize,
    },
    /// The caller stopped the reading.
    #[error("loading was stopped")]
    Stopped,
}

impl ParquetError {
    /// [`ParquetError::Damaged`], with the reason cut off after 160 characters: parts of it may
    /// come from the file itself.
    pub(crate) fn damaged(name: &str, reason: impl ToString) -> Self {
        Self::Damaged { name: name.into(), reason: reason.to_string().chars().take(160).collect() }
    }
}
