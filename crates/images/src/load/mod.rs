//! Where pictures come from, and which of them become part of a data set.
//!
//! - [`load_drawn`] draws them.
//! - [`load_parquet`] samples two parquet files in Hugging Face's layout, usually over the network.
//! - [`load_files`] reads files that somebody opened: archives, parquet files, folders and single
//!   pictures in any mixture.
//!
//! All of them report their progress to a [`LoadObserver`], which can stop them.

mod archive;
mod archive_reader;
#[cfg(not(target_arch = "wasm32"))]
pub mod disk;
mod drawn;
pub mod entry;
mod error;
mod files;
mod hash_sampler;
mod hugging_face;
mod observer;
pub mod open_file;
mod parquet_classes;
mod parquet_file;
mod tar_path;

pub use drawn::load_drawn;
pub use error::LoadError;
pub use files::load_files;
pub use hugging_face::{TRAIN_FILE, VALID_FILE, load_imagenette, load_parquet};
pub use observer::{LoadObserver, SilentObserver};
