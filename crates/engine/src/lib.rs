//! The networks on Burn, and everything that is done with them.
//!
//! [`model`] builds a network from its architecture, [`train`] trains it
//! ([`Learner`](train::learner::Learner) is the place to start), [`predict`] uses it
//! ([`Classifier`](predict::classify::Classifier)), and [`experiments`] are those of the lesson
//! that need a network. [`model`] depends on none of the others, [`train`] on [`model`], and the
//! other two on both. Nothing here knows that there is a browser.

pub mod experiments;
pub mod model;
pub mod predict;
pub mod train;

pub use resnette_kernels::{AdapterDescription, Chip, chip_of, use_chip};
