//! Principal component analysis: the two directions in which vectors differ most.
//!
//! The axes are the eigenvectors of the largest eigenvalues of the covariance, which orthogonal
//! iteration with Rayleigh–Ritz steps finds (Golub and Van Loan, "Matrix computations", section
//! 8.2): a block of vectors is multiplied with the matrix and made orthonormal again and again, and
//! after each turn the eigenvectors within the block's span are taken. All sums run in one order,
//! so that the result depends on the vectors alone.

/// Vectors that are iterated together. More than the two that are wanted, since the error shrinks
/// in each turn by the ratio of the eigenvalue behind the block to the wanted one.
const BLOCK: usize = 8;
/// Most turns of the iteration.
const MAX_TURNS: usize = 200;
/// Length of `matrix · axis - value · axis`, as a share of the largest eigenvalue, at which an axis
/// counts as found.
const TOLERANCE: f64 = 1e-10;
/// Most sweeps of Jacobi's method over the matrix of the block. It needs about five.
const MAX_SWEEPS: usize = 30;

/// Vectors, projected onto their two principal axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// The coordinates of each vector, with means of 0, `[n, 2]`.
    pub points: Vec<[f64; 2]>,
    /// The share of the variance along each axis, from 0 to 1.
    pub explained: [f64; 2],
}

/// Projects vectors onto the two axes of their largest variance. An axis points to where the vector
/// that is farthest along it lies. An axis along which nothing varies has coordinates of 0.
///
/// `None` if there are no vectors, or if they are not finite.
///
/// # Shapes
/// `vectors` is `[n, features]`, one after the other.
pub fn principal_axes(vectors: &[f32], features: usize) -> Option<Projection> {
    let n = vectors.len().checked_div(features)?;
    if n == 0 || vectors.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let centred = centred(vectors, features);
    let total: f64 = centred.iter().flatten().map(|value| value * value).sum();
    let mut points = vec![[0.0; 2]; n];
    let mut explained = [0.0; 2];
    if total <= 0.0 {
        return Some(Projection { points, explained });
    }
    // Both products have the same eigenvalues beside zeros; the smaller matrix is taken.
    let by_features = features <= n;
    let matrix =
        if by_features { columns_product(&centred, features) } else { rows_product(&centred) };
    for (axis, (value, vector)) in leading(&matrix).into_iter().take(2).enumerate() {
        explained[axis] = value / total;
        let along: Vec<f64> = match by_features {
            true => centred.iter().map(|row| dot(row, &vector)).collect(),
            // The eigenvectors of the rows' product are the coordinates, but for their length.
            false => vector.iter().map(|part| part * value.sqrt()).collect(),
        };
        let farthest = along
            .iter()
            .copied()
            .fold(0.0_f64, |most, next| if next.abs() > most.abs() { next } else { most });
        let sign = if farthest < 0.0 { -1.0 } else { 1.0 };
        points.iter_mut().zip(along).for_each(|(point, along)| point[axis] = sign * along);
    }
    Some(Projection { points, explained })
}

/// The vectors minus their mean.
fn centred(vectors: &[f32], features: usize) -> Vec<Vec<f64>> {
    let mut mean = vec![0.0; features];
    for row in vectors.chunks_exact(features) {
        mean.iter_mut().zip(row).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    let n = vectors.len().checked_div(features).unwrap_or(0).max(1) as f64;
    mean.iter_mut().for_each(|sum| *sum /= n);
    vectors
        .chunks_exact(features)
        .map(|row| row.iter().zip(&mean).map(|(&value, mean)| f64::from(value) - mean).collect())
        .collect()
}

/// `rowsᵀ · rows`, `[features, features]`.
fn columns_product(rows: &[Vec<f64>], features: usize) -> Vec<Vec<f64>> {
    let mut product = vec![vec![0.0; features]; features];
    for row in rows {
        for (sums, factor) in product.iter_mut().zip(row) {
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += factor * value);
        }
    }
    product
}

/// `rows · rowsᵀ`, `[n, n]`.
fn rows_product(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut product = vec![vec![0.0; rows.len()]; rows.len()];
    for (index, row) in rows.iter().enumerate() {
        for (other, row_of_other) in rows[..=index].iter().enumerate() {
            let value = dot(row, row_of_other);
            product[index][other] = value;
            product[other][index] = value;
        }
    }
    product
}

/// The largest eigenvalues of a symmetric matrix without negative ones, largest first, with their
/// eigenvectors. At least the first two of them have converged.
fn leading(matrix: &[Vec<f64>]) -> Vec<(f64, Vec<f64>)> {
    let side = matrix.len();
    let mut block: Vec<Vec<f64>> =
        (0..BLOCK.min(side)).map(|column| starting_vector(column, side)).collect();
    let mut found = Vec::new();
    for _ in 0..MAX_TURNS {
        orthonormalise(&mut block);
        let images: Vec<Vec<f64>> = block.iter().map(|vector| multiply(matrix, vector)).collect();
        let within: Vec<Vec<f64>> = block
            .iter()
            .map(|vector| images.iter().map(|image| dot(vector, image)).collect())
            .collect();
        let pairs = jacobi(within);
        block = pairs.iter().map(|(_, weights)| combine(&block, weights)).collect();
        let images: Vec<Vec<f64>> =
            pairs.iter().map(|(_, weights)| combine(&images, weights)).collect();
        let largest = pairs.first().map_or(0.0, |(value, _)| *value);
        let error = |value: f64, vector: &[f64], image: &[f64]| {
            let parts = vector.iter().zip(image).map(|(part, image)| image - value * part);
            parts.map(|part| part * part).sum::<f64>().sqrt()
        };
        let found_two = pairs.iter().zip(&block).zip(&images).take(2);
        let errors = found_two.map(|(((value, _), vector), image)| error(*value, vector, image));
        let is_found = errors.fold(0.0, f64::max) <= TOLERANCE * largest;
        found = pairs.into_iter().map(|(value, _)| value.max(0.0)).zip(block).collect();
        if is_found {
            break;
        }
        block = images;
    }
    found
}

/// Numbers without a pattern, the same every time: any vectors do that are orthogonal to no axis.
fn starting_vector(column: usize, side: usize) -> Vec<f64> {
    let mut state = column as u32 + 1;
    let mut next = || {
        // Marsaglia's xorshift.
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        f64::from(state) / f64::from(u32::MAX) - 0.5
    };
    (0..side).map(|_| next()).collect()
}

/// Makes vectors orthogonal to each other and of length 1. One that lies in the span of those
/// before it becomes 0.
fn orthonormalise(block: &mut [Vec<f64>]) {
    for index in 0..block.len() {
        let (before, rest) = block.split_at_mut(index);
        let Some(vector) = rest.first_mut() else { return };
        let length = dot(vector, vector).sqrt();
        // Twice, since the first time leaves rounding errors of about the size of what is left.
        for _ in 0..2 {
            for other in before.iter() {
                let along = dot(other, vector);
                vector.iter_mut().zip(other).for_each(|(part, other)| *part -= along * other);
            }
        }
        let left = dot(vector, vector).sqrt();
        let scale = if left > 1e-12 * length { 1.0 / left } else { 0.0 };
        vector.iter_mut().for_each(|part| *part *= scale);
    }
}

/// All eigenvalues of a small symmetric matrix, largest first, with their eigenvectors: Jacobi's
/// method (Golub and Van Loan, section 8.5).
fn jacobi(mut matrix: Vec<Vec<f64>>) -> Vec<(f64, Vec<f64>)> {
    let side = matrix.len();
    let unit = |row: usize| -> Vec<f64> {
        (0..side).map(|column| f64::from(u8::from(row == column))).collect()
    };
    // A row for each eigenvector.
    let mut vectors: Vec<Vec<f64>> = (0..side).map(unit).collect();
    for _ in 0..MAX_SWEEPS {
        let mut rotated = false;
        for p in 0..side {
            for q in p + 1..side {
                let between = matrix[p][q];
                let size = matrix[p][p].abs() + matrix[q][q].abs();
                if between == 0.0 || between.abs() <= f64::EPSILON * size {
                    continue;
                }
                rotated = true;
                let ratio = (matrix[q][q] - matrix[p][p]) / (2.0 * between);
                let tangent = ratio.signum() / (ratio.abs() + ratio.hypot(1.0));
                let cos = 1.0 / tangent.hypot(1.0);
                let sin = tangent * cos;
                for row in &mut matrix {
                    (row[p], row[q]) = (cos * row[p] - sin * row[q], sin * row[p] + cos * row[q]);
                }
                for rows in [&mut matrix, &mut vectors] {
                    // `p` is less than `q`.
                    let (above, below) = rows.split_at_mut(q);
                    for (a, b) in above[p].iter_mut().zip(&mut below[0]) {
                        (*a, *b) = (cos * *a - sin * *b, sin * *a + cos * *b);
                    }
                }
            }
        }
        if !rotated {
            break;
        }
    }
    let mut pairs: Vec<(f64, Vec<f64>)> = vectors
        .into_iter()
        .enumerate()
        .map(|(index, vector)| (matrix[index][index], vector))
        .collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    pairs
}

/// The sum of vectors, each times its weight.
fn combine(vectors: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; vectors.first().map_or(0, Vec::len)];
    for (vector, weight) in vectors.iter().zip(weights) {
        sum.iter_mut().zip(vector).for_each(|(sum, part)| *sum += weight * part);
    }
    sum
}

fn multiply(matrix: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| dot(row, vector)).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Points on an ellipse in a plane of five dimensions: its axes are the principal ones.
    #[test]
    fn the_axes_of_an_ellipse_are_found() {
        let (first, second) = ([0.6, 0.0, 0.8, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0]);
        let angles = (0..12).map(|step| f64::from(step) * std::f64::consts::TAU / 12.0);
        let vectors: Vec<f32> = angles
            .clone()
            .flat_map(|angle| {
                (0..5).map(move |feature| {
                    let along = 3.0 * angle.cos() * first[feature];
                    (7.0 + along + angle.sin() * second[feature]) as f32
                })
            })
            .collect();
        let found = principal_axes(&vectors, 5).unwrap();
        assert!((found.explained[0] - 0.9).abs() < 1e-6, "{:?}", found.explained);
        assert!((found.explained[1] - 0.1).abs() < 1e-6, "{:?}", found.explained);
        for (point, angle) in found.points.iter().zip(angles) {
            assert!((point[0].abs() - (3.0 * angle.cos()).abs()).abs() < 1e-5, "{point:?}");
            assert!((point[1].abs() - angle.sin().abs()).abs() < 1e-5, "{point:?}");
        }
        let farthest = |axis: usize| {
            let along = found.points.iter().map(|point| point[axis]);
            along.fold(0.0_f64, |most, next| if next.abs() > most.abs() { next } else { most })
        };
        assert!(farthest(0) > 0.0 && farthest(1) > 0.0);
    }

    /// Fewer vectors than features and more give the same map.
    #[test]
    fn both_products_give_the_same_map() {
        let value = |index: usize| ((index * index * 31 + index * 17) % 101) as f32 / 10.0;
        let square: Vec<f32> = (0..9 * 9).map(value).collect();
        // A column of zeros makes the matrix of the features the larger one and changes nothing.
        let wider: Vec<f32> =
            square.chunks_exact(9).flat_map(|row| row.iter().copied().chain([0.0])).collect();
        let (a, b) = (principal_axes(&square, 9).unwrap(), principal_axes(&wider, 10).unwrap());
        for (a, b) in a.points.iter().zip(&b.points) {
            assert!((a[0] - b[0]).abs() < 1e-6 && (a[1] - b[1]).abs() < 1e-6, "{a:?} {b:?}");
        }
        assert_eq!(
            principal_axes(&square, 9),
            principal_axes(&square, 9),
            "it has no chance in it"
        );
    }

    #[test]
    fn vectors_of_one_direction_or_none_have_a_map() {
        let line: Vec<f32> =
            (0..6).flat_map(|step| [step as f32, 2.0 * step as f32, 0.0]).collect();
        let found = principal_axes(&line, 3).unwrap();
        assert!((found.explained[0] - 1.0).abs() < 1e-12 && found.explained[1].abs() < 1e-12);
        assert!(found.points.iter().all(|point| point[1].abs() < 1e-6));
        let same = principal_axes(&[1.0; 12], 3).unwrap();
        assert_eq!(same, Projection { points: vec![[0.0; 2]; 4], explained: [0.0; 2] });
        let one = principal_axes(&[1.0, 2.0, 4.0], 1).unwrap();
        assert!(one.points.iter().all(|point| point[1] == 0.0) && one.points[2][0] > 1.6);
        assert_eq!(principal_axes(&[], 3), None);
        assert_eq!(principal_axes(&[1.0], 0), None);
        assert_eq!(principal_axes(&[1.0, f32::NAN], 1), None);
    }
}
