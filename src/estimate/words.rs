//! A time that is estimated, in words that claim no more than is known.

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// Seconds as `a few seconds`, `about 40 seconds`, `about 3 minutes` or `about 1 hour`.
pub fn about(seconds: f64) -> String {
    // Where the rounded number would be 60 of a unit, the next one says it.
    match seconds {
        ..7.5 => "a few seconds".into(),
        7.5..55.0 => told(rounded(seconds, 10.0), "second"),
        55.0..570.0 => told((seconds / MINUTE).round(), "minute"),
        570.0..3_450.0 => told(rounded(seconds / MINUTE, 5.0), "minute"),
        3_450.0..129_600.0 => told((seconds / HOUR).round(), "hour"),
        129_600.0..31_536_000.0 => told((seconds / DAY).round(), "day"),
        // Infinite, or no number.
        _ => "more than a year".into(),
    }
}

/// The line beside Train.
pub fn beside_train(seconds: f64) -> String {
    format!("Train takes {} on this computer", about(seconds))
}

fn rounded(number: f64, to: f64) -> f64 {
    (number / to).round() * to
}

fn told(number: f64, unit: &str) -> String {
    let plural = if number == 1.0 { "" } else { "s" };
    format!("about {number:.0} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_without_false_precision() {
        for (seconds, words) in [
            (-1.0, "a few seconds"),
            (0.0, "a few seconds"),
            (7.4, "a few seconds"),
            (7.5, "about 10 seconds"),
            (38.7, "about 40 seconds"),
            (54.9, "about 50 seconds"),
            (55.0, "about 1 minute"),
            (89.0, "about 1 minute"),
            (91.0, "about 2 minutes"),
            (184.0, "about 3 minutes"),
            (569.0, "about 9 minutes"),
            (571.0, "about 10 minutes"),
            (1_300.0, "about 20 minutes"),
            (3_400.0, "about 55 minutes"),
            (3_500.0, "about 1 hour"),
            (5_000.0, "about 1 hour"),
            (7_000.0, "about 2 hours"),
            (100_000.0, "about 28 hours"),
            (200_000.0, "about 2 days"),
            (1e12, "more than a year"),
            (f64::INFINITY, "more than a year"),
            (f64::NAN, "more than a year"),
        ] {
            assert_eq!(about(seconds), words, "{seconds}");
        }
    }

    #[test]
    fn no_word_promises_a_shorter_time_for_a_longer_run() {
        let minutes = |words: &str| {
            let number = words.split(' ').nth(1).and_then(|number| number.parse::<f64>().ok());
            let unit = [("second", 1.0), ("minute", MINUTE), ("hour", HOUR), ("day", DAY)];
            let unit = unit.into_iter().find(|(name, _)| words.contains(*name));
            number.zip(unit).map_or(0.0, |(number, (_, unit))| number * unit)
        };
        let mut last = 0.0;
        for second in (0..200_000).step_by(7) {
            let now = minutes(&about(f64::from(second)));
            assert!(now >= last, "{second} s: {}", about(f64::from(second)));
            last = now;
        }
    }

    #[test]
    fn the_line_names_the_button_and_the_computer() {
        assert_eq!(beside_train(180.0), "Train takes about 3 minutes on this computer");
    }
}
