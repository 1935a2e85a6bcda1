//! The chapter, alive: what the Learn view says, asks and computes. Pure Rust, no tensors and no
//! browser, so that the page can hold it and the host can test it.
//!
//! After chapter 14 of *Deep Learning for Coders with fastai and PyTorch* (Howard and Gugger),
//! whose order and whose questions it follows in words of our own. In the order in which to read:
//!
//! - [`steps`]: the six steps, their prose, which demos and questions belong to them;
//! - [`question`] and [`questions`]: the 22 questions of the chapter and the warm-ups from chapter
//!   13;
//! - [`read`] and [`mod@check`]: what a reader may type, and what becomes of it;
//! - [`glossary`]: the words of the trade that the page uses;
//! - [`progress`] and [`sheet`]: what the browser keeps, and what a class hands in;
//! - [`grid`], [`pooling`], [`grid_to_vector`], [`convolution`], [`one_by_one`], [`residual`],
//!   [`conv_cost`]: what the demos compute;
//! - `engine` (with the feature `engine`): the experiments that need the network itself.
//!
//! ```
//! use crate::{Answer, Verdict, check, numbered};
//! let question = numbered(14).unwrap();
//! assert!(matches!(check(question, &Answer::Text("16 × 128 × 128".into())), Verdict::Right { .. }));
//! ```

pub mod check;
pub mod conv_cost;
pub mod convolution;
pub mod glossary;
pub mod grid;
pub mod grid_to_vector;
pub mod one_by_one;
pub mod pooling;
pub mod progress;
pub mod question;
pub mod questions;
pub mod read;
pub mod residual;
pub mod sheet;
pub mod steps;
#[cfg(test)]
mod tests;

pub use check::{Verdict, check};
pub use grid::{Channels, Grid, GridError};
pub use progress::{Progress, ProgressError, State};
pub use question::{Answer, Kind, Place, Point, Question};
pub use questions::{all, by_id, numbered};
pub use steps::{Demo, STEPS, Step};
