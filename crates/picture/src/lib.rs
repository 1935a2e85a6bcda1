//! A decoded picture, Imagenette's ten classes, the drawn data set, and the reports about pictures
//! that the worker sends to the page.
//!
//! The page depends on this crate, so it contains no decoders and no data sets of files.

pub mod classes;
pub mod drawn;
mod picture;
pub mod report;

pub use picture::Picture;
