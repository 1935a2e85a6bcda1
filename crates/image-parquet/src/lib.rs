//! Hugging Face's conversion of image data sets: `image: struct<bytes, path>`, `label: int64`.
//!
//! A file is read in pieces: the footer, then the label columns whose statistics do not give the
//! label away, then only those row groups that the wanted pictures lie in. Files come from
//! strangers: every length is checked before it is believed, and nothing here can panic.

mod codec;
mod footer;
mod hybrid;
mod page;
pub mod source;
mod subset;
mod thrift;

pub use codec::Codec;
pub use footer::{Chunk, Footer, RowGroup};
pub use subset::{Row, Wanted, all_labels, read_group, read_subset};

use crate::source::SourceError;

/// Why a parquet file gives no pictures. Messages name the file and say what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParquetError {
    /// The source failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// No parquet at all.
    #[error("{0} is no parquet file; Hugging Face's parquet of an image data set is wanted")]
    NotParquet(String),
    /// Damaged or hostile.
    #[error(
        "{name} cannot be read as parquet ({reason}); the file is damaged or cut off, load it again or choose another"
    )]
    Damaged {
        /// File.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// The columns are not those of an image data set.
    #[error(
        "{name} has no column “{column}” of the right type; `image.bytes` (binary) and `label` (int64) are wanted"
    )]
    Column {
        /// File.
        name: String,
        /// The column.
        column: &'static str,
    },
    /// Compressed in a way that has no decoder here.
    #[error(
        "{name} is compressed with parquet's codec {codec}, which cannot be read here; write it with snappy, gzip, zstd or none"
    )]
    Codec {
        /// File.
        name: String,
        /// parquet.thrift's number.
        codec: i64,
    },
    /// The labels do not fit the classes.
    #[error("{name} has the label {label}, and labels from 0 to {} are wanted", .classes.saturating_sub(1))]
    Label {
        /// File.
        name: String,
        /// The label.
        label: i64,
        /// How many classes there may be.
        classes: usize,
    },
    /// The caller gave up.
    #[error("loading was stopped")]
    Stopped,
}
