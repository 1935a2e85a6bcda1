//! The secret in a link.

use serde::{Deserialize, Serialize};

/// 128 random bits in a link: those who have it may join the class, or teach it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token(pub [u8; 16]);

/// Nothing that is written down about a token has its bits in it.
impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token(…)")
    }
}

impl Token {
    /// As it stands in a link: 32 hexadecimal digits in lower case.
    ///
    /// ```
    /// use resnette_class::Token;
    ///
    /// let token = Token([0xa5; 16]);
    /// assert_eq!(token.text(), "a5".repeat(16));
    /// assert_eq!(Token::read(&token.text()), Some(token));
    /// assert_eq!(Token::read("A5"), None);
    /// ```
    pub fn text(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads what [`Token::text`] writes; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 32 {
            return None;
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = value(pair[0])? * 16 + value(pair[1])?;
        }
        Some(Self(bytes))
    }
}

/// The value of a hexadecimal digit. Without a sign, which `from_str_radix` would take.
fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_32_digits_are_a_token() {
        let digits = "0123456789abcdef".repeat(2);
        assert_eq!(Token::read(&digits).map(Token::text), Some(digits.clone()));
        for text in ["", &digits[1..], &format!("{digits}0"), &digits.replace('f', "F")] {
            assert_eq!(Token::read(text), None, "{text}");
        }
        for text in [digits.replace('0', "+"), digits.replace("01", "é")] {
            assert_eq!(Token::read(&text), None, "{text}");
        }
        assert_eq!(format!("{:?}", Token([1; 16])), "Token(…)");
    }
}
