//! Projective transforms of the plane.
//!
//! Coordinates run from −1 to 1 between the centres of the first and the last pixel, as in
//! PyTorch's `grid_sample` with `align_corners=True`, which fastai uses.

/// A projective transform: a 3×3 matrix in row-major order, applied to (x, y, 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projective(pub [f64; 9]);

impl Projective {
    /// The transform that maps every point to itself.
    pub const IDENTITY: Self = Self([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);

    /// The transform that mirrors a picture horizontally.
    pub const MIRROR: Self = Self([-1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);

    /// The affine transform with these two rows.
    pub fn affine(rows: [f64; 6]) -> Self {
        let [a, b, c, d, e, f] = rows;
        Self([a, b, c, d, e, f, 0.0, 0.0, 1.0])
    }

    /// The composition that applies `first` and then `self`: the matrix product `self · first`.
    pub fn after(self, first: Self) -> Self {
        let mut out = [0.0; 9];
        for row in 0..3 {
            for column in 0..3 {
                out[row * 3 + column] =
                    (0..3).map(|k| self.0[row * 3 + k] * first.0[k * 3 + column]).sum();
            }
        }
        Self(out)
    }

    /// The image of a point.
    pub fn apply(&self, x: f64, y: f64) -> (f64, f64) {
        let m = &self.0;
        let w = m[6] * x + m[7] * y + m[8];
        ((m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w)
    }

    /// The transform from −1…1 over a box to −1…1 over the picture that the box lies in: fastai's
    /// crop and resize as a single step.
    ///
    /// All arguments are in pixels: the picture's width and height, the box's upper left corner,
    /// and the box's width and height.
    pub fn crop(picture: (f64, f64), corner: (f64, f64), size: (f64, f64)) -> Self {
        let axis = |length: f64, start: f64, size: f64| {
            let span = (length - 1.0).max(1.0);
            let scale = (size - 1.0) / span;
            (scale, (2.0 * start + size - 1.0) / span - 1.0)
        };
        let (sx, tx) = axis(picture.0, corner.0, size.0);
        let (sy, ty) = axis(picture.1, corner.1, size.1);
        Self::affine([sx, 0.0, tx, 0.0, sy, ty])
    }

    /// The perspective transform that tilts a picture by `x` sideways and by `y` up or down, as
    /// fastai's `Warp` does: ±0.2 is its default range.
    pub fn warp(x: f64, y: f64) -> Self {
        Self::perspective([
            (-1.0 - y, -1.0 - x),
            (-1.0 + y, 1.0 + x),
            (1.0 + y, -1.0 + x),
            (1.0 - y, 1.0 - x),
        ])
    }

    /// The perspective transform that maps the points `from` to the corners (−1, −1), (−1, 1),
    /// (1, −1) and (1, 1): fastai's `find_coeffs`.
    pub fn perspective(from: [(f64, f64); 4]) -> Self {
        let corners = [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)];
        let mut rows = [[0.0; 9]; 8];
        for (i, ((x, y), (u, v))) in from.into_iter().zip(corners).enumerate() {
            rows[2 * i] = [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, u];
            rows[2 * i + 1] = [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y, v];
        }
        let solution = solve(rows);
        let mut matrix = [1.0; 9];
        matrix[..8].copy_from_slice(&solution);
        Self(matrix)
    }
}

/// Solves eight linear equations by Gauss–Jordan elimination with partial pivoting. The last number
/// of a row is its right-hand side.
fn solve(mut rows: [[f64; 9]; 8]) -> [f64; 8] {
    for column in 0..8 {
        let pivot = (column..8)
            .max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()))
            .unwrap_or(column);
        rows.swap(column, pivot);
        let lead = rows[column];
        for (index, row) in rows.iter_mut().enumerate() {
            let factor =
                if index == column { 1.0 - 1.0 / lead[column] } else { row[column] / lead[column] };
            for k in 0..9 {
                row[k] -= factor * lead[k];
            }
        }
    }
    rows.map(|row| row[8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perspective_maps_its_points_to_the_corners() {
        let from = [(-1.1, -0.9), (-0.8, 1.2), (1.05, -1.1), (0.9, 0.95)];
        let transform = Projective::perspective(from);
        let corners = [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)];
        for ((x, y), (u, v)) in from.into_iter().zip(corners) {
            let (found_u, found_v) = transform.apply(x, y);
            assert!((found_u - u).abs() < 1e-12 && (found_v - v).abs() < 1e-12);
        }
    }

    #[test]
    fn compositions_apply_the_right_one_first() {
        let shift = Projective::affine([1.0, 0.0, 0.5, 0.0, 1.0, 0.0]);
        let double = Projective::affine([2.0, 0.0, 0.0, 0.0, 2.0, 0.0]);
        assert_eq!(double.after(shift).apply(0.25, 1.0), (1.5, 2.0));
        assert_eq!(shift.after(double).apply(0.25, 1.0), (1.0, 2.0));
        assert_eq!(shift.after(Projective::IDENTITY), shift);
    }
}
