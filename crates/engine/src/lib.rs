//! The networks of chapter 14 on Burn, and everything that is done with them.
//!
//! [`model`] builds a network from its architecture, [`train`] trains it, [`predict`] uses it, and
//! [`experiments`] are those of the lesson that need the network itself. Nothing here knows of a
//! browser.

pub mod experiments;
pub mod model;
pub mod predict;
pub mod train;
