//! Pictures: where they come from and what becomes of them before the network sees them.
//!
//! source ([`parquet`], drawn, …) → [`decode`] → [`square`] → [`set`] → [`augment`] → [`batch`].

pub mod classes;
pub mod drawn;
#[cfg(feature = "engine")]
pub mod imagenet;
pub mod picture;

#[cfg(feature = "engine")]
pub mod augment;
#[cfg(feature = "engine")]
pub mod batch;
#[cfg(feature = "engine")]
pub mod decode;
#[cfg(feature = "engine")]
pub mod load;
#[cfg(feature = "engine")]
pub mod parquet;
#[cfg(feature = "engine")]
pub mod set;
#[cfg(feature = "engine")]
pub mod source;
#[cfg(feature = "engine")]
pub mod square;

pub use picture::Picture;
