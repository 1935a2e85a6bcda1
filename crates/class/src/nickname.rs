//! The name that a student chooses, which the whole class reads.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits::{MAX_NICKNAME_BYTES, MAX_NICKNAME_CHARS};

/// A nickname that can stand on a board: one line, short, nothing that cannot be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Nickname(String);

/// Why a text is no nickname.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NicknameError {
    /// There is nothing in it.
    #[error("enter any name that the class may see")]
    Empty,
    /// It is too long.
    #[error("use at most {MAX_NICKNAME_CHARS} characters")]
    Long,
    /// It has characters that cannot be seen, or that turn the direction of the text.
    #[error("use visible characters only")]
    Invisible,
}

impl Nickname {
    /// Reads a nickname. Spaces at both ends are left out.
    ///
    /// ```
    /// use resnette_class::{Nickname, NicknameError};
    ///
    /// assert_eq!(Nickname::new(" Ada ").map(|name| name.as_str().to_owned()), Ok("Ada".into()));
    /// assert_eq!(Nickname::new("A\nda"), Err(NicknameError::Invisible));
    /// ```
    ///
    /// # Errors
    /// [`NicknameError`] if it is empty or too long, or has control characters in it.
    pub fn new(text: &str) -> Result<Self, NicknameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NicknameError::Empty);
        }
        if text.len() > MAX_NICKNAME_BYTES || text.chars().count() > MAX_NICKNAME_CHARS {
            return Err(NicknameError::Long);
        }
        if text.chars().any(|c| c.is_control() || is_invisible(c)) {
            return Err(NicknameError::Invisible);
        }
        Ok(Self(text.into()))
    }

    /// The nickname.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Nickname {
    type Error = NicknameError;

    /// As [`Nickname::new`]: what comes over the network is held to the same.
    fn try_from(text: String) -> Result<Self, NicknameError> {
        Self::new(&text)
    }
}

impl From<Nickname> for String {
    fn from(name: Nickname) -> Self {
        name.0
    }
}

/// Characters without a shape, and those that turn or hide the text around them.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{10ffff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_or_does_not_fit_is_refused() {
        for name in ["Ada", "日本", "Zoë & Jo", "<b>", "🙂", "x"] {
            assert_eq!(Nickname::new(name).map(String::from), Ok(name.to_owned()));
        }
        let long = "a".repeat(MAX_NICKNAME_CHARS);
        assert!(Nickname::new(&long).is_ok());
        // Four bytes each: as many characters as fit, and one more.
        assert!(Nickname::new(&"🙂".repeat(MAX_NICKNAME_CHARS)).is_ok());
        for (name, why) in [
            ("", NicknameError::Empty),
            (" \t ", NicknameError::Empty),
            (format!("{long}a").as_str(), NicknameError::Long),
            ("🙂".repeat(MAX_NICKNAME_CHARS + 1).as_str(), NicknameError::Long),
            ("a\u{0}b", NicknameError::Invisible),
            ("a\u{1b}[2J", NicknameError::Invisible),
            ("a\u{202e}b", NicknameError::Invisible),
            ("a\u{200b}", NicknameError::Invisible),
            ("a\u{e0041}", NicknameError::Invisible),
        ] {
            assert_eq!(Nickname::new(name), Err(why), "{name:?}");
        }
    }
}
