//! Grades an answer to a question.

use crate::parse;
use crate::question::{
    Answer, MAX_ANSWER_CHARS, Question, QuestionKind, RubricPoint, is_permutation,
};

/// Minimum number of different words in a free-text answer before its model answer is shown, so
/// that nobody sees it without having tried.
pub const MIN_WORDS: usize = 6;

/// The result of checking an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The answer is right.
    Right {
        /// Why it is right.
        reason: &'static str,
    },
    /// The answer is wrong.
    Wrong {
        /// What the reader should look at before the next attempt.
        hint: String,
    },
    /// The answer could not be understood. It does not count as an attempt.
    Unreadable {
        /// What to write instead.
        message: String,
    },
    /// It is a text, which the reader compares with a model answer, point by point.
    MarkYourself {
        /// One good answer.
        model_answer: &'static str,
        /// Why it is a good answer, and where on the page that can be seen.
        reason: &'static str,
        /// The points that a good answer makes.
        points: &'static [RubricPoint],
        /// For each point, whether its keywords occur in the reader's text. This is only a
        /// suggestion, since keywords say little about the meaning.
        covered: Vec<bool>,
    },
}

/// Checks an answer to a question.
///
/// A wrong number or shape that results from a known mistake is answered with a hint about that
/// mistake, followed by the question's own hint.
pub fn check(question: &Question, answer: &Answer) -> Verdict {
    let wrong = |mistake: Option<&str>| Verdict::Wrong {
        hint: mistake.map_or_else(
            || question.hint.to_string(),
            |mistake| format!("{mistake} {}", question.hint),
        ),
    };
    let right = Verdict::Right { reason: question.reason };
    match (&question.kind, answer) {
        (QuestionKind::Choose { options }, Answer::Choice(index)) => match options.get(*index) {
            Some(choice) if choice.hint.is_none() => right,
            Some(choice) => wrong(choice.hint),
            None => unreadable("choose one of the answers first"),
        },
        (QuestionKind::Number { value, tolerance, units, mistakes }, Answer::Text(text)) => {
            match parse::number(text, units) {
                Ok(number) if is_close(number, *value, *tolerance) => right,
                Ok(number) => wrong(
                    mistakes
                        .iter()
                        .find(|(mistake, _)| is_close(number, *mistake, *tolerance))
                        .map(|(_, hint)| *hint),
                ),
                Err(error) => unreadable(error),
            }
        }
        (QuestionKind::Shape { shape, mistakes }, Answer::Text(text)) => match parse::shape(text) {
            Ok(given) if given == *shape => right,
            Ok(given) => {
                wrong(mistakes.iter().find(|(mistake, _)| given == *mistake).map(|(_, hint)| *hint))
            }
            Err(error) => unreadable(error),
        },
        (QuestionKind::Order { steps, .. }, Answer::Order(order)) => {
            if !is_permutation(order, steps.len()) {
                unreadable("put every step in its place, each once")
            } else if order.is_sorted() {
                right
            } else {
                wrong(None)
            }
        }
        (QuestionKind::Free { model_answer, points }, Answer::Text(text)) => {
            check_text(text, question, model_answer, points)
        }
        _ => unreadable("this question takes another kind of answer"),
    }
}

fn unreadable(message: impl ToString) -> Verdict {
    Verdict::Unreadable { message: message.to_string() }
}

/// Whether two numbers agree within `tolerance`, relative to `value`. Rounding in the last digits
/// of double precision is always accepted.
fn is_close(number: f64, value: f64, tolerance: f64) -> bool {
    (number - value).abs() <= value.abs().max(1e-3) * tolerance.max(1e-9)
}

/// Checks an answer in the reader's own words.
fn check_text(
    text: &str,
    question: &Question,
    model_answer: &'static str,
    points: &'static [RubricPoint],
) -> Verdict {
    if text.chars().count() > MAX_ANSWER_CHARS {
        return unreadable(format!(
            "that is longer than {MAX_ANSWER_CHARS} characters; say it in a few sentences"
        ));
    }
    let words = words(text);
    let mut distinct: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| word.chars().any(char::is_alphabetic))
        .collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < MIN_WORDS {
        return unreadable(format!(
            "write a sentence or two in your own words first; then compare it with the model \
             answer. {}",
            question.hint
        ));
    }
    let covered = points.iter().map(|point| covers(&words, point)).collect();
    Verdict::MarkYourself { model_answer, reason: question.reason, points, covered }
}

/// The words of a text in lower case, split at everything that is neither a letter nor a digit.
///
/// Only ASCII letters are lowered, here and in [`crate::parse`]: the keywords are English, and
/// Unicode's tables would add 24 kB to the page.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase().replace('×', "x");
    lower
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect()
}

/// Whether a text covers a point: whether at least one of the point's groups of keywords occurs in
/// it completely. A keyword is the beginning of a word, or a whole word if it ends with `=`.
fn covers(words: &[String], point: &RubricPoint) -> bool {
    let contains = |keyword: &str| match keyword.strip_suffix('=') {
        Some(whole) => words.iter().any(|word| word == whole),
        None => words.iter().any(|word| word.starts_with(keyword)),
    };
    point.keywords.iter().any(|group| group.iter().all(|keyword| contains(keyword)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    const POINTS: &[RubricPoint] = &[
        RubricPoint { text: "it grows", keywords: &[&["grow"], &["get", "larger"]] },
        RubricPoint { text: "x is added", keywords: &[&["x=", "add"]] },
    ];

    fn asked() -> &'static Question {
        crate::numbered(7).unwrap()
    }

    fn covered(text: &str) -> Vec<bool> {
        match check_text(text, asked(), "", POINTS) {
            Verdict::MarkYourself { covered, .. } => covered,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn keywords_are_beginnings_of_words_in_any_order() {
        assert_eq!(covered("We saw that it was GROWING all the day"), [true, false]);
        assert_eq!(covered("larger and larger is what it would get"), [true, false]);
        assert_eq!(covered("we get more and more of these things"), [false, false]);
        assert_eq!(covered("the block is adding x to its output"), [false, true]);
        assert_eq!(covered("the block is adding xenon to its output"), [false, false]);
    }

    #[test]
    fn a_sentence_is_asked_for() {
        for text in [
            "",
            "because",
            "yes yes yes yes yes yes yes yes",
            "1 2 3 4 5 6 7 8 9",
            "?!? … !!! --- *** ((( )))",
        ] {
            assert!(
                matches!(check_text(text, asked(), "", POINTS), Verdict::Unreadable { .. }),
                "{text:?}"
            );
        }
        assert!(matches!(
            check_text(&"word ".repeat(1_000), asked(), "", POINTS),
            Verdict::Unreadable { .. }
        ));
    }

    #[test]
    fn tolerance_is_relative_to_the_value() {
        assert!(is_close(1.18e6, 1_179_648.0, 0.005));
        assert!(!is_close(1.2e6, 1_179_648.0, 0.005));
        assert!(is_close(0.2, 0.2, 0.0) && is_close(0.1 + 0.1, 0.2, 0.0));
        assert!(is_close(0.0, 0.0, 0.0) && !is_close(0.001, 0.0, 0.0));
    }
}
