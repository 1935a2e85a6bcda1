//! The properties that a pax header (POSIX.1-2001) gives the entry after it: records of the form
//! `LENGTH KEY=VALUE\n`.

use std::io::{self, Read};

/// The longest path that is read, in bytes.
pub const MAX_PATH_BYTES: u64 = 64 * 1024;
/// The longest key that is looked at, and the longest number.
const MAX_KEY_BYTES: u64 = 256;

/// What a pax header says, as far as it matters here.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PaxProperties {
    /// The path.
    pub path: Option<Vec<u8>>,
    /// The length of the contents.
    pub size: Option<u64>,
    /// Whether the entry is stored without its holes.
    pub sparse: bool,
    /// Whether the path is longer than [`MAX_PATH_BYTES`].
    pub path_too_long: bool,
    /// Whether the records cannot be told from one another, so that some were missed.
    pub damaged: bool,
}

impl PaxProperties {
    /// Reads a header's records. Long values that do not matter here, such as extended attributes,
    /// are passed over and take no memory.
    ///
    /// # Errors
    /// The reader's.
    pub fn read(mut records: impl Read) -> io::Result<Self> {
        let mut properties = Self::default();
        loop {
            match properties.read_record(&mut records)? {
                Record::Read => {}
                Record::End => return Ok(properties),
                Record::Damaged => {
                    properties.damaged = true;
                    return Ok(properties);
                }
            }
        }
    }

    fn read_record(&mut self, records: &mut impl Read) -> io::Result<Record> {
        let digits = match until(records, b' ')? {
            Field::Complete(digits) => digits,
            Field::Nothing => return Ok(Record::End),
            // Some tools fill the block up with zeros.
            Field::Cut(rest) if rest.iter().all(|byte| *byte == 0) => return Ok(Record::End),
            Field::Cut(_) => return Ok(Record::Damaged),
        };
        let Some(length) = number(&digits) else { return Ok(Record::Damaged) };
        let Some(length) = length.checked_sub(digits.len() as u64 + 1) else {
            return Ok(Record::Damaged);
        };
        let mut record = records.take(length);
        let Field::Complete(key) = until(&mut record, b'=')? else {
            return Ok(Record::Damaged);
        };
        let value_length = record.limit().saturating_sub(1);
        match &key[..] {
            b"path" | b"GNU.sparse.name" if value_length > MAX_PATH_BYTES => {
                self.path_too_long = true;
            }
            b"path" | b"GNU.sparse.name" => {
                let path = value(&mut record)?;
                if key != b"path" || !self.sparse || self.path.is_none() {
                    self.path = Some(path);
                }
                self.sparse |= key != b"path";
            }
            b"size" if value_length <= MAX_KEY_BYTES => {
                let Some(size) = number(&value(&mut record)?) else { return Ok(Record::Damaged) };
                self.size = Some(size);
            }
            key if key.starts_with(b"GNU.sparse.") => self.sparse = true,
            _ => {}
        }
        io::copy(&mut record, &mut io::sink())?;
        Ok(if record.limit() == 0 { Record::Read } else { Record::Damaged })
    }
}

enum Record {
    Read,
    End,
    Damaged,
}

enum Field {
    Complete(Vec<u8>),
    /// The reader ended, or there was no end mark within [`MAX_KEY_BYTES`].
    Cut(Vec<u8>),
    Nothing,
}

/// The bytes before an end mark.
fn until(reader: &mut impl Read, end: u8) -> io::Result<Field> {
    let mut field = Vec::new();
    let mut byte = [0];
    while (field.len() as u64) < MAX_KEY_BYTES {
        match reader.read(&mut byte)? {
            0 if field.is_empty() => return Ok(Field::Nothing),
            0 => break,
            _ if byte[0] == end => return Ok(Field::Complete(field)),
            _ => field.push(byte[0]),
        }
    }
    Ok(Field::Cut(field))
}

/// The rest of a record, without the newline at its end.
fn value(record: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut value = Vec::new();
    record.take(MAX_PATH_BYTES + 1).read_to_end(&mut value)?;
    if value.last() == Some(&b'\n') {
        value.pop();
    }
    Ok(value)
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn read(records: &[u8]) -> PaxProperties {
        PaxProperties::read(records).unwrap()
    }

    /// A record with its length before it.
    fn record(key: &str, value: &[u8]) -> Vec<u8> {
        let rest = [b" ", key.as_bytes(), b"=", value, b"\n"].concat();
        let length = (0..9)
            .map(|digits| rest.len() + digits)
            .find(|length| length.to_string().len() + rest.len() == *length)
            .unwrap();
        [length.to_string().as_bytes(), &rest].concat()
    }

    #[test]
    fn the_path_is_found_among_records() {
        assert_eq!(read(b""), PaxProperties::default());
        assert_eq!(read(b"11 mtime=1\n"), PaxProperties::default());
        let found = read(b"11 mtime=1\n14 path=a/b.c\n12 size=123\n");
        assert_eq!((found.path.as_deref(), found.size), (Some(&b"a/b.c"[..]), Some(123)));
        assert!(!found.damaged);
        // A name may hold whatever it likes, also line breaks.
        let odd = read(&record("path", b"a=b\n12 c/\xe4\n"));
        assert_eq!(odd.path.as_deref(), Some(&b"a=b\n12 c/\xe4\n"[..]));
    }

    #[test]
    fn long_attributes_hide_nothing() {
        let records = [
            record("SCHILY.xattr.user.thumbnail", &vec![b'7'; 300_000]),
            record("path", b"a/b.jpg"),
            record("hdrcharset", b"BINARY"),
        ];
        let found = read(&records.concat());
        assert_eq!((found.path.as_deref(), found.damaged), (Some(&b"a/b.jpg"[..]), false));
        let long = read(&record("path", &vec![b'a'; 100_000]));
        assert!(long.path_too_long && long.path.is_none() && !long.damaged);
    }

    #[test]
    fn the_name_of_a_file_with_holes_is_its_own() {
        let records = [
            record("GNU.sparse.major", b"1"),
            record("GNU.sparse.name", b"a/b.jpg"),
            record("path", b"GNUSparseFile.0/b.jpg"),
        ];
        let found = read(&records.concat());
        assert_eq!((found.path.as_deref(), found.sparse), (Some(&b"a/b.jpg"[..]), true));
    }

    #[test]
    fn damaged_records_are_known_as_such() {
        for records in [
            &b"99 path=a\n"[..],
            b"x path=a\n",
            b"2 path=a\n",
            b"18446744073709551615 path=a\n",
            b"99999999999999999999 path=a\n",
            b"12 size=1x3\n",
            b"7 path\n",
            &[b'1'; 1000],
        ] {
            assert!(read(records).damaged, "{records:?}");
        }
        assert!(!read(b"14 path=a/b.c\n\0\0\0\0").damaged);
    }
}
