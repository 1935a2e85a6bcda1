//! The file of a run: a head that can be read by itself, a body of tensors, and checksums over
//! both.
//!
//! | bytes | what |
//! |--|--|
//! | 8 | `RESNETTE` |
//! | 4 | version |
//! | 8 | sequence number: of two generations the higher one is newer |
//! | 4 | length of the head, `h` |
//! | 8 | length of the body, `b` |
//! | 4 | CRC-32 of everything above and the head |
//! | `h` | head |
//! | `b` | body |
//! | 4 | CRC-32 of the body |
//!
//! Numbers are little-endian. A write that was cut short is known by the file's length, any other
//! damage by the checksums.

/// First bytes.
pub const MAGIC: &[u8; 8] = b"RESNETTE";
/// Version of the file.
const VERSION: u32 = 1;
/// Bytes before the head.
const START: usize = 36;
/// Longest head: ten thousand rows and the whole curve are half of it.
pub const MOST_HEAD: usize = 1_000_000;
/// Largest file: ResNet-50 with its optimiser's two averages has 306 MB.
pub const MOST_BYTES: u64 = 400_000_000;

/// Why bytes are no saved run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Another kind of file.
    #[error("this is no run that was saved by this page; those end in .resnette")]
    Foreign,
    /// Written by another version.
    #[error(
        "it was saved by version {0} of this page's files, and this page reads version {VERSION}; reload the page"
    )]
    Version(u32),
    /// Larger than anything this page writes.
    #[error("it says that it has {} MB, and at most {} MB are opened", .0 / 1_000_000, MOST_BYTES / 1_000_000)]
    Large(u64),
    /// Cut short, or with something behind it.
    #[error(
        "it should have {wanted} bytes and has {found}: it was cut while it was written or copied"
    )]
    Length {
        /// As it says itself.
        wanted: u64,
        /// As it is.
        found: u64,
    },
    /// A checksum does not hold.
    #[error("its {0} is damaged (the checksum does not hold)")]
    Damaged(&'static str),
}

/// A file's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed<'a> {
    /// Of two generations the higher is newer.
    pub sequence: u64,
    /// What a reader must know before the tensors.
    pub head: &'a [u8],
    /// Tensors.
    pub body: &'a [u8],
}

/// Writes a file.
///
/// # Errors
/// [`SealError::Large`]
pub fn seal(sequence: u64, head: &[u8], body: &[u8]) -> Result<Vec<u8>, SealError> {
    let total = (START + head.len() + body.len() + 4) as u64;
    if total > MOST_BYTES || head.len() > MOST_HEAD {
        return Err(SealError::Large(total));
    }
    let mut bytes = Vec::with_capacity(total as usize);
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(sequence.to_le_bytes());
    bytes.extend((head.len() as u32).to_le_bytes());
    bytes.extend((body.len() as u64).to_le_bytes());
    let check = checksum(&bytes, head);
    bytes.extend(check.to_le_bytes());
    bytes.extend(head);
    bytes.extend(body);
    bytes.extend(checksum(&[], body).to_le_bytes());
    Ok(bytes)
}

/// Reads the head from the first bytes of a file of `total` bytes: sequence number and head. The
/// body is not looked at.
///
/// # Errors
/// [`SealError`]
pub fn peek(first: &[u8], total: u64) -> Result<(u64, &[u8]), SealError> {
    let lengths = lengths(first, total)?;
    let head = first.get(START..START + lengths.head).ok_or(SealError::Damaged("head"))?;
    if checksum(&first[..START - 4], head) != number(first, START - 4) {
        return Err(SealError::Damaged("head"));
    }
    Ok((lengths.sequence, head))
}

/// Reads a whole file.
///
/// # Errors
/// [`SealError`]
pub fn open(bytes: &[u8]) -> Result<Sealed<'_>, SealError> {
    let total = bytes.len() as u64;
    let (sequence, head) = peek(bytes, total)?;
    let end = bytes.len() - 4;
    let body = &bytes[START + head.len()..end];
    if checksum(&[], body) != number(bytes, end) {
        return Err(SealError::Damaged("network"));
    }
    Ok(Sealed { sequence, head, body })
}

struct Lengths {
    sequence: u64,
    head: usize,
}

fn lengths(first: &[u8], total: u64) -> Result<Lengths, SealError> {
    if !first.starts_with(MAGIC) {
        return Err(SealError::Foreign);
    }
    if first.len() < START {
        return Err(SealError::Length { wanted: START as u64, found: total });
    }
    let version = number(first, 8);
    if version != VERSION {
        return Err(SealError::Version(version));
    }
    let head = u64::from(number(first, 20));
    let wanted = (START as u64 + head + 4).saturating_add(long(first, 24));
    if wanted > MOST_BYTES || head > MOST_HEAD as u64 {
        return Err(SealError::Large(wanted));
    }
    if wanted != total {
        return Err(SealError::Length { wanted, found: total });
    }
    Ok(Lengths { sequence: long(first, 12), head: head as usize })
}

fn checksum(before: &[u8], bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(before);
    hasher.update(bytes);
    hasher.finalize()
}

/// Four bytes at a place; 0 past the end, which no caller asks for.
fn number(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk::<4>())
        .map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn long(bytes: &[u8], at: usize) -> u64 {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk::<8>())
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_sealed_opens() {
        let bytes = seal(7, b"head", b"a longer body").unwrap();
        assert_eq!(
            open(&bytes).unwrap(),
            Sealed { sequence: 7, head: b"head", body: b"a longer body" }
        );
        assert_eq!(peek(&bytes[..START + 4], bytes.len() as u64).unwrap(), (7, &b"head"[..]));
    }

    #[test]
    fn a_file_cut_anywhere_or_with_a_byte_changed_is_refused() {
        let bytes = seal(7, b"head", b"a longer body").unwrap();
        for end in 0..bytes.len() {
            assert!(open(&bytes[..end]).is_err(), "{end}");
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            assert!(open(&damaged).is_err(), "{at}");
        }
        assert!(matches!(open(&[&bytes[..], b"x"].concat()), Err(SealError::Length { .. })));
    }

    #[test]
    fn lengths_that_would_not_fit_are_refused_before_anything_is_read() {
        let mut bytes = seal(0, b"head", b"body").unwrap();
        bytes[24..32].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(matches!(open(&bytes), Err(SealError::Large(_))));
        assert_eq!(open(b"PK\x03\x04 an archive"), Err(SealError::Foreign));
        assert!(matches!(seal(0, &vec![0; MOST_HEAD + 1], b""), Err(SealError::Large(_))));
    }
}
