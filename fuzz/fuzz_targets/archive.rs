//! `.tar` and `.tgz`, told apart by their first bytes as everywhere; and the same `.tar` with its
//! headers' sums made right.

#![no_main]

#[allow(dead_code)]
#[path = "../../crates/images/tests/data/made.rs"]
mod made;
#[path = "../told.rs"]
mod told;

use libfuzzer_sys::fuzz_target;
use made::{Held, config, load};

/// A header's length, and what entries are padded to.
const BLOCK: usize = 512;

fuzz_target!(|bytes: &[u8]| {
    for bytes in [bytes.to_vec(), mended(bytes.to_vec())] {
        let (_, problems) = load(&[Held::new("p.tgz", bytes)], &config(3, 2), 0);
        told::check(&problems);
    }
});

/// A wrong sum ends the reading, and a fuzzer hardly ever hits the right one: without this most of
/// what it tries ends there.
fn mended(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut at = 0;
    while let Some(header) = bytes.get_mut(at..at + BLOCK) {
        header[257..262].copy_from_slice(b"ustar");
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().copied().map(u32::from).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let digits = header[124..136].iter().map_while(|byte| byte.checked_sub(b'0').filter(|digit| *digit < 8));
        let size = digits.fold(0_usize, |size, digit| size.saturating_mul(8).saturating_add(digit.into()));
        at = size.div_ceil(BLOCK).saturating_mul(BLOCK).saturating_add(at + BLOCK).min(bytes.len());
    }
    bytes
}
