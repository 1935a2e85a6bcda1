//! Adaptive pooling: the size of the output grid is chosen, and the windows follow from it and from
//! the size of the input grid.
//!
//! Source: PyTorch's `AdaptiveAvgPool2d` and `AdaptiveMaxPool2d`
//! (`aten/src/ATen/native/AdaptivePooling.h`): window `i` of `out` over `in` cells starts at
//! `floor(i * in / out)` and ends before `ceil((i + 1) * in / out)`. If `out` does not divide `in`,
//! neighbouring windows share cells; if it is larger than `in`, cells are repeated.

use std::ops::Range;

use crate::grid::{Grid, GridError, MAX_SIDE};

/// The windows along one axis: `output` ranges within `0..input`, each at least one cell long.
///
/// The result is empty if either length is 0 or exceeds [`MAX_SIDE`], which no [`Grid`] does.
pub fn adaptive_windows(input: usize, output: usize) -> Vec<Range<usize>> {
    let sides = 1..=MAX_SIDE;
    if !sides.contains(&input) || !sides.contains(&output) {
        return Vec::new();
    }
    (0..output).map(|i| i * input / output..((i + 1) * input).div_ceil(output)).collect()
}

/// The number of cells along one axis that belong to more than one window: 0 if `output` divides
/// `input`.
pub fn shared_cells(input: usize, output: usize) -> usize {
    let windows = adaptive_windows(input, output);
    (0..input.min(MAX_SIDE))
        .filter(|cell| windows.iter().filter(|window| window.contains(cell)).count() > 1)
        .count()
}

/// How a window is reduced to one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// To its mean.
    Average,
    /// To its largest value.
    Maximum,
}

/// Pools a grid to `height` × `width` cells.
///
/// # Errors
/// [`GridError::Size`] if `height` or `width` is 0 or exceeds [`MAX_SIDE`].
pub fn adaptive_pool(
    grid: &Grid,
    height: usize,
    width: usize,
    pooling: Pooling,
) -> Result<Grid, GridError> {
    let rows = adaptive_windows(grid.height(), height);
    let columns = adaptive_windows(grid.width(), width);
    if rows.is_empty() || columns.is_empty() {
        return Err(GridError::Size { channels: 1, height, width });
    }
    Grid::from_fn(height, width, |row, column| pool(grid, &rows[row], &columns[column], pooling))
}

/// Reduces one window to one value.
fn pool(grid: &Grid, rows: &Range<usize>, columns: &Range<usize>, pooling: Pooling) -> f32 {
    let cells = grid.values().chunks_exact(grid.width()).skip(rows.start).take(rows.len());
    let cells = cells.flat_map(|row| row.iter().copied().skip(columns.start).take(columns.len()));
    match pooling {
        // In single precision, the sum over a window of 256 × 256 would lose its last cells.
        Pooling::Average => {
            (cells.map(f64::from).sum::<f64>() / (rows.len() * columns.len()) as f64) as f32
        }
        Pooling::Maximum => cells.fold(f32::NEG_INFINITY, f32::max),
    }
}

/// Adaptive average pooling, as in PyTorch's `AdaptiveAvgPool2d`. With one output cell it is the
/// mean of the whole grid.
///
/// # Errors
/// [`GridError::Size`] if `height` or `width` is 0 or exceeds [`MAX_SIDE`].
pub fn adaptive_average(grid: &Grid, height: usize, width: usize) -> Result<Grid, GridError> {
    adaptive_pool(grid, height, width, Pooling::Average)
}

/// Adaptive max pooling, as in PyTorch's `AdaptiveMaxPool2d`.
///
/// # Errors
/// [`GridError::Size`] if `height` or `width` is 0 or exceeds [`MAX_SIDE`].
pub fn adaptive_maximum(grid: &Grid, height: usize, width: usize) -> Result<Grid, GridError> {
    adaptive_pool(grid, height, width, Pooling::Maximum)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn is_in_window(cell: usize, i: usize, input: usize, output: usize) -> bool {
        // The definition without floor and ceil: cell k covers [k, k + 1) of the axis, window i
        // covers [i * in / out, (i + 1) * in / out), and the cell is in the window if they overlap.
        cell * output < (i + 1) * input && (cell + 1) * output > i * input
    }

    #[test]
    fn windows_are_the_cells_that_they_overlap() {
        for input in 1..=16 {
            for output in 1..=16 {
                let windows = adaptive_windows(input, output);
                assert_eq!(windows.len(), output);
                for (i, window) in windows.iter().enumerate() {
                    let touched: Vec<_> =
                        (0..input).filter(|&cell| is_in_window(cell, i, input, output)).collect();
                    assert_eq!(
                        window.clone().collect::<Vec<_>>(),
                        touched,
                        "{input} to {output}, window {i}"
                    );
                }
            }
        }
    }

    #[test]
    fn pooling_is_mean_and_maximum_of_those_cells() {
        for input in 1..=16 {
            for output in 1..=16 {
                // Height and width differ, so that a test fails if they are swapped.
                let (height, width) = (input, 17 - input);
                let (out_height, out_width) = (output, 17 - output);
                let grid =
                    Grid::from_fn(height, width, |r, c| ((r * 31 + c * 17) % 23) as f32 - 11.0)
                        .unwrap();
                let average = adaptive_average(&grid, out_height, out_width).unwrap();
                let maximum = adaptive_maximum(&grid, out_height, out_width).unwrap();
                for i in 0..out_height {
                    for j in 0..out_width {
                        let mut cells = Vec::new();
                        for r in (0..height).filter(|&r| is_in_window(r, i, height, out_height)) {
                            for c in (0..width).filter(|&c| is_in_window(c, j, width, out_width)) {
                                cells.push(grid.get(r, c).unwrap());
                            }
                        }
                        let mean = cells.iter().sum::<f32>() / cells.len() as f32;
                        assert!((average.get(i, j).unwrap() - mean).abs() < 1e-5);
                        assert_eq!(
                            maximum.get(i, j).unwrap(),
                            cells.iter().copied().fold(f32::MIN, f32::max)
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn five_to_three_shares_two_cells() {
        assert_eq!(adaptive_windows(5, 3), [0..2, 1..4, 3..5]);
        assert_eq!(shared_cells(5, 3), 2);
        assert_eq!(shared_cells(6, 3), 0);
        assert_eq!(adaptive_windows(2, 3), [0..1, 0..2, 1..2]);
    }

    #[test]
    fn to_one_cell_it_is_the_mean() {
        let grid = Grid::from_fn(4, 7, |r, c| (r * c) as f32).unwrap();
        assert_eq!(adaptive_average(&grid, 1, 1).unwrap().values(), [grid.mean()]);
    }

    #[test]
    fn negative_grids_keep_their_maximum() {
        let grid = Grid::new(1, 2, vec![-3.0, -2.0]).unwrap();
        assert_eq!(adaptive_maximum(&grid, 1, 1).unwrap().values(), [-2.0]);
    }

    #[test]
    fn impossible_sizes_are_refused() {
        let grid = Grid::new(1, 1, vec![1.0]).unwrap();
        assert!(matches!(adaptive_average(&grid, 0, 1), Err(GridError::Size { .. })));
        assert!(matches!(adaptive_maximum(&grid, 1, usize::MAX), Err(GridError::Size { .. })));
        assert!(adaptive_windows(usize::MAX, 2).is_empty());
        assert_eq!(shared_cells(usize::MAX, usize::MAX), 0);
    }
}
