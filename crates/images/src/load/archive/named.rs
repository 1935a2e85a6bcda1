//! Reads the names of an archive's entries, whatever encoding they are in.

use crate::load::archive::name_encoding::{NameDetector, NameEncoding, escape};
use crate::load::archive::raw::{RawArchive, RawError, is_hidden};
use crate::load::archive_reader::{ArchiveError, ArchiveReader, ArchivedFile};

/// How many names that are not UTF-8 the guess at their encoding is made from.
const MAX_NAMES: usize = 100_000;

/// An archive whose entries have names.
pub struct NamedArchive<R, O> {
    raw: R,
    /// Opens the same archive once more.
    open: O,
    /// The encoding of names that are not UTF-8, once there was one.
    encoding: Option<NameEncoding>,
    /// How many names were read in that encoding, and how many in none.
    decoded: u64,
    escaped: u64,
    /// The last entry's path.
    path: String,
    done: bool,
}

impl<R: RawArchive, O: Fn() -> R> NamedArchive<R, O> {
    /// An archive, opened by a function.
    pub fn new(open: O) -> Self {
        Self {
            raw: open(),
            open,
            encoding: None,
            decoded: 0,
            escaped: 0,
            path: String::new(),
            done: false,
        }
    }

    /// What a name says. At the first one that is not UTF-8, the whole archive is looked through
    /// for others, so that every reading comes to the same encoding.
    fn decode(&mut self, name: &[u8]) -> String {
        if let Ok(name) = std::str::from_utf8(name) {
            return name.into();
        }
        let encoding = match &self.encoding {
            Some(encoding) => encoding,
            None => self.encoding.insert(detect((self.open)())),
        };
        match encoding.decode(name) {
            Some(name) => {
                self.decoded += 1;
                name
            }
            None => {
                self.escaped += 1;
                escape(name)
            }
        }
    }
}

/// The encoding of an archive's names that are not UTF-8. Where the archive is damaged, of those
/// before the damage.
fn detect<R: RawArchive>(mut archive: R) -> NameEncoding {
    let mut detector = NameDetector::new(R::DOS_NAMES);
    let mut names = 0;
    while names < MAX_NAMES
        && let Ok(Some(entry)) = archive.next_entry()
    {
        if std::str::from_utf8(&entry.name).is_err() {
            detector.add(&entry.name);
            names += 1;
        }
    }
    detector.encoding()
}

impl<R: RawArchive, O: Fn() -> R> ArchiveReader for NamedArchive<R, O> {
    fn next_file(&mut self) -> Result<Option<ArchivedFile>, ArchiveError> {
        while !self.done {
            let entry = match self.raw.next_entry() {
                Ok(Some(entry)) => entry,
                ended => {
                    self.done = true;
                    return ended.map(|_| None);
                }
            };
            let mut path = self.decode(&entry.name);
            if entry.backslashes {
                path = path.replace('\\', "/");
            }
            match entry.refused {
                Some(_) if is_hidden(path.as_bytes()) => {}
                Some(reason) => return Err(ArchiveError::Entry { path, reason }),
                None => {
                    self.path.clone_from(&path);
                    return Ok(Some(ArchivedFile { path, size: entry.size }));
                }
            }
        }
        Ok(None)
    }

    fn read_file(&mut self) -> Result<Vec<u8>, ArchiveError> {
        self.raw.read_entry().map_err(|error| match error {
            RawError::Entry(reason) => ArchiveError::Entry { path: self.path.clone(), reason },
            RawError::Archive(error) => {
                self.done = true;
                error
            }
        })
    }

    fn position(&self) -> u64 {
        self.raw.position()
    }

    fn notices(&self) -> Vec<String> {
        let mut notices = self.raw.notices();
        if let Some(encoding) = self.encoding.as_ref().filter(|_| self.decoded > 0) {
            notices.push(format!(
                "{} written in an older encoding, and read as {}; if they look wrong, pack the folder again with a newer program, or open the folder itself",
                names(self.decoded),
                encoding.label(),
            ));
        }
        let is_undecodable = self.encoding.as_ref().is_some_and(NameEncoding::lacks_codec);
        if self.escaped > 0 && is_undecodable {
            notices.push(format!(
                "{} written in an older encoding, and the part of this page that reads such names could not be fetched; their bytes are shown as numbers, as in <E4>. The names are most likely in order: check the connection, load the page again and open the archive once more",
                names(self.escaped),
            ));
        } else if self.escaped > 0 {
            notices.push(format!(
                "{} not readable; the bytes at fault are shown as numbers, as in <E4>. Rename what is named so, or open the folder itself",
                names(self.escaped),
            ));
        }
        notices
    }
}

/// A number of names, as the beginning of a sentence.
fn names(count: u64) -> String {
    if count == 1 { "1 name in it is".into() } else { format!("{count} names in it are") }
}
