//! One 3 × 3 kernel at one pixel: nine products and their sum.
//!
//! Source: chapter 13 of the fastai book, `apply_kernel` and `top_edge`; outside the grid it reads
//! zeros (padding 1).

use crate::grid::{Grid, GridError};

/// Three rows of three weights.
pub type Kernel = [[f32; 3]; 3];

/// Chapter 13's top edge: dark above and light below gives a large positive number.
pub const TOP_EDGE: Kernel = [[-1.0, -1.0, -1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]];

/// Chapter 13's left edge.
pub const LEFT_EDGE: Kernel = [[-1.0, 1.0, 0.0], [-1.0, 1.0, 0.0], [-1.0, 1.0, 0.0]];

/// What the kernel made at one pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Application {
    /// Each weight times the value under it.
    pub products: [[f32; 3]; 3],
    /// Their sum: the activation.
    pub sum: f32,
}

/// Lays the kernel's middle on a pixel; nothing outside the grid.
pub fn apply(grid: &Grid, kernel: &Kernel, row: usize, column: usize) -> Option<Application> {
    grid.get(row, column)?;
    let under = |up: usize, left: usize| {
        // `+ offset - 1` on unsigned numbers: above the first row or left of the first column there
        // is no cell.
        let (row, column) = ((row + up).checked_sub(1), (column + left).checked_sub(1));
        row.zip(column).and_then(|(row, column)| grid.get(row, column)).unwrap_or(0.0)
    };
    let mut products = [[0.0; 3]; 3];
    for (up, (weights, line)) in kernel.iter().zip(&mut products).enumerate() {
        for (left, (weight, product)) in weights.iter().zip(line).enumerate() {
            *product = weight * under(up, left);
        }
    }
    Some(Application { products, sum: products.iter().flatten().sum() })
}

/// The kernel at every pixel, with stride 1 and padding 1: a grid of the same size.
///
/// # Errors
/// Where a sum is not finite.
pub fn map(grid: &Grid, kernel: &Kernel) -> Result<Grid, GridError> {
    Grid::from_fn(grid.height(), grid.width(), |row, column| {
        apply(grid, kernel, row, column).map_or(0.0, |it| it.sum)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn counting() -> Grid {
        Grid::new(3, 3, (1..=9).map(|n| n as f32).collect()).unwrap()
    }

    #[test]
    fn the_middle_of_one_to_nine() {
        let made = apply(&counting(), &TOP_EDGE, 1, 1).unwrap();
        assert_eq!(made.products, [[-1.0, -2.0, -3.0], [0.0, 0.0, 0.0], [7.0, 8.0, 9.0]]);
        assert_eq!(made.sum, 18.0);
        // Columns, not rows: 1 - ... the left edge takes the middle column minus the left one.
        assert_eq!(apply(&counting(), &LEFT_EDGE, 1, 1).unwrap().sum, 3.0);
    }

    #[test]
    fn corners_read_zeros_outside() {
        assert_eq!(apply(&counting(), &TOP_EDGE, 0, 0).unwrap().sum, 4.0 + 5.0);
        assert_eq!(apply(&counting(), &TOP_EDGE, 2, 2).unwrap().sum, -(5.0 + 6.0));
        assert_eq!(apply(&counting(), &TOP_EDGE, 3, 0), None);
    }

    #[test]
    fn zeros_stay_zeros() {
        let zeros = Grid::from_fn(5, 4, |_, _| 0.0).unwrap();
        assert!(map(&zeros, &LEFT_EDGE).unwrap().values().iter().all(|&value| value == 0.0));
    }

    #[test]
    fn an_overflow_is_an_error() {
        let huge = Grid::from_fn(3, 3, |_, _| f32::MAX).unwrap();
        assert!(matches!(map(&huge, &[[1.0; 3]; 3]), Err(GridError::NotFinite { .. })));
    }
}
