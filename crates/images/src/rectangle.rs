//! A part of a batch's pictures, the same one in each of them.

use std::ops::Range;

/// Rows and columns of a rectangle, in pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rectangle {
    /// The rows.
    pub rows: Range<usize>,
    /// The columns.
    pub columns: Range<usize>,
}

impl Rectangle {
    /// Number of pixels.
    pub fn area(&self) -> usize {
        self.rows.len() * self.columns.len()
    }

    /// Calls `row_of` with the number of each row of numbers in the rectangle, counted over all
    /// channels and pictures, and that row, in a batch of pictures of `size` pixels a side.
    ///
    /// # Shapes
    /// `images` is `[n, 3, size, size]`.
    pub(crate) fn each_row(
        &self,
        images: &mut [f32],
        size: u32,
        mut row_of: impl FnMut(usize, &mut [f32]),
    ) {
        let side = size as usize;
        for (plane, pixels) in images.chunks_exact_mut((side * side).max(1)).enumerate() {
            for (index, row) in self.rows.clone().enumerate() {
                let start = row * side;
                let numbers = &mut pixels[start + self.columns.start..start + self.columns.end];
                row_of(plane * self.rows.len() + index, numbers);
            }
        }
    }
}
