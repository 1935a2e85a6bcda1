//! Numbers as the demos write and read them.

/// The largest magnitude of a number that a reader may type into a demo.
pub const LARGEST: f32 = 9_999.0;

/// A number with at most `digits` decimals, no trailing zeros, and a real minus sign: `0.5`, `−3`,
/// `1,024`.
pub fn figure(value: f32, digits: usize) -> String {
    if !value.is_finite() {
        return "no number".into();
    }
    let plain = format!("{:.digits$}", value.abs());
    let plain = if plain.contains('.') {
        plain.trim_end_matches('0').trim_end_matches('.')
    } else {
        &plain
    };
    let (whole, fraction) =
        plain.split_once('.').map_or((plain, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::new();
    if value < 0.0 && plain.chars().any(|letter| ('1'..='9').contains(&letter)) {
        out.push('−');
    }
    out.push_str(&crate::widgets::format::count(whole.parse().unwrap_or(0)));
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// Reads a number that was typed into a demo.
///
/// # Errors
/// A sentence for the reader if the text is not a number in range.
pub fn read(text: &str) -> Result<f32, String> {
    let number =
        resnette_lesson::parse::number(text, &[]).map_err(|error| error.to_string())? as f32;
    if number.abs() <= LARGEST {
        Ok(number)
    } else {
        Err(format!("numbers from −{LARGEST} to {LARGEST} fit into this demo"))
    }
}

/// Sizes joined as in `3 × 128 × 128`.
pub fn shape(sizes: &[usize]) -> String {
    resnette_lesson::question::format_shape(sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        for (value, words) in [
            (0.5, "0.5"),
            (-3.0, "−3"),
            (4.666_667, "4.67"),
            (-0.001, "0"),
            (1024.0, "1,024"),
            (12.0, "12"),
            (0.0, "0"),
        ] {
            assert_eq!(figure(value, 2), words);
        }
        assert_eq!(figure(f32::NAN, 2), "no number");
        assert_eq!(figure(10.0, 0), "10");
    }

    #[test]
    fn only_bounded_numbers_are_read() {
        assert_eq!(read("−1,5"), Ok(-1.5));
        assert_eq!(read(" 1/4 "), Ok(0.25));
        assert!(
            read("1e9").is_err()
                && read("").is_err()
                && read("NaN").is_err()
                && read("1e99").is_err()
        );
    }
}
