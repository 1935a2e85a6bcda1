//! The questions of the lesson, with one file for each part of the chapter.
//!
//! Their numbers and subjects are those of the questionnaires in chapters 13 and 14 of *Deep
//! Learning for Coders with fastai and PyTorch*. The wording, the options and the numbers to
//! compute are our own.

mod grid;
mod network;
mod paths;
mod skip;
mod warm_up_convolutions;
mod warm_up_training;

use crate::question::Question;

/// All questions: first 1 to 22 of chapter 14 in their order, then the warm-ups from chapter 13.
pub fn all() -> impl Iterator<Item = &'static Question> {
    let chapter = grid::QUESTIONS
        .iter()
        .chain(skip::QUESTIONS)
        .chain(paths::QUESTIONS)
        .chain(network::QUESTIONS);
    chapter.chain(warm_up_convolutions::QUESTIONS).chain(warm_up_training::QUESTIONS)
}

/// The question with this id, such as `7` or `13-14`, or `None` if there is none.
pub fn by_id(id: &str) -> Option<&'static Question> {
    all().find(|question| question.id == id)
}

/// The question of chapter 14 with this number, or `None` if there is none.
pub fn numbered(number: u8) -> Option<&'static Question> {
    all().find(|question| question.number() == Some(number))
}
