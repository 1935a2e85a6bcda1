//! `.tar` and `.tgz`, told apart by their first bytes as everywhere.

#![no_main]

#[allow(dead_code)]
#[path = "../../tests/data/made.rs"]
mod made;

use libfuzzer_sys::fuzz_target;
use made::{Held, config, load};

fuzz_target!(|bytes: &[u8]| {
    let (_, problems) = load(&[Held::new("p.tgz", bytes.to_vec())], &config(3, 2), 0);
    assert!(problems.iter().all(|problem| problem.name.starts_with("p.tgz")), "{problems:?}");
});
