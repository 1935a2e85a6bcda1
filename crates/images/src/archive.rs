//! `.tar` and `.tgz`, read from front to back: no more than one entry is ever in memory.
//!
//! Entries are never written anywhere, so a path cannot do harm; one that leads out of the archive
//! is refused all the same, because whoever made it meant harm. Headers are read raw: the long
//! names that the crate would gather by itself may be of any length.

use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use resnette_picture::report::LoadProgress;

use crate::collect::Collector;
use crate::layout::{Placed, place};
use crate::load::{LoadError, Progress};
use crate::open_file::{FileStream, OpenFile};
use crate::problems::Problems;

/// A larger picture file is refused.
pub const LARGEST_ENTRY: u64 = 64 << 20;
/// Entries that are looked at.
const MOST_ENTRIES: usize = 2_000_000;
/// A longer path is no path.
const LONGEST_PATH: u64 = 64 * 1024;
/// Photos are compressed already, so that an archive of photos unpacks to hardly more than itself.
/// One that unpacks to this many times itself, and to more than [`FREE`], is made to fill the
/// memory.
const MOST_RATIO: u64 = 20;
const FREE: u64 = 64 << 20;
const BOMB: &str = "the archive unpacks to more than 20 times its size, as no archive of photos does; it is read no further";
/// Entries between two looks at the clock and the inbox, where nothing is decoded.
const BREATH: usize = 64;

/// Reads an archive into the collector. What is refused is listed, with the archive's name before
/// the entry's.
///
/// # Errors
/// [`LoadError::Stopped`]. A damaged archive is a problem of its own: what came before the damage
/// is kept.
pub async fn read_archive<F: OpenFile>(
    file: &F,
    collector: &mut Collector<'_>,
    problems: &mut Problems,
    told: &mut LoadProgress,
    progress: &mut impl Progress,
) -> Result<(), LoadError> {
    let read = Rc::new(Cell::new(0));
    let before = told.bytes;
    let mut stream = FileStream::new(file, read.clone());
    let mut head = [0; 512];
    let length = match fill(&mut stream, &mut head) {
        Ok(length) => length,
        Err(error) => {
            problems.add(file.path(), error);
            return Ok(());
        }
    };
    let whole = Cursor::new(head[..length].to_vec()).chain(stream);
    let unpacked: Box<dyn Read + '_> = if head.starts_with(&[0x1f, 0x8b]) {
        Box::new(Bounded { inner: MultiGzDecoder::new(whole), out: 0, read: read.clone() })
    } else if head.get(257..262) == Some(b"ustar") {
        Box::new(whole)
    } else {
        problems.add(file.path(), "this is no .tar or .tgz archive; choose another");
        return Ok(());
    };
    let mut archive = tar::Archive::new(unpacked);
    let entries = match archive.entries() {
        Ok(entries) => entries.raw(true),
        Err(error) => {
            problems.add(file.path(), broken(&error));
            return Ok(());
        }
    };
    let mut long_name = None;
    for (count, entry) in entries.enumerate() {
        let mut entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                problems.add(file.path(), broken(&error));
                break;
            }
        };
        if count >= MOST_ENTRIES {
            problems
                .add(file.path(), "it has more than 2 million entries; the others are left out");
            break;
        }
        let path = match path_of(&mut entry, &mut long_name) {
            Ok(Some(path)) => path,
            Ok(None) => continue,
            Err(reason) => {
                problems.add(file.path(), reason);
                long_name = None;
                continue;
            }
        };
        let wanted = look(&mut entry, &path, file.path(), collector, problems);
        let taken = match wanted {
            Look::Take(place) => {
                let (mut bytes, size) = (Vec::new(), entry.size());
                let read = entry.read_to_end(&mut bytes);
                // The crate ends an entry where its archive ends, without a word.
                let whole = read.and_then(|_| {
                    if bytes.len() as u64 == size {
                        Ok(())
                    } else {
                        Err(io::ErrorKind::UnexpectedEof.into())
                    }
                });
                if let Err(error) = whole {
                    collector.missed(&place);
                    problems.add(
                        file.path(),
                        format!("{} (in the middle of {})", broken(&error), shorten(&path)),
                    );
                    break;
                }
                if let Err(error) = collector.take(&place, &bytes) {
                    problems.add(format!("{}: {}", file.path(), shorten(&path)), error);
                }
                true
            }
            Look::Leave => false,
        };
        if taken || count % BREATH == 0 {
            (told.pictures, told.wanted) = collector.progress();
            told.bytes = before + read.get();
            if !progress.loaded(told).await {
                return Err(LoadError::Stopped);
            }
        }
    }
    told.bytes = before + read.get();
    Ok(())
}

enum Look {
    Take(crate::layout::Place),
    Leave,
}

/// Whether an entry is wanted.
fn look(
    entry: &mut tar::Entry<impl Read>,
    path: &str,
    archive: &str,
    collector: &mut Collector,
    problems: &mut Problems,
) -> Look {
    let kind = entry.header().entry_type();
    let name = || format!("{archive}: {}", shorten(path));
    if kind.is_dir() {
        return Look::Leave;
    }
    if kind.is_symlink() || kind.is_hard_link() {
        problems.add(name(), "a link in an archive is not followed");
        return Look::Leave;
    }
    if !kind.is_file() && !kind.is_contiguous() {
        problems.add(name(), "this is no ordinary file");
        return Look::Leave;
    }
    let place = match place(path) {
        Placed::Picture(place) => place,
        Placed::Noise => return Look::Leave,
        Placed::Refused(reason) => {
            problems.add(name(), reason);
            return Look::Leave;
        }
    };
    if entry.size() > LARGEST_ENTRY {
        problems.add(name(), "it is larger than 64 MB");
        return Look::Leave;
    }
    match collector.wants(&place) {
        Ok(true) => Look::Take(place),
        Ok(false) => Look::Leave,
        Err(error) => {
            problems.add(name(), error);
            Look::Leave
        }
    }
}

/// The path of an entry; nothing for an entry that only says the next one's name.
fn path_of(
    entry: &mut tar::Entry<impl Read>,
    long_name: &mut Option<Vec<u8>>,
) -> Result<Option<String>, String> {
    let kind = entry.header().entry_type();
    let extended = kind.is_pax_local_extensions();
    if extended || kind.is_gnu_longname() {
        if entry.size() > LONGEST_PATH {
            return Err("an entry's header is longer than any path; the entry is left out".into());
        }
        let mut bytes = Vec::new();
        entry.take(LONGEST_PATH).read_to_end(&mut bytes).map_err(|error| broken(&error))?;
        if extended {
            if let Some(path) = pax_path(&bytes) {
                *long_name = Some(path.to_vec());
            }
        } else {
            let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
            bytes.truncate(end);
            *long_name = Some(bytes);
        }
        return Ok(None);
    }
    if kind.is_pax_global_extensions() || kind.is_gnu_longlink() {
        return Ok(None);
    }
    let path = long_name.take().unwrap_or_else(|| entry.header().path_bytes().into_owned());
    Ok(Some(String::from_utf8_lossy(&path).into_owned()))
}

/// The path among pax records, each `LENGTH KEY=VALUE\n`.
fn pax_path(mut records: &[u8]) -> Option<&[u8]> {
    while !records.is_empty() {
        let space = records.iter().position(|&byte| byte == b' ')?;
        let length: usize = std::str::from_utf8(&records[..space]).ok()?.parse().ok()?;
        let record = records.get(space + 1..length)?;
        if let Some(path) = record.strip_prefix(b"path=") {
            return path.strip_suffix(b"\n").or(Some(path));
        }
        records = records.get(length..)?;
    }
    None
}

fn shorten(path: &str) -> String {
    const LONGEST: usize = 100;
    let length = path.chars().count();
    if length <= LONGEST {
        path.into()
    } else {
        ['…'].into_iter().chain(path.chars().skip(length - LONGEST)).collect()
    }
}

/// A damaged archive, for a person.
fn broken(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the archive is cut off; the pictures before the cut are used, load it again for the others".into(),
        io::ErrorKind::QuotaExceeded => BOMB.into(),
        _ => format!("the archive is damaged ({error}); the pictures before the damage are used, load it again for the others"),
    }
}

fn fill(reader: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < into.len() {
        match reader.read(&mut into[length..])? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}

/// Ends a stream that unpacks to far more than it was.
struct Bounded<R> {
    inner: R,
    out: u64,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(into)?;
        self.out += length as u64;
        if self.out > FREE + MOST_RATIO * self.read.get() {
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, BOMB));
        }
        Ok(length)
    }
}
