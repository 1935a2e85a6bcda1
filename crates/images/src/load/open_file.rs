//! Files on this computer that somebody opened, read in pieces.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use bytes::Bytes;
use resnette_image_parquet::source::{RangeSource, SourceError};

/// A file on this computer that somebody opened: a path on disk, or a browser's `File` in a worker.
///
/// Both can be read synchronously, so nothing here is asynchronous.
pub trait OpenFile {
    /// The path from the opened folder on, with `/` as the separator; just the name of a file that
    /// was opened by itself.
    fn path(&self) -> &str;

    /// The file's length in bytes.
    fn size(&self) -> u64;

    /// Reads `length` bytes from the offset `start` on.
    ///
    /// # Errors
    /// [`SourceError::Unreadable`] if the file cannot be read, and [`SourceError::Short`] if it
    /// ends before the range does, for instance because it has become shorter.
    fn read_at(&self, start: u64, length: u64) -> Result<Bytes, SourceError>;
}

/// An [`OpenFile`] as a [`RangeSource`].
pub struct FileRanges<'a, F> {
    file: &'a F,
    bytes_read: u64,
}

impl<'a, F: OpenFile> FileRanges<'a, F> {
    /// Wraps a file.
    pub fn new(file: &'a F) -> Self {
        Self { file, bytes_read: 0 }
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
        self.bytes_read += length;
        Ok(bytes)
    }

    fn bytes_read(&self) -> u64 {
        self.bytes_read
    }
}

/// How many bytes of a file are in memory while it is read from front to back.
const BUFFER_BYTES: u64 = 1 << 20;

/// An [`OpenFile`] read from front to back.
pub struct FileStream<'a, F> {
    file: &'a F,
    /// Offset of the first byte after the buffer.
    position: u64,
    buffer: Bytes,
    bytes_read: Rc<Cell<u64>>,
}

impl<'a, F: OpenFile> FileStream<'a, F> {
    /// Starts at the beginning of a file.
    ///
    /// The number of bytes read so far is written to `bytes_read`, where it stays visible when the
    /// stream itself has been moved into a decompressor.
    pub fn new(file: &'a F, bytes_read: Rc<Cell<u64>>) -> Self {
        Self { file, position: 0, buffer: Bytes::new(), bytes_read }
    }
}

impl<F: OpenFile> Read for FileStream<'_, F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.buffer.is_empty() && self.position < self.file.size() {
            let length = BUFFER_BYTES.min(self.file.size() - self.position);
            self.buffer = self.file.read_at(self.position, length).map_err(io::Error::other)?;
            self.position += length;
            self.bytes_read.set(self.position);
        }
        let length = into.len().min(self.buffer.len());
        into[..length].copy_from_slice(&self.buffer.split_to(length));
        Ok(length)
    }
}
