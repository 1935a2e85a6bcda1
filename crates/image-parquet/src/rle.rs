//! Parquet's hybrid of run-length encoding and bit packing, for small numbers: definition levels
//! and indices into a dictionary.
//!
//! See "Run Length Encoding / Bit-Packing Hybrid" at
//! <https://parquet.apache.org/docs/file-format/data-pages/encodings/>.

use crate::bits::unpack;

/// An iterator over numbers of `width` bits each.
///
/// It ends where the bytes end; only the caller knows how many numbers there should be.
pub(super) struct RleDecoder<'a> {
    bytes: &'a [u8],
    width: u32,
    run: Run<'a>,
}

/// What is left of the run being read.
enum Run<'a> {
    /// The same value, repeated.
    Repeated { value: u32, left: u64 },
    /// Bit-packed values; the next one starts at `bit`.
    Packed { bytes: &'a [u8], bit: u64, left: u64 },
}

impl<'a> RleDecoder<'a> {
    /// Decodes `bytes` as numbers of `width` bits; `width` must be at most 32.
    pub fn new(bytes: &'a [u8], width: u32) -> Self {
        Self { bytes, width, run: Run::Repeated { value: 0, left: 0 } }
    }

    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(first)
    }

    /// Reads the header of the next run; `None` at the end of the bytes or if it is invalid.
    fn next_run(&mut self) -> Option<()> {
        let (mut head, mut shift) = (0_u64, 0);
        loop {
            let byte = self.byte()?;
            head |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
            shift += 7;
            if shift > 35 {
                return None;
            }
        }
        let length = head >> 1;
        self.run = if head & 1 == 1 {
            // Packed values come in groups of eight, and a writer may cut off the last group after
            // the values that are needed.
            let wanted =
                length.saturating_mul(u64::from(self.width)).min(self.bytes.len() as u64) as usize;
            let (packed, rest) = self.bytes.split_at(wanted);
            self.bytes = rest;
            Run::Packed { bytes: packed, bit: 0, left: length.saturating_mul(8) }
        } else {
            let mut value = 0;
            for byte in 0..self.width.div_ceil(8) {
                value |= u32::from(self.byte()?) << (8 * byte);
            }
            Run::Repeated { value, left: length }
        };
        Some(())
    }
}

impl Iterator for RleDecoder<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        loop {
            match &mut self.run {
                Run::Repeated { value, left } if *left > 0 => {
                    *left -= 1;
                    return Some(*value);
                }
                Run::Packed { bytes, bit, left } if *left > 0 => {
                    *left -= 1;
                    let value = unpack(bytes, *bit, self.width)?;
                    *bit += u64::from(self.width);
                    return Some(value as u32);
                }
                _ => self.next_run()?,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_packed_bits_follow_each_other() {
        // Five times the value 3 in two bits, then the values 0 to 7 packed in three bits each.
        let same: Vec<u32> = RleDecoder::new(&[10, 3], 2).collect();
        assert_eq!(same, [3; 5]);
        let packed: Vec<u32> =
            RleDecoder::new(&[3, 0b1000_1000, 0b1100_0110, 0b1111_1010], 3).collect();
        assert_eq!(packed, [0, 1, 2, 3, 4, 5, 6, 7]);
        let both: Vec<u32> =
            RleDecoder::new(&[4, 7, 3, 0b1000_1000, 0b1100_0110, 0b1111_1010], 3).collect();
        assert_eq!(both, [7, 7, 0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(RleDecoder::new(&[8, 1, 1], 9).collect::<Vec<_>>(), [257; 4]);
    }

    #[test]
    fn truncated_bytes_end_the_iteration() {
        assert_eq!(RleDecoder::new(&[], 1).next(), None);
        assert_eq!(RleDecoder::new(&[0xff; 20], 32).next(), None);
        assert_eq!(RleDecoder::new(&[3, 0b1000_1000], 3).collect::<Vec<_>>(), [0, 1]);
        // With a width of 0, all numbers are 0 and take no bytes.
        assert_eq!(RleDecoder::new(&[200, 1], 0).take(100).collect::<Vec<_>>(), [0; 100]);
    }
}
