//! Geometry and tints of grids that are drawn as cells.

use std::ops::Range;

/// Side of a cell in the drawing's own units.
pub const CELL: f64 = 40.0;
/// Height of one level of brackets.
pub const LEVEL: f64 = 10.0;

/// How many screen pixels a cell gets: small grids are drawn large.
pub fn pixels(columns: usize) -> f64 {
    (340.0 / columns.max(1) as f64).clamp(20.0, 46.0)
}

/// A level for each window so that windows on the same level do not touch, and the number of
/// levels. The windows must come in the order in which they start.
pub fn levels(windows: &[Range<usize>]) -> (Vec<usize>, usize) {
    let mut ends: Vec<usize> = Vec::new();
    let places = windows.iter().map(|window| {
        let level = ends.iter().position(|end| *end <= window.start).unwrap_or(ends.len());
        if level == ends.len() {
            ends.push(window.end);
        } else {
            ends[level] = window.end;
        }
        level
    });
    let places = places.collect();
    (places, ends.len())
}

/// Opacity of a cell's tint: 0 for the value 0, `most` for the largest magnitude in the grid.
pub fn tint(value: f32, largest: f32, most: f32) -> f32 {
    if largest > 0.0 && value.is_finite() { (value.abs() / largest).min(1.0) * most } else { 0.0 }
}

/// The largest magnitude in a grid.
pub fn largest(values: &[f32]) -> f32 {
    values.iter().fold(
        0.0,
        |largest, value| if value.is_finite() { largest.max(value.abs()) } else { largest },
    )
}

/// Numbers as grey bytes, the smallest black and the largest white. A grid with equal numbers is
/// grey.
pub fn grey(values: &[f32]) -> Vec<u8> {
    let low = values.iter().copied().fold(f32::INFINITY, f32::min);
    let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let shade = |value: f32| {
        if high > low { ((value - low) / (high - low) * 255.0).round() as u8 } else { 128 }
    };
    values.iter().map(|value| shade(*value)).collect()
}

#[cfg(test)]
mod tests {
    use resnette_lesson::pooling::adaptive_windows;

    use super::*;

    #[test]
    fn windows_on_one_level_do_not_overlap() {
        for input in 1..=16 {
            for output in 1..=16 {
                let windows = adaptive_windows(input, output);
                let (places, count) = levels(&windows);
                for level in 0..count {
                    let there: Vec<_> = windows
                        .iter()
                        .zip(&places)
                        .filter(|(_, place)| **place == level)
                        .map(|(window, _)| window)
                        .collect();
                    assert!(
                        there.windows(2).all(|pair| pair[0].end <= pair[1].start),
                        "{input} to {output}"
                    );
                }
                if input % output == 0 {
                    assert_eq!(count, 1);
                }
            }
        }
    }

    #[test]
    fn tints_are_bounded() {
        assert_eq!(tint(-4.0, 8.0, 0.5), 0.25);
        assert_eq!(tint(9.0, 8.0, 0.5), 0.5);
        assert_eq!((tint(1.0, 0.0, 0.5), tint(f32::NAN, 1.0, 0.5)), (0.0, 0.0));
        assert_eq!(largest(&[-3.0, 2.0, f32::NAN]), 3.0);
    }

    #[test]
    fn greys_use_the_whole_range() {
        assert_eq!(grey(&[-1.0, 0.0, 1.0]), [0, 128, 255]);
        assert_eq!(grey(&[2.0, 2.0]), [128, 128]);
    }
}
