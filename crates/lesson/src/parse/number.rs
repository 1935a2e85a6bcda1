//! Numbers as people type them: `1,179,648`, `1 179 648`, `1.18e6`, `1.18 × 10^6`, `1.2 million`,
//! `3/4`, `75 %`, `864 weights`.

/// Maximum number of characters in a number or a shape. The longest one that makes sense,
/// `torch.Size([1000, 1000, 1000, 1000])`, has 37.
pub const MAX_CHARS: usize = 64;

/// Why a text is not a number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text is empty.
    #[error("write a number first, such as 1,179,648")]
    Empty,
    /// The text is longer than [`MAX_CHARS`].
    #[error(
        "that is longer than any number asked for here; write the number alone, such as 1,179,648"
    )]
    TooLong,
    /// The text does not begin with a number.
    #[error("no number found in “{0}”; write digits, such as 1,179,648 or 1.18e6")]
    NoNumber(String),
    /// The separators do not divide the digits into groups of three.
    #[error(
        "“{0}” could be read in more than one way; write the digits without separators, and a dot \
         before the fraction"
    )]
    Grouping(String),
    /// The number is followed by something that is not one of the expected units.
    #[error("read the number, but not “{0}” behind it; write the number alone")]
    Unit(String),
    /// The value is infinite, for instance after a division by zero.
    #[error("that is not a finite number")]
    NotFinite,
}

/// Parses a finite number. `units` are the words that may follow it.
///
/// # Errors
/// [`NumberError`], whose message says what to write instead.
///
/// ```
/// use resnette_lesson::parse::number;
///
/// assert_eq!(number("1,179,648 weights", &["weight", "weights"]), Ok(1_179_648.0));
/// ```
pub fn number(text: &str, units: &[&str]) -> Result<f64, NumberError> {
    if text.chars().count() > MAX_CHARS {
        return Err(NumberError::TooLong);
    }
    let normalized = normalized(text);
    let text = normalized.trim_start_matches(['=', '≈', '~']).trim();
    if text.is_empty() {
        return Err(NumberError::Empty);
    }
    let (mut value, rest) = literal(text)?;
    let mut rest = rest.trim_start();
    if let Some(below) = rest.strip_prefix('/') {
        let (divisor, after) = literal(below.trim_start())?;
        value /= divisor;
        rest = after.trim_start();
    }
    if let Some((factor, after)) = scale(rest) {
        value *= factor;
        rest = after.trim_start();
    }
    // A full stop may end the sentence.
    rest = rest.strip_suffix('.').unwrap_or(rest);
    if !rest.is_empty() && !units.contains(&rest) {
        return Err(NumberError::Unit(rest.to_string()));
    }
    if value.is_finite() { Ok(value) } else { Err(NumberError::NotFinite) }
}

/// Replaces characters that look alike by one of them: minus signs, spaces, multiplication signs.
/// Superscripts become `^` and digits, and letters become lower case.
fn normalized(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut raised = false;
    for letter in text.chars() {
        let exponent = superscript(letter);
        if exponent.is_some() && !raised {
            plain.push('^');
        }
        raised = exponent.is_some();
        match exponent.unwrap_or(letter) {
            '−' | '–' | '‒' => plain.push('-'),
            '\u{a0}' | '\u{202f}' | '\u{2009}' | '\t' | '\n' | '\r' => plain.push(' '),
            '’' => plain.push('\''),
            '×' | '⋅' | '·' | '*' | '✕' => plain.push('×'),
            other => plain.push(other.to_ascii_lowercase()),
        }
    }
    plain.trim().to_string()
}

/// The character that a superscript stands for, or `None` if it is not a superscript.
fn superscript(letter: char) -> Option<char> {
    const RAISED: [char; 11] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹', '⁻'];
    let index = RAISED.iter().position(|&raised| raised == letter)?;
    "0123456789-".chars().nth(index)
}

/// Parses the signed decimal number at the beginning of `text`, with its separators and exponent.
/// Returns the number and the rest of the text.
fn literal(text: &str) -> Result<(f64, &str), NumberError> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text).trim_start()),
    };
    let (digits, rest) = unsigned.split_at(digits_end(unsigned));
    if !digits.chars().any(|letter| letter.is_ascii_digit()) {
        return Err(NumberError::NoNumber(text.to_string()));
    }
    let decimal = without_separators(digits)?;
    let (exponent, rest) = exponent(rest);
    let value: f64 = format!("{decimal}e{exponent}")
        .parse()
        .map_err(|_| NumberError::NoNumber(text.to_string()))?;
    if !value.is_finite() {
        return Err(NumberError::NotFinite);
    }
    Ok((if negative { -value } else { value }, rest))
}

/// The index at which the digits with their separators and dots end. A separator other than a dot
/// has to be followed by a digit.
fn digits_end(text: &str) -> usize {
    let mut end = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((index, letter)) = letters.next() {
        let digit_follows = letters.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        let belongs = letter.is_ascii_digit()
            || letter == '.'
            || (matches!(letter, ',' | '_' | '\'' | ' ') && digit_follows);
        if !belongs {
            break;
        }
        end = index + letter.len_utf8();
    }
    end
}

/// Removes separators: `1,179,648` becomes `1179648`, and `0,75` becomes `0.75`. The groups must
/// have three digits, and all separators must be the same.
fn without_separators(digits: &str) -> Result<String, NumberError> {
    let refuse = || NumberError::Grouping(digits.to_string());
    let separators: Vec<char> =
        digits.chars().filter(|letter| matches!(letter, ',' | '_' | '\'' | ' ')).collect();
    let dots = digits.matches('.').count();
    let Some(&separator) = separators.first() else {
        return match dots {
            0 | 1 => Ok(digits.to_string()),
            // Two dots can only separate groups: `1.179.648`.
            _ => grouped(digits, '.').ok_or_else(refuse),
        };
    };
    if separators.iter().any(|&other| other != separator) || dots > 1 {
        return Err(refuse());
    }
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    if fraction.is_some_and(|fraction| fraction.contains(separator)) {
        return Err(refuse());
    }
    if let Some(whole) = grouped(whole, separator) {
        return Ok(fraction.map_or(whole.clone(), |fraction| format!("{whole}.{fraction}")));
    }
    // The groups do not have three digits, so a single comma can only be a decimal comma: `4,5`.
    if separator == ',' && separators.len() == 1 && fraction.is_none() {
        Ok(whole.replace(',', "."))
    } else {
        Err(refuse())
    }
}

/// The digits without separators, if the groups are well-formed: one to three digits that do not
/// start with 0, and then three digits in each group.
fn grouped(digits: &str, separator: char) -> Option<String> {
    let mut groups = digits.split(separator);
    let first = groups.next()?;
    let well_formed = (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && groups.all(|group| group.len() == 3);
    well_formed.then(|| digits.replace(separator, ""))
}

/// Parses the power of ten behind the digits, such as `e6`, `× 10^6` or `x 10^6`. Returns the
/// exponent, 0 if there is none, and the rest of the text.
fn exponent(text: &str) -> (i32, &str) {
    let compact = text.trim_start();
    let after = if let Some(after) = text.strip_prefix('e') {
        after
    } else {
        let times =
            compact.strip_prefix('×').or_else(|| compact.strip_prefix('x')).map(str::trim_start);
        match times
            .and_then(|power| power.strip_prefix("10^").or_else(|| power.strip_prefix("10××")))
        {
            Some(after) => after.trim_start(),
            None => return (0, text),
        }
    };
    let unsigned = after.strip_prefix(['-', '+']).unwrap_or(after);
    let length = unsigned.chars().take_while(char::is_ascii_digit).count();
    // An exponent of four digits would not give a finite number.
    if length == 0 || length > 3 {
        return (0, text);
    }
    let (digits, rest) = unsigned.split_at(length);
    let power: i32 = digits.parse().unwrap_or(0);
    (if after.starts_with('-') { -power } else { power }, rest)
}

/// Parses a word that scales the number, such as `million` or `%`. Returns the factor and the rest
/// of the text.
fn scale(text: &str) -> Option<(f64, &str)> {
    const WORDS: [(&str, f64); 11] = [
        ("%", 0.01),
        ("percent", 0.01),
        ("per cent", 0.01),
        ("thousand", 1e3),
        ("million", 1e6),
        ("billion", 1e9),
        ("mio", 1e6),
        ("k", 1e3),
        ("m", 1e6),
        ("g", 1e9),
        ("bn", 1e9),
    ];
    WORDS.iter().find_map(|(word, factor)| {
        let rest = text.strip_prefix(word)?;
        let whole_word = !rest.starts_with(|letter: char| letter.is_alphanumeric());
        whole_word.then_some((*factor, rest))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;

    fn plain_number(text: &str) -> Result<f64, NumberError> {
        number(text, &["weight", "weights"])
    }

    #[test]
    fn spellings_of_one_number() {
        for text in [
            "1179648",
            "1,179,648",
            "1 179 648",
            "1_179_648",
            "1'179'648",
            "1’179’648",
            "1.179.648",
            "1\u{a0}179\u{202f}648",
            " = 1,179,648 weights ",
            "1179648 weights.",
            "+1179648",
            "1179648.0",
            "1,179,648.00",
            "1.179648e6",
            "1.179648E+06",
            "1.179648 × 10^6",
            "1.179648*10^6",
            "1.179648 x 10⁶",
            "1.179648*10**6",
            "1179.648k",
            "1.179648 million weights",
            "2359296/2",
        ] {
            let read = plain_number(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert!((read - 1_179_648.0).abs() < 1e-6, "{text:?} read as {read}");
        }
    }

    #[test]
    fn small_and_negative_numbers() {
        for (text, value) in [
            ("0,75", 0.75),
            ("75%", 0.75),
            ("75 percent", 0.75),
            ("3/4", 0.75),
            ("3 / 4", 0.75),
            (".75", 0.75),
            ("7.5e-1", 0.75),
            ("75 · 10⁻²", 0.75),
            ("−3", -3.0),
            ("- 3", -3.0),
            ("4,5", 4.5),
            ("1,179", 1179.0),
            ("0,864", 0.864),
            ("~ 17", 17.0),
            ("-1/4", -0.25),
        ] {
            let read = plain_number(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert!((read - value).abs() < 1e-12, "{text:?} read as {read}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_with_advice() {
        use NumberError::{Empty, Grouping, NoNumber, NotFinite, TooLong, Unit};
        assert_eq!(plain_number("  "), Err(Empty));
        assert_eq!(plain_number("="), Err(Empty));
        assert!(matches!(plain_number("many"), Err(NoNumber(_))));
        assert!(matches!(plain_number("nan"), Err(NoNumber(_))));
        assert!(matches!(plain_number("inf"), Err(NoNumber(_))));
        assert!(matches!(plain_number("."), Err(NoNumber(_))));
        assert!(matches!(plain_number("--3"), Err(NoNumber(_))));
        assert!(matches!(plain_number("12,34,567"), Err(Grouping(_))));
        assert!(matches!(plain_number("1,179 648"), Err(Grouping(_))));
        assert!(matches!(plain_number("1.2.3"), Err(Grouping(_))));
        assert!(matches!(plain_number("1 2"), Err(Grouping(_))));
        assert_eq!(plain_number("864 bananas"), Err(Unit("bananas".into())));
        assert_eq!(plain_number("864 weights or so"), Err(Unit("weights or so".into())));
        assert_eq!(plain_number("7x7"), Err(Unit("x7".into())));
        assert_eq!(plain_number("1/0"), Err(NotFinite));
        assert_eq!(plain_number("1e999"), Err(NotFinite));
        assert!(matches!(plain_number("1e99999"), Err(Unit(_))));
        assert_eq!(plain_number(&"9".repeat(65)), Err(TooLong));
        for error in [Empty, TooLong, NotFinite] {
            assert!(error.to_string().len() > 10);
        }
    }

    fn grouped_by(value: u64, separator: &str) -> String {
        let digits = value.to_string();
        let head = digits.len() % 3;
        let mut groups: Vec<&str> = Vec::new();
        if head > 0 {
            groups.push(&digits[..head]);
        }
        groups.extend((head..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
        groups.join(separator)
    }

    proptest! {
        #[test]
        fn every_grouping_reads_the_same(
            value in 0_u64..=999_999_999_999,
            separator in prop::sample::select(vec![
                "", ",", " ", "_", "'", "’", "\u{a0}", "\u{202f}", "\u{2009}",
            ]),
            before in prop::sample::select(vec!["", " ", "= ", "≈", "~ ", "+", "\t"]),
            after in prop::sample::select(vec![
                "", " ", " weights", " Weights", "weights", " weight ",
            ]),
        ) {
            let text = format!("{before}{}{after}", grouped_by(value, separator));
            prop_assert_eq!(plain_number(&text), Ok(value as f64), "{}", text);
        }

        #[test]
        fn decimals_and_exponents_read_as_rust_does(
            value in -1e12_f64..1e12,
            minus in prop::sample::select(vec!["-", "−", "–"]),
        ) {
            for text in [format!("{value}"), format!("{value:e}"), format!("{value:E}")] {
                prop_assert_eq!(plain_number(&text.replacen('-', minus, 1)), Ok(value), "{}", text);
            }
        }

        #[test]
        fn nothing_typed_breaks_it(text in "\\PC{0,80}") {
            if let Ok(value) = plain_number(&text) {
                prop_assert!(value.is_finite());
                prop_assert!(text.chars().any(|letter| letter.is_numeric()));
            }
        }

        #[test]
        fn not_even_pieces_of_numbers(text in "[0-9eExX*×^⁻⁶²/.,' _%km+−-]{0,66}") {
            if let Ok(value) = plain_number(&text) {
                prop_assert!(value.is_finite());
            }
        }
    }
}
