//! The drawing of a network, from the picture at its left end to the scores at its right.
//!
//! [`layout`] computes where everything stands, [`ribbon`] draws it, and [`marks`] adds the numbers
//! that turn the drawing into a map of the lesson.

pub mod layout;
pub mod marks;
pub mod ribbon;
pub mod skips;
