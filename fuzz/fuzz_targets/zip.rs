//! `.zip`: as it is, behind a program, and with the checksums of its entries made right.

#![no_main]

#[allow(dead_code)]
#[path = "../../crates/images/tests/data/made.rs"]
mod made;
#[path = "../told.rs"]
mod told;

use libfuzzer_sys::fuzz_target;
use made::{Held, config, load};

fuzz_target!(|bytes: &[u8]| {
    let behind = [b"MZ program", bytes].concat();
    for bytes in [bytes.to_vec(), behind, mended(bytes.to_vec())] {
        let told = || load(&[Held::new("p.zip", bytes.clone())], &config(3, 2), 0);
        let ((set, problems), (again, told_again)) = (told(), told());
        told::check(&problems);
        // Whatever is in it, two readings tell the same.
        assert_eq!((set.is_ok(), problems), (again.is_ok(), told_again));
    }
});

/// A number, stored with its lowest byte first.
fn number(bytes: &[u8], at: usize, length: usize) -> usize {
    bytes.get(at..at + length).unwrap_or_default().iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// A wrong checksum or length leaves an entry out, and a fuzzer hardly ever hits the right ones:
/// here entries that are not compressed get theirs, in the table of contents, and the table's end
/// its place.
fn mended(mut bytes: Vec<u8>) -> Vec<u8> {
    let starts: Vec<usize> = (0..bytes.len().saturating_sub(3)).filter(|at| bytes[*at..].starts_with(b"PK\x01\x02")).collect();
    for at in starts.iter().copied() {
        let (method, packed, offset) = (number(&bytes, at + 10, 2), number(&bytes, at + 20, 4), number(&bytes, at + 42, 4));
        let start = offset.saturating_add(30 + number(&bytes, offset.saturating_add(26), 2) + number(&bytes, offset.saturating_add(28), 2));
        let Some(contents) = bytes.get(start..start.saturating_add(packed)) else { continue };
        let mut crc = flate2::Crc::new();
        if method == 0 {
            crc.update(contents);
        } else {
            let mut out = Vec::new();
            let _ = std::io::Read::read_to_end(&mut std::io::Read::take(flate2::read::DeflateDecoder::new(contents), 1 << 20), &mut out);
            crc.update(&out);
            if let Some(field) = bytes.get_mut(at + 24..at + 28) {
                field.copy_from_slice(&(out.len() as u32).to_le_bytes());
            }
        }
        if let Some(field) = bytes.get_mut(at + 16..at + 20) {
            field.copy_from_slice(&crc.sum().to_le_bytes());
        }
        if method == 0 && let Some(field) = bytes.get_mut(at + 24..at + 28) {
            field.copy_from_slice(&(packed as u32).to_le_bytes());
        }
    }
    let end = (0..bytes.len().saturating_sub(21)).rev().find(|at| bytes[*at..].starts_with(b"PK\x05\x06"));
    if let (Some(end), Some(start)) = (end, starts.first()) && *start < end {
        bytes[end + 12..end + 16].copy_from_slice(&((end - start) as u32).to_le_bytes());
        bytes[end + 16..end + 20].copy_from_slice(&(*start as u32).to_le_bytes());
    }
    bytes
}
