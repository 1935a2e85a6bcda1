//! Reads a picture again and makes of it what is kept to train or to validate.

use std::collections::HashMap;

use bytes::Bytes;
use resnette_image_parquet::PicturePage;
use resnette_image_parquet::source::SourceError;
use resnette_spec::Keep;

use super::{Part, Place, Places, StreamError, Wanted};
use crate::dataset::Dataset;
use crate::decode::{DecodeOptions, decode_with};
use crate::file_hash::FileHash;
use crate::load::disk::DiskFile;
use crate::load::open_file::OpenFile;
use crate::sample::Sample;

/// The most pictures of a page that one thread makes in one go.
pub const MOST_OF_A_PAGE: usize = 8;

/// What is known of a picture that is not in memory.
#[derive(Clone, Copy, Debug)]
struct Known {
    place: Place,
    file: FileHash,
    label: u32,
    /// The memory that it takes once it is made.
    bytes: u64,
}

/// Makes the pictures of a set.
#[derive(Debug)]
pub struct Maker {
    files: Vec<DiskFile>,
    /// Pages that pictures are unpacked from, each with the number of its file.
    pages: Vec<(u32, PicturePage)>,
    train: Vec<Known>,
    valid: Vec<Known>,
    keep: Keep,
    size: u32,
    options: DecodeOptions,
}

impl Maker {
    /// What makes the pictures of `set`, which has their outlines, for a network whose input has
    /// `size` pixels a side. `None` if the place of one of them is not known.
    pub fn new(
        set: &Dataset,
        files: Vec<DiskFile>,
        places: Places,
        size: u32,
        options: DecodeOptions,
    ) -> Option<Self> {
        let known = |samples: &[Sample]| -> Option<Vec<Known>> {
            let known = samples.iter().map(|sample| {
                let file = sample.file?;
                let (place, label) = (places.get(file)?, sample.label);
                Some(Known { place, file, label, bytes: sample.full_bytes() })
            });
            known.collect()
        };
        let (train, valid) = (known(&set.train)?, known(&set.valid)?);
        Some(Self { files, train, valid, keep: set.keep, size, options, pages: places.pages })
    }

    fn known(&self, (part, index): Wanted) -> &Known {
        match part {
            Part::Train => &self.train[index],
            Part::Valid => &self.valid[index],
        }
    }

    /// The memory that a picture takes once it is made.
    pub fn bytes(&self, wanted: Wanted) -> u64 {
        self.known(wanted).bytes
    }

    /// The memory that all pictures take once they are made.
    pub fn all_bytes(&self) -> u64 {
        self.train.iter().chain(&self.valid).map(|known| known.bytes).sum()
    }

    /// The page that a picture has to be unpacked from.
    pub fn page(&self, wanted: Wanted) -> Option<u32> {
        match self.known(wanted).place {
            Place::Row { page, .. } => Some(page),
            Place::File(_) | Place::Bytes { .. } => None,
        }
    }

    /// Makes a picture.
    ///
    /// # Errors
    /// [`StreamError`]
    pub fn make(&self, wanted: Wanted) -> Result<Sample, StreamError> {
        let known = self.known(wanted);
        match known.place {
            Place::File(file) => {
                let size = self.file(file).map_or(0, |file| file.size());
                self.make_of(wanted, file, &self.read(file, 0, size)?)
            }
            Place::Bytes { file, start, length } => {
                self.make_of(wanted, file, &self.read(file, start, length)?)
            }
            Place::Row { page, .. } => self.make_of_page(wanted, page, &self.unpack(page)?),
        }
    }

    /// The same pictures in groups that are made together: those of a page, up to
    /// [`MOST_OF_A_PAGE`], or one that needs no page.
    pub fn groups(&self, wanted: &[Wanted]) -> Vec<Vec<Wanted>> {
        let mut groups: Vec<Vec<Wanted>> = Vec::new();
        // The last group of each page.
        let mut last: HashMap<u32, usize> = HashMap::new();
        for &wanted in wanted {
            let page = self.page(wanted);
            if let Some(&index) = page.as_ref().and_then(|page| last.get(page))
                && let Some(group) = groups.get_mut(index)
                && group.len() < MOST_OF_A_PAGE
            {
                group.push(wanted);
                continue;
            }
            if let Some(page) = page {
                last.insert(page, groups.len());
            }
            groups.push(vec![wanted]);
        }
        groups
    }

    /// Makes the pictures of a group, whose page is read once.
    pub fn make_together(&self, wanted: &[Wanted]) -> Vec<Result<Sample, StreamError>> {
        let Some(page) = wanted.first().and_then(|&first| self.page(first)) else {
            return wanted.iter().map(|&wanted| self.make(wanted)).collect();
        };
        match self.unpack(page) {
            Ok(rows) => {
                wanted.iter().map(|&wanted| self.make_of_page(wanted, page, &rows)).collect()
            }
            Err(error) => wanted.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    /// Makes a picture of an unpacked page.
    fn make_of_page(
        &self,
        wanted: Wanted,
        page: u32,
        rows: &[Option<Bytes>],
    ) -> Result<Sample, StreamError> {
        let file = self.pages.get(page as usize).map_or(u32::MAX, |(file, _)| *file);
        let row = match self.known(wanted).place {
            Place::Row { row, .. } => row as usize,
            Place::File(_) | Place::Bytes { .. } => usize::MAX,
        };
        match rows.get(row) {
            Some(Some(bytes)) => self.make_of(wanted, file, bytes),
            _ => Err(StreamError::Changed { file: self.name(file) }),
        }
    }

    /// Makes a picture of its bytes, which were read from a file.
    fn make_of(&self, wanted: Wanted, file: u32, bytes: &[u8]) -> Result<Sample, StreamError> {
        let known = self.known(wanted);
        if FileHash::of(bytes) != known.file {
            return Err(StreamError::Changed { file: self.name(file) });
        }
        // The same bytes were decoded when the set was opened.
        let picture = decode_with(bytes, self.options).map_err(|error| {
            StreamError::Unreadable { file: self.name(file), reason: error.to_string() }
        })?;
        let sample = match wanted.0 {
            Part::Train => Sample::made_to_train(self.keep, &picture, known.label, self.size),
            Part::Valid => Sample::made_to_validate(self.keep, &picture, known.label, self.size),
        };
        Ok(sample.with_file(known.file))
    }

    /// The pictures of a page.
    fn unpack(&self, page: u32) -> Result<Vec<Option<Bytes>>, StreamError> {
        let changed = |file| StreamError::Changed { file: self.name(file) };
        let &(file, page) = self.pages.get(page as usize).ok_or_else(|| changed(u32::MAX))?;
        let dictionary = match page.dictionary {
            Some((start, length)) => self.read(file, start, length)?,
            None => Bytes::new(),
        };
        let bytes = self.read(file, page.start, page.length)?;
        page.unpack(&dictionary, &bytes, "").map_err(|_| changed(file))
    }

    fn read(&self, number: u32, start: u64, length: u64) -> Result<Bytes, StreamError> {
        let name = || self.name(number);
        let file = self.file(number).ok_or_else(|| StreamError::Changed { file: name() })?;
        file.read_at(start, length).map_err(|error| match error {
            SourceError::Short { .. } => StreamError::Changed { file: name() },
            SourceError::Unreadable { reason, .. } => {
                StreamError::Unreadable { file: name(), reason }
            }
            other => StreamError::Unreadable { file: name(), reason: other.to_string() },
        })
    }

    fn file(&self, number: u32) -> Option<&DiskFile> {
        self.files.get(number as usize)
    }

    fn name(&self, number: u32) -> String {
        self.file(number).map_or_else(String::new, |file| file.path().to_owned())
    }
}
