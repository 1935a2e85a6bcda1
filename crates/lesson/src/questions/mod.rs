//! The questions, a file for each part of the chapter.
//!
//! Numbers and subjects are those of the questionnaires of chapters 13 and 14 of the fastai book;
//! words, options and numbers to compute are ours.

mod grid;
mod network;
mod paths;
mod skip;
mod warm_up_convolutions;
mod warm_up_training;

use crate::question::{Choice, Question};

/// All questions: 1 to 22 of chapter 14 in order, then the warm-ups from chapter 13.
pub fn all() -> impl Iterator<Item = &'static Question> {
    let chapter = grid::QUESTIONS
        .iter()
        .chain(skip::QUESTIONS)
        .chain(paths::QUESTIONS)
        .chain(network::QUESTIONS);
    chapter.chain(warm_up_convolutions::QUESTIONS).chain(warm_up_training::QUESTIONS)
}

/// A question by its id: `7`, `13-14`.
pub fn by_id(id: &str) -> Option<&'static Question> {
    all().find(|question| question.id == id)
}

/// A question of chapter 14 by its number.
pub fn numbered(number: u8) -> Option<&'static Question> {
    all().find(|question| question.number() == Some(number))
}

const fn right(text: &'static str) -> Choice {
    Choice { text, hint: None }
}

const fn wrong(text: &'static str, hint: &'static str) -> Choice {
    Choice { text, hint: Some(hint) }
}
