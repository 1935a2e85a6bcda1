//! Where pictures come from, and which of them become part of a data set.
//!
//! - [`load_drawn`] draws them.
//! - [`load_parquet`] samples two parquet files in Hugging Face's layout, usually over the network.
//! - [`load_files`] reads files that somebody opened: archives, parquet files, folders and single
//!   pictures in any mixture.
//!
//! - `load_streamed` opens files on disk whose pictures are read again when they are needed
//!   ([`crate::stream`]); in a browser there is none.
//!
//! All of them report their progress to a [`LoadObserver`], which can stop them.

mod archive;
mod archive_pictures;
mod archive_reader;
mod class_name;
mod corrections;
#[cfg(not(target_arch = "wasm32"))]
pub mod disk;
mod drawn;
pub mod encoded;
pub mod entry;
mod error;
pub mod fallback_decoder;
mod file_kind;
mod files;
mod folder_tree;
mod hash_sampler;
mod hugging_face;
mod labels_beside;
mod layout;
mod notices;
mod observer;
pub mod open_file;
mod opened_columns;
mod parquet_classes;
mod parquet_file;
mod picture_decoder;
mod picture_feed;
mod picture_group;
mod plan;
mod relabel;
mod reservoir;
mod same_column;
mod sampled_set;
mod set_aside;
mod split_loader;
mod split_name;
mod splits;
#[cfg(not(target_arch = "wasm32"))]
mod streamed;

pub use archive::{NameCodec, use_name_codec};
pub use drawn::load_drawn;
pub use error::LoadError;
pub use files::load_files;
pub use hugging_face::{TRAIN_FILE, VALID_FILE, load_imagenette, load_parquet};
pub use observer::{LoadObserver, SilentObserver};
#[cfg(not(target_arch = "wasm32"))]
pub use streamed::load_streamed;
