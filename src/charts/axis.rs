//! Scales and lines of the charts.
//!
//! A chart is an SVG that is stretched to its place (`preserveAspectRatio="none"`, strokes that do
//! not scale) between evenly spaced labels in HTML: so text keeps its size on a phone and on a
//! projector, and no style attribute is needed.

use std::fmt::Write as _;

/// Width of a chart in its own coordinates.
pub const WIDTH: f64 = 1000.0;
/// Height of a chart in its own coordinates.
pub const HEIGHT: f64 = 400.0;

/// An axis with evenly spaced ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The value at the first tick.
    pub low: f64,
    /// The value at the last tick.
    pub high: f64,
    /// The labels of the ticks, from the first to the last.
    pub ticks: Vec<String>,
}

impl Axis {
    /// An axis that holds all of these values between round numbers, which are 1, 2 or 5 times a
    /// power of ten apart.
    pub fn around(values: impl IntoIterator<Item = f64>) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.into_iter().filter(|value| value.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if high - low < 1e-9 {
            high = low + low.abs().max(1e-3);
        }
        let rough = (high - low) / 5.0;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|factor| factor * power)
            .find(|step| *step >= rough * 0.999)
            .unwrap_or(power);
        let first = (low / step + 1e-9).floor();
        let last = (high / step - 1e-9).ceil();
        let digits = (-step.log10().floor()).clamp(0.0, 6.0) as usize;
        let ticks = (0..=(last - first) as u32)
            .map(|tick| format!("{:.digits$}", (first + f64::from(tick)) * step))
            .collect();
        Self { low: first * step, high: last * step, ticks }
    }

    /// An axis for the epochs of a run, from 0. It has ticks only where they divide the run evenly.
    pub fn epochs(epochs: u32) -> Self {
        let epochs = epochs.max(1);
        let intervals =
            (1..=6).rev().find(|intervals| epochs.is_multiple_of(*intervals)).unwrap_or(1);
        let ticks = (0..=intervals).map(|tick| (epochs / intervals * tick).to_string()).collect();
        Self { low: 0.0, high: f64::from(epochs), ticks }
    }

    /// An axis of powers of ten that holds the positive values among these. Places on it are
    /// logarithms to base 10.
    pub fn powers(values: impl IntoIterator<Item = f32>) -> Self {
        let logs: Vec<f64> = values
            .into_iter()
            .filter(|value| *value > 0.0 && value.is_finite())
            .map(|value| f64::from(value).log10())
            .collect();
        let low = logs.iter().copied().fold(f64::INFINITY, f64::min);
        let high = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if low > high {
            return Self { low: -1.0, high: 0.0, ticks: vec!["0.1".into(), "1".into()] };
        }
        let (low, high) = (low.floor() as i32, high.ceil() as i32);
        let span = high.abs_diff(low).max(1);
        // At most seven ticks, a whole number of powers apart.
        let step = span.div_ceil(6);
        let count = span.div_ceil(step) as i32;
        let step = step as i32;
        let ticks = (0..=count).map(|tick| power(low + tick * step)).collect();
        Self { low: f64::from(low), high: f64::from(low + count * step), ticks }
    }

    /// Where a value lies on the axis: 0 is the first tick and 1 the last.
    pub fn place(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

/// A power of ten as people read it: `10⁻³`, but plain numbers near 1.
fn power(exponent: i32) -> String {
    match exponent {
        -2 => "0.01".into(),
        -1 => "0.1".into(),
        0 => "1".into(),
        1 => "10".into(),
        2 => "100".into(),
        _ => {
            let raise = |digit: char| {
                "⁰¹²³⁴⁵⁶⁷⁸⁹"
                    .chars()
                    .nth(digit.to_digit(10).unwrap_or_default() as usize)
                    .unwrap_or(digit)
            };
            let sign = if exponent < 0 { "⁻" } else { "" };
            format!(
                "10{sign}{}",
                exponent.unsigned_abs().to_string().chars().map(raise).collect::<String>()
            )
        }
    }
}

/// An SVG path through the points. A value that is not finite interrupts the line.
pub fn line(points: impl IntoIterator<Item = (f64, f64)>, x: &Axis, y: &Axis) -> String {
    let mut path = String::new();
    let mut pen_down = false;
    for (at, value) in points {
        if !(at.is_finite() && value.is_finite()) {
            pen_down = false;
            continue;
        }
        // One decimal is a ten-thousandth of the chart's width, which is finer than any screen.
        let _ = write!(
            path,
            "{}{:.1} {:.1}",
            if pen_down { 'L' } else { 'M' },
            x.place(at) * WIDTH,
            (1.0 - y.place(value).clamp(0.0, 1.0)) * HEIGHT
        );
        pen_down = true;
    }
    path
}

/// An SVG path with a round mark at each point: lines without length, which round caps turn into
/// discs however the chart is stretched.
pub fn marks(points: impl IntoIterator<Item = (f64, f64)>, x: &Axis, y: &Axis) -> String {
    let mut path = String::new();
    for (at, value) in points.into_iter().filter(|(at, value)| at.is_finite() && value.is_finite())
    {
        let _ =
            write!(path, "M{:.1} {:.1}h0", x.place(at) * WIDTH, (1.0 - y.place(value)) * HEIGHT);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_the_values() {
        let axis = Axis::around([0.76, 1.83, f64::NAN]);
        assert_eq!(axis.ticks, ["0.5", "1.0", "1.5", "2.0"]);
        assert!((axis.place(1.25) - 0.5).abs() < 1e-9);
        assert_eq!(Axis::around([]).ticks.first().map(String::as_str), Some("0.0"));
        let flat = Axis::around([2.0, 2.0]);
        assert!(flat.low <= 2.0 && flat.high > 2.0, "{flat:?}");
        let tiny = Axis::around([0.0, 0.006]);
        assert_eq!(tiny.ticks.last().map(String::as_str), Some("0.006"));
    }

    #[test]
    fn epoch_ticks_divide_the_run() {
        assert_eq!(Axis::epochs(5).ticks, ["0", "1", "2", "3", "4", "5"]);
        assert_eq!(Axis::epochs(20).ticks, ["0", "4", "8", "12", "16", "20"]);
        assert_eq!(Axis::epochs(13).ticks, ["0", "13"]);
        assert_eq!(Axis::epochs(0).ticks, ["0", "1"]);
    }

    #[test]
    fn lines_fill_the_chart_and_break_at_holes() {
        let (x, y) = (Axis::epochs(2), Axis { low: 0.0, high: 1.0, ticks: vec![] });
        assert_eq!(
            line([(0.0, 0.0), (1.0, f64::NAN), (1.0, 0.5), (2.0, 1.0)], &x, &y),
            "M0.0 400.0M500.0 200.0L1000.0 0.0"
        );
        assert_eq!(marks([(1.0, 0.5), (2.0, f64::NAN)], &x, &y), "M500.0 200.0h0");
    }

    #[test]
    fn powers_hold_the_values() {
        let axis = Axis::powers([0.0005, 2.5, f32::NAN, 0.0]);
        assert_eq!((axis.low, axis.high), (-4.0, 1.0));
        assert_eq!(axis.ticks, ["10⁻⁴", "10⁻³", "0.01", "0.1", "1", "10"]);
        let wide = Axis::powers([1e-12, 1e3]);
        assert!(wide.ticks.len() <= 7 && wide.high >= 3.0, "{wide:?}");
        assert_eq!(Axis::powers([10.0]).ticks, ["10", "100"]);
        assert_eq!(Axis::powers([]).ticks, ["0.1", "1"]);
    }
}
