//! A reader of Thrift's compact protocol, as far as parquet's footers and page headers need it.
//!
//! The protocol is specified at
//! <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>. The bytes
//! come from strangers, so no length in them decides how much is allocated, and nesting is limited.

/// The deepest nesting that is read. Parquet's own structures nest less than half as deep.
const MAX_DEPTH: u8 = 16;

/// Why bytes are not valid Thrift. The messages follow "its footer is broken: ".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ThriftError {
    #[error("it ends too early")]
    UnexpectedEnd,
    #[error("it is nested too deeply")]
    TooDeep,
    #[error("a number or type in it makes no sense")]
    Invalid,
}

type Result<T> = std::result::Result<T, ThriftError>;

/// The type of a field or of a list's items. Integers of 16, 32 and 64 bits are read alike, and so
/// are lists and sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ThriftType {
    True,
    False,
    Byte,
    Int,
    Double,
    Binary,
    List,
    Map,
    Struct,
    Uuid,
}

impl ThriftType {
    fn read(code: u8) -> Result<Self> {
        Ok(match code {
            1 => Self::True,
            2 => Self::False,
            3 => Self::Byte,
            4..=6 => Self::Int,
            7 => Self::Double,
            8 => Self::Binary,
            9 | 10 => Self::List,
            11 => Self::Map,
            12 => Self::Struct,
            13 => Self::Uuid,
            _ => return Err(ThriftError::Invalid),
        })
    }
}

/// A cursor over bytes in the compact protocol.
pub(super) struct ThriftReader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u8,
}

impl<'a> ThriftReader<'a> {
    /// Starts at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, depth: 0 }
    }

    /// The number of bytes read so far.
    pub fn position(&self) -> usize {
        self.at
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let end = self
            .at
            .checked_add(length)
            .filter(|&end| end <= self.bytes.len())
            .ok_or(ThriftError::UnexpectedEnd)?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    /// An unsigned integer in base 128, least significant group first.
    fn varint(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(ThriftError::Invalid)
    }

    /// A signed integer of any width, zigzag-encoded.
    pub fn int(&mut self) -> Result<i64> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A byte string.
    pub fn binary(&mut self) -> Result<&'a [u8]> {
        let length = self.varint()?;
        self.take(usize::try_from(length).map_err(|_| ThriftError::UnexpectedEnd)?)
    }

    /// A byte string as text; invalid UTF-8 is replaced by U+FFFD.
    pub fn text(&mut self) -> Result<String> {
        Ok(String::from_utf8_lossy(self.binary()?).into_owned())
    }

    /// Calls `item` for each item of a list. It must read the whole item.
    pub fn list(
        &mut self,
        mut item: impl FnMut(&mut Self, ThriftType) -> Result<()>,
    ) -> Result<()> {
        let head = self.byte()?;
        let length = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        let kind = ThriftType::read(head & 15)?;
        self.enter()?;
        for _ in 0..length {
            item(self, kind)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Calls `field` with the id and type of each field of a struct. It returns `Ok(true)` if it
    /// has read the field's value, and `Ok(false)` to skip it.
    pub fn fields(
        &mut self,
        mut field: impl FnMut(&mut Self, i64, ThriftType) -> Result<bool>,
    ) -> Result<()> {
        self.enter()?;
        let mut number = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                break;
            }
            let kind = ThriftType::read(head & 15)?;
            number = if head >> 4 == 0 {
                self.int()?
            } else {
                number.saturating_add(i64::from(head >> 4))
            };
            if !field(self, number, kind)? {
                self.skip(kind)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// [`ThriftReader::fields`] of a list's item, which must be a struct.
    pub fn struct_fields(
        &mut self,
        kind: ThriftType,
        field: impl FnMut(&mut Self, i64, ThriftType) -> Result<bool>,
    ) -> Result<()> {
        if kind == ThriftType::Struct { self.fields(field) } else { Err(ThriftError::Invalid) }
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(ThriftError::TooDeep) } else { Ok(()) }
    }

    fn skip(&mut self, kind: ThriftType) -> Result<()> {
        match kind {
            // The type of a boolean field is its value.
            ThriftType::True | ThriftType::False => Ok(()),
            ThriftType::Byte => self.byte().map(drop),
            ThriftType::Int => self.int().map(drop),
            ThriftType::Double => self.take(8).map(drop),
            ThriftType::Uuid => self.take(16).map(drop),
            ThriftType::Binary => self.binary().map(drop),
            ThriftType::List => self.list(|thrift, kind| thrift.skip_item(kind)),
            ThriftType::Map => {
                let length = self.varint()?;
                if length == 0 {
                    return Ok(());
                }
                let kinds = self.byte()?;
                let (key, value) = (ThriftType::read(kinds >> 4)?, ThriftType::read(kinds & 15)?);
                self.enter()?;
                for _ in 0..length {
                    self.skip_item(key)?;
                    self.skip_item(value)?;
                }
                self.depth -= 1;
                Ok(())
            }
            ThriftType::Struct => self.fields(|_, _, _| Ok(false)),
        }
    }

    /// Skips an item of a list or map, where a boolean takes a byte of its own.
    pub fn skip_item(&mut self, kind: ThriftType) -> Result<()> {
        match kind {
            ThriftType::True | ThriftType::False => self.byte().map(drop),
            kind => self.skip(kind),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn fields_are_read_and_the_rest_is_skipped() {
        // 1: i32 = -3, 2: true, 4: list of two strings, 20 (long form): binary "x"
        let bytes = [0x15, 5, 0x11, 0x29, 0x28, 1, b'a', 2, b'b', b'c', 0x08, 40, 1, b'x', 0];
        let (mut number, mut names, mut last) = (0, Vec::new(), Vec::new());
        let mut thrift = ThriftReader::new(&bytes);
        thrift
            .fields(|thrift, field, kind| {
                match (field, kind) {
                    (1, ThriftType::Int) => number = thrift.int()?,
                    (4, ThriftType::List) => thrift.list(|thrift, _| {
                        names.push(thrift.text()?);
                        Ok(())
                    })?,
                    (20, ThriftType::Binary) => last = thrift.binary()?.to_vec(),
                    _ => return Ok(false),
                }
                Ok(true)
            })
            .unwrap();
        assert_eq!(
            (number, names, last),
            (-3, vec!["a".to_string(), "bc".to_string()], b"x".to_vec())
        );
        assert_eq!(thrift.position(), bytes.len());
        assert_eq!(ThriftReader::new(&bytes).fields(|_, _, _| Ok(false)), Ok(()));
    }

    #[test]
    fn invalid_bytes_end_in_an_error() {
        let ends = |bytes: &[u8]| ThriftReader::new(bytes).fields(|_, _, _| Ok(false)).unwrap_err();
        assert_eq!(ends(&[]), ThriftError::UnexpectedEnd);
        // A binary of 2^60 bytes, a list of 2^60 items, a number without an end, an unknown type.
        assert_eq!(
            ends(&[0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]),
            ThriftError::UnexpectedEnd
        );
        assert_eq!(
            ends(&[0x19, 0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]),
            ThriftError::UnexpectedEnd
        );
        assert_eq!(ends(&[0x16; 12].map(|_| 0xff_u8)), ThriftError::Invalid);
        assert_eq!(ends(&[0x1e]), ThriftError::Invalid);
        assert_eq!(ends(&[0x1c; 100]), ThriftError::TooDeep);
    }
}
