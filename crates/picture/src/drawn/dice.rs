//! Seeded chance, and the little trigonometry the drawings need.
//!
//! A drawn picture must be the same, byte for byte, in a browser and on a server. So chance comes
//! from ChaCha8, whose stream is defined by its key, and sines come from a polynomial: `f32::sin`
//! calls whatever maths library the platform has, while `+ - * /` and square roots are exact
//! everywhere.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Chance for one purpose in one picture.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice for picture `index` of class `label` under `seed`; every `purpose` has a stream of
    /// its own, so that a change to one part of a picture leaves the others as they were.
    pub fn new(label: u64, index: u64, seed: u64, purpose: u64) -> Self {
        let mut key = [0u8; 32];
        for (slot, number) in
            key.chunks_exact_mut(8).zip([seed, label, index, 0x6472_6177_6e20_7631])
        {
            slot.copy_from_slice(&number.to_le_bytes());
        }
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(purpose);
        Self(rng)
    }

    /// Uniform in [0, 1), in steps of 2⁻²⁴.
    pub fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / 16_777_216.0
    }

    /// Uniform between two numbers.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Uniform within `reach` of zero.
    pub fn around(&mut self, reach: f32) -> f32 {
        self.between(-reach, reach)
    }

    /// One of `0..count`.
    pub fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f32) as usize).min(count.saturating_sub(1))
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// Four bytes of noise at once.
    pub fn bytes(&mut self) -> [u8; 4] {
        self.0.next_u32().to_le_bytes()
    }
}

/// Sine and cosine of an angle in turns (1 = the full circle), within 5e-6.
pub fn sin_cos(turns: f32) -> (f32, f32) {
    (sin(turns), sin(turns + 0.25))
}

fn sin(turns: f32) -> f32 {
    let t = turns - (turns + 0.5).floor();
    let folded = if t > 0.25 {
        0.5 - t
    } else if t < -0.25 {
        -0.5 - t
    } else {
        t
    };
    let x = folded * std::f32::consts::TAU;
    let x2 = x * x;
    x * (1.0 - x2 / 6.0 * (1.0 - x2 / 20.0 * (1.0 - x2 / 42.0 * (1.0 - x2 / 72.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sines_are_close_to_the_library() {
        for step in -400..400 {
            let turns = step as f32 / 150.0;
            let (s, c) = sin_cos(turns);
            let angle = f64::from(turns) * std::f64::consts::TAU;
            assert!((f64::from(s) - angle.sin()).abs() < 1e-5, "sin of {turns} turns is {s}");
            assert!((f64::from(c) - angle.cos()).abs() < 1e-5, "cos of {turns} turns is {c}");
        }
    }

    #[test]
    fn streams_differ_and_repeat() {
        let take = |purpose| Dice::new(1, 2, 3, purpose).bytes();
        assert_eq!(take(0), take(0));
        assert_ne!(take(0), take(1));
    }

    #[test]
    fn below_covers_its_range() {
        let mut dice = Dice::new(0, 0, 0, 0);
        let mut seen = [false; 5];
        for _ in 0..200 {
            seen[dice.below(5)] = true;
        }
        assert_eq!(seen, [true; 5]);
        assert_eq!(dice.below(1), 0);
    }
}
