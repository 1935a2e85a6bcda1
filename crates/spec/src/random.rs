//! Streams of random numbers, one for each purpose.
//!
//! A stream is a pure function of seed, purpose and position (such as the epoch): turning Mixup on
//! changes neither the order of the pictures nor their crops, and a resumed run needs no saved
//! generator to go on exactly as it would have.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What random numbers are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The choice of pictures from the source.
    Subset = 1,
    /// The first weights of the network.
    Init = 2,
    /// The order of the training pictures in an epoch.
    Order = 3,
    /// The augmentation of training pictures: crops, flips and so on.
    Augment = 4,
    /// Mixup's lambdas and partners.
    Mixup = 5,
    /// The augmentation of validation pictures in test-time augmentation.
    Tta = 6,
    /// Which numbers dropout sets to 0 in a training step.
    Dropout = 7,
    /// Random erasing's rectangles and their noise.
    Erase = 8,
    /// CutMix's boxes and partners.
    CutMix = 9,
}

/// The random numbers for `purpose` at `position`, which counts what the purpose repeats: epochs,
/// steps, pictures or classes.
pub fn stream(seed: u32, purpose: Purpose, position: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(u64::from(seed) << 8 | purpose as u64);
    rng.set_stream(position);
    rng
}

/// Two numbers of the standard normal distribution, by Marsaglia's polar method, which takes no
/// sines.
pub fn normal_pair(rng: &mut impl Rng) -> [f64; 2] {
    loop {
        let u: f64 = rng.random_range(-1.0..1.0);
        let v: f64 = rng.random_range(-1.0..1.0);
        let square = u * u + v * v;
        if square > 0.0 && square < 1.0 {
            let scale = (-2.0 * square.ln() / square).sqrt();
            return [u * scale, v * scale];
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::RngCore;

    use super::*;

    #[test]
    fn streams_differ_by_seed_purpose_and_position() {
        let mut seen = std::collections::HashSet::new();
        for seed in 0..4 {
            for purpose in [
                Purpose::Subset,
                Purpose::Init,
                Purpose::Order,
                Purpose::Augment,
                Purpose::Mixup,
                Purpose::Tta,
                Purpose::Dropout,
                Purpose::Erase,
                Purpose::CutMix,
            ] {
                for position in 0..4 {
                    assert!(seen.insert(stream(seed, purpose, position).next_u64()));
                }
            }
        }
    }

    #[test]
    fn normal_numbers_have_the_moments_of_their_distribution() {
        let mut rng = stream(1, Purpose::Erase, 0);
        let draws: Vec<f64> = (0..50_000).flat_map(|_| normal_pair(&mut rng)).collect();
        let moment = |power| draws.iter().map(|x: &f64| x.powi(power)).sum::<f64>() / 100_000.0;
        let found = [1, 2, 3, 4].map(moment);
        for (found, wanted) in found.into_iter().zip([0.0, 1.0, 0.0, 3.0]) {
            assert!((found - wanted).abs() < 0.1, "{found} {wanted}");
        }
    }
}
