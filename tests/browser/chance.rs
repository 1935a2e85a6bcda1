//! Chance that can be had again: the seed is printed, and `RESNETTE_SEED` sets it.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

/// A stream of numbers (splitmix64).
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream of `RESNETTE_SEED`, or of the clock; the seed is printed.
    pub fn from_environment(what: &str) -> Self {
        let seed = first_seed();
        println!("{what}: RESNETTE_SEED={seed}");
        Self::new(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not zero.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// A number from 0 up to 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// `RESNETTE_SEED`, or the clock's seconds.
pub fn first_seed() -> u64 {
    let set = env::var("RESNETTE_SEED").ok().and_then(|seed| seed.parse().ok());
    set.unwrap_or_else(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs())
    })
}
