//! Reads `.tar`, plain or compressed with gzip: the first version (v7), ustar, GNU and pax.
//!
//! Headers are blocks of 512 bytes, each followed by the entry's contents. A header has room for a
//! path of 100 bytes; GNU tar writes a longer one into an entry of its own before the file's, and
//! pax into a list of properties ([`PaxProperties`]).

use std::io::{self, Read};

use tar::EntryType;

use crate::load::archive::file_window::{FileWindow, read_up_to};
use crate::load::archive::gzip::GzipStreams;
use crate::load::archive::pax::{MAX_PATH_BYTES, PaxProperties};
use crate::load::archive::raw::{
    MAX_ENTRIES, RawArchive, RawEntry, RawError, describe_failure, too_large,
};
use crate::load::archive::tar_header::{BLOCK, TarHeader};
use crate::load::archive_reader::ArchiveError;
use crate::load::open_file::OpenFile;

/// The bytes of a tar archive.
pub enum TarStream<'a, F> {
    /// As they are.
    Plain(FileWindow<'a, F>),
    /// Compressed.
    Gzip(Box<GzipStreams<'a, F>>),
}

impl<'a, F: OpenFile> TarStream<'a, F> {
    /// The beginning of an archive.
    pub fn new(file: &'a F, gzip: bool) -> Self {
        if gzip {
            Self::Gzip(Box::new(GzipStreams::new(file)))
        } else {
            Self::Plain(FileWindow::new(file, 0))
        }
    }

    fn position(&self) -> u64 {
        match self {
            Self::Plain(window) => window.position(),
            Self::Gzip(streams) => streams.position(),
        }
    }

    /// Whether as many bytes follow, as far as it is known.
    fn has(&self, length: u64) -> bool {
        match self {
            Self::Plain(window) => length <= window.left(),
            Self::Gzip(_) => true,
        }
    }

    /// Passes over bytes, and returns whether there were so many.
    fn skip(&mut self, length: u64) -> io::Result<bool> {
        match self {
            Self::Plain(window) => {
                let there = length <= window.left();
                window.skip(length.min(window.left()));
                Ok(there)
            }
            Self::Gzip(streams) => {
                Ok(io::copy(&mut streams.take(length), &mut io::sink())? == length)
            }
        }
    }
}

impl<F: OpenFile> Read for TarStream<'_, F> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(window) => window.read(out),
            Self::Gzip(streams) => streams.read(out),
        }
    }
}

/// The entries of a tar archive.
pub struct TarEntries<'a, F> {
    stream: TarStream<'a, F>,
    /// How much of the last entry's contents has not been read.
    left: u64,
    /// How many bytes fill its last block up.
    padding: u64,
    /// The last entry's length.
    size: u64,
    /// A block that was read too early.
    pending: Option<[u8; BLOCK]>,
    /// What was said about the next entry.
    next: NextEntry,
    /// Number of headers read.
    headers: u64,
    /// Whether the last block was one of zeros, as at the end of an archive.
    after_end: bool,
    /// Whether the archive ended without such a block.
    end_is_missing: bool,
    /// Whether something that is no archive follows the end.
    junk_follows: bool,
}

/// What the headers before an entry say about it.
#[derive(Default)]
struct NextEntry {
    /// The long path of GNU tar.
    long_path: Option<Vec<u8>>,
    pax: PaxProperties,
    /// Whether a path was given that cannot be read.
    path_lost: bool,
}

impl<'a, F: OpenFile> TarEntries<'a, F> {
    /// The entries of an archive, from the first.
    pub fn new(stream: TarStream<'a, F>) -> Self {
        Self {
            stream,
            left: 0,
            padding: 0,
            size: 0,
            pending: None,
            next: NextEntry::default(),
            headers: 0,
            after_end: false,
            end_is_missing: false,
            junk_follows: false,
        }
    }

    /// Passes over what is left of the last entry.
    fn finish_entry(&mut self) -> Result<(), ArchiveError> {
        let (left, padding) = (self.left, self.padding);
        (self.left, self.padding) = (0, 0);
        if !self.stream.skip(left).map_err(describe_failure)? {
            return Err(ArchiveError::CutOff);
        }
        // An archive that ends before the block is filled up is cut off too, if only after the last
        // picture that can be had.
        match self.stream.skip(padding).map_err(describe_failure)? {
            true => Ok(()),
            false => Err(ArchiveError::CutOff),
        }
    }

    fn next_block(&mut self) -> Result<Option<[u8; BLOCK]>, ArchiveError> {
        if let Some(block) = self.pending.take() {
            return Ok(Some(block));
        }
        let mut block = [0; BLOCK];
        match read_up_to(&mut self.stream, &mut block).map_err(describe_failure)? {
            0 => Ok(None),
            BLOCK => Ok(Some(block)),
            _ => Err(ArchiveError::CutOff),
        }
    }

    /// The next header. Blocks of zeros are passed over: they mark the end of an archive, but
    /// another one may follow, as `cat a.tar b.tar` makes them.
    fn next_header(&mut self) -> Result<Option<TarHeader>, ArchiveError> {
        loop {
            let Some(block) = self.next_block()? else {
                self.end_is_missing = !self.after_end;
                return Ok(None);
            };
            if block.iter().all(|byte| *byte == 0) {
                self.after_end = true;
                continue;
            }
            return match TarHeader::parse(&block) {
                Some(header) => {
                    self.after_end = false;
                    Ok(Some(header))
                }
                None if self.after_end && self.headers > 0 => {
                    self.junk_follows = true;
                    Ok(None)
                }
                None => Err(ArchiveError::Damaged("an entry's header is not readable".into())),
            };
        }
    }

    /// The contents of the entry whose header was read last.
    fn contents(&mut self) -> Contents<'_, 'a, F> {
        Contents { stream: &mut self.stream, left: &mut self.left }
    }

    /// Begins an entry's contents.
    fn begin(&mut self, size: u64) {
        (self.size, self.left) = (size, size);
        self.padding = padding(size);
    }

    /// Begins an entry of a kind that has no contents. Some tools set a length all the same, some
    /// of them without contents and some with: the next block tells.
    fn begin_without_contents(&mut self, size: u64) -> Result<(), ArchiveError> {
        self.begin(0);
        if size == 0 {
            return Ok(());
        }
        let block = self.next_block()?;
        let is_header =
            block.is_none_or(|block| block == [0; BLOCK] || TarHeader::parse(&block).is_some());
        if is_header {
            self.pending = block;
        } else {
            self.begin(size);
            self.left = size.saturating_sub(BLOCK as u64);
            self.padding = padding(self.left);
        }
        Ok(())
    }

    /// Reads an entry that only describes the next one. Returns what is to be told of it.
    fn read_description(&mut self, kind: EntryType) -> Result<Option<String>, ArchiveError> {
        if kind.is_gnu_longname() {
            if self.size > MAX_PATH_BYTES {
                self.next.path_lost = true;
                return Ok(Some(LONG_PATH.into()));
            }
            let mut path = Vec::new();
            self.contents().read_to_end(&mut path).map_err(describe_failure)?;
            path.truncate(path.iter().position(|byte| *byte == 0).unwrap_or(path.len()));
            self.next.long_path = Some(path);
            return Ok(None);
        }
        self.next.pax = PaxProperties::read(self.contents()).map_err(describe_failure)?;
        self.next.path_lost |= self.next.pax.path_too_long;
        if self.next.pax.path_too_long {
            return Ok(Some(LONG_PATH.into()));
        }
        if self.next.pax.damaged {
            self.next.path_lost |= self.next.pax.path.is_none();
            return Ok(Some(
                "this list of a file's properties is damaged; the file itself is read as far as its own header says what it is"
                    .into(),
            ));
        }
        Ok(None)
    }
}

/// How many bytes fill the last block of contents of this length up.
fn padding(size: u64) -> u64 {
    match size % BLOCK as u64 {
        0 => 0,
        rest => BLOCK as u64 - rest,
    }
}

const LONG_PATH: &str = "the name written here is longer than any path; the file it belongs to is read if its short name is complete";

impl<F: OpenFile> RawArchive for TarEntries<'_, F> {
    const DOS_NAMES: bool = false;

    fn next_entry(&mut self) -> Result<Option<RawEntry>, ArchiveError> {
        loop {
            self.finish_entry()?;
            let Some(header) = self.next_header()? else { return Ok(None) };
            self.headers += 1;
            if self.headers > MAX_ENTRIES {
                return Err(ArchiveError::TooManyEntries);
            }
            let size = header.size().map_err(describe_failure)?;
            let kind = header.kind();
            let told = |name: Vec<u8>, reason: String| {
                let refused = Some(reason);
                Ok(Some(RawEntry { name, backslashes: false, size: 0, refused }))
            };
            // Solaris writes `X` for pax's `x`.
            if kind.is_pax_local_extensions() || kind.is_gnu_longname() || kind.as_byte() == b'X' {
                self.begin(size);
                match self.read_description(kind)? {
                    Some(reason) => return told(header.path(), reason),
                    None => continue,
                }
            }
            // Nothing here is about a single file: what holds for all files, a link's long target,
            // an archive's label, a folder's list of files.
            if kind.is_pax_global_extensions()
                || kind.is_gnu_longlink()
                || matches!(kind.as_byte(), b'V' | b'D')
            {
                self.begin(size);
                continue;
            }
            let next = std::mem::take(&mut self.next);
            let size = next.pax.size.unwrap_or(size);
            let is_file = kind.is_file() || kind.is_contiguous();
            let path_cut = next.path_lost && header.path_is_full();
            // An empty path means that the header's own counts.
            let pax_path = next.pax.path.filter(|path| !path.is_empty());
            let name = pax_path.or(next.long_path).unwrap_or_else(|| header.path());
            if kind.is_dir() || (is_file && name.ends_with(b"/")) {
                self.begin_without_contents(size)?;
                continue;
            }
            if kind.is_gnu_sparse() || next.pax.sparse {
                self.begin(size);
                let mut more = kind.is_gnu_sparse() && header.is_extended();
                while more {
                    let Some(block) = self.next_block()? else { return Err(ArchiveError::CutOff) };
                    // The list of holes goes on as long as this byte is set.
                    more = block.get(504).is_some_and(|byte| *byte == 1);
                }
                return told(name, "it is stored with holes (a sparse file), which is not read; pack the folder again without the option --sparse".into());
            }
            if kind.is_hard_link() || kind.is_symlink() {
                self.begin_without_contents(size)?;
                return told(name, "a link in an archive is not followed".into());
            }
            if !is_file {
                if kind.as_byte() == b'M' {
                    self.begin(size);
                    return told(
                        name,
                        "it begins in another part of this archive; join the parts, or open the folder".into(),
                    );
                }
                self.begin_without_contents(size)?;
                return told(name, "this is no ordinary file".into());
            }
            if !self.stream.has(size) {
                return Err(ArchiveError::CutOff);
            }
            self.begin(size);
            let refused =
                path_cut.then(|| "its path cannot be read; the entry is left out".to_owned());
            return Ok(Some(RawEntry { name, backslashes: false, size, refused }));
        }
    }

    fn read_entry(&mut self) -> Result<Vec<u8>, RawError> {
        if let Some(reason) = too_large(self.size) {
            return Err(RawError::Entry(reason));
        }
        let (mut bytes, size) = (Vec::new(), self.left);
        self.contents().read_to_end(&mut bytes).map_err(describe_failure)?;
        if bytes.len() as u64 == size { Ok(bytes) } else { Err(ArchiveError::CutOff.into()) }
    }

    fn position(&self) -> u64 {
        self.stream.position()
    }

    fn notices(&self) -> Vec<String> {
        let after_gzip = matches!(&self.stream, TarStream::Gzip(streams) if streams.junk_follows);
        let mut notices = Vec::new();
        if self.end_is_missing {
            notices.push("it ends without the mark that a whole archive ends with; if pictures are missing, load it again".into());
        }
        if self.junk_follows || after_gzip {
            notices.push("something that is no archive follows its end, and is left out; if pictures are missing, load the archive again".into());
        }
        notices
    }
}

/// An entry's contents, of which `left` bytes have not been read.
struct Contents<'s, 'a, F> {
    stream: &'s mut TarStream<'a, F>,
    left: &'s mut u64,
}

impl<F: OpenFile> Read for Contents<'_, '_, F> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.take(*self.left).read(out)?;
        *self.left -= length as u64;
        Ok(length)
    }
}
