//! Files of this computer that a person opened, read in pieces.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use bytes::Bytes;
use resnette_image_parquet::source::{RangeSource, SourceError};

/// A file of this computer that a person opened: on disk natively, the browser's handle in a
/// worker. It is read in place and in pieces; both can wait for a piece, so nothing here is
/// asynchronous.
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
    /// Starts at the beginning. `read` counts bytes for the progress line, while someone else holds
    /// the stream.
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
