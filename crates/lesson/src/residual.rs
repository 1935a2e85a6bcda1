//! What a residual block adds to its input, and how the gamma of its last batch norm scales it.
//!
//! Source: chapter 14 of *Deep Learning for Coders with fastai and PyTorch*: a block is
//! `relu(convs(x) + identity(x))`, and the gamma of the last batch norm in `convs` is initialised
//! to 0. fastai initialises the beta of that batch norm to 0.001, so its new block adds 0.001
//! rather than 0.

/// The output of a residual block, `relu(x + gamma * f(x) + beta)`, where `f_of_x` is the
/// normalised output of its convolutions. If one of `x` and `f_of_x` is longer, the rest of it is
/// ignored.
pub fn block_output(x: &[f32], f_of_x: &[f32], gamma: f32, beta: f32) -> Vec<f32> {
    x.iter().zip(f_of_x).map(|(&x, &f)| (x + gamma * f + beta).max(0.0)).collect()
}

/// The residual `y - x`: what the block added to its input.
pub fn residual(y: &[f32], x: &[f32]) -> Vec<f32> {
    y.iter().zip(x).map(|(&y, &x)| y - x).collect()
}

/// The largest absolute difference between a block's output and its input: 0 if the block is the
/// identity.
pub fn distance_from_identity(y: &[f32], x: &[f32]) -> f32 {
    residual(y, x).into_iter().fold(0.0, |largest, change| largest.max(change.abs()))
}

/// The share of the output that the block itself added: the norm of `y - x` divided by the norm of
/// `y`, or 0 if `y` is 0.
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
        /// The input of a block is the output of a ReLU, so it is not negative. For such inputs, a
        /// block with gamma 0 is exactly the identity.
        #[test]
        fn gamma_zero_is_the_identity(
            x in prop::collection::vec(0.0f32..1e6, 1..32),
            f in -1e6f32..1e6,
        ) {
            let y = block_output(&x, &vec![f; x.len()], 0.0, 0.0);
            prop_assert_eq!(distance_from_identity(&y, &x), 0.0);
        }
    }

    #[test]
    fn fastai_starts_a_thousandth_away_from_the_identity() {
        let y = block_output(&[0.5], &[7.0], 0.0, 1e-3);
        assert!((distance_from_identity(&y, &[0.5]) - 1e-3).abs() < 1e-7);
    }
}
