//! Unpacks the contents of a zip entry.

use std::io::{self, BufRead, Read};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use crate::load::archive::ratio_limit::RatioLimit;
use crate::load::archive::raw::{RawError, describe_failure, too_large};
use crate::load::archive::zip_entry::ZipEntry;
use crate::load::archive::zip_left_out::{DEFLATED, STORED};
use crate::load::archive_reader::ArchiveError;

/// Unpacks an entry whose contents come next. `archive` is the archive's length.
///
/// # Errors
/// [`RawError::Entry`] if the contents are not what the entry says they are, and
/// [`RawError::Archive`] if the archive unpacks to too much or cannot be read.
pub fn unpack(
    packed: impl BufRead,
    entry: &ZipEntry,
    archive: u64,
    limit: &mut RatioLimit,
) -> Result<Vec<u8>, RawError> {
    if let Some(reason) = too_large(entry.size) {
        return Err(RawError::Entry(reason));
    }
    let packed = packed.take(entry.packed);
    let mut bytes = Vec::new();
    // One byte more than there should be shows that there are too many.
    let read = match entry.method {
        STORED => packed.take(entry.size + 1).read_to_end(&mut bytes),
        DEFLATED => DeflateDecoder::new(packed).take(entry.size + 1).read_to_end(&mut bytes),
        method => {
            return Err(RawError::Entry(format!("its method of packing ({method}) is not read")));
        }
    };
    if !limit.allows(bytes.len(), archive) {
        return Err(ArchiveError::Bomb.into());
    }
    if let Err(error) = read {
        return Err(match describe_failure(error) {
            error @ ArchiveError::Read(_) => error.into(),
            _ => RawError::Entry(damaged("its contents cannot be unpacked")),
        });
    }
    if bytes.len() as u64 != entry.size {
        return Err(RawError::Entry(damaged("its length is another than the archive says")));
    }
    if checksum(&bytes) != entry.crc {
        return Err(RawError::Entry(damaged("its checksum is another than the archive says")));
    }
    Ok(bytes)
}

/// Unpacks deflated contents of unknown length, and leaves the reader behind them. What is larger
/// than `most` is thrown away; `None` then, with the length.
///
/// # Errors
/// The reader's, and those of contents that cannot be unpacked or unpack to too much.
pub fn unpack_to_its_end(
    packed: &mut impl BufRead,
    most: u64,
    archive: u64,
    limit: &mut RatioLimit,
) -> io::Result<(Option<Vec<u8>>, u64)> {
    let mut decoder = DeflateDecoder::new(packed);
    let (mut kept, mut size) = (Some(Vec::new()), 0);
    let mut piece = vec![0; 32 << 10];
    loop {
        let length = decoder.read(&mut piece)?;
        if length == 0 {
            return Ok((kept, size));
        }
        if !limit.allows(length, archive) {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        size += length as u64;
        if size > most {
            kept = None;
        }
        if let Some(bytes) = &mut kept {
            bytes.extend_from_slice(piece.get(..length).unwrap_or_default());
        }
    }
}

/// CRC-32.
pub fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// What is told of a damaged entry.
pub fn damaged(what: &str) -> String {
    format!("it is damaged ({what}) and left out; load the archive again, or pack it again")
}
