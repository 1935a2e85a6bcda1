//! The values of a page in the encodings that writers of image data sets use.
//!
//! See <https://parquet.apache.org/docs/file-format/data-pages/encodings/>.

use bytes::Bytes;

use crate::delta;
use crate::error::PageError;
use crate::rle::RleDecoder;

/// Values of parquet.thrift's `Encoding`.
pub(super) const PLAIN: i64 = 0;
pub(super) const PLAIN_DICTIONARY: i64 = 2;
pub(super) const RLE: i64 = 3;
const DELTA_BINARY_PACKED: i64 = 5;
const DELTA_LENGTH_BYTE_ARRAY: i64 = 6;
const DELTA_BYTE_ARRAY: i64 = 7;
const RLE_DICTIONARY: i64 = 8;
const BYTE_STREAM_SPLIT: i64 = 9;

/// The names of parquet.thrift's `Encoding` by number; 1 was never used.
const NAMES: [&str; 10] = [
    "PLAIN",
    "",
    "PLAIN_DICTIONARY",
    "RLE",
    "BIT_PACKED",
    "DELTA_BINARY_PACKED",
    "DELTA_LENGTH_BYTE_ARRAY",
    "DELTA_BYTE_ARRAY",
    "RLE_DICTIONARY",
    "BYTE_STREAM_SPLIT",
];

const SHORT: &str = "a page's values end too early";

/// A type of values that a column can hold.
pub(super) trait ColumnValue: Clone {
    /// Splits the next value in PLAIN encoding off the front of `bytes`; `None` if they end before
    /// it does.
    fn split_plain(bytes: &mut Bytes) -> Option<Self>;

    /// Exactly `count` values in an encoding of this type alone; `None` if there is no such
    /// encoding of this type.
    fn decode(encoding: i64, data: Bytes, count: usize) -> Option<Result<Vec<Self>, &'static str>>;
}

impl ColumnValue for i32 {
    fn split_plain(bytes: &mut Bytes) -> Option<Self> {
        if bytes.len() < 4 {
            return None;
        }
        let number: [u8; 4] = bytes.split_to(4)[..].try_into().ok()?;
        Some(Self::from_le_bytes(number))
    }

    fn decode(
        encoding: i64,
        mut data: Bytes,
        count: usize,
    ) -> Option<Result<Vec<Self>, &'static str>> {
        match encoding {
            DELTA_BINARY_PACKED => {
                let numbers = delta::numbers(&mut data, count);
                // Differences wrap around as numbers of 32 bits do.
                Some(numbers.map(|numbers| numbers.into_iter().map(|n| n as Self).collect()))
            }
            BYTE_STREAM_SPLIT => Some(split_streams::<4, _>(&data, count, Self::from_le_bytes)),
            _ => None,
        }
    }
}

impl ColumnValue for i64 {
    fn split_plain(bytes: &mut Bytes) -> Option<Self> {
        if bytes.len() < 8 {
            return None;
        }
        let number: [u8; 8] = bytes.split_to(8)[..].try_into().ok()?;
        Some(Self::from_le_bytes(number))
    }

    fn decode(
        encoding: i64,
        mut data: Bytes,
        count: usize,
    ) -> Option<Result<Vec<Self>, &'static str>> {
        match encoding {
            DELTA_BINARY_PACKED => Some(delta::numbers(&mut data, count)),
            BYTE_STREAM_SPLIT => Some(split_streams::<8, _>(&data, count, Self::from_le_bytes)),
            _ => None,
        }
    }
}

impl ColumnValue for Bytes {
    fn split_plain(bytes: &mut Bytes) -> Option<Self> {
        if bytes.len() < 4 {
            return None;
        }
        let length = u32::from_le_bytes(bytes.split_to(4)[..].try_into().ok()?) as usize;
        (length <= bytes.len()).then(|| bytes.split_to(length))
    }

    fn decode(
        encoding: i64,
        mut data: Bytes,
        count: usize,
    ) -> Option<Result<Vec<Self>, &'static str>> {
        match encoding {
            DELTA_LENGTH_BYTE_ARRAY => Some(delta::strings(&mut data, count)),
            DELTA_BYTE_ARRAY => Some(delta::prefixed_strings(&mut data, count)),
            _ => None,
        }
    }
}

/// Numbers whose first bytes come first, then all second bytes, and so on.
fn split_streams<const WIDTH: usize, V>(
    data: &[u8],
    count: usize,
    number: impl Fn([u8; WIDTH]) -> V,
) -> Result<Vec<V>, &'static str> {
    if count.checked_mul(WIDTH).is_none_or(|length| length > data.len()) {
        return Err(SHORT);
    }
    Ok((0..count)
        .map(|at| {
            let mut bytes = [0; WIDTH];
            for (place, byte) in bytes.iter_mut().enumerate() {
                *byte = data.get(place * count + at).copied().unwrap_or_default();
            }
            number(bytes)
        })
        .collect())
}

/// The values of one page, with `None` for a null: for each of its rows, `present` says whether it
/// has a value.
///
/// # Errors
/// Why the values cannot be read.
pub(super) fn decode_values<V: ColumnValue>(
    encoding: i64,
    present: &[bool],
    mut data: Bytes,
    dictionary: Option<&[V]>,
) -> Result<Vec<Option<V>>, PageError> {
    let count = present.iter().filter(|present| **present).count();
    match encoding {
        PLAIN => scatter(present, || Ok(V::split_plain(&mut data).ok_or(SHORT)?)),
        PLAIN_DICTIONARY | RLE_DICTIONARY => {
            let dictionary = dictionary.ok_or("a column's dictionary is missing")?;
            let (&width, indices) = match data.split_first() {
                Some(split) => split,
                // A page of nulls only may have no data at all.
                None if count == 0 => (&0, &[][..]),
                None => return Err(SHORT.into()),
            };
            if width > 32 {
                return Err("a dictionary's indices are wider than 32 bits".into());
            }
            let mut indices = RleDecoder::new(indices, u32::from(width));
            scatter(present, || {
                let entry = indices.next().and_then(|index| dictionary.get(index as usize));
                Ok(entry.cloned().ok_or("a value is not in its dictionary")?)
            })
        }
        other => match V::decode(other, data, count) {
            Some(values) => {
                let mut values = values?.into_iter();
                scatter(present, || Ok(values.next().ok_or(SHORT)?))
            }
            None => Err(PageError::Encoding(encoding_name(other))),
        },
    }
}

/// The next value for each row that has one.
fn scatter<V>(
    present: &[bool],
    mut next: impl FnMut() -> Result<V, PageError>,
) -> Result<Vec<Option<V>>, PageError> {
    present.iter().map(|&present| if present { next().map(Some) } else { Ok(None) }).collect()
}

/// What an encoding is called, for messages.
fn encoding_name(encoding: i64) -> String {
    match usize::try_from(encoding).ok().and_then(|number| NAMES.get(number)) {
        Some(name) if !name.is_empty() => format!("parquet's encoding {name}"),
        _ => format!("parquet's encoding number {encoding}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn streams_of_bytes_are_joined() {
        let numbers = [1_i32, -2, 300];
        let mut data = vec![0; 12];
        for (at, number) in numbers.iter().enumerate() {
            for (place, byte) in number.to_le_bytes().into_iter().enumerate() {
                data[place * 3 + at] = byte;
            }
        }
        let present = [true, false, true, true];
        let values = decode_values::<i32>(BYTE_STREAM_SPLIT, &present, data.clone().into(), None);
        assert_eq!(values.unwrap(), [Some(1), None, Some(-2), Some(300)]);
        data.pop();
        let short = decode_values::<i32>(BYTE_STREAM_SPLIT, &present, data.into(), None);
        assert_eq!(short, Err(SHORT.into()));
    }

    #[test]
    fn an_encoding_that_is_not_read_is_named() {
        for (encoding, name) in [
            (4, "parquet's encoding BIT_PACKED"),
            (1, "parquet's encoding number 1"),
            (17, "parquet's encoding number 17"),
            (-1, "parquet's encoding number -1"),
            (DELTA_BYTE_ARRAY, "parquet's encoding DELTA_BYTE_ARRAY"),
        ] {
            assert_eq!(
                decode_values::<i64>(encoding, &[true], Bytes::new(), None),
                Err(PageError::Encoding(name.into()))
            );
        }
    }
}
