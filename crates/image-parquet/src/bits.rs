//! Numbers packed into bits, the first one in the lowest bits.

/// The number of `width` bits at the bit `at`; `None` if the bytes end before it does. `width` must
/// be at most 64.
pub(super) fn unpack(bytes: &[u8], at: u64, width: u32) -> Option<u64> {
    let (mut value, mut read, mut at) = (0_u64, 0, at);
    while read < width {
        let byte = *bytes.get(usize::try_from(at / 8).ok()?)?;
        let offset = (at % 8) as u32;
        let taken = (8 - offset).min(width - read);
        let part = u64::from(byte >> offset) & ((1 << taken) - 1);
        value |= part << read;
        read += taken;
        at += u64::from(taken);
    }
    Some(value)
}

/// Splits an unsigned integer in base 128, least significant group first, off the front; `None` if
/// the bytes end before it does or it is longer than 64 bits.
pub(super) fn split_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// [`split_varint`] of a signed integer, zigzag-encoded.
pub(super) fn split_signed(bytes: &mut &[u8]) -> Option<i64> {
    let value = split_varint(bytes)?;
    Some((value >> 1) as i64 ^ -((value & 1) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_width_are_unpacked() {
        // 0 to 7 in three bits each: the example of parquet's specification.
        let bytes = [0b1000_1000, 0b1100_0110, 0b1111_1010];
        let numbers: Vec<_> = (0..9).map(|number| unpack(&bytes, number * 3, 3)).collect();
        assert_eq!(numbers[..8], [0, 1, 2, 3, 4, 5, 6, 7].map(Some));
        assert_eq!(numbers[8], None);
        let wide = [u64::MAX.to_le_bytes(), 0x0123_4567_89ab_cdef_u64.to_le_bytes()].concat();
        assert_eq!(unpack(&wide, 64, 64), Some(0x0123_4567_89ab_cdef));
        assert_eq!(unpack(&wide, 3, 61), Some(u64::MAX >> 3));
        assert_eq!(unpack(&wide, 65, 64), None);
        assert_eq!(unpack(&[], 0, 0), Some(0));
        assert_eq!(unpack(&wide, u64::MAX - 9, 64), None);
    }

    #[test]
    fn varints_end_or_are_refused() {
        let mut bytes = &[0xac, 0x02, 0x03, 0x80][..];
        assert_eq!(split_varint(&mut bytes), Some(300));
        assert_eq!(split_signed(&mut bytes), Some(-2));
        assert_eq!(split_varint(&mut bytes), None);
        assert_eq!(split_varint(&mut &[0xff; 12][..]), None);
    }
}
