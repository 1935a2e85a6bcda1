//! Reads what is left of a `.zip` whose end is missing, and with it the table of contents: from
//! front to back, by the header before each entry.

use std::io;

use crate::load::archive::file_window::{FileWindow, read_up_to};
use crate::load::archive::ratio_limit::RatioLimit;
use crate::load::archive::raw::{
    MAX_ENTRIES, RawArchive, RawEntry, RawError, describe_failure, too_large,
};
use crate::load::archive::zip_entry::{CENTRAL_MAGIC, LOCAL_LENGTH, LOCAL_MAGIC, ZipEntry, number};
use crate::load::archive::zip_left_out::{DEFLATED, LeftOut};
use crate::load::archive::zip_unpack::{checksum, damaged, unpack, unpack_to_its_end};
use crate::load::archive_reader::{ArchiveError, MAX_PICTURE_BYTES};
use crate::load::open_file::OpenFile;

/// The marks that an archive in parts begins with; one in a single part may too.
const PART_MAGIC: [[u8; 4]; 2] = [*b"PK\x07\x08", *b"PK\x30\x30"];
/// What lengths after the contents may begin with.
const DESCRIPTOR_MAGIC: [u8; 4] = *b"PK\x07\x08";

/// The entries of a zip archive without its end.
pub struct ZipScan<'a, F> {
    file: &'a F,
    window: FileWindow<'a, F>,
    /// Where the next header is.
    next: u64,
    entry: Option<Contents>,
    limit: RatioLimit,
    left_out: LeftOut,
    count: u64,
}

/// What [`ZipScan::read_entry`] gives.
enum Contents {
    /// Contents at an offset.
    At(u64, ZipEntry),
    /// Contents that were unpacked already, since nothing else tells where they end.
    Unpacked(Result<Vec<u8>, String>),
}

impl<'a, F: OpenFile> ZipScan<'a, F> {
    /// The entries of an archive, from the first.
    pub fn new(file: &'a F) -> Self {
        Self {
            file,
            window: FileWindow::new(file, 0),
            next: 0,
            entry: None,
            limit: RatioLimit::default(),
            left_out: LeftOut::default(),
            count: 0,
        }
    }

    /// The next header. An archive without its end always ends too early.
    fn next_header(&mut self) -> Result<ZipEntry, ArchiveError> {
        self.window.seek(self.next);
        let mut header = [0; LOCAL_LENGTH];
        let mut read = read_up_to(&mut self.window, &mut header)?;
        if self.count == 0 && PART_MAGIC.iter().any(|magic| header.starts_with(magic)) {
            self.window.seek(4);
            read = read_up_to(&mut self.window, &mut header)?;
        }
        if read < LOCAL_LENGTH || (header.starts_with(b"PK") && !header.starts_with(&LOCAL_MAGIC)) {
            return Err(ArchiveError::CutOff);
        }
        if !header.starts_with(&LOCAL_MAGIC) {
            return Err(ArchiveError::Damaged("an entry's header is not readable".into()));
        }
        let mut field = |length: u64| -> Result<Vec<u8>, ArchiveError> {
            let mut bytes = vec![0; length as usize];
            let read = read_up_to(&mut self.window, &mut bytes)?;
            if read == bytes.len() { Ok(bytes) } else { Err(ArchiveError::CutOff) }
        };
        let (name, extra) = (field(number(&header, 26, 2))?, field(number(&header, 28, 2))?);
        Ok(ZipEntry::from_local(&header, name, &extra))
    }

    /// Unpacks an entry of unknown length, and goes behind it.
    fn unpack_unknown(&mut self, entry: &mut ZipEntry) -> Result<Contents, ArchiveError> {
        if entry.encrypted || entry.method != DEFLATED {
            return Err(ArchiveError::Damaged(
                "its end is missing, where the lengths of its entries stand".into(),
            ));
        }
        let size = self.file.size();
        let unpacked =
            unpack_to_its_end(&mut self.window, MAX_PICTURE_BYTES, size, &mut self.limit);
        let (bytes, length) = unpacked.map_err(describe_failure)?;
        entry.size = length;
        let crc = self.skip_lengths()?;
        Ok(Contents::Unpacked(match bytes {
            Some(bytes) if crc.is_none_or(|crc| crc == checksum(&bytes)) => Ok(bytes),
            Some(_) => Err(damaged("its checksum is another than the archive says")),
            None => Err(too_large(length).unwrap_or_default()),
        }))
    }

    /// Passes over the lengths after an entry's contents, which stand there in one of four ways,
    /// and returns the checksum before them. The next header tells which way it is.
    fn skip_lengths(&mut self) -> io::Result<Option<u32>> {
        let start = self.window.position();
        let mut bytes = [0; 28];
        let read = read_up_to(&mut self.window, &mut bytes)?;
        // Where the header before the contents has the lengths, they may be missing here.
        if bytes.starts_with(&LOCAL_MAGIC) || bytes.starts_with(&CENTRAL_MAGIC) {
            self.next = start;
            return Ok(None);
        }
        let begins = bytes.starts_with(&DESCRIPTOR_MAGIC);
        let lengths: [usize; 2] = if begins { [16, 24] } else { [12, 20] };
        let followed = |length: &usize| {
            read == *length || bytes.get(*length..).is_some_and(|rest| rest.starts_with(b"PK"))
        };
        let length = lengths.into_iter().find(followed);
        self.next = start + length.unwrap_or(read) as u64;
        Ok(length.map(|_| number(&bytes, if begins { 4 } else { 0 }, 4) as u32))
    }
}

impl<F: OpenFile> RawArchive for ZipScan<'_, F> {
    const DOS_NAMES: bool = true;

    fn next_entry(&mut self) -> Result<Option<RawEntry>, ArchiveError> {
        loop {
            let mut entry = self.next_header()?;
            self.count += 1;
            if self.count > MAX_ENTRIES {
                return Err(ArchiveError::TooManyEntries);
            }
            let start = self.window.position();
            let length_follows = entry.lengths_follow && entry.packed == 0;
            let contents = if length_follows && (entry.method == DEFLATED || !entry.folder) {
                Some(self.unpack_unknown(&mut entry)?)
            } else {
                self.next = start.saturating_add(entry.packed);
                if self.next > self.file.size() {
                    return Err(ArchiveError::CutOff);
                }
                if entry.lengths_follow {
                    self.window.seek(self.next);
                    self.skip_lengths()?;
                }
                None
            };
            if entry.folder || self.left_out.counts(&entry) {
                continue;
            }
            let (name, size) = (entry.name.clone(), entry.size);
            let backslashes = entry.backslashes;
            self.entry = Some(contents.unwrap_or(Contents::At(start, entry)));
            return Ok(Some(RawEntry { name, backslashes, size, refused: None }));
        }
    }

    fn read_entry(&mut self) -> Result<Vec<u8>, RawError> {
        match self.entry.take() {
            Some(Contents::At(start, entry)) => {
                self.window.seek(start);
                unpack(&mut self.window, &entry, self.file.size(), &mut self.limit)
            }
            Some(Contents::Unpacked(contents)) => contents.map_err(RawError::Entry),
            None => Err(RawError::Entry("it was read already".into())),
        }
    }

    fn position(&self) -> u64 {
        self.next.min(self.file.size())
    }

    fn notices(&self) -> Vec<String> {
        self.left_out.notices()
    }
}
