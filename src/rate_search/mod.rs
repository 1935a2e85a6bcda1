//! The search for a learning rate: the measured curve, and the rate that it suggests.

pub mod panel;
pub mod state;
pub mod suggestions;
