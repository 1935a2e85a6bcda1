//! A network while it learns: what it makes of a fixed sample of the validation pictures.
//!
//! [`look`] asks the network, [`principal_axes`] draws a map of the vectors that its head
//! classifies, and [`alignment`] turns that map so that it continues the one before.

pub mod alignment;
pub mod look;
pub mod principal_axes;
