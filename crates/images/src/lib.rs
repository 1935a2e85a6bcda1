//! Pictures: where they come from and what becomes of them before the network sees them.
//!
//! source ([`archive`], [`files`], parquet, the drawn set) → [`decode`] → [`square`] → [`set`] →
//! [`augment`] → [`batch`].

pub mod archive;
pub mod augment;
pub mod batch;
pub mod collect;
pub mod decode;
pub mod files;
pub mod fingerprint;
pub mod imagenet;
pub mod layout;
pub mod load;
#[cfg(not(target_arch = "wasm32"))]
pub mod local;
pub mod mixup;
pub mod normalize;
pub mod open_file;
pub mod problems;
pub mod report;
pub mod set;
pub mod sheet;
pub mod square;
