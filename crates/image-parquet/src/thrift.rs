//! Thrift's compact protocol, as far as parquet's footers and page headers need it.
//!
//! <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>. Nothing is allocated by what a
//! length claims, and nesting is bounded: the bytes come from strangers.

/// Deeper nesting is no footer's.
const DEEPEST: u8 = 16;

/// Why bytes are no thrift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ThriftError {
    #[error("it ends too early")]
    End,
    #[error("it is nested too deeply")]
    Deep,
    #[error("a number or type in it makes no sense")]
    Nonsense,
}

type Result<T> = std::result::Result<T, ThriftError>;

/// A value's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
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

impl Kind {
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
            _ => return Err(ThriftError::Nonsense),
        })
    }
}

/// Bytes being read.
pub(super) struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u8,
}

impl<'a> Thrift<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, depth: 0 }
    }

    /// Bytes read so far.
    pub fn position(&self) -> usize {
        self.at
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let end = self
            .at
            .checked_add(length)
            .filter(|&end| end <= self.bytes.len())
            .ok_or(ThriftError::End)?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn varint(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(ThriftError::Nonsense)
    }

    /// An integer of any width.
    pub fn int(&mut self) -> Result<i64> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub fn binary(&mut self) -> Result<&'a [u8]> {
        let length = self.varint()?;
        self.take(usize::try_from(length).map_err(|_| ThriftError::End)?)
    }

    /// Text; what is no UTF-8 in it is replaced.
    pub fn text(&mut self) -> Result<String> {
        Ok(String::from_utf8_lossy(self.binary()?).into_owned())
    }

    /// Calls `item` for each item of a list, which must read it whole.
    pub fn list(&mut self, mut item: impl FnMut(&mut Self, Kind) -> Result<()>) -> Result<()> {
        let head = self.byte()?;
        let length = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        let kind = Kind::read(head & 15)?;
        self.enter()?;
        for _ in 0..length {
            item(self, kind)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Calls `field(number, kind)` for each field of a struct; what it does not read (`Ok(false)`)
    /// is skipped.
    pub fn fields(
        &mut self,
        mut field: impl FnMut(&mut Self, i64, Kind) -> Result<bool>,
    ) -> Result<()> {
        self.enter()?;
        let mut number = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                break;
            }
            let kind = Kind::read(head & 15)?;
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

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(ThriftError::Deep) } else { Ok(()) }
    }

    fn skip(&mut self, kind: Kind) -> Result<()> {
        match kind {
            // A field's truth lies in its type.
            Kind::True | Kind::False => Ok(()),
            Kind::Byte => self.byte().map(drop),
            Kind::Int => self.int().map(drop),
            Kind::Double => self.take(8).map(drop),
            Kind::Uuid => self.take(16).map(drop),
            Kind::Binary => self.binary().map(drop),
            Kind::List => self.list(|thrift, kind| thrift.skip_item(kind)),
            Kind::Map => {
                let length = self.varint()?;
                if length == 0 {
                    return Ok(());
                }
                let kinds = self.byte()?;
                let (key, value) = (Kind::read(kinds >> 4)?, Kind::read(kinds & 15)?);
                self.enter()?;
                for _ in 0..length {
                    self.skip_item(key)?;
                    self.skip_item(value)?;
                }
                self.depth -= 1;
                Ok(())
            }
            Kind::Struct => self.fields(|_, _, _| Ok(false)),
        }
    }

    /// Skips an item of a list or map, where a truth value is a byte of its own.
    pub fn skip_item(&mut self, kind: Kind) -> Result<()> {
        match kind {
            Kind::True | Kind::False => self.byte().map(drop),
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
        let mut thrift = Thrift::new(&bytes);
        thrift
            .fields(|thrift, field, kind| {
                match (field, kind) {
                    (1, Kind::Int) => number = thrift.int()?,
                    (4, Kind::List) => thrift.list(|thrift, _| {
                        names.push(thrift.text()?);
                        Ok(())
                    })?,
                    (20, Kind::Binary) => last = thrift.binary()?.to_vec(),
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
        assert_eq!(Thrift::new(&bytes).fields(|_, _, _| Ok(false)), Ok(()));
    }

    #[test]
    fn lies_end_in_an_error() {
        let ends = |bytes: &[u8]| Thrift::new(bytes).fields(|_, _, _| Ok(false)).unwrap_err();
        assert_eq!(ends(&[]), ThriftError::End);
        // A binary of 2^60 bytes, a list of 2^60 items, a number without end, a type that is none.
        assert_eq!(
            ends(&[0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]),
            ThriftError::End
        );
        assert_eq!(
            ends(&[0x19, 0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]),
            ThriftError::End
        );
        assert_eq!(ends(&[0x16; 12].map(|_| 0xff_u8)), ThriftError::Nonsense);
        assert_eq!(ends(&[0x1e]), ThriftError::Nonsense);
        assert_eq!(ends(&[0x1c; 100]), ThriftError::Deep);
    }
}
