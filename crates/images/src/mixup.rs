//! Mixup: training on blends of two pictures and of their labels.
//!
//! Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018,
//! <https://arxiv.org/abs/1710.09412>. As in fastai's `MixUp` callback, every picture of a batch
//! has a λ of its own, and the partners are a permutation of the batch.

use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Draws the partner of each of a batch's `n` pictures, as an index into the batch, and its λ.
///
/// λ is distributed as Beta(`alpha`, `alpha`) and then replaced by max(λ, 1 − λ), so that no two
/// pictures of a batch are blended to the same picture twice.
pub fn random_partners(n: usize, alpha: f64, rng: &mut ChaCha8Rng) -> Vec<(usize, f32)> {
    let mut partners: Vec<usize> = (0..n).collect();
    partners.shuffle(rng);
    partners
        .into_iter()
        .map(|partner| {
            let lam = beta(alpha, rng);
            (partner, lam.max(1.0 - lam) as f32)
        })
        .collect()
}

/// Blends every picture of a batch with its partner: `batch[i] ← λ · batch[i] + (1 − λ) ·
/// batch[partner]`.
///
/// `partners` is what [`random_partners`] returns.
///
/// # Shapes
/// `batch` holds `n` pictures of `picture_len` numbers each, such as `[n, 3, size, size]`.
///
/// # Panics
/// Panics if the batch has fewer pictures than there are partners.
pub fn blend(batch: &mut [f32], picture_len: usize, partners: &[(usize, f32)]) {
    let original = batch.to_vec();
    for (i, &(partner, lam)) in partners.iter().enumerate() {
        let other = &original[partner * picture_len..(partner + 1) * picture_len];
        for (value, &theirs) in batch[i * picture_len..(i + 1) * picture_len].iter_mut().zip(other)
        {
            *value = lam * *value + (1.0 - lam) * theirs;
        }
    }
}

/// A random number distributed as Beta(`alpha`, `alpha`), by Jöhnk's algorithm, which is fast for
/// the small alphas that Mixup uses.
pub(crate) fn beta(alpha: f64, rng: &mut ChaCha8Rng) -> f64 {
    for _ in 0..1000 {
        let (u, v): (f64, f64) = (rng.random(), rng.random());
        let (x, y) = (u.powf(1.0 / alpha), v.powf(1.0 / alpha));
        let sum = x + y;
        if sum > 0.0 && sum <= 1.0 {
            return x / sum;
        }
        if sum == 0.0 {
            // Both underflow for a tiny alpha, and then nearly all of the distribution is at 0 and
            // 1.
            return if u > v { 1.0 } else { 0.0 };
        }
    }
    // For a large alpha nearly every try is rejected, and nearly all of the distribution is at ½.
    0.5
}

#[cfg(test)]
mod tests {
    use resnette_spec::random::{Purpose, stream};

    use super::*;

    #[test]
    fn lambdas_have_the_mean_and_spread_of_beta() {
        let mut rng = stream(1, Purpose::Mixup, 0);
        for alpha in [0.1, 0.4, 1.0] {
            let draws: Vec<f64> = (0..20_000).map(|_| beta(alpha, &mut rng)).collect();
            let mean = draws.iter().sum::<f64>() / draws.len() as f64;
            let variance =
                draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / draws.len() as f64;
            let wanted = 1.0 / (4.0 * (2.0 * alpha + 1.0));
            assert!(
                (mean - 0.5).abs() < 0.02 && (variance / wanted - 1.0).abs() < 0.05,
                "{alpha}: {mean} {variance} {wanted}"
            );
        }
    }

    #[test]
    fn lambdas_are_at_least_half_and_partners_a_permutation() {
        let partners_and_lambdas = random_partners(64, 0.4, &mut stream(1, Purpose::Mixup, 1));
        let mut partners: Vec<usize> =
            partners_and_lambdas.iter().map(|&(partner, _)| partner).collect();
        partners.sort_unstable();
        assert_eq!(partners, (0..64).collect::<Vec<_>>());
        assert!(partners_and_lambdas.iter().all(|&(_, lam)| (0.5..=1.0).contains(&lam)));
    }

    #[test]
    fn blending_reads_the_pictures_as_they_were() {
        let mut batch = vec![1.0, 1.0, 3.0, 3.0];
        blend(&mut batch, 2, &[(1, 0.75), (0, 0.5)]);
        assert_eq!(batch, [1.5, 1.5, 2.0, 2.0]);
    }
}
