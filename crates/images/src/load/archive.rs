//! Reads `.tar` and `.tgz` archives from front to back, with at most one entry in memory.
//!
//! Nothing is written to disk, so no path in an archive can do harm. Headers are read without the
//! `tar` crate's handling of long paths (see [`crate::load::tar_path`]).

use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use resnette_picture::report::LoadProgress;

use crate::load::entry::{DatasetEntry, PathClass, classify_path};
use crate::load::error::LoadError;
use crate::load::hash_sampler::HashSampler;
use crate::load::observer::LoadObserver;
use crate::load::open_file::{FileStream, OpenFile};
use crate::load::tar_path::{EntryPath, PathError, read_path};
use crate::problems::Problems;

/// The largest picture file that is read, in bytes.
pub const MAX_PICTURE_BYTES: u64 = 64 << 20;
/// The most entries of an archive that are looked at.
const MAX_ENTRIES: usize = 2_000_000;
/// Photos are compressed already, so an archive of photos expands to hardly more than its own size.
/// One that expands to more than this many times its size, and by more than [`FREE_BYTES`], is a
/// decompression bomb.
const MAX_RATIO: u64 = 20;
/// Bytes that an archive may expand to in any case.
const FREE_BYTES: u64 = 64 << 20;
const BOMB: &str = "the archive unpacks to more than 20 times its size, as no archive of photos does; it is read no further";
/// After this many entries without a picture the observer is asked all the same whether to
/// continue.
const ENTRIES_PER_UPDATE: usize = 64;

/// Feeds the pictures of an archive to a sampler.
///
/// Entries that cannot be used are added to `problems`, with the archive's name before the entry's.
/// A damaged archive is such a problem too: what came before the damage is kept.
///
/// # Errors
/// [`LoadError::Stopped`] if the observer stops it.
pub async fn read_archive<F: OpenFile>(
    file: &F,
    sampler: &mut HashSampler<'_>,
    problems: &mut Problems,
    progress: &mut LoadProgress,
    observer: &mut impl LoadObserver,
) -> Result<(), LoadError> {
    let bytes_read = Rc::new(Cell::new(0));
    let bytes_before = progress.bytes;
    let mut archive = match open_archive(file, bytes_read.clone()) {
        Ok(archive) => archive,
        Err(reason) => {
            problems.add(file.path(), reason);
            return Ok(());
        }
    };
    let entries = match archive.entries() {
        Ok(entries) => entries.raw(true),
        Err(error) => {
            problems.add(file.path(), describe(&error));
            return Ok(());
        }
    };
    let mut long_path = None;
    for (count, entry) in entries.enumerate() {
        let mut entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                problems.add(file.path(), describe(&error));
                break;
            }
        };
        if count >= MAX_ENTRIES {
            problems
                .add(file.path(), "it has more than 2 million entries; the others are left out");
            break;
        }
        let path = match read_path(&mut entry, &mut long_path) {
            Ok(EntryPath::Path(path)) => path,
            Ok(EntryPath::Metadata) => continue,
            Err(error) => {
                problems.add(file.path(), describe_path_error(&error));
                long_path = None;
                continue;
            }
        };
        let wanted = wanted_picture(&entry, &path, file.path(), sampler, problems);
        if let Some(picture) = &wanted {
            match read_entry(&mut entry) {
                Ok(bytes) => {
                    if let Err(error) = sampler.insert(picture, &bytes) {
                        problems.add(format!("{}: {}", file.path(), shorten(&path)), error);
                    }
                }
                Err(error) => {
                    sampler.mark_unreadable(picture);
                    problems.add(
                        file.path(),
                        format!("{} (in the middle of {})", describe(&error), shorten(&path)),
                    );
                    break;
                }
            }
        }
        if wanted.is_some() || count % ENTRIES_PER_UPDATE == 0 {
            (progress.pictures, progress.wanted) = sampler.progress();
            progress.bytes = bytes_before + bytes_read.get();
            if !observer.on_progress(progress).await {
                return Err(LoadError::Stopped);
            }
        }
    }
    progress.bytes = bytes_before + bytes_read.get();
    Ok(())
}

/// Opens a file as a tar archive, compressed with gzip or not, going by its first bytes.
///
/// # Errors
/// The reason for the list of problems, if it is not an archive or cannot be read.
fn open_archive<F: OpenFile>(
    file: &F,
    bytes_read: Rc<Cell<u64>>,
) -> Result<tar::Archive<Box<dyn Read + '_>>, String> {
    let mut stream = FileStream::new(file, bytes_read.clone());
    let mut head = [0; 512];
    let length = read_up_to(&mut stream, &mut head).map_err(|error| error.to_string())?;
    let whole = Cursor::new(head[..length].to_vec()).chain(stream);
    if head.starts_with(&[0x1f, 0x8b]) {
        let inner = MultiGzDecoder::new(whole);
        Ok(tar::Archive::new(Box::new(RatioLimited { inner, bytes_out: 0, bytes_in: bytes_read })))
    } else if head.get(257..262) == Some(b"ustar") {
        Ok(tar::Archive::new(Box::new(whole)))
    } else {
        Err("this is no .tar or .tgz archive; choose another".into())
    }
}

/// The bytes of an entry.
fn read_entry(entry: &mut tar::Entry<impl Read>) -> io::Result<Vec<u8>> {
    let (mut bytes, size) = (Vec::new(), entry.size());
    entry.read_to_end(&mut bytes)?;
    // At the end of a truncated archive, the `tar` crate ends the entry without an error.
    if bytes.len() as u64 == size { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// An entry as a picture, if it is one and the sampler wants it; otherwise `None`, after the
/// problem has been listed if there is one.
fn wanted_picture(
    entry: &tar::Entry<impl Read>,
    path: &str,
    archive: &str,
    sampler: &mut HashSampler,
    problems: &mut Problems,
) -> Option<DatasetEntry> {
    let kind = entry.header().entry_type();
    let name = || format!("{archive}: {}", shorten(path));
    if kind.is_dir() {
        return None;
    }
    if kind.is_symlink() || kind.is_hard_link() {
        problems.add(name(), "a link in an archive is not followed");
        return None;
    }
    if !kind.is_file() && !kind.is_contiguous() {
        problems.add(name(), "this is no ordinary file");
        return None;
    }
    let picture = match classify_path(path) {
        PathClass::Picture(picture) => picture,
        PathClass::Ignored => return None,
        PathClass::Refused(reason) => {
            problems.add(name(), reason);
            return None;
        }
    };
    if entry.size() > MAX_PICTURE_BYTES {
        problems.add(name(), "it is larger than 64 MB");
        return None;
    }
    match sampler.wants(&picture) {
        Ok(wanted) => wanted.then_some(picture),
        Err(error) => {
            problems.add(name(), error);
            None
        }
    }
}

/// The end of a path, for messages.
fn shorten(path: &str) -> String {
    const MAX_CHARS: usize = 100;
    let length = path.chars().count();
    if length <= MAX_CHARS {
        path.into()
    } else {
        ['…'].into_iter().chain(path.chars().skip(length - MAX_CHARS)).collect()
    }
}

/// What is wrong with a damaged archive, and what to do.
fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the archive is cut off; the pictures before the cut are used, load it again for the others".into(),
        io::ErrorKind::QuotaExceeded => BOMB.into(),
        _ => format!("the archive is damaged ({error}); the pictures before the damage are used, load it again for the others"),
    }
}

fn describe_path_error(error: &PathError) -> String {
    match error {
        PathError::TooLong => {
            "an entry's header is longer than any path; the entry is left out".into()
        }
        PathError::Read(error) => describe(error),
    }
}

/// Reads until `out` is full or the reader ends, and returns the number of bytes read.
fn read_up_to(reader: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < out.len() {
        match reader.read(&mut out[length..])? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}

/// A decompressor whose output may be at most [`MAX_RATIO`] times as long as its input, apart from
/// [`FREE_BYTES`]. Beyond that, it fails with [`io::ErrorKind::QuotaExceeded`].
struct RatioLimited<R> {
    inner: R,
    bytes_out: u64,
    bytes_in: Rc<Cell<u64>>,
}

impl<R: Read> Read for RatioLimited<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(out)?;
        self.bytes_out += length as u64;
        if self.bytes_out > FREE_BYTES + MAX_RATIO * self.bytes_in.get() {
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, BOMB));
        }
        Ok(length)
    }
}
