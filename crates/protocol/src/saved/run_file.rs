//! The file of a saved run: a header that can be read by itself, a body of tensors, and checksums
//! over both.
//!
//! | bytes | content |
//! |--|--|
//! | 8 | the magic bytes `RESNETTE` |
//! | 4 | format version |
//! | 8 | sequence number: of two saved generations, the one with the higher number is newer |
//! | 4 | length of the header, `h` |
//! | 8 | length of the body, `b` |
//! | 4 | CRC-32 of everything above and of the header |
//! | `h` | header |
//! | `b` | body |
//! | 4 | CRC-32 of the body |
//!
//! All numbers are little-endian. A write that was cut short shows in the length of the file, any
//! other damage in the checksums.
//!
//! What header and body mean is decided elsewhere: the header is a [`RunHeader`], the body holds
//! the tensors of the engine's checkpoint.
//!
//! [`RunHeader`]: crate::saved::RunHeader

/// The first bytes of every saved run.
pub const MAGIC: &[u8; 8] = b"RESNETTE";
/// The format version that this module writes, and the only one that it reads.
const VERSION: u32 = 1;
/// Number of bytes before the header.
const PREFIX_BYTES: usize = 36;
/// Maximum length of the header in bytes: twice what ten thousand epochs and a full loss curve
/// take.
pub const MAX_HEADER_BYTES: usize = 1_000_000;
/// Maximum length of the file in bytes.
pub const MAX_FILE_BYTES: u64 = resnette_spec::limits::MAX_RUN_BYTES;

/// Why bytes cannot be read or written as a saved run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunFileError {
    /// The bytes do not begin with [`MAGIC`]: it is another kind of file.
    #[error("this is no run that was saved by this page; those end in .resnette")]
    Foreign,
    /// The file was written in another version of the format.
    #[error(
        "it was saved by version {0} of this page's files, and this page reads version {VERSION}; \
         reload the page"
    )]
    Version(u32),
    /// The file, or its header, is larger than this page ever writes one.
    #[error(
        "it says that it has {} MB, and at most {} MB are opened",
        .0.div_ceil(1_000_000),
        MAX_FILE_BYTES / 1_000_000
    )]
    Large(u64),
    /// The file was cut short, or something follows its end.
    #[error(
        "it should have {wanted} bytes and has {found}: it was cut while it was written or copied"
    )]
    Length {
        /// Length in bytes according to the file itself.
        wanted: u64,
        /// Its actual length in bytes.
        found: u64,
    },
    /// The checksum of this part does not match.
    #[error("its {0} is damaged (the checksum does not hold)")]
    Damaged(&'static str),
}

/// The parts of a saved run, borrowed from the bytes of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunFile<'a> {
    /// Sequence number: of two generations, the one with the higher number is newer.
    pub sequence: u64,
    /// The encoded header: what a reader needs to know before it reads any tensor.
    pub header: &'a [u8],
    /// The encoded tensors.
    pub body: &'a [u8],
}

/// Encodes a saved run as the bytes of a file.
///
/// # Errors
/// [`RunFileError::Large`] if the header exceeds [`MAX_HEADER_BYTES`] or the whole file
/// [`MAX_FILE_BYTES`].
pub fn encode(sequence: u64, header: &[u8], body: &[u8]) -> Result<Vec<u8>, RunFileError> {
    let total = (PREFIX_BYTES + header.len() + body.len() + 4) as u64;
    if total > MAX_FILE_BYTES || header.len() > MAX_HEADER_BYTES {
        return Err(RunFileError::Large(total));
    }
    let mut bytes = Vec::with_capacity(total as usize);
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(sequence.to_le_bytes());
    bytes.extend((header.len() as u32).to_le_bytes());
    bytes.extend((body.len() as u64).to_le_bytes());
    let check = checksum(&bytes, header);
    bytes.extend(check.to_le_bytes());
    bytes.extend(header);
    bytes.extend(body);
    bytes.extend(checksum(&[], body).to_le_bytes());
    Ok(bytes)
}

/// Reads the sequence number and the encoded header from `first`, the first bytes of a file that is
/// `total` bytes long. The body is not looked at, so `first` may end after the header.
///
/// # Errors
/// [`RunFileError`] if the bytes are not the beginning of a saved run of that length, or if the
/// header is damaged.
pub fn read_header(first: &[u8], total: u64) -> Result<(u64, &[u8]), RunFileError> {
    let prefix = read_prefix(first, total)?;
    let header = first
        .get(PREFIX_BYTES..PREFIX_BYTES + prefix.header_len)
        .ok_or(RunFileError::Damaged("head"))?;
    if checksum(&first[..PREFIX_BYTES - 4], header) != u32_at(first, PREFIX_BYTES - 4) {
        return Err(RunFileError::Damaged("head"));
    }
    Ok((prefix.sequence, header))
}

/// Decodes a whole file.
///
/// # Errors
/// [`RunFileError`] if the bytes are not a saved run, or if any part of it is damaged.
pub fn decode(bytes: &[u8]) -> Result<RunFile<'_>, RunFileError> {
    let total = bytes.len() as u64;
    let (sequence, header) = read_header(bytes, total)?;
    let end = bytes.len() - 4;
    let body = &bytes[PREFIX_BYTES + header.len()..end];
    if checksum(&[], body) != u32_at(bytes, end) {
        return Err(RunFileError::Damaged("network"));
    }
    Ok(RunFile { sequence, header, body })
}

/// What the fixed-size fields in front of the header say.
struct Prefix {
    sequence: u64,
    header_len: usize,
}

/// Reads the fixed-size fields and checks that the lengths in them add up to `total`, before
/// anything is sliced or allocated by them.
fn read_prefix(first: &[u8], total: u64) -> Result<Prefix, RunFileError> {
    if !first.starts_with(MAGIC) {
        return Err(RunFileError::Foreign);
    }
    if first.len() < PREFIX_BYTES {
        return Err(RunFileError::Length { wanted: PREFIX_BYTES as u64, found: total });
    }
    let version = u32_at(first, 8);
    if version != VERSION {
        return Err(RunFileError::Version(version));
    }
    let header = u64::from(u32_at(first, 20));
    let wanted = (PREFIX_BYTES as u64 + header + 4).saturating_add(u64_at(first, 24));
    if wanted > MAX_FILE_BYTES || header > MAX_HEADER_BYTES as u64 {
        return Err(RunFileError::Large(wanted));
    }
    if wanted != total {
        return Err(RunFileError::Length { wanted, found: total });
    }
    Ok(Prefix { sequence: u64_at(first, 12), header_len: header as usize })
}

fn checksum(before: &[u8], bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(before);
    hasher.update(bytes);
    hasher.finalize()
}

/// The little-endian number at an offset; 0 past the end, where no caller reads.
fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    bytes
        .get(offset..)
        .and_then(|rest| rest.first_chunk::<4>())
        .map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// The little-endian number at an offset; 0 past the end, where no caller reads.
fn u64_at(bytes: &[u8], offset: usize) -> u64 {
    bytes
        .get(offset..)
        .and_then(|rest| rest.first_chunk::<8>())
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_encoded_decodes() {
        let bytes = encode(7, b"header", b"a longer body").unwrap();
        assert_eq!(
            decode(&bytes).unwrap(),
            RunFile { sequence: 7, header: b"header", body: b"a longer body" }
        );
        let first = &bytes[..PREFIX_BYTES + 6];
        assert_eq!(read_header(first, bytes.len() as u64).unwrap(), (7, &b"header"[..]));
    }

    /// Files of earlier versions of the page have to stay readable, so these bytes must not change.
    #[test]
    fn the_format_does_not_change() {
        let prefix = b"RESNETTE\x01\0\0\0\x07\0\0\0\0\0\0\0\x06\0\0\0\x04\0\0\0\0\0\0\0";
        let rest = b"\xc6\x18\x95Cheaderbody\xb2\x0b\xa8\xdb";
        assert_eq!(encode(7, b"header", b"body").unwrap(), [&prefix[..], rest].concat());
    }

    #[test]
    fn a_file_cut_anywhere_or_with_a_byte_changed_is_refused() {
        let bytes = encode(7, b"header", b"a longer body").unwrap();
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end]).is_err(), "{end}");
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            assert!(decode(&damaged).is_err(), "{at}");
        }
        assert!(matches!(decode(&[&bytes[..], b"x"].concat()), Err(RunFileError::Length { .. })));
    }

    #[test]
    fn lengths_that_would_not_fit_are_refused_before_anything_is_read() {
        let mut bytes = encode(0, b"header", b"body").unwrap();
        bytes[24..32].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(matches!(decode(&bytes), Err(RunFileError::Large(_))));
        // What is refused is never told to be as large as the limit.
        let told = RunFileError::Large(MAX_FILE_BYTES + 1).to_string();
        assert!(told.contains("401 MB, and at most 400 MB"), "{told}");
        assert_eq!(decode(b"PK\x03\x04 an archive"), Err(RunFileError::Foreign));
        assert!(matches!(
            encode(0, &vec![0; MAX_HEADER_BYTES + 1], b""),
            Err(RunFileError::Large(_))
        ));
    }
}
