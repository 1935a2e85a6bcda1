//! A question: what it asks, how it is answered, what it says afterwards.

use serde::{Deserialize, Serialize};

use crate::steps::Demo;

/// Characters an answer in words may have; a page of text.
pub const LONGEST_TEXT: usize = 4_000;

/// A question of chapter 14, or of chapter 13 as a warm-up.
#[derive(Debug, PartialEq)]
pub struct Question {
    /// `1` to `22` for chapter 14, `13-…` with the book's number for chapter 13.
    pub id: &'static str,
    /// What it asks, in our words.
    pub prompt: &'static str,
    /// How it is answered.
    pub kind: Kind,
    /// What to look at after a wrong answer; names the demo.
    pub hint: &'static str,
    /// Why the right answer is right.
    pub reason: &'static str,
    /// What a good answer to the book's question contains: for the teacher's table.
    pub must_contain: &'static str,
    /// Where the reader can try it.
    pub place: Place,
}

/// Where on the page a question can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A demo of the Learn view.
    Demo(Demo),
    /// The Train view: settings, epoch table and charts.
    Train,
}

impl Place {
    /// Its heading on the page.
    pub fn title(self) -> &'static str {
        match self {
            Place::Demo(demo) => demo.title(),
            Place::Train => "Train view",
        }
    }
}

/// How a question is answered.
#[derive(Debug, PartialEq)]
pub enum Kind {
    /// One of several sentences.
    Choose {
        /// The sentences, in the order shown.
        options: &'static [Choice],
    },
    /// A number.
    Number {
        /// The right one.
        value: f64,
        /// How far off it may be, as a share of the value.
        tolerance: f64,
        /// Words that may follow the number, in the singular or plural.
        units: &'static [&'static str],
        /// Numbers that a known mistake leads to, and what to say about it.
        slips: &'static [(f64, &'static str)],
    },
    /// The shape of a tensor.
    Shape {
        /// The right one.
        shape: &'static [usize],
        /// Shapes that a known mistake leads to, and what to say about it.
        slips: &'static [(&'static [usize], &'static str)],
    },
    /// Steps to put in order.
    Order {
        /// The steps, in the right order.
        steps: &'static [&'static str],
        /// The order in which they are shown first: indices into `steps`.
        shown: &'static [usize],
    },
    /// Some sentences of the reader's, who marks them by a list.
    Free {
        /// One good answer.
        model_answer: &'static str,
        /// What it makes; the reader ticks what their own text has.
        points: &'static [Point],
    },
}

/// One sentence to choose.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    /// The sentence.
    pub text: &'static str,
    /// What to say to whoever chose it; nothing for the right one.
    pub hint: Option<&'static str>,
}

/// One thing an answer in words should say.
#[derive(Debug, PartialEq, Eq)]
pub struct Point {
    /// The thing.
    pub text: &'static str,
    /// Its signs: groups of beginnings of words, in lower case. Text that has every beginning of
    /// one group *may* say it.
    pub signs: &'static [&'static [&'static str]],
}

/// What a reader answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Answer {
    /// Which option, counted from 0.
    Choice(usize),
    /// A number, a shape or sentences, as typed.
    Text(String),
    /// Indices into the steps, in the reader's order.
    Order(Vec<usize>),
}

impl Question {
    /// The number in chapter 14, 1 to 22; nothing for a warm-up.
    pub fn number(&self) -> Option<u8> {
        self.id.parse().ok()
    }

    /// The name of its group on the page: `Question 7`, or `Warm-up 13-14`.
    pub fn heading(&self) -> String {
        match self.number() {
            Some(number) => format!("Question {number}"),
            None => format!("Warm-up {}", self.id),
        }
    }

    /// The right answer in words, for the presenter's key and for teachers.
    pub fn answer_in_words(&self) -> String {
        match &self.kind {
            Kind::Choose { options } => options
                .iter()
                .filter(|choice| choice.hint.is_none())
                .map(|choice| choice.text)
                .collect::<Vec<_>>()
                .join(" "),
            Kind::Number { value, .. } => number_in_words(*value),
            Kind::Shape { shape, .. } => shape_in_words(shape),
            Kind::Order { steps, .. } => steps
                .iter()
                .enumerate()
                .map(|(i, step)| format!("{}. {step}", i + 1))
                .collect::<Vec<_>>()
                .join("; "),
            Kind::Free { model_answer, .. } => (*model_answer).to_string(),
        }
    }

    /// Whether an answer is of this question's kind and within its bounds: what saved progress is
    /// held against.
    pub fn takes(&self, answer: &Answer) -> bool {
        match (&self.kind, answer) {
            (Kind::Choose { options }, Answer::Choice(index)) => *index < options.len(),
            (Kind::Number { .. } | Kind::Shape { .. } | Kind::Free { .. }, Answer::Text(text)) => {
                text.chars().count() <= LONGEST_TEXT
            }
            (Kind::Order { steps, .. }, Answer::Order(order)) => is_permutation(order, steps.len()),
            _ => false,
        }
    }

    /// An answer of the reader's in words, for the sheet; nothing where it is none of this
    /// question's.
    pub fn in_words(&self, answer: &Answer) -> Option<String> {
        match (&self.kind, answer) {
            (Kind::Choose { options }, Answer::Choice(index)) => {
                options.get(*index).map(|choice| choice.text.to_string())
            }
            (Kind::Order { steps, .. }, Answer::Order(order)) => {
                let named = order
                    .iter()
                    .map(|&index| steps.get(index).copied())
                    .collect::<Option<Vec<_>>>()?;
                Some(
                    named
                        .iter()
                        .enumerate()
                        .map(|(i, step)| format!("{}. {step}", i + 1))
                        .collect::<Vec<_>>()
                        .join("; "),
                )
            }
            (Kind::Choose { .. } | Kind::Order { .. }, _) => None,
            (_, Answer::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }
}

/// Whether `order` holds each of `0..length` once.
pub(super) fn is_permutation(order: &[usize], length: usize) -> bool {
    order.len() == length && (0..length).all(|index| order.contains(&index))
}

/// `1179648` as `1,179,648`, `0.2` as `0.2`.
pub fn number_in_words(value: f64) -> String {
    let plain = value.to_string();
    let (sign, rest) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("−", rest));
    let (whole, fraction) = rest
        .split_once('.')
        .map_or((rest, String::new()), |(whole, fraction)| (whole, format!(".{fraction}")));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{fraction}")
}

/// `[64, 1, 1]` as `64 × 1 × 1`.
pub fn shape_in_words(shape: &[usize]) -> String {
    shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number_in_words(1_179_648.0), "1,179,648");
        assert_eq!(number_in_words(864.0), "864");
        assert_eq!(number_in_words(-3.0), "−3");
        assert_eq!(number_in_words(0.25), "0.25");
        assert_eq!(shape_in_words(&[64, 1, 1]), "64 × 1 × 1");
    }

    #[test]
    fn permutations_hold_each_index_once() {
        assert!(is_permutation(&[2, 0, 1], 3));
        assert!(!is_permutation(&[0, 0, 1], 3));
        assert!(!is_permutation(&[0, 1], 3));
        assert!(!is_permutation(&[0, 1, 3], 3));
    }
}
