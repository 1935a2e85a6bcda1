//! An opened file as bytes that are read from front to back, and that can be skipped.

use std::io::{self, BufRead, Read};

use bytes::{Buf, Bytes};

use crate::load::open_file::OpenFile;

/// How much is read at once after a jump. Photos are mostly larger than this, so that a list of an
/// archive's entries is made without reading most of it.
const FIRST_READ: u64 = 64 << 10;
/// How much is read at once in the end, when bytes are read one after another.
const LARGEST_READ: u64 = 1 << 20;

/// A position in an opened file, and the bytes after it that have been read already.
pub struct FileWindow<'a, F> {
    file: &'a F,
    /// Offset of the first byte after the buffer.
    end: u64,
    buffer: Bytes,
    /// How much is read next.
    read_ahead: u64,
}

impl<'a, F: OpenFile> FileWindow<'a, F> {
    /// A window at an offset, which may lie behind the file's end.
    pub fn new(file: &'a F, position: u64) -> Self {
        Self { file, end: position, buffer: Bytes::new(), read_ahead: FIRST_READ }
    }

    /// The offset of the next byte.
    pub fn position(&self) -> u64 {
        self.end - self.buffer.len() as u64
    }

    /// How many bytes follow.
    pub fn left(&self) -> u64 {
        self.file.size().saturating_sub(self.position())
    }

    /// Goes to an offset, which may lie behind the file's end.
    pub fn seek(&mut self, position: u64) {
        let ahead = position.checked_sub(self.position()).and_then(|by| usize::try_from(by).ok());
        match ahead.filter(|by| *by <= self.buffer.len()) {
            Some(by) => self.buffer.advance(by),
            None => {
                (self.end, self.buffer, self.read_ahead) = (position, Bytes::new(), FIRST_READ);
            }
        }
    }

    /// Passes over some bytes.
    pub fn skip(&mut self, length: u64) {
        self.seek(self.position().saturating_add(length));
    }

    /// Passes over bytes of value 0.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn skip_zeros(&mut self) -> io::Result<()> {
        loop {
            let bytes = self.fill_buf()?;
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            let ended = zeros < bytes.len() || bytes.is_empty();
            self.consume(zeros);
            if ended {
                return Ok(());
            }
        }
    }
}

impl<F: OpenFile> BufRead for FileWindow<'_, F> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.buffer.is_empty() && self.end < self.file.size() {
            let length = self.read_ahead.min(self.file.size() - self.end);
            self.buffer = self.file.read_at(self.end, length).map_err(io::Error::other)?;
            self.end += self.buffer.len() as u64;
            self.read_ahead = (self.read_ahead * 2).min(LARGEST_READ);
        }
        Ok(&self.buffer)
    }

    fn consume(&mut self, length: usize) {
        self.buffer.advance(length.min(self.buffer.len()));
    }
}

impl<F: OpenFile> Read for FileWindow<'_, F> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut bytes = self.fill_buf()?;
        let length = bytes.read(out)?;
        self.consume(length);
        Ok(length)
    }
}

/// Reads until `out` is full or the reader ends, and returns the number of bytes read.
///
/// # Errors
/// The reader's.
pub fn read_up_to(reader: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = out.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest)? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use resnette_image_parquet::source::SourceError;

    use super::*;

    struct Counting(std::cell::Cell<u64>);

    impl OpenFile for Counting {
        fn path(&self) -> &str {
            "counting"
        }

        fn size(&self) -> u64 {
            10 << 20
        }

        fn read_at(&self, start: u64, length: u64) -> Result<Bytes, SourceError> {
            self.0.set(self.0.get() + length);
            Ok((start..start + length).map(|at| at as u8).collect::<Vec<_>>().into())
        }
    }

    #[test]
    fn what_is_skipped_is_not_read() {
        let file = Counting(0.into());
        let mut window = FileWindow::new(&file, 0);
        let mut byte = [0];
        for at in [0, 1, 70_000, 5_000_000, 3] {
            window.seek(at);
            assert_eq!((window.position(), window.left()), (at, (10 << 20) - at));
            window.read_exact(&mut byte).unwrap();
            assert_eq!(byte[0], at as u8);
        }
        assert_eq!(file.0.get(), 4 * FIRST_READ);
        window.seek(11 << 20);
        assert_eq!((window.left(), window.read(&mut byte).unwrap()), (0, 0));
    }
}
