//! Pictures: where they come from and what becomes of them before the network sees them.
//!
//! source ([`parquet`], [`archive`], [`files`], [`drawn`]) → [`decode`] → [`square`] → [`set`] → [`augment`] → [`batch`].

pub mod classes;
pub mod drawn;
pub mod kept;
pub mod picture;

#[cfg(feature = "engine")]
pub mod archive;
#[cfg(feature = "engine")]
pub mod augment;
#[cfg(feature = "engine")]
pub mod batch;
#[cfg(feature = "engine")]
pub mod collect;
#[cfg(feature = "engine")]
pub mod decode;
#[cfg(feature = "engine")]
pub mod files;
#[cfg(feature = "engine")]
pub mod fingerprint;
#[cfg(feature = "engine")]
pub mod imagenet;
#[cfg(feature = "engine")]
pub mod layout;
#[cfg(feature = "engine")]
pub mod load;
#[cfg(all(feature = "engine", not(target_arch = "wasm32")))]
pub mod local;
#[cfg(feature = "engine")]
pub mod parquet;
#[cfg(feature = "engine")]
pub mod problems;
#[cfg(feature = "engine")]
pub mod retry;
#[cfg(feature = "engine")]
pub mod set;
#[cfg(feature = "engine")]
pub mod sheet;
#[cfg(feature = "engine")]
pub mod source;
#[cfg(feature = "engine")]
pub mod square;

pub use picture::Picture;
