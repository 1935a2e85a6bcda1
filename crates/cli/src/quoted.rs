//! Texts as a shell or a terminal may see them.

use std::borrow::Cow;

/// An argument, in quotation marks if the shell would make something else of it.
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:=@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// A text without characters that a terminal obeys instead of showing them: controls, and what
/// turns the text around. They are written as in JSON, `\u001b`, so that JSON stays what it was.
/// Line breaks and tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_obeyed(c) && c != '\n' && c != '\t')
}

/// [`printable`] for a part of a line, as the name of a file or a column: without line breaks and
/// tabs too, so that it cannot pass for a line of ours.
pub fn in_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_obeyed)
}

fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&is_escaped) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_escaped(c) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_what_was_meant() {
        assert_eq!(quoted("a/b.tgz"), "a/b.tgz");
        assert_eq!(quoted("my pets"), "'my pets'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_terminal_obeys_nothing() {
        // A title, a colour, a C1 control, a carriage return over the line, a backspace, an
        // override.
        for (text, shown) in [
            ("\u{1b}]0;x\u{7}", "\\u001b]0;x\\u0007"),
            ("\u{1b}[31mred", "\\u001b[31mred"),
            ("\u{9b}2J", "\\u009b2J"),
            ("ok\rno", "ok\\u000dno"),
            ("ab\u{8}\u{7f}", "ab\\u0008\\u007f"),
            ("gpj.\u{202e}exe", "gpj.\\u202eexe"),
        ] {
            assert_eq!((printable(text), in_line(text)), (shown.into(), shown.into()));
        }
        assert_eq!(printable("a\tb\nc"), "a\tb\nc");
        assert_eq!(in_line("a\tb\nc"), "a\\u0009b\\u000ac");
        for plain in ["Bär, 猫 🐕", "", "\\u001b"] {
            assert!(matches!(printable(plain), Cow::Borrowed(text) if text == plain));
        }
        // What JSON holds stays the same.
        let json = serde_json::json!({ "name": "a\u{9b}b\u{202e}c\u{7f}" });
        let read: serde_json::Value =
            serde_json::from_str(&printable(&json.to_string())).unwrap_or_default();
        assert_eq!(read, json);
    }
}
