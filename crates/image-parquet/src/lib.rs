//! Reads image data sets in parquet files, as Hugging Face converts and publishes them: a column of
//! encoded pictures (`image: struct<bytes: binary, path: string>`, or plain bytes; other usual
//! names are known too) and a column of labels (`label: int64` and the like, or text).
//!
//! Only the parts of a file that are needed are read: the [`Footer`] first, then the label columns
//! of those row groups whose statistics do not give the label away ([`all_labels`]), then only
//! those row groups that hold wanted pictures. [`read_subset`] does the last step for a random draw
//! of some pictures of each class.
//!
//! Files come from strangers: every length in a file is checked against limits before it is used,
//! and no input can cause a panic, since a panic would end the browser's worker with the training
//! run in it. That is why this crate reads parquet itself instead of using the `parquet` crate,
//! which panics on some damaged pages. A page that cannot be read loses its own rows only, and
//! [`Losses`] tells how many and why.
//!
//! The format is specified at <https://parquet.apache.org/docs/file-format/> and in
//! [`parquet.thrift`](https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift).
//!
//! ```
//! use resnette_image_parquet::source::MemorySource;
//! use resnette_image_parquet::{Footer, ParquetError, all_labels, read_group};
//!
//! # futures::executor::block_on(async {
//! // The bytes of a small file, in hexadecimal and explained one by one.
//! let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/two-classes.txt"));
//! let bytes: Vec<u8> = text
//!     .lines()
//!     .flat_map(|line| line.split('#').next().unwrap().split_whitespace())
//!     .map(|byte| u8::from_str_radix(byte, 16).unwrap())
//!     .collect();
//! let mut file = MemorySource::new("two-classes.parquet", bytes);
//!
//! let footer = Footer::read(&mut file).await?;
//! assert_eq!(footer.class_names, Some(vec!["cat".into(), "dog".into()]));
//! assert_eq!(footer.rows(), 4);
//!
//! // The class of each row, and the pictures of the first row group.
//! let labels = all_labels(&mut file, &footer).await?;
//! assert_eq!(labels.groups[0], [Some(0), Some(1), Some(0), Some(1)]);
//! let pictures = read_group(&mut file, &footer, 0).await?;
//! assert_eq!(pictures, ["meow", "woof", "purr", "wuff"]);
//! # Ok::<(), ParquetError>(())
//! # })
//! # .unwrap();
//! ```

mod bits;
mod codec;
mod columns;
mod delta;
mod error;
mod features;
mod footer;
mod labels;
mod losses;
mod metadata;
mod page;
mod pictures;
mod place;
mod rle;
mod schema;
pub mod source;
mod subset;
mod thrift;
mod values;

pub use codec::Codec;
pub use columns::{ColumnChoice, LabelColumn, LabelKind};
pub use error::ParquetError;
pub use footer::{ColumnChunk, Footer, RowGroup};
pub use labels::{Label, Labels, all_labels, watched_labels};
pub use losses::Losses;
pub use pictures::{GroupPictures, read_group, read_pictures};
pub use place::{LocatedPictures, PicturePage, PicturePlace, locate_pictures};
pub use subset::{SampledRow, Subset, SubsetRequest, read_subset};
