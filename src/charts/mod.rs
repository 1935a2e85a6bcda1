//! Charts in general: the frame with its ticks, the scales and lines inside it, and zooming.
//!
//! [`axis`] and [`span`] are plain arithmetic, tested on the host; [`frame`] and [`zoom`] draw and
//! listen. Which curves a run has is decided in [`crate::run::curves`].

pub mod axis;
pub mod frame;
pub mod span;
pub mod zoom;
