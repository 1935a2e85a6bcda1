//! What a block adds to its input, and what its last gamma does to it.
//!
//! Source: chapter 14 of the fastai book: `relu(convs(x) + identity(x))`, the last batchnorm of
//! `convs` starting with gamma 0. fastai starts that batchnorm's beta at 0.001, so its fresh block
//! adds 0.001 rather than nothing at all.

/// `y = x + gamma * f(x) + beta`, then ReLU: the book's block, seen from outside. The shorter of
/// `x` and `f(x)` says how many values come out.
pub fn block_output(x: &[f32], f_of_x: &[f32], gamma: f32, beta: f32) -> Vec<f32> {
    x.iter().zip(f_of_x).map(|(&x, &f)| (x + gamma * f + beta).max(0.0)).collect()
}

/// `y - x`: what the convolutions had to learn.
pub fn residual(y: &[f32], x: &[f32]) -> Vec<f32> {
    y.iter().zip(x).map(|(&y, &x)| y - x).collect()
}

/// The largest change of any value: 0 where the block is the identity.
pub fn distance_from_identity(y: &[f32], x: &[f32]) -> f32 {
    residual(y, x).into_iter().fold(0.0, |largest, change| largest.max(change.abs()))
}

/// How much of the output the block itself made: the length of `y - x` over that of `y`, 0 where
/// `y` is 0.
pub fn share_added(y: &[f32], x: &[f32]) -> f32 {
    let length =
        |values: &[f32]| values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
    let whole = length(y);
    if whole > 0.0 { (length(&residual(y, x)) / whole) as f32 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn gamma_moves_the_block_away_from_the_identity() {
        let (x, f) = ([1.0, 2.0, 0.0], [-3.0, 4.0, 0.5]);
        assert_eq!(block_output(&x, &f, 0.5, 0.0), [0.0, 4.0, 0.25]);
        assert_eq!(residual(&[1.0, 5.0], &[1.0, 2.0]), [0.0, 3.0]);
        assert_eq!(share_added(&[3.0, 4.0], &[0.0, 0.0]), 1.0);
        assert_eq!(share_added(&[0.0], &[0.0]), 0.0);
    }

    proptest! {
        /// What enters a block came out of a ReLU, so it is not negative: there gamma 0 is the identity, exactly.
        #[test]
        fn gamma_zero_is_the_identity(x in prop::collection::vec(0.0f32..1e6, 1..32), f in -1e6f32..1e6) {
            let y = block_output(&x, &vec![f; x.len()], 0.0, 0.0);
            prop_assert_eq!(distance_from_identity(&y, &x), 0.0);
        }
    }

    #[test]
    fn fastai_starts_a_thousandth_away() {
        let y = block_output(&[0.5], &[7.0], 0.0, 1e-3);
        assert!((distance_from_identity(&y, &[0.5]) - 1e-3).abs() < 1e-7);
    }
}
