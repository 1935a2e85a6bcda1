//! Runs that are kept: the file of a run, the browser's two generations of it, and the list of all
//! runs.
//!
//! No tensors here: the page reads a saved run's [`Head`] before any engine is there. What the
//! tensors mean is `train::checkpoint`'s.

pub mod head;
pub mod runs;
pub mod sealed;
pub mod slots;

pub use head::{Fingerprint, Head, HeadError, Place};
pub use sealed::{SealError, seal};
