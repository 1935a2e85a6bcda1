//! Shapes as people type them: `64x1x1`, `[64, 1, 1]`, `64 × 1 × 1`, `(64,1,1)`, `64*1*1`, `64 by 1
//! by 1`, `torch.Size([64, 1, 1])`.

use crate::parse::number::MAX_CHARS;

/// Maximum number of axes.
pub const MAX_AXES: usize = 6;

/// Maximum length of an axis.
pub const MAX_AXIS: usize = 1_000_000;

/// Why a text is not a shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// The text is empty.
    #[error("write a shape first, such as 64x1x1 or [64, 1, 1]")]
    Empty,
    /// The text is longer than [`MAX_CHARS`].
    #[error("that is longer than any shape asked for here; write it like 64x1x1 or [64, 1, 1]")]
    TooLong,
    /// A bracket is not closed, or not opened.
    #[error("a bracket is missing its partner; write the shape like 64x1x1 or [64, 1, 1]")]
    Bracket,
    /// The text has two kinds of separators.
    #[error(
        "“{0}” mixes separators, so it could be read in more than one way; write it like 64x1x1 \
         or [64, 1, 1]"
    )]
    Mixed(String),
    /// The length of an axis is not a whole number from 1 to [`MAX_AXIS`].
    #[error("“{0}” is no length of an axis; write whole numbers, such as 64x1x1 or [64, 1, 1]")]
    Axis(String),
    /// There are more than [`MAX_AXES`] axes.
    #[error("that has {0} axes; no tensor here has more than {MAX_AXES}")]
    Axes(usize),
}

/// Parses the shape of a tensor with one to six axes.
///
/// # Errors
/// [`ShapeError`], whose message says what to write instead.
///
/// ```
/// use resnette_lesson::parse::shape;
///
/// assert_eq!(shape("64x1x1"), shape("[64, 1, 1]"));
/// ```
pub fn shape(text: &str) -> Result<Vec<usize>, ShapeError> {
    if text.chars().count() > MAX_CHARS {
        return Err(ShapeError::TooLong);
    }
    let lower = text.to_ascii_lowercase();
    let inner = without_brackets(lower.trim())?;
    let inner = without_unit(inner).trim();
    if inner.is_empty() {
        return Err(ShapeError::Empty);
    }
    // Spaces separate axes only if there is no other separator.
    let marks: String = inner
        .replace(" by ", " x ")
        .chars()
        .map(|letter| if is_times(letter) { 'x' } else { letter })
        .collect();
    let separator = match (marks.contains('x'), marks.contains([',', ';'])) {
        (true, true) => return Err(ShapeError::Mixed(inner.to_string())),
        (true, false) => "x",
        (false, true) => ",",
        (false, false) => " ",
    };
    let marks = marks.replace(';', ",");
    let axes: Vec<&str> = if separator == " " {
        marks.split_whitespace().collect()
    } else {
        // A comma may follow the last axis, as in Python's `(64,)`.
        let listed =
            if separator == "," { marks.strip_suffix(',').unwrap_or(&marks) } else { &marks };
        listed.split(separator).map(str::trim).collect()
    };
    if axes.len() > MAX_AXES {
        return Err(ShapeError::Axes(axes.len()));
    }
    axes.into_iter().map(axis).collect()
}

fn is_times(letter: char) -> bool {
    matches!(letter, 'x' | '×' | '*' | '·' | '⋅' | '✕' | '⨯' | 'х')
}

fn axis(text: &str) -> Result<usize, ShapeError> {
    let refuse = || ShapeError::Axis(text.to_string());
    if text.is_empty() || !text.chars().all(|letter| letter.is_ascii_digit()) {
        return Err(refuse());
    }
    text.parse().ok().filter(|length| (1..=MAX_AXIS).contains(length)).ok_or_else(refuse)
}

/// Removes prefixes such as `=`, `shape:` or `torch.size`, and matching brackets.
fn without_brackets(text: &str) -> Result<&str, ShapeError> {
    let mut inner = text;
    for word in ["=", "torch.size", "shape", "size", "=", ":"] {
        inner = inner.strip_prefix(word).unwrap_or(inner).trim();
    }
    // `torch.Size([64, 1, 1])` has two pairs of brackets, and no more are needed.
    for _ in 0..2 {
        for (open, close) in [('(', ')'), ('[', ']'), ('{', '}')] {
            inner = match (inner.strip_prefix(open), inner.strip_suffix(close)) {
                (Some(rest), Some(_)) => {
                    rest.strip_suffix(close).ok_or(ShapeError::Bracket)?.trim()
                }
                (None, None) => inner,
                _ => return Err(ShapeError::Bracket),
            };
        }
    }
    Ok(inner)
}

fn without_unit(text: &str) -> &str {
    ["pixels", "pixel", "px", "cells"]
        .iter()
        .find_map(|unit| text.strip_suffix(unit))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_shape() {
        for text in [
            "64x1x1",
            "64X1X1",
            "[64, 1, 1]",
            "64 × 1 × 1",
            "(64,1,1)",
            "{64; 1; 1}",
            "64*1*1",
            "64 by 1 by 1",
            "64 1 1",
            "64,1,1",
            "64·1·1",
            "( [64, 1, 1] )",
            "torch.Size([64, 1, 1])",
            "shape: [64, 1, 1]",
            "= 64x1x1 ",
            "(64, 1, 1,)",
        ] {
            assert_eq!(shape(text), Ok(vec![64, 1, 1]), "{text:?}");
        }
        assert_eq!(shape("7x7 pixels"), Ok(vec![7, 7]));
        assert_eq!(shape("(64,)"), Ok(vec![64]));
        assert_eq!(shape("7"), Ok(vec![7]));
    }

    #[test]
    fn what_is_no_shape_is_refused_with_advice() {
        assert_eq!(shape(""), Err(ShapeError::Empty));
        assert_eq!(shape("[]"), Err(ShapeError::Empty));
        assert_eq!(shape("[64, 1, 1"), Err(ShapeError::Bracket));
        assert_eq!(shape("64, 1, 1)"), Err(ShapeError::Bracket));
        assert_eq!(shape("("), Err(ShapeError::Bracket));
        assert!(matches!(shape("1,024x1x1"), Err(ShapeError::Mixed(_))));
        assert_eq!(shape("64x1xone"), Err(ShapeError::Axis("one".into())));
        assert_eq!(shape("64xx1"), Err(ShapeError::Axis(String::new())));
        assert_eq!(shape("64x-1x1"), Err(ShapeError::Axis("-1".into())));
        assert_eq!(shape("64x1.5"), Err(ShapeError::Axis("1.5".into())));
        assert_eq!(shape("0x1"), Err(ShapeError::Axis("0".into())));
        assert_eq!(shape("1000001"), Err(ShapeError::Axis("1000001".into())));
        assert_eq!(
            shape("99999999999999999999999"),
            Err(ShapeError::Axis("99999999999999999999999".into()))
        );
        assert_eq!(shape("1x1x1x1x1x1x1"), Err(ShapeError::Axes(7)));
        assert_eq!(shape(&"1".repeat(65)), Err(ShapeError::TooLong));
    }

    proptest! {
        #[test]
        fn every_spelling_reads_the_same(
            axes in prop::collection::vec(1_usize..=2048, 1..=6),
            separator in prop::sample::select(vec![
                "x", "X", " x ", "×", " × ", "*", " * ", "·", ",", ", ", " , ", ";", " ", "  ",
                " by ", " BY ",
            ]),
            brackets in prop::sample::select(vec![
                ("", ""), ("(", ")"), ("[", "]"), ("{", "}"), ("[ ", " ]"), (" ", " "),
                ("torch.Size([", "])"),
            ]),
        ) {
            let list = axes.iter().map(ToString::to_string).collect::<Vec<_>>().join(separator);
            let text = format!("{}{list}{}", brackets.0, brackets.1);
            prop_assume!(text.chars().count() <= MAX_CHARS);
            prop_assert_eq!(shape(&text), Ok(axes), "{}", text);
        }

        #[test]
        fn nothing_typed_breaks_it(text in "\\PC{0,80}") {
            if let Ok(axes) = shape(&text) {
                prop_assert!((1..=MAX_AXES).contains(&axes.len()));
                prop_assert!(axes.iter().all(|axis| (1..=MAX_AXIS).contains(axis)));
            }
        }

        #[test]
        fn not_even_pieces_of_shapes(text in "[0-9xX×*,; \\[\\](){}by.-]{0,66}") {
            if let Ok(axes) = shape(&text) {
                prop_assert!(axes.iter().all(|axis| (1..=MAX_AXIS).contains(axis)));
            }
        }
    }
}
