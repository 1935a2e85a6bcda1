//! Random streams, one for each purpose.
//!
//! A stream is a pure function of seed, purpose and position (epoch or step): turning Mixup on
//! leaves the order of the pictures and their crops alone, and a continued run needs no saved
//! generator to go on as if nothing had happened.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What random numbers are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Which pictures are taken from the source.
    Subset = 1,
    /// First weights.
    Init = 2,
    /// The order of the pictures in an epoch.
    Order = 3,
    /// Crops, flips and the rest.
    Augment = 4,
    /// Lambdas and partners.
    Mixup = 5,
    /// What test-time augmentation does to a validation picture.
    Tta = 6,
}

/// The stream for `purpose` at `position` (an epoch, a step, a class: whatever the purpose counts
/// by).
pub fn stream(seed: u32, purpose: Purpose, position: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(u64::from(seed) << 8 | purpose as u64);
    rng.set_stream(position);
    rng
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
            ] {
                for position in 0..4 {
                    assert!(seen.insert(stream(seed, purpose, position).next_u64()));
                }
            }
        }
    }
}
