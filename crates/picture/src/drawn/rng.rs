//! Seeded random numbers for the drawings.
//!
//! A drawn picture must be the same, byte for byte, in a browser and on a server, so the numbers
//! come from ChaCha8, whose output is defined by its key and stream on every platform.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The random numbers for one purpose (pose, object, light, …) in one picture.
pub struct Rng(ChaCha8Rng);

impl Rng {
    /// The generator for picture `index` of class `label` under `seed`.
    ///
    /// Every `purpose` has a stream of its own, so that a change to one part of a picture leaves
    /// the others as they were.
    pub fn new(label: u64, index: u64, seed: u64, purpose: u64) -> Self {
        let mut key = [0u8; 32];
        // The last number keeps these keys apart from every other use of ChaCha8 in the program.
        for (slot, number) in
            key.chunks_exact_mut(8).zip([seed, label, index, 0x6472_6177_6e20_7631])
        {
            slot.copy_from_slice(&number.to_le_bytes());
        }
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(purpose);
        Self(rng)
    }

    /// A number uniform in [0, 1), in steps of 2⁻²⁴.
    pub fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / 16_777_216.0
    }

    /// A number uniform in [`low`, `high`).
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// A number uniform in [−`reach`, `reach`).
    pub fn around(&mut self, reach: f32) -> f32 {
        self.between(-reach, reach)
    }

    /// An integer uniform in `0..count`.
    pub fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f32) as usize).min(count.saturating_sub(1))
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// Four random bytes at once, for the noise of one pixel.
    pub fn bytes(&mut self) -> [u8; 4] {
        self.0.next_u32().to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_and_repeat() {
        let take = |purpose| Rng::new(1, 2, 3, purpose).bytes();
        assert_eq!(take(0), take(0));
        assert_ne!(take(0), take(1));
    }

    #[test]
    fn below_covers_its_range() {
        let mut rng = Rng::new(0, 0, 0, 0);
        let mut seen = [false; 5];
        for _ in 0..200 {
            seen[rng.below(5)] = true;
        }
        assert_eq!(seen, [true; 5]);
        assert_eq!(rng.below(1), 0);
    }
}
