//! Files that are read in pieces, wherever they lie.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use bytes::Bytes;

/// Why a file could not be read. Messages name the file and say what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Nothing answers.
    #[error("{name} could not be reached ({reason}); check the connection, or choose other pictures")]
    Unreachable {
        /// Address or path.
        name: String,
        /// In the browser's or system's words.
        reason: String,
    },
    /// A file on this computer cannot be read.
    #[error("{name} could not be read ({reason}); it may have been moved or changed, open it again")]
    Unreadable {
        /// Path.
        name: String,
        /// In the browser's or system's words.
        reason: String,
    },
    /// Something answers, but no.
    #[error("{name} was refused with status {status}{}; choose other pictures or try later", retry.map_or(String::new(), |s| format!(", try again in {s} seconds")))]
    Status {
        /// Address.
        name: String,
        /// HTTP status.
        status: u16,
        /// Seconds, where the server says.
        retry: Option<u32>,
    },
    /// The file ends early.
    #[error("{name} ends before byte {wanted}: the file is cut off; load it again or choose another")]
    Short {
        /// Address or path.
        name: String,
        /// Where reading should have ended.
        wanted: u64,
    },
    /// The file is another one than before.
    #[error("{name} has changed since its first part was loaded; what was kept of it is forgotten, load it again")]
    Changed {
        /// Address.
        name: String,
    },
    /// The caller gave up.
    #[error("loading was stopped")]
    Stopped,
}

/// A file that can be read at any place.
pub trait RangeSource {
    /// Address or path, for messages.
    fn name(&self) -> &str;

    /// Length in bytes.
    fn length(&mut self) -> impl Future<Output = Result<u64, SourceError>>;

    /// The bytes from `start`, `length` of them.
    fn read(&mut self, start: u64, length: u64) -> impl Future<Output = Result<Bytes, SourceError>>;

    /// Bytes that have come so far, for the progress line.
    fn bytes_read(&self) -> u64;
}

/// A file in memory.
pub struct MemorySource {
    name: String,
    bytes: Bytes,
    read: u64,
}

impl MemorySource {
    /// Wraps bytes.
    pub fn new(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { name: name.into(), bytes: bytes.into(), read: 0 }
    }
}

impl RangeSource for MemorySource {
    fn name(&self) -> &str {
        &self.name
    }

    async fn length(&mut self) -> Result<u64, SourceError> {
        Ok(self.bytes.len() as u64)
    }

    async fn read(&mut self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        let end = start.saturating_add(length);
        if end > self.bytes.len() as u64 {
            return Err(SourceError::Short { name: self.name.clone(), wanted: end });
        }
        self.read += length;
        Ok(self.bytes.slice(start as usize..end as usize))
    }

    fn bytes_read(&self) -> u64 {
        self.read
    }
}

/// A file of this computer that a person opened: on disk natively, the browser's handle in a worker. It is read in place
/// and in pieces; both can wait for a piece, so nothing here is asynchronous.
pub trait OpenFile {
    /// Path from the opened folder on, with `/`; the bare name of a loose file.
    fn path(&self) -> &str;

    /// Length in bytes.
    fn size(&self) -> u64;

    /// The bytes from `start`, `length` of them.
    ///
    /// # Errors
    /// [`SourceError::Unreadable`]; [`SourceError::Short`] where the file has become shorter.
    fn read_at(&self, start: u64, length: u64) -> Result<Bytes, SourceError>;
}

/// An open file as a [`RangeSource`].
pub struct FileRanges<'a, F> {
    file: &'a F,
    read: u64,
}

impl<'a, F: OpenFile> FileRanges<'a, F> {
    /// Nothing is read yet.
    pub fn new(file: &'a F) -> Self {
        Self { file, read: 0 }
    }
}

impl<F: OpenFile> RangeSource for FileRanges<'_, F> {
    fn name(&self) -> &str {
        self.file.path()
    }

    async fn length(&mut self) -> Result<u64, SourceError> {
        Ok(self.file.size())
    }

    async fn read(&mut self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        let end = start.saturating_add(length);
        if end > self.file.size() {
            return Err(SourceError::Short { name: self.file.path().into(), wanted: end });
        }
        let bytes = self.file.read_at(start, length)?;
        self.read += length;
        Ok(bytes)
    }

    fn bytes_read(&self) -> u64 {
        self.read
    }
}

/// How much of a file is in memory while it is read from front to back.
const PIECE: u64 = 1 << 20;

/// An open file from front to back.
pub struct FileStream<'a, F> {
    file: &'a F,
    at: u64,
    piece: Bytes,
    read: Rc<Cell<u64>>,
}

impl<'a, F: OpenFile> FileStream<'a, F> {
    /// Starts at the beginning. `read` counts bytes for the progress line, while someone else holds the stream.
    pub fn new(file: &'a F, read: Rc<Cell<u64>>) -> Self {
        Self { file, at: 0, piece: Bytes::new(), read }
    }
}

impl<F: OpenFile> Read for FileStream<'_, F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() && self.at < self.file.size() {
            let length = PIECE.min(self.file.size() - self.at);
            self.piece = self.file.read_at(self.at, length).map_err(io::Error::other)?;
            self.at += length;
            self.read.set(self.at);
        }
        let length = into.len().min(self.piece.len());
        into[..length].copy_from_slice(&self.piece.split_to(length));
        Ok(length)
    }
}
