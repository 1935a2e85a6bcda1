//! What the reader of one format gives: entries with their names as bytes.

use std::io;

use resnette_image_parquet::source::SourceError;

use crate::load::archive_reader::ArchiveError;

/// The most entries of an archive that are looked at.
pub const MAX_ENTRIES: u64 = 2_000_000;

/// An entry that is no folder.
#[derive(Debug)]
pub struct RawEntry {
    /// Its path as the archive spells it.
    pub name: Vec<u8>,
    /// Whether `\` in the path separates folders.
    pub backslashes: bool,
    /// Its length in bytes when unpacked.
    pub size: u64,
    /// Why it cannot be read; `None` if it can.
    pub refused: Option<String>,
}

/// Why an entry's bytes cannot be read.
#[derive(Debug)]
pub enum RawError {
    /// For this reason, which concerns this entry alone.
    Entry(String),
    /// The archive can be read no further.
    Archive(ArchiveError),
}

impl From<ArchiveError> for RawError {
    fn from(error: ArchiveError) -> Self {
        Self::Archive(error)
    }
}

/// The entries of an archive in one format, from front to back.
pub trait RawArchive {
    /// Whether names may be in the encoding of DOS.
    const DOS_NAMES: bool;

    /// The next entry that is no folder; `None` at the end.
    ///
    /// # Errors
    /// An [`ArchiveError`], which is final.
    fn next_entry(&mut self) -> Result<Option<RawEntry>, ArchiveError>;

    /// The bytes of the last entry; called at most once an entry.
    ///
    /// # Errors
    /// A [`RawError`].
    fn read_entry(&mut self) -> Result<Vec<u8>, RawError>;

    /// See [`ArchiveReader::position`](crate::load::archive_reader::ArchiveReader::position).
    fn position(&self) -> u64;

    /// See [`ArchiveReader::notices`](crate::load::archive_reader::ArchiveReader::notices).
    fn notices(&self) -> Vec<String>;
}

/// Why an entry of this size is not read; `None` if it may be.
pub fn too_large(size: u64) -> Option<String> {
    (size > crate::load::archive_reader::MAX_PICTURE_BYTES)
        .then(|| "it is larger than 64 MB; a smaller copy can be used".into())
}

/// What a failure to read or unpack says about the archive.
pub fn describe_failure(error: io::Error) -> ArchiveError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ArchiveError::CutOff,
        io::ErrorKind::QuotaExceeded => ArchiveError::Bomb,
        _ if error.get_ref().is_some_and(|inner| inner.is::<SourceError>()) => {
            ArchiveError::Read(error)
        }
        // A reader's own words may quote what lies in the archive.
        _ => {
            let reason = error.to_string();
            ArchiveError::Damaged(reason.chars().filter(|c| !c.is_control()).collect())
        }
    }
}

/// Whether a path belongs to files that operating systems hide: `._1.jpg` and `__MACOSX/`, which
/// macOS puts into archives, and names that begin with a dot.
pub fn is_hidden(path: &[u8]) -> bool {
    path.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| {
        part == b"__MACOSX" || (part.starts_with(b".") && part != b"." && part != b"..")
    })
}
