//! The table of contents at the end of a zip archive.

use std::io;

use crate::load::archive::file_window::{FileWindow, read_up_to};
use crate::load::archive::zip_entry::{
    CENTRAL_LENGTH, CENTRAL_MAGIC, LOCAL_MAGIC, ZipEntry, number,
};
use crate::load::archive_reader::ArchiveError;
use crate::load::open_file::OpenFile;

/// What the record after the table begins with.
const END_MAGIC: [u8; 4] = *b"PK\x05\x06";
/// Length of that record without its comment.
const END_LENGTH: usize = 22;
/// The longest comment.
const MAX_COMMENT: u64 = 0xffff;
/// What the same record for large archives begins with, and its length.
const END64_MAGIC: [u8; 4] = *b"PK\x06\x06";
const END64_LENGTH: u64 = 56;
/// What the record that points there begins with, and its length.
const LOCATOR_MAGIC: [u8; 4] = *b"PK\x06\x07";
const LOCATOR_LENGTH: u64 = 20;

/// Where the table of contents is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directory {
    /// Offset of its first byte.
    pub start: u64,
    /// Offset of the first byte after it.
    pub end: u64,
    /// What is to be added to the offsets in it: the length of what stands before the archive, such
    /// as the program of one that unpacks itself.
    pub base: u64,
    /// Whether this is one of several parts of an archive.
    pub in_parts: bool,
    /// Whether another archive stands before this one.
    pub follows_another: bool,
}

/// Finds the table of contents; `None` if there is none, as in an archive that is cut off.
///
/// # Errors
/// If the file cannot be read.
pub fn find_directory<F: OpenFile>(file: &F) -> io::Result<Option<Directory>> {
    let tail_start = file.size().saturating_sub(MAX_COMMENT + END_LENGTH as u64);
    let tail = read_at(file, tail_start, MAX_COMMENT as usize + END_LENGTH)?;
    // The last one counts. A comment may hold something that looks like one, so that one whose
    // comment ends where the file does is preferred.
    let ends = || {
        (0..tail.len().saturating_sub(END_LENGTH - 1))
            .rev()
            .filter(|at| tail.get(*at..*at + 4) == Some(&END_MAGIC))
    };
    let reaches_the_end =
        |at: &usize| at + END_LENGTH + number(&tail, at + 20, 2) as usize == tail.len();
    for at in ends().filter(reaches_the_end).chain(ends()).take(16) {
        let end = tail.get(at..at + END_LENGTH).unwrap_or_default();
        if let Some(directory) = read_end(file, tail_start + at as u64, end)? {
            return Ok(Some(directory));
        }
    }
    Ok(None)
}

/// The table of contents that an end record points to; `None` if there is none.
fn read_end<F: OpenFile>(file: &F, at: u64, end: &[u8]) -> io::Result<Option<Directory>> {
    let in_parts =
        number(end, 4, 2) != number(end, 6, 2) || !matches!(number(end, 4, 2), 0 | 0xffff);
    let (mut entries, mut length, mut offset) =
        (number(end, 10, 2), number(end, 12, 4), number(end, 16, 4));
    let mut directory_end = at;
    let locator_at = at.saturating_sub(LOCATOR_LENGTH);
    let locator = read_at(file, locator_at, LOCATOR_LENGTH as usize)?;
    if locator.starts_with(&LOCATOR_MAGIC) {
        // Its offset does not count what stands before the archive.
        for end_at in [number(&locator, 8, 8), locator_at.saturating_sub(END64_LENGTH)] {
            let end64 = read_at(file, end_at, END64_LENGTH as usize)?;
            if end64.len() as u64 == END64_LENGTH && end64.starts_with(&END64_MAGIC) {
                (entries, length, offset) =
                    (number(&end64, 32, 8), number(&end64, 40, 8), number(&end64, 48, 8));
                directory_end = end_at;
                break;
            }
        }
    }
    if in_parts {
        let (start, end) = (directory_end, directory_end);
        return Ok(Some(Directory { start, end, base: 0, in_parts, follows_another: false }));
    }
    // The table ends where this record begins. Where something stands between them, the offset
    // counts.
    let candidates = [directory_end.checked_sub(length), Some(offset)];
    for start in candidates.into_iter().flatten() {
        let Some(base) = start.checked_sub(offset) else { continue };
        let magic = read_at(file, start, 4)?;
        if magic == CENTRAL_MAGIC || (entries == 0 && start <= directory_end) {
            let follows_another = base > 0 && read_at(file, 0, 4)? == LOCAL_MAGIC;
            let end = start.saturating_add(length).min(directory_end);
            return Ok(Some(Directory { start, end, base, in_parts, follows_another }));
        }
    }
    Ok(None)
}

/// Up to `length` bytes at an offset, fewer at the file's end.
fn read_at<F: OpenFile>(file: &F, at: u64, length: usize) -> io::Result<Vec<u8>> {
    let length = file.size().saturating_sub(at).min(length as u64);
    if length == 0 {
        return Ok(Vec::new());
    }
    Ok(file.read_at(at, length).map_err(io::Error::other)?.to_vec())
}

/// The entries of a table of contents, from front to back.
pub struct DirectoryEntries<'a, F> {
    window: FileWindow<'a, F>,
    end: u64,
}

impl<'a, F: OpenFile> DirectoryEntries<'a, F> {
    /// The entries, from the first.
    pub fn new(file: &'a F, directory: &Directory) -> Self {
        Self { window: FileWindow::new(file, directory.start), end: directory.end }
    }

    /// The next entry; `None` at the end.
    ///
    /// # Errors
    /// A final [`ArchiveError`] if the table is damaged or cannot be read.
    pub fn next_entry(&mut self) -> Result<Option<ZipEntry>, ArchiveError> {
        if self.window.position() >= self.end {
            return Ok(None);
        }
        let mut header = [0; CENTRAL_LENGTH];
        let read = read_up_to(&mut self.window, &mut header)?;
        // The table's signature, which nobody uses, and what else is no entry.
        if header.starts_with(b"PK\x05\x05") {
            return Ok(None);
        }
        if read < CENTRAL_LENGTH || !header.starts_with(&CENTRAL_MAGIC) {
            return Err(ArchiveError::Damaged("its table of contents is not readable".into()));
        }
        let mut field = |length: u64| -> Result<Vec<u8>, ArchiveError> {
            let mut bytes = vec![0; length as usize];
            let read = read_up_to(&mut self.window, &mut bytes)?;
            bytes.truncate(read);
            Ok(bytes)
        };
        let (name, extra) = (field(number(&header, 28, 2))?, field(number(&header, 30, 2))?);
        self.window.skip(number(&header, 32, 2));
        Ok(Some(ZipEntry::from_central(&header, name, &extra)))
    }
}
