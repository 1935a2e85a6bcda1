//! Saved runs: the file format, the slots in which the browser keeps them, and the list of all
//! runs.
//!
//! There are no tensors here, so the page can read a saved run's [`RunHeader`] before any engine
//! has started. The engine's checkpoint decides what the bytes of the tensors mean.

pub mod comparison;
pub mod header;
pub mod run_file;
pub mod runs;
pub mod slots;

pub use header::{DatasetCheck, EpochPosition, RunHeader, RunHeaderError};
pub use run_file::{RunFile, RunFileError};
