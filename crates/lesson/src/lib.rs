//! The content of the Learn view: its prose, its questions and how they are graded, and the
//! arithmetic behind its demos. There are no tensors and no browser in it, so the page can use it
//! without an engine, and all of it is tested on the host.
//!
//! The lesson follows chapter 14 of *Deep Learning for Coders with fastai and PyTorch* by Jeremy
//! Howard and Sylvain Gugger (<https://github.com/fastai/fastbook>) in its order and its
//! questionnaire, but in our own words. The modules, in the order in which to read them:
//!
//! - [`steps`]: the six steps, their prose, and the demos and questions that belong to each;
//! - [`arrangement`]: which question stands after which demo;
//! - [`demos`]: the demos as a table of headings and invitations; the page draws them;
//! - [`question`] and [`questions`]: what a question is, the 22 questions of the chapter, and
//!   warm-ups from chapter 13;
//! - [`parse`] and [`mod@check`]: how typed answers are parsed and graded;
//! - [`glossary`]: the technical terms that the page uses;
//! - [`progress`] and [`sheet`]: what the browser stores of a reader's answers, and the sheet that
//!   a class hands in;
//! - [`grid`], [`pooling`], [`grid_to_vector`], [`convolution`], [`one_by_one`], [`residual`] and
//!   [`conv_cost`]: what the demos compute.
//!
//! Experiments that need a real network are part of the engine (`resnette-engine`, `experiments`).
//!
//! ```
//! use resnette_lesson::{Answer, Verdict, check, numbered};
//!
//! let question = numbered(14).unwrap();
//! let verdict = check(question, &Answer::Text("16 × 128 × 128".into()));
//! assert!(matches!(verdict, Verdict::Right { .. }));
//!
//! let verdict = check(question, &Answer::Text("16 × 1 × 1".into()));
//! assert!(matches!(verdict, Verdict::Wrong { .. }));
//! ```

pub mod arrangement;
pub mod check;
pub mod conv_cost;
pub mod convolution;
pub mod demos;
pub mod glossary;
pub mod grid;
pub mod grid_to_vector;
pub mod one_by_one;
pub mod parse;
pub mod pooling;
pub mod progress;
pub mod question;
pub mod questions;
pub mod residual;
pub mod sheet;
pub mod steps;
#[cfg(test)]
mod tests;

pub use check::{Verdict, check};
pub use demos::Demo;
pub use grid::{Channels, Grid, GridError};
pub use progress::{Progress, ProgressError, QuestionState};
pub use question::{Answer, Question, QuestionKind, RubricPoint, WhereToTry};
pub use questions::{all, by_id, numbered};
pub use steps::{STEPS, Step};
