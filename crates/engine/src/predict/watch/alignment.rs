//! Turns a map so that it lies as close as possible to an earlier one of the same pictures.
//!
//! The axes of a principal component analysis are only determined up to their signs, and two axes
//! of about equal variance up to a rotation, so that a map would flip and turn from epoch to epoch
//! without any change in the pictures' distances. Rotations and reflections change no distance; the
//! best of them is the orthogonal Procrustes solution (Schönemann, 1966,
//! <https://doi.org/10.1007/BF02289451>), for which two dimensions have a closed form.

/// Rotates, and mirrors where that fits better, `points` about the origin so that the sum of their
/// squared distances from `before` is as small as possible. Points of another number of pictures
/// are left as they are.
///
/// # Shapes
/// Both are `[n, 2]`, with means of 0.
pub fn align(points: &mut [[f64; 2]], before: &[[f64; 2]]) {
    if points.len() != before.len() {
        return;
    }
    // `pointsᵀ · before`.
    let mut sums = [[0.0; 2]; 2];
    for (point, old) in points.iter().zip(before) {
        for (row, coordinate) in sums.iter_mut().zip(point) {
            row.iter_mut().zip(old).for_each(|(sum, old)| *sum += coordinate * old);
        }
    }
    let [[a, b], [c, d]] = sums;
    // The closeness that the best rotation reaches, and the best reflection.
    let (rotated, mirrored) = ((a + d).hypot(b - c), (a - d).hypot(b + c));
    let mirrors = mirrored > rotated;
    let angle = if mirrors { (b + c).atan2(a - d) } else { (b - c).atan2(a + d) };
    let (sin, cos) = angle.sin_cos();
    let sign = if mirrors { -1.0 } else { 1.0 };
    for [x, y] in points {
        (*x, *y) = (*x * cos - sign * *y * sin, *x * sin + sign * *y * cos);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: [[f64; 2]; 4] = [[3.0, 1.0], [-2.0, 2.0], [0.5, -2.5], [-1.5, -0.5]];

    fn close(found: &[[f64; 2]], wanted: &[[f64; 2]]) -> bool {
        let gap = |(a, b): (&[f64; 2], &[f64; 2])| (a[0] - b[0]).hypot(a[1] - b[1]);
        found.len() == wanted.len() && found.iter().zip(wanted).map(gap).all(|gap| gap < 1e-12)
    }

    /// A map that was turned, or turned and mirrored, comes back exactly.
    #[test]
    fn rotations_and_reflections_are_undone() {
        for degrees in [0.0, 25.0, 90.0, 180.0, 301.0_f64] {
            let (sin, cos) = degrees.to_radians().sin_cos();
            for mirror in [1.0, -1.0] {
                let turn = |[x, y]: [f64; 2]| {
                    let y = mirror * y;
                    [x * cos - y * sin, x * sin + y * cos]
                };
                let mut points = BEFORE.map(turn);
                align(&mut points, &BEFORE);
                assert!(close(&points, &BEFORE), "{degrees}°, {mirror}: {points:?}");
            }
        }
    }

    #[test]
    fn another_sample_or_an_empty_map_changes_nothing() {
        let mut points = BEFORE;
        align(&mut points, &BEFORE[..3]);
        assert_eq!(points, BEFORE);
        align(&mut points, &[[0.0; 2]; 4]);
        assert_eq!(points, BEFORE);
        align(&mut [], &[]);
    }
}
