//! Runs and packed bits: parquet's encoding of small numbers (levels, indices into a dictionary).
//!
//! <https://parquet.apache.org/docs/file-format/data-pages/encodings/>, "Run Length Encoding / Bit-Packing Hybrid".

/// Numbers of `width` bits each. It ends where the bytes do; how many there should be, the caller
/// knows.
pub(super) struct Hybrid<'a> {
    bytes: &'a [u8],
    width: u32,
    run: Run<'a>,
}

enum Run<'a> {
    Same { value: u32, left: u64 },
    Packed { bytes: &'a [u8], bit: u64, left: u64 },
}

impl<'a> Hybrid<'a> {
    /// `width` is at most 32.
    pub fn new(bytes: &'a [u8], width: u32) -> Self {
        Self { bytes, width, run: Run::Same { value: 0, left: 0 } }
    }

    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(first)
    }

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
            // Groups of eight; the last group may be cut off where its numbers are not needed.
            let wanted =
                length.saturating_mul(u64::from(self.width)).min(self.bytes.len() as u64) as usize;
            let (packed, rest) = self.bytes.split_at(wanted);
            self.bytes = rest;
            Run::Packed { bytes: packed, bit: 0, left: length.saturating_mul(8) }
        } else {
            let mut value = 0;
            for place in 0..self.width.div_ceil(8) {
                value |= u32::from(self.byte()?) << (8 * place);
            }
            Run::Same { value, left: length }
        };
        Some(())
    }
}

impl Iterator for Hybrid<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        loop {
            match &mut self.run {
                Run::Same { value, left } if *left > 0 => {
                    *left -= 1;
                    return Some(*value);
                }
                Run::Packed { bytes, bit, left } if *left > 0 => {
                    *left -= 1;
                    let mut value = 0;
                    for place in 0..self.width {
                        let at = *bit + u64::from(place);
                        let byte = bytes.get((at / 8) as usize)?;
                        value |= u32::from(byte >> (at % 8) & 1) << place;
                    }
                    *bit += u64::from(self.width);
                    return Some(value);
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
        // Five times 3 in two bits, then 0..8 packed in three.
        let same: Vec<u32> = Hybrid::new(&[10, 3], 2).collect();
        assert_eq!(same, [3; 5]);
        let packed: Vec<u32> =
            Hybrid::new(&[3, 0b1000_1000, 0b1100_0110, 0b1111_1010], 3).collect();
        assert_eq!(packed, [0, 1, 2, 3, 4, 5, 6, 7]);
        let both: Vec<u32> =
            Hybrid::new(&[4, 7, 3, 0b1000_1000, 0b1100_0110, 0b1111_1010], 3).collect();
        assert_eq!(both, [7, 7, 0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(Hybrid::new(&[8, 1, 1], 9).collect::<Vec<_>>(), [257; 4]);
    }

    #[test]
    fn what_is_cut_off_ends() {
        assert_eq!(Hybrid::new(&[], 1).next(), None);
        assert_eq!(Hybrid::new(&[0xff; 20], 32).next(), None);
        assert_eq!(Hybrid::new(&[3, 0b1000_1000], 3).collect::<Vec<_>>(), [0, 1]);
        // Width 0: the numbers are all 0 and take no bytes.
        assert_eq!(Hybrid::new(&[200, 1], 0).take(100).collect::<Vec<_>>(), [0; 100]);
    }
}
