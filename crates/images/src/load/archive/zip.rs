//! Reads `.zip` by the table of contents at its end.
//!
//! Contents are stored as they are or deflated. Neither the table nor the list of names is kept in
//! memory, so that an archive of millions of entries does no harm.

use std::io;

use crate::load::archive::file_window::{FileWindow, read_up_to};
use crate::load::archive::ratio_limit::RatioLimit;
use crate::load::archive::raw::{MAX_ENTRIES, RawArchive, RawEntry, RawError};
use crate::load::archive::zip_directory::{Directory, DirectoryEntries};
use crate::load::archive::zip_entry::{LOCAL_LENGTH, LOCAL_MAGIC, ZipEntry, number};
use crate::load::archive::zip_left_out::LeftOut;
use crate::load::archive::zip_unpack::{damaged, unpack};
use crate::load::archive_reader::ArchiveError;
use crate::load::open_file::OpenFile;

/// The entries of a zip archive.
pub struct ZipEntries<'a, F> {
    file: &'a F,
    directory: Directory,
    entries: DirectoryEntries<'a, F>,
    /// Where contents are read. Entries mostly lie one after another.
    contents: FileWindow<'a, F>,
    entry: Option<ZipEntry>,
    limit: RatioLimit,
    left_out: LeftOut,
    /// Number of entries read.
    count: u64,
    /// The furthest end of an entry's contents so far.
    position: u64,
}

impl<'a, F: OpenFile> ZipEntries<'a, F> {
    /// The entries of an archive, from the first in its table of contents.
    pub fn new(file: &'a F, directory: Directory) -> Self {
        Self {
            file,
            directory,
            entries: DirectoryEntries::new(file, &directory),
            contents: FileWindow::new(file, 0),
            entry: None,
            limit: RatioLimit::default(),
            left_out: LeftOut::default(),
            count: 0,
            position: 0,
        }
    }

    /// Goes to where an entry's contents begin: behind the header before them. Returns whether
    /// there is one, with as many bytes behind it as the contents have.
    fn seek_contents(&mut self, entry: &ZipEntry) -> io::Result<bool> {
        self.contents.seek(self.directory.base.saturating_add(entry.offset));
        let mut header = [0; LOCAL_LENGTH];
        let read = read_up_to(&mut self.contents, &mut header)?;
        self.contents.skip(number(&header, 26, 2) + number(&header, 28, 2));
        Ok(read == LOCAL_LENGTH
            && header.starts_with(&LOCAL_MAGIC)
            && entry.packed <= self.contents.left())
    }
}

impl<F: OpenFile> RawArchive for ZipEntries<'_, F> {
    const DOS_NAMES: bool = true;

    fn next_entry(&mut self) -> Result<Option<RawEntry>, ArchiveError> {
        while let Some(entry) = self.entries.next_entry()? {
            self.count += 1;
            if self.count > MAX_ENTRIES {
                return Err(ArchiveError::TooManyEntries);
            }
            let end = self.directory.base.saturating_add(entry.offset).saturating_add(entry.packed);
            self.position = self.position.max(end).min(self.file.size());
            if entry.folder || (!entry.link && self.left_out.counts(&entry)) {
                continue;
            }
            let refused = entry.link.then(|| "a link in an archive is not followed".to_owned());
            let (name, size) = (entry.name.clone(), entry.size);
            let backslashes = entry.backslashes;
            self.entry = Some(entry);
            return Ok(Some(RawEntry { name, backslashes, size, refused }));
        }
        self.position = self.file.size();
        Ok(None)
    }

    fn read_entry(&mut self) -> Result<Vec<u8>, RawError> {
        let Some(entry) = self.entry.take() else {
            return Err(RawError::Entry("it was read already".into()));
        };
        if !self.seek_contents(&entry).map_err(ArchiveError::Read)? {
            return Err(RawError::Entry(damaged("its contents are not where the archive says")));
        }
        unpack(&mut self.contents, &entry, self.file.size(), &mut self.limit)
    }

    fn position(&self) -> u64 {
        self.position
    }

    fn notices(&self) -> Vec<String> {
        let mut notices = self.left_out.notices();
        if self.directory.follows_another {
            notices.push("another archive stands before this one in the same file, and its pictures are left out; unpack both and open the folder".into());
        }
        notices
    }
}
