//! Stands in for the readers of archives until those are merged: `.tar` and `.tgz` only.

use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;

use crate::load::archive_reader::{ArchiveError, ArchiveReader, ArchivedFile, MAX_PICTURE_BYTES};
use crate::load::open_file::{FileStream, OpenFile};

/// Opens a file as an archive, going by its first bytes.
///
/// # Errors
/// The reason for the list of problems, if it is not an archive or cannot be read.
pub fn open_archive<'a, F: OpenFile>(file: &'a F) -> Result<Box<dyn ArchiveReader + 'a>, String> {
    let bytes_read = Rc::new(Cell::new(0));
    let mut stream = FileStream::new(file, bytes_read.clone());
    let mut head = Vec::new();
    stream.by_ref().take(512).read_to_end(&mut head).map_err(|error| error.to_string())?;
    let whole = Cursor::new(head.clone()).chain(stream);
    let input: Box<dyn Read + 'a> = if head.starts_with(&[0x1f, 0x8b]) {
        let inner = MultiGzDecoder::new(whole);
        Box::new(RatioLimited { inner, bytes_out: 0, bytes_in: bytes_read.clone() })
    } else if head.get(257..262) == Some(b"ustar") {
        Box::new(whole)
    } else if head.starts_with(b"PK") || file.path().ends_with(".zip") {
        return Err("only .tar and .tgz archives are read; unpack it and open the folder".into());
    } else {
        return Err("this is no .tar or .tgz archive; choose another".into());
    };
    Ok(Box::new(Tar { input, bytes_read, left: 0, size: 0, path: String::new(), is_over: false }))
}

struct Tar<'a> {
    input: Box<dyn Read + 'a>,
    bytes_read: Rc<Cell<u64>>,
    /// Bytes to the next header, and of the file among them.
    left: u64,
    size: u64,
    path: String,
    is_over: bool,
}

fn wrong(error: &io::Error) -> ArchiveError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ArchiveError::CutOff,
        io::ErrorKind::QuotaExceeded => ArchiveError::Bomb,
        _ => ArchiveError::Damaged(error.to_string()),
    }
}

impl Tar<'_> {
    fn take(&mut self, length: u64) -> Result<Vec<u8>, ArchiveError> {
        let mut bytes = Vec::new();
        self.input.by_ref().take(length).read_to_end(&mut bytes).map_err(|error| wrong(&error))?;
        self.left = self.left.saturating_sub(bytes.len() as u64);
        if bytes.len() as u64 == length { Ok(bytes) } else { Err(ArchiveError::CutOff) }
    }

    fn skip(&mut self) -> Result<(), ArchiveError> {
        let length = std::mem::take(&mut self.left);
        let skipped = io::copy(&mut self.input.by_ref().take(length), &mut io::sink());
        match skipped.map_err(|error| wrong(&error))? {
            skipped if skipped == length => Ok(()),
            _ => Err(ArchiveError::CutOff),
        }
    }

    fn next(&mut self) -> Result<Option<ArchivedFile>, ArchiveError> {
        let mut long_path: Option<Vec<u8>> = None;
        loop {
            self.skip()?;
            let mut block = Vec::new();
            self.input.by_ref().take(512).read_to_end(&mut block).map_err(|e| wrong(&e))?;
            if block.is_empty() || block.iter().all(|byte| *byte == 0) {
                return Ok(None);
            }
            if block.len() < 512 {
                return Err(ArchiveError::CutOff);
            }
            let header = tar::Header::from_byte_slice(&block);
            let sum: u32 = block
                .iter()
                .enumerate()
                .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
                .sum();
            if header.cksum().map_err(|error| wrong(&error))? != sum {
                return Err(ArchiveError::Damaged("a header's sum is wrong".into()));
            }
            let size = header.entry_size().map_err(|error| wrong(&error))?;
            let (kind, short) = (header.entry_type(), header.path_bytes().into_owned());
            self.left = size.div_ceil(512).saturating_mul(512);
            self.size = size;
            if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
                if size > 64 * 1024 {
                    return Err(ArchiveError::Entry {
                        path: String::new(),
                        reason: "an entry's header is longer than any path; the entry is left out"
                            .into(),
                    });
                }
                let bytes = self.take(size)?;
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let path = match kind.is_gnu_longname() {
                    true => text.split('\0').next(),
                    false => text.lines().find_map(|line| Some(line.split_once(" path=")?.1)),
                };
                long_path = path.map(|path| path.as_bytes().to_vec()).or(long_path);
                continue;
            }
            let path = String::from_utf8_lossy(&long_path.take().unwrap_or(short)).into_owned();
            let refuse = |reason: &str| {
                Err(ArchiveError::Entry { path: path.clone(), reason: reason.into() })
            };
            if kind.is_symlink() || kind.is_hard_link() {
                return refuse("a link in an archive is not followed");
            }
            if kind.is_dir() || kind.is_pax_global_extensions() {
                continue;
            }
            if !kind.is_file() && !kind.is_contiguous() {
                return refuse("this is no ordinary file");
            }
            self.path.clone_from(&path);
            return Ok(Some(ArchivedFile { path, size }));
        }
    }
}

impl ArchiveReader for Tar<'_> {
    fn next_file(&mut self) -> Result<Option<ArchivedFile>, ArchiveError> {
        if self.is_over {
            return Ok(None);
        }
        let next = self.next();
        self.is_over = !matches!(next, Ok(Some(_)) | Err(ArchiveError::Entry { .. }));
        next
    }

    fn read_file(&mut self) -> Result<Vec<u8>, ArchiveError> {
        if self.size > MAX_PICTURE_BYTES {
            let (path, reason) = (self.path.clone(), "it is larger than 64 MB".into());
            return Err(ArchiveError::Entry { path, reason });
        }
        let bytes = self.take(self.size);
        self.is_over |= bytes.is_err();
        bytes
    }

    fn position(&self) -> u64 {
        self.bytes_read.get()
    }

    fn notices(&self) -> Vec<String> {
        Vec::new()
    }
}

struct RatioLimited<R> {
    inner: R,
    bytes_out: u64,
    bytes_in: Rc<Cell<u64>>,
}

impl<R: Read> Read for RatioLimited<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(out)?;
        self.bytes_out += length as u64;
        if self.bytes_out > (64 << 20) + 20 * self.bytes_in.get() {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        Ok(length)
    }
}
