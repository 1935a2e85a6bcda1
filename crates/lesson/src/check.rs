//! What becomes of an answer.

use crate::question::{Answer, Kind, LONGEST_TEXT, Point, Question, is_permutation};
use crate::read;

/// Words an answer in words must have before its model answer is shown: enough that something was
/// thought.
pub const FEWEST_WORDS: usize = 6;

/// What the page says to an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Right, and why.
    Right {
        /// Why.
        reason: &'static str,
    },
    /// Not right, and what to look at.
    Wrong {
        /// What to look at.
        hint: String,
    },
    /// Not understood; it counts as no attempt.
    Unreadable {
        /// What to write instead.
        message: String,
    },
    /// The reader compares their text with a model answer, point by point.
    MarkYourself {
        /// One good answer.
        model_answer: &'static str,
        /// Why it is one, and where it can be seen.
        reason: &'static str,
        /// What it makes.
        points: &'static [Point],
        /// For each point whether its words occur in the reader's text. A suggestion: it sees
        /// words, not their meaning.
        covered: Vec<bool>,
    },
}

/// Checks an answer to a question.
pub fn check(question: &Question, answer: &Answer) -> Verdict {
    let wrong = |slip: Option<&str>| Verdict::Wrong {
        hint: slip
            .map_or_else(|| question.hint.to_string(), |slip| format!("{slip} {}", question.hint)),
    };
    let right = Verdict::Right { reason: question.reason };
    match (&question.kind, answer) {
        (Kind::Choose { options }, Answer::Choice(index)) => match options.get(*index) {
            Some(choice) if choice.hint.is_none() => right,
            Some(choice) => wrong(choice.hint),
            None => unreadable("choose one of the answers first"),
        },
        (Kind::Number { value, tolerance, units, slips }, Answer::Text(text)) => {
            match read::number(text, units) {
                Ok(number) if near(number, *value, *tolerance) => right,
                Ok(number) => wrong(
                    slips
                        .iter()
                        .find(|(slip, _)| near(number, *slip, *tolerance))
                        .map(|(_, hint)| *hint),
                ),
                Err(error) => unreadable(error),
            }
        }
        (Kind::Shape { shape, slips }, Answer::Text(text)) => match read::shape(text) {
            Ok(given) if given == *shape => right,
            Ok(given) => {
                wrong(slips.iter().find(|(slip, _)| given == *slip).map(|(_, hint)| *hint))
            }
            Err(error) => unreadable(error),
        },
        (Kind::Order { steps, .. }, Answer::Order(order)) => {
            if !is_permutation(order, steps.len()) {
                unreadable("put every step in its place, each once")
            } else if order.is_sorted() {
                right
            } else {
                wrong(None)
            }
        }
        (Kind::Free { model_answer, points }, Answer::Text(text)) => {
            free(text, question, model_answer, points)
        }
        _ => unreadable("this question takes another kind of answer"),
    }
}

fn unreadable(message: impl ToString) -> Verdict {
    Verdict::Unreadable { message: message.to_string() }
}

/// Equal within a share of the value; the last digits of double precision are always forgiven.
fn near(number: f64, value: f64, tolerance: f64) -> bool {
    (number - value).abs() <= value.abs().max(1e-3) * tolerance.max(1e-9)
}

fn free(
    text: &str,
    question: &Question,
    model_answer: &'static str,
    points: &'static [Point],
) -> Verdict {
    if text.chars().count() > LONGEST_TEXT {
        return unreadable(format!(
            "that is longer than {LONGEST_TEXT} characters; say it in a few sentences"
        ));
    }
    let words = words(text);
    let mut different: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| word.chars().any(char::is_alphabetic))
        .collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < FEWEST_WORDS {
        return unreadable(format!(
            "write a sentence or two in your own words first; then compare it with the model \
             answer. {}",
            question.hint
        ));
    }
    let covered = points.iter().map(|point| says(&words, point)).collect();
    Verdict::MarkYourself { model_answer, reason: question.reason, points, covered }
}

/// Lower case, split at all that is neither letter nor digit. (ASCII's lower case, here and
/// wherever the page reads: the signs are English, and Unicode's tables would be 24 kB of the
/// page.)
fn words(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase().replace('×', "x");
    lower
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect()
}

/// Whether the words hold every sign of one of the point's groups. `word=` must be the whole word.
fn says(words: &[String], point: &Point) -> bool {
    let holds = |sign: &str| match sign.strip_suffix('=') {
        Some(whole) => words.iter().any(|word| word == whole),
        None => words.iter().any(|word| word.starts_with(sign)),
    };
    point.signs.iter().any(|group| group.iter().all(|sign| holds(sign)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    const POINTS: &[Point] = &[
        Point { text: "it grows", signs: &[&["grow"], &["get", "larger"]] },
        Point { text: "x is added", signs: &[&["x=", "add"]] },
    ];

    fn asked() -> &'static Question {
        crate::numbered(7).unwrap()
    }

    fn covered(text: &str) -> Vec<bool> {
        match free(text, asked(), "", POINTS) {
            Verdict::MarkYourself { covered, .. } => covered,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn signs_are_beginnings_of_words_in_any_order() {
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
                matches!(free(text, asked(), "", POINTS), Verdict::Unreadable { .. }),
                "{text:?}"
            );
        }
        assert!(matches!(
            free(&"word ".repeat(1_000), asked(), "", POINTS),
            Verdict::Unreadable { .. }
        ));
    }

    #[test]
    fn near_is_a_share_of_the_value() {
        assert!(near(1.18e6, 1_179_648.0, 0.005));
        assert!(!near(1.2e6, 1_179_648.0, 0.005));
        assert!(near(0.2, 0.2, 0.0) && near(0.1 + 0.1, 0.2, 0.0));
        assert!(near(0.0, 0.0, 0.0) && !near(0.001, 0.0, 0.0));
    }
}
