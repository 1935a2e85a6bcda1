//! What a question consists of: its prompt, the form of its answer, and its feedback.

use serde::{Deserialize, Serialize};

use crate::demos::Demo;

/// Maximum number of characters in a free-text answer: about a page.
pub const MAX_ANSWER_CHARS: usize = 4_000;

/// A question of the lesson. Those from chapter 14 are numbered; those from chapter 13 are
/// warm-ups.
#[derive(Debug, PartialEq)]
pub struct Question {
    /// The question's number in the book's questionnaire: `1` to `22` for chapter 14, `13-1` and
    /// so on for chapter 13.
    pub id: &'static str,
    /// The question, in our own words.
    pub prompt: &'static str,
    /// The form of its answer, together with the right answer.
    pub kind: QuestionKind,
    /// What to look at after a wrong answer. It names the demo in [`Question::where_to_try`].
    pub hint: &'static str,
    /// Why the right answer is right.
    pub reason: &'static str,
    /// What a good answer to the question in the book contains, for the table that teachers read.
    pub must_contain: &'static str,
    /// Where on the page the reader can try it.
    pub where_to_try: WhereToTry,
}

/// Where on the page a question can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhereToTry {
    /// A demo of the Learn view.
    Demo(Demo),
    /// The Train view: settings, epoch table and charts.
    Train,
}

impl WhereToTry {
    /// The heading of that part of the page.
    pub fn title(self) -> &'static str {
        match self {
            WhereToTry::Demo(demo) => demo.title(),
            WhereToTry::Train => "Train view",
        }
    }
}

/// The form of the answer to a question, together with the right answer.
#[derive(Debug, PartialEq)]
pub enum QuestionKind {
    /// Multiple choice: one of several sentences.
    Choose {
        /// The sentences, in the order in which they are shown.
        options: &'static [Choice],
    },
    /// A number, which a unit may follow.
    Number {
        /// The right number.
        value: f64,
        /// How far an answer may be off, relative to `value`.
        tolerance: f64,
        /// The units that may follow the number, in singular and plural.
        units: &'static [&'static str],
        /// Numbers that result from a known mistake, each with a hint about it.
        mistakes: &'static [(f64, &'static str)],
    },
    /// The shape of a tensor, as a list of lengths.
    Shape {
        /// The right shape.
        shape: &'static [usize],
        /// Shapes that result from a known mistake, each with a hint about it.
        mistakes: &'static [(&'static [usize], &'static str)],
    },
    /// Steps that have to be put in the right order.
    Order {
        /// The steps, in the right order.
        steps: &'static [&'static str],
        /// The order in which they are shown at first, as indices into `steps`.
        initial_order: &'static [usize],
    },
    /// A few sentences in the reader's own words, which the reader then marks with a rubric.
    Free {
        /// An example of a good answer.
        model_answer: &'static str,
        /// The rubric: the points of a good answer. Readers tick those that their own text makes.
        points: &'static [RubricPoint],
    },
}

/// One option of a multiple-choice question.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    /// The sentence that the reader can choose.
    pub text: &'static str,
    /// What to say to a reader who chose it; `None` if it is the right one.
    pub hint: Option<&'static str>,
}

/// The right option.
pub(crate) const fn right(text: &'static str) -> Choice {
    Choice { text, hint: None }
}

/// A wrong option, with what to say to a reader who chose it.
pub(crate) const fn wrong(text: &'static str, hint: &'static str) -> Choice {
    Choice { text, hint: Some(hint) }
}

/// A point that a free-text answer should make.
#[derive(Debug, PartialEq, Eq)]
pub struct RubricPoint {
    /// The point, as a sentence.
    pub text: &'static str,
    /// Groups of keywords in lower case. A text in which all keywords of one group occur *may*
    /// make the point. A keyword is the beginning of a word, or a whole word if it ends with
    /// `=`.
    pub keywords: &'static [&'static [&'static str]],
}

/// A reader's answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Answer {
    /// Index of the chosen option.
    Choice(usize),
    /// A number, a shape or a text, as it was typed.
    Text(String),
    /// The reader's order, as indices into the question's steps.
    Order(Vec<usize>),
}

impl Question {
    /// The question's number in chapter 14, or `None` for a warm-up.
    pub fn number(&self) -> Option<u8> {
        self.id.parse().ok()
    }

    /// The question's heading on the page: `Question 7`, or `Warm-up 13-14`.
    pub fn heading(&self) -> String {
        match self.number() {
            Some(number) => format!("Question {number}"),
            None => format!("Warm-up {}", self.id),
        }
    }

    /// The right answer as text, for presenters and teachers.
    pub fn right_answer_as_text(&self) -> String {
        match &self.kind {
            QuestionKind::Choose { options } => options
                .iter()
                .filter(|choice| choice.hint.is_none())
                .map(|choice| choice.text)
                .collect::<Vec<_>>()
                .join(" "),
            QuestionKind::Number { value, .. } => format_number(*value),
            QuestionKind::Shape { shape, .. } => format_shape(shape),
            QuestionKind::Order { steps, .. } => steps
                .iter()
                .enumerate()
                .map(|(i, step)| format!("{}. {step}", i + 1))
                .collect::<Vec<_>>()
                .join("; "),
            QuestionKind::Free { model_answer, .. } => (*model_answer).to_string(),
        }
    }

    /// Whether an answer has the form that this question asks for, and is within its bounds. Stored
    /// answers are checked with it.
    pub fn accepts(&self, answer: &Answer) -> bool {
        match (&self.kind, answer) {
            (QuestionKind::Choose { options }, Answer::Choice(index)) => *index < options.len(),
            (
                QuestionKind::Number { .. }
                | QuestionKind::Shape { .. }
                | QuestionKind::Free { .. },
                Answer::Text(text),
            ) => text.chars().count() <= MAX_ANSWER_CHARS,
            (QuestionKind::Order { steps, .. }, Answer::Order(order)) => {
                is_permutation(order, steps.len())
            }
            _ => false,
        }
    }

    /// A reader's answer as text, or `None` if it does not have the form that this question asks
    /// for.
    pub fn answer_as_text(&self, answer: &Answer) -> Option<String> {
        match (&self.kind, answer) {
            (QuestionKind::Choose { options }, Answer::Choice(index)) => {
                options.get(*index).map(|choice| choice.text.to_string())
            }
            (QuestionKind::Order { steps, .. }, Answer::Order(order)) => {
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
            (QuestionKind::Choose { .. } | QuestionKind::Order { .. }, _) => None,
            (_, Answer::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }
}

/// Whether `order` contains each of `0..length` exactly once.
pub(super) fn is_permutation(order: &[usize], length: usize) -> bool {
    order.len() == length && (0..length).all(|index| order.contains(&index))
}

/// Formats a number with commas between groups of three digits: `1179648` becomes `1,179,648`.
pub fn format_number(value: f64) -> String {
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

/// Formats a shape: `[64, 1, 1]` becomes `64 × 1 × 1`.
pub fn format_shape(shape: &[usize]) -> String {
    shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(format_number(1_179_648.0), "1,179,648");
        assert_eq!(format_number(864.0), "864");
        assert_eq!(format_number(-3.0), "−3");
        assert_eq!(format_number(0.25), "0.25");
        assert_eq!(format_shape(&[64, 1, 1]), "64 × 1 × 1");
    }

    #[test]
    fn permutations_hold_each_index_once() {
        assert!(is_permutation(&[2, 0, 1], 3));
        assert!(!is_permutation(&[0, 0, 1], 3));
        assert!(!is_permutation(&[0, 1], 3));
        assert!(!is_permutation(&[0, 1, 3], 3));
    }
}
