//! Reads image data sets in the parquet layout that Hugging Face converts to: a column
//! `image: struct<bytes: binary, path: string>` and a column `label: int64`.
//!
//! Only the parts of a file that are needed are read: the [`Footer`] first, then the label columns
//! of those row groups whose statistics do not give the label away, then only those row groups that
//! hold wanted pictures. [`read_subset`] does all of it for a random draw of some pictures of each
//! class.
//!
//! Files come from strangers: every length in a file is checked against limits before it is used,
//! and no input can cause a panic, since a panic would end the browser's worker with the training
//! run in it. That is why this crate reads parquet itself instead of using the `parquet` crate,
//! which panics on some damaged pages.
//!
//! The format is specified at <https://parquet.apache.org/docs/file-format/> and in
//! [`parquet.thrift`](https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift).
//!
//! ```no_run
//! use resnette_image_parquet::source::MemorySource;
//! use resnette_image_parquet::{Footer, ParquetError, all_labels, read_group};
//!
//! # futures::executor::block_on(async {
//! let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/two-classes.parquet");
//! let mut file = MemorySource::new("two-classes.parquet", std::fs::read(path).unwrap());
//! let footer = Footer::read(&mut file).await?;
//! assert_eq!(footer.class_names, Some(vec!["cat".into(), "dog".into()]));
//! assert_eq!(footer.rows(), 4);
//!
//! // The labels and the encoded pictures of the first row group.
//! let labels = all_labels(&mut file, &footer, 2).await?;
//! assert_eq!(labels[0], [0, 1, 0, 1]);
//! let pictures = read_group(&mut file, &footer, 0).await?;
//! assert!(pictures.iter().all(|png| png.starts_with(b"\x89PNG")));
//! # Ok::<(), ParquetError>(())
//! # })
//! # .unwrap();
//! ```

mod codec;
mod error;
mod footer;
mod page;
mod rle;
pub mod source;
mod subset;
mod thrift;

pub use codec::Codec;
pub use error::ParquetError;
pub use footer::{ColumnChunk, Footer, RowGroup};
pub use subset::{SampledRow, SubsetRequest, all_labels, read_group, read_subset};
