//! What the readers of all kinds of archives have in common.

use std::io;

/// The largest picture file that is read, in bytes.
pub const MAX_PICTURE_BYTES: u64 = 64 << 20;

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedFile {
    /// Its path in the archive, with `/` as the separator. Names in a legacy encoding are decoded.
    pub path: String,
    /// Its length in bytes when unpacked.
    pub size: u64,
}

/// Why an archive, or one entry of it, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// One entry is of no use; [`ArchiveReader::next_file`] may be called for the next one.
    #[error("{path}: {reason}")]
    Entry {
        /// The entry's path, as far as it is known.
        path: String,
        /// Why it is left out.
        reason: String,
    },
    /// The archive ends too early.
    #[error(
        "the archive is cut off; the pictures before the cut are used, load it again for the others"
    )]
    CutOff,
    /// It expands to far more than its own size.
    #[error(
        "the archive unpacks to more than 20 times its size, as no archive of photos does; it is read no further"
    )]
    Bomb,
    /// It has too many entries.
    #[error("it has more than 2 million entries; the others are left out")]
    TooManyEntries,
    /// Its bytes are not what its format says they are.
    #[error(
        "the archive is damaged ({0}); the pictures before the damage are used, load it again for the others"
    )]
    Damaged(String),
    /// The file that holds it cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
}

/// The ordinary files of an archive, from front to back.
///
/// Nothing is written to disk, and at most one file is in memory. Two readers of the same archive
/// give the same files with the same paths in the same order.
pub trait ArchiveReader {
    /// The next ordinary file; `None` at the end, and after a final error. Folders are passed over
    /// in silence. Links and entries whose path cannot be read are an [`ArchiveError::Entry`],
    /// after which reading may go on; any other error is final.
    ///
    /// # Errors
    /// An [`ArchiveError`].
    fn next_file(&mut self) -> Result<Option<ArchivedFile>, ArchiveError>;

    /// The bytes of the file that [`ArchiveReader::next_file`] returned last. May be called once a
    /// file, or not at all. A file larger than [`MAX_PICTURE_BYTES`] is not read.
    ///
    /// # Errors
    /// An [`ArchiveError::Entry`] if this file is damaged or too large, after which reading may go
    /// on; any other error is final.
    fn read_file(&mut self) -> Result<Vec<u8>, ArchiveError>;

    /// How many bytes of the archive lie behind the reader, whether they were read or passed over;
    /// the archive's length at its end.
    fn position(&self) -> u64;

    /// What is to be told of the archive as a whole, each as a sentence: the encoding of its names,
    /// how many files are locked or packed in a way that is not read. Complete when
    /// [`ArchiveReader::next_file`] has come to the end, and the same in every reading.
    fn notices(&self) -> Vec<String>;
}
