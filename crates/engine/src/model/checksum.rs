//! The checksum of a model file: one changed bit anywhere in the file is noticed when it is opened.
//!
//! The metadata have `checksum`: `crc32:` and eight hexadecimal digits, the CRC-32 of the whole
//! file with `00000000` in place of the digits. It stands in the metadata because both formats have
//! them, and other programs pass over what they do not know. Files without a checksum, of earlier
//! builds or of PyTorch, are opened as they are.

use crate::model::safetensors::{ContainerError, Metadata};
use crate::model::weights::Weights;

/// Key of the checksum in the metadata.
pub const KEY: &str = "checksum";
/// The checksum before it is known.
pub const PLACEHOLDER: &str = "crc32:00000000";

/// What stands before the digits in a safetensors file (JSON) and in a burnpack file (CBOR, which
/// writes a text's length before it). In JSON no text can hold the first one, since its quotation
/// marks would be escaped.
const BEFORE: [&[u8]; 2] = [b"\"checksum\":\"crc32:", b"\x68checksum\x6ecrc32:"];
const DIGITS: usize = 8;
/// Bytes of a file in which its checksum is looked for: all of the longest header.
const HEAD: usize = 8_000_100;

/// Puts the checksum in place of the [`PLACEHOLDER`]; a file without one stays as it is.
pub fn seal(bytes: &mut [u8]) {
    if let Some(at) = position(bytes) {
        let digits = digits(bytes, at);
        bytes[at..at + DIGITS].copy_from_slice(digits.as_bytes());
    }
}

/// What was read of a file, if its checksum holds or it has none.
///
/// # Errors
/// [`ContainerError::Damaged`] if it does not hold, even if the file could be read; else the error
/// of the reader.
pub fn checked(
    bytes: &[u8],
    read: Result<(Metadata, Weights), ContainerError>,
) -> Result<(Metadata, Weights), ContainerError> {
    let place = position(bytes);
    let is_damaged =
        place.is_some_and(|at| bytes[at..at + DIGITS] != *digits(bytes, at).as_bytes());
    match read {
        // What is known better than that something is wrong.
        Err(
            error @ (ContainerError::Cut | ContainerError::Foreign(_) | ContainerError::Large(_)),
        ) => Err(error),
        _ if is_damaged => Err(ContainerError::Damaged),
        Ok((metadata, _))
            if place.is_none()
                && metadata.contains_key("resnette")
                && metadata.iter().any(|(key, value)| was_checksum(key, value)) =>
        {
            Err(ContainerError::Damaged)
        }
        read => read,
    }
}

/// Whether an entry of a file of ours was its checksum before it was damaged: the key still stands
/// there, or nearly, or the value does. Whoever changes such a file on purpose leaves the entry out
/// as a whole, and may add others.
fn was_checksum(key: &str, value: &str) -> bool {
    let differ = |a: &str, b: &str| a.bytes().zip(b.bytes()).filter(|(a, b)| a != b).count();
    let is_nearly = |text: &str, whole: &str| {
        text.len().abs_diff(whole.len()) <= 1 && differ(text, whole) <= whole.len() / 4
    };
    let has_digits = || {
        value.get(PLACEHOLDER.len() - DIGITS..).is_some_and(|digits| {
            digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        })
    };
    is_nearly(key, KEY) || has_digits()
}

/// Where the digits begin.
fn position(bytes: &[u8]) -> Option<usize> {
    let head = &bytes[..bytes.len().min(HEAD)];
    let after = |before: &[u8]| {
        head.windows(before.len()).position(|window| window == before).map(|at| at + before.len())
    };
    let are_digits = |at: &usize| {
        let digits = bytes.get(*at..at + DIGITS);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    BEFORE.into_iter().find_map(after).filter(are_digits)
}

/// The digits that belong at this place.
fn digits(bytes: &[u8], at: usize) -> String {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&bytes[..at]);
    hasher.update(&[b'0'; DIGITS]);
    hasher.update(&bytes[at + DIGITS..]);
    format!("{:08x}", hasher.finalize())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::safetensors::{self, Precision};
    use crate::model::weights::Array;

    fn file(metadata: &[(&str, &str)]) -> Vec<u8> {
        let metadata = metadata.iter().map(|(key, value)| (key.to_string(), value.to_string()));
        let array = Array { shape: vec![2], values: vec![1.0, 2.0] };
        let weights = [("a".to_string(), array)].into();
        let mut bytes = safetensors::write(&metadata.collect(), &weights, Precision::F32).unwrap();
        seal(&mut bytes);
        bytes
    }

    fn open(bytes: &[u8]) -> Result<(Metadata, Weights), ContainerError> {
        checked(bytes, safetensors::read(bytes))
    }

    #[test]
    fn files_without_a_checksum_are_opened() {
        assert!(open(&file(&[])).is_ok());
        assert!(open(&file(&[("format", "pt"), ("author", "somebody")])).is_ok());
        let keys = ["classes", "config", "format", "history", "mean", "resnette", "size", "std"];
        let old: Vec<(&str, &str)> = keys.iter().map(|key| (*key, "")).collect();
        assert!(open(&file(&old)).is_ok());
    }

    /// The message about a damaged file says that a program that changes one has to leave the
    /// checksum out. What such a program wrote is opened, whatever it has added.
    #[test]
    fn files_without_their_checksum_may_say_more() {
        for more in [("author", "somebody"), ("licence", "CC BY 4.0"), ("date", "2026-11-27")] {
            assert!(open(&file(&[("resnette", "1"), ("format", "pt"), more])).is_ok(), "{more:?}");
        }
    }

    #[test]
    fn a_text_that_looks_like_a_checksum_is_none() {
        let classes = r#"["\"checksum\":\"crc32:00000000\"","a"]"#;
        let bytes = file(&[("classes", classes), (KEY, PLACEHOLDER), ("resnette", "1")]);
        assert_eq!(open(&bytes).unwrap().0["classes"], classes);
        assert!(open(&file(&[("classes", classes), ("format", "pt")])).is_ok());
    }

    #[test]
    fn a_file_of_ours_whose_checksum_has_lost_its_name_is_damaged() {
        for metadata in [
            [("resnette", "1"), ("chdcksum", "crc32:12345678")],
            [("resnette", "1"), (KEY, "cRc32:12345678")],
            [("resnette", "1"), (KEY, "crc32:1234567")],
        ] {
            assert_eq!(open(&file(&metadata)), Err(ContainerError::Damaged), "{metadata:?}");
        }
    }

    #[test]
    fn every_single_flipped_bit_is_noticed() {
        let bytes = file(&[("format", "pt"), (KEY, PLACEHOLDER), ("resnette", "1")]);
        assert!(open(&bytes).is_ok());
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&flipped).is_err(), "bit {bit}");
        }
    }
}
