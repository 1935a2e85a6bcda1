//! Tests of the lesson as a whole.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod answers;
mod content;
mod documents;
mod figures;
mod golden;
mod texts;
