//! A 3 × 3 kernel applied to a grid: at each pixel nine products and their sum.
//!
//! Source: `apply_kernel` and `top_edge` in chapter 13 of *Deep Learning for Coders with fastai and
//! PyTorch*. The grid is padded with zeros (padding 1).

use crate::grid::{Grid, GridError};

/// The weights of a 3 × 3 kernel, row by row.
pub type Kernel = [[f32; 3]; 3];

/// The kernel of chapter 13 for top edges: dark above and light below gives a large positive sum.
pub const TOP_EDGE: Kernel = [[-1.0, -1.0, -1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]];

/// The kernel of chapter 13 for left edges: dark on the left and light on the right gives a large
/// positive sum.
pub const LEFT_EDGE: Kernel = [[-1.0, 1.0, 0.0], [-1.0, 1.0, 0.0], [-1.0, 1.0, 0.0]];

/// A kernel's products and their sum at one pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KernelOutput {
    /// Each weight multiplied by the value under it.
    pub products: [[f32; 3]; 3],
    /// The sum of the products: the activation.
    pub sum: f32,
}

/// Applies the kernel with its centre on a pixel, or returns `None` if the pixel is outside the
/// grid.
pub fn apply(grid: &Grid, kernel: &Kernel, row: usize, column: usize) -> Option<KernelOutput> {
    grid.get(row, column)?;
    let under = |up: usize, left: usize| {
        // Offsets 0, 1, 2 mean -1, 0, +1. The subtraction fails above the first row and left of the
        // first column, where the padding is.
        let (row, column) = ((row + up).checked_sub(1), (column + left).checked_sub(1));
        row.zip(column).and_then(|(row, column)| grid.get(row, column)).unwrap_or(0.0)
    };
    let mut products = [[0.0; 3]; 3];
    for (up, (weights, line)) in kernel.iter().zip(&mut products).enumerate() {
        for (left, (weight, product)) in weights.iter().zip(line).enumerate() {
            *product = weight * under(up, left);
        }
    }
    Some(KernelOutput { products, sum: products.iter().flatten().sum() })
}

/// Applies the kernel at every pixel (stride 1, padding 1), which gives a grid of the same size.
///
/// # Errors
/// [`GridError::NotFinite`] if a sum is not finite.
pub fn convolve(grid: &Grid, kernel: &Kernel) -> Result<Grid, GridError> {
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
        assert!(convolve(&zeros, &LEFT_EDGE).unwrap().values().iter().all(|&value| value == 0.0));
    }

    #[test]
    fn an_overflow_is_an_error() {
        let huge = Grid::from_fn(3, 3, |_, _| f32::MAX).unwrap();
        assert!(matches!(convolve(&huge, &[[1.0; 3]; 3]), Err(GridError::NotFinite { .. })));
    }
}
