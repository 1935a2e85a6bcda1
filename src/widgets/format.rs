//! Numbers in the form in which people read them.

/// A number with separators: `1234567` → `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with three figures and a unit: `1230000` → `1.23 M`.
pub fn short(number: u64) -> String {
    let (value, unit) = match number {
        0..1_000 => return number.to_string(),
        1_000..1_000_000 => (number as f64 / 1e3, "k"),
        1_000_000..1_000_000_000 => (number as f64 / 1e6, "M"),
        _ => (number as f64 / 1e9, "G"),
    };
    format!("{} {unit}", three_figures(value))
}

/// A size in bytes: `16800000` → `16.8 MB`.
pub fn bytes(number: u64) -> String {
    if number < 1_000 { format!("{number} B") } else { format!("{}B", short(number)) }
}

fn three_figures(value: f64) -> String {
    let digits = if value < 9.995 {
        2
    } else if value < 99.95 {
        1
    } else {
        0
    };
    format!("{value:.digits$}")
}

/// Seconds as `40 s`, `3 min 20 s` or `2 h 5 min`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "unknown".into();
    }
    let seconds = seconds.max(0.0).round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..600 => format!("{} min {} s", seconds / 60, seconds % 60),
        600..3600 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Seconds of something short, as `85 ms` or `1.3 s`.
pub fn instant(seconds: f64) -> String {
    if seconds < 0.9995 { format!("{:.0} ms", seconds * 1e3) } else { format!("{seconds:.1} s") }
}

/// A share as a percentage: `0.4137` → `41.4 %`.
pub fn percent(share: f32) -> String {
    if share.is_finite() { format!("{:.1} %", share * 100.0) } else { "unknown".into() }
}

/// A number of things: `1 picture`, `2 pictures`.
pub fn plural(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {one}s", count(number)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(short(950), "950");
        assert_eq!(short(1_230_000), "1.23 M");
        assert_eq!(short(70_000_000), "70.0 M");
        assert_eq!(short(1_410_000_000), "1.41 G");
        assert_eq!(bytes(16_800_000), "16.8 MB");
        assert_eq!(
            (instant(0.085), instant(0.9996), instant(1.26)),
            ("85 ms".into(), "1.0 s".into(), "1.3 s".into())
        );
        assert_eq!(bytes(12), "12 B");
        assert_eq!(bytes(7_900), "7.90 kB");
        assert_eq!(percent(0.4137), "41.4 %");
        assert_eq!(percent(f32::NAN), "unknown");
        assert_eq!(plural(1, "picture"), "1 picture");
        assert_eq!(plural(1500, "picture"), "1,500 pictures");
    }

    #[test]
    fn durations_get_coarser() {
        assert_eq!(duration(39.6), "40 s");
        assert_eq!(duration(200.0), "3 min 20 s");
        assert_eq!(duration(1201.0), "21 min");
        assert_eq!(duration(7500.0), "2 h 5 min");
        assert_eq!(duration(-3.0), "0 s");
        assert_eq!(duration(f64::NAN), "unknown");
    }
}
