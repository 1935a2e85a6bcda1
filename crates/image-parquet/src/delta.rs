//! Parquet's delta encodings, which newer writers prefer for numbers and texts.
//!
//! See "Delta Encoding", "Delta-length byte array" and "Delta Strings" at
//! <https://parquet.apache.org/docs/file-format/data-pages/encodings/>.

use bytes::{Bytes, BytesMut};

use crate::bits::{split_signed, split_varint, unpack};

/// The most numbers in a block. Writers use 128 or 256.
const MAX_BLOCK: u64 = 1 << 16;
/// By how much the values of a page may be larger than the page itself, in bytes: a value that
/// begins as the one before takes no bytes for it.
const MAX_GROWTH: (usize, usize) = (8, 16 << 20);

const SHORT: &str = "a page's values end too early";
const BROKEN: &str = "a page's differences are broken";

/// Exactly `count` numbers in DELTA_BINARY_PACKED encoding, split off the front of `bytes`. Numbers
/// of 32 bits come out with wrong higher bits where they have overflowed.
pub(super) fn numbers(bytes: &mut Bytes, count: usize) -> Result<Vec<i64>, &'static str> {
    let (values, length) = {
        let mut rest = &bytes[..];
        let values = numbers_of(&mut rest, count)?;
        (values, bytes.len() - rest.len())
    };
    let _ = bytes.split_to(length);
    Ok(values)
}

fn numbers_of(bytes: &mut &[u8], count: usize) -> Result<Vec<i64>, &'static str> {
    // A page of nulls only may have no data at all.
    if count == 0 && bytes.is_empty() {
        return Ok(Vec::new());
    }
    let block = split_varint(bytes).ok_or(SHORT)?;
    let parts = split_varint(bytes).ok_or(SHORT)?;
    let total = split_varint(bytes).ok_or(SHORT)?;
    let mut value = split_signed(bytes).ok_or(SHORT)?;
    if total != count as u64 {
        return Err("a page has another number of values than it claims");
    }
    if block == 0 || block > MAX_BLOCK || parts == 0 || block % parts != 0 {
        return Err(BROKEN);
    }
    let part_length = block / parts;
    if part_length % 8 != 0 {
        return Err(BROKEN);
    }
    let mut values = Vec::new();
    if count > 0 {
        values.push(value);
    }
    while values.len() < count {
        let smallest = split_signed(bytes).ok_or(SHORT)?;
        let widths = bytes.get(..parts as usize).ok_or(SHORT)?;
        *bytes = &bytes[parts as usize..];
        for &width in widths {
            // The last block may end before all of its parts.
            if values.len() == count {
                break;
            }
            if width > 64 {
                return Err(BROKEN);
            }
            let length = part_length / 8 * u64::from(width);
            // A writer may cut off the last part after the values that are needed.
            let packed = &bytes[..(length as usize).min(bytes.len())];
            *bytes = &bytes[packed.len()..];
            for number in 0..part_length {
                if values.len() == count {
                    break;
                }
                let width = u32::from(width);
                let difference =
                    unpack(packed, number * u64::from(width), width).ok_or(SHORT)? as i64;
                value = value.wrapping_add(smallest).wrapping_add(difference);
                values.push(value);
            }
        }
    }
    Ok(values)
}

/// Exactly `count` byte strings in DELTA_LENGTH_BYTE_ARRAY encoding: all lengths, and then all
/// bytes.
pub(super) fn strings(bytes: &mut Bytes, count: usize) -> Result<Vec<Bytes>, &'static str> {
    let lengths = numbers(bytes, count)?;
    let mut values = Vec::new();
    for length in lengths {
        let length = usize::try_from(length).map_err(|_| BROKEN)?;
        if length > bytes.len() {
            return Err(SHORT);
        }
        values.push(bytes.split_to(length));
    }
    Ok(values)
}

/// Exactly `count` byte strings in DELTA_BYTE_ARRAY encoding: how many bytes each shares with the
/// one before, and then the rest of each.
pub(super) fn prefixed_strings(
    bytes: &mut Bytes,
    count: usize,
) -> Result<Vec<Bytes>, &'static str> {
    let mut room = bytes.len().saturating_mul(MAX_GROWTH.0).saturating_add(MAX_GROWTH.1);
    let prefixes = numbers(bytes, count)?;
    let suffixes = strings(bytes, count)?;
    let mut values: Vec<Bytes> = Vec::new();
    for (prefix, suffix) in prefixes.into_iter().zip(suffixes) {
        let before = values.last().cloned().unwrap_or_default();
        let prefix = usize::try_from(prefix).map_err(|_| BROKEN)?;
        if prefix > before.len() {
            return Err(BROKEN);
        }
        values.push(if prefix == 0 {
            suffix
        } else if suffix.is_empty() {
            before.slice(..prefix)
        } else {
            let length = prefix + suffix.len();
            room = room.checked_sub(length).ok_or("a page claims to unpack to more than it may")?;
            let mut joined = BytesMut::with_capacity(length);
            joined.extend_from_slice(&before[..prefix]);
            joined.extend_from_slice(&suffix);
            joined.freeze()
        });
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Blocks of 128 numbers in four parts, one after another, from a first number and each
    /// block's smallest difference, widths and packed bytes.
    fn encoded(count: u8, first: u8, blocks: &[u8]) -> Bytes {
        [&[0x80, 1, 4, count, first][..], blocks].concat().into()
    }

    #[test]
    fn the_examples_of_the_specification() {
        // 1, 2, 3, 4, 5: all differences are 1, which takes no bits.
        let mut bytes = encoded(5, 2, &[2, 0, 0, 0, 0]);
        assert_eq!(numbers(&mut bytes, 5).unwrap(), [1, 2, 3, 4, 5]);
        assert!(bytes.is_empty());
        // 7, 5, 3, 1, 2, 3, 4, 5: the smallest is -2, and above it 0, 0, 0, 3, 3, 3, 3 in two bits.
        let mut bytes =
            encoded(8, 14, &[3, 2, 0, 0, 0, 0b1100_0000, 0b0011_1111, 0, 0, 0, 0, 0, 0, 9]);
        assert_eq!(numbers(&mut bytes, 8).unwrap(), [7, 5, 3, 1, 2, 3, 4, 5]);
        assert_eq!(&bytes[..], [9]);
    }

    /// Numbers as a careless writer encodes them: every difference takes 64 bits.
    fn wide(values: &[i64]) -> Vec<u8> {
        let varint = |mut value: u64| {
            let mut bytes = Vec::new();
            while value >= 0x80 {
                bytes.push(value as u8 | 0x80);
                value >>= 7;
            }
            bytes.push(value as u8);
            bytes
        };
        let first = (values[0] << 1 ^ values[0] >> 63) as u64;
        let mut bytes = [vec![0x80, 1, 4], varint(values.len() as u64), varint(first)].concat();
        let differences: Vec<i64> =
            values.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
        for block in differences.chunks(128) {
            bytes.extend([0, 64, 64, 64, 64]);
            bytes.extend(block.iter().flat_map(|difference| difference.to_le_bytes()));
            // Parts without a number have no bytes, and the others are whole.
            bytes.extend(vec![0; (block.len().next_multiple_of(32) - block.len()) * 8]);
        }
        bytes
    }

    #[test]
    fn numbers_of_several_blocks_and_of_any_size() {
        let values: Vec<i64> = (0..1_000).map(|n: i64| n.wrapping_pow(21) ^ -n).collect();
        let mut bytes = Bytes::from([wide(&values), vec![1, 2, 3]].concat());
        assert_eq!(numbers(&mut bytes, 1_000).unwrap(), values);
        assert_eq!(&bytes[..], [1, 2, 3]);
    }

    #[test]
    fn strings_share_their_beginnings() {
        // The specification's example.
        let words = [wide(&[0, 2, 0, 3]), wide(&[4, 2, 6, 5]), b"axislebabbleyhood".to_vec()];
        let words = prefixed_strings(&mut words.concat().into(), 4).unwrap();
        assert_eq!(words, ["axis", "axle", "babble", "babyhood"]);
        // A beginning longer than the word before, and lengths below 0.
        for prefix in [5, -2] {
            let page = [wide(&[0, prefix]), wide(&[4, 2]), b"axisle".to_vec()].concat();
            assert_eq!(prefixed_strings(&mut page.into(), 2), Err(BROKEN));
        }
        let short = [wide(&[4, 2]), b"axi".to_vec()].concat();
        assert_eq!(strings(&mut short.into(), 2), Err(SHORT));
    }

    #[test]
    fn a_small_page_does_not_become_a_large_one() {
        // A megabyte, and then five thousand words that begin with it and go on with one byte.
        let (mut prefixes, mut lengths) = (vec![1 << 20; 5_000], vec![1; 5_000]);
        (prefixes[0], lengths[0]) = (0, 1 << 20);
        let page = [wide(&prefixes), wide(&lengths), vec![7; (1 << 20) + 5_000]].concat();
        let error = prefixed_strings(&mut page.into(), 5_000).unwrap_err();
        assert!(error.contains("more than it may"), "{error}");
        // The same word over and over takes no memory.
        lengths[1..].fill(0);
        let page = [wide(&prefixes), wide(&lengths), vec![7; 1 << 20]].concat();
        assert_eq!(prefixed_strings(&mut page.into(), 5_000).unwrap().len(), 5_000);
    }

    #[test]
    fn nonsense_ends_in_an_error() {
        for bytes in [
            &[][..],
            &[0x80, 1, 4, 5],
            &[0, 4, 5, 2],
            &[0x80, 1, 0, 5, 2],
            &[0x80, 1, 3, 5, 2],
            &[0x80, 1, 32, 5, 2, 0],
            &[0x80, 1, 4, 6, 2, 2, 0, 0, 0, 0],
            &[0x80, 1, 4, 5, 2, 2, 65, 0, 0, 0],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 5, 2, 2, 0],
            &[0xff; 40],
        ] {
            assert!(numbers(&mut Bytes::copy_from_slice(bytes), 5).is_err(), "{bytes:?}");
        }
        assert_eq!(numbers(&mut Bytes::new(), 0), Ok(Vec::new()));
    }
}
