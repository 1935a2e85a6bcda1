//! Mixup as fastai's callback does it: a lambda for each picture, partners by a permutation of the
//! batch.
//!
//! Zhang et al. 2018, <https://arxiv.org/abs/1710.09412>; `fastai.callback.mixup.MixUp`.

use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Partner and share of each picture of a batch: `lam ~ Beta(alpha, alpha)`, folded to `max(lam, 1
/// − lam)`.
pub fn draw(n: usize, alpha: f64, rng: &mut ChaCha8Rng) -> Vec<(usize, f32)> {
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

/// `batch[i] ← lam · batch[i] + (1 − lam) · batch[partner]`; `pixels` numbers a picture.
pub fn blend(batch: &mut [f32], pixels: usize, mix: &[(usize, f32)]) {
    let original = batch.to_vec();
    for (i, &(partner, lam)) in mix.iter().enumerate() {
        let other = &original[partner * pixels..(partner + 1) * pixels];
        for (value, &theirs) in batch[i * pixels..(i + 1) * pixels].iter_mut().zip(other) {
            *value = lam * *value + (1.0 - lam) * theirs;
        }
    }
}

/// Jöhnk's method: exact for any alpha, quick for the small ones that Mixup uses.
fn beta(alpha: f64, rng: &mut ChaCha8Rng) -> f64 {
    for _ in 0..1000 {
        let (u, v): (f64, f64) = (rng.random(), rng.random());
        let (x, y) = (u.powf(1.0 / alpha), v.powf(1.0 / alpha));
        let sum = x + y;
        if sum > 0.0 && sum <= 1.0 {
            return x / sum;
        }
        if sum == 0.0 {
            // Both underflow for a tiny alpha, where the distribution is all but 0 or 1.
            return if u > v { 1.0 } else { 0.0 };
        }
    }
    // A large alpha rejects nearly always; its distribution is all but a point.
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
    fn shares_are_at_least_half_and_partners_a_permutation() {
        let mix = draw(64, 0.4, &mut stream(1, Purpose::Mixup, 1));
        let mut partners: Vec<usize> = mix.iter().map(|&(partner, _)| partner).collect();
        partners.sort_unstable();
        assert_eq!(partners, (0..64).collect::<Vec<_>>());
        assert!(mix.iter().all(|&(_, lam)| (0.5..=1.0).contains(&lam)));
    }

    #[test]
    fn blending_reads_the_pictures_as_they_were() {
        let mut batch = vec![1.0, 1.0, 3.0, 3.0];
        blend(&mut batch, 2, &[(1, 0.75), (0, 0.5)]);
        assert_eq!(batch, [1.5, 1.5, 2.0, 2.0]);
    }
}
