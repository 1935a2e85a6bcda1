//! Where the pictures of a streamed set lie.

use std::collections::BTreeMap;

use resnette_image_parquet::{LocatedPictures, PicturePage, PicturePlace};

use crate::file_hash::FileHash;

/// Where a picture lies, by the numbers of files and pages in [`Places`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is a file.
    File(u32),
    /// It is this part of a file.
    Bytes {
        /// The file.
        file: u32,
        /// Offset of its first byte.
        start: u64,
        /// Its length in bytes.
        length: u64,
    },
    /// It is a row of a page that has to be unpacked.
    Row {
        /// The page.
        page: u32,
        /// The row in it.
        row: u32,
    },
}

/// The places of all pictures that were read, by what tells their bytes apart. Of copies one place
/// is enough: they have the same pixels.
#[derive(Debug, Default)]
pub struct Places {
    places: BTreeMap<FileHash, Place>,
    /// Pages, each with its file.
    pub pages: Vec<(u32, PicturePage)>,
}

impl Places {
    /// Notes where a picture lies.
    pub fn add(&mut self, picture: FileHash, place: Place) {
        self.places.entry(picture).or_insert(place);
    }

    /// Notes where the pictures of a row group lie, with a hash of each that there is.
    pub fn add_group(&mut self, file: u32, located: &LocatedPictures, hashes: &[FileHash]) {
        let before = self.pages.len();
        for (&(_, place), &hash) in located.rows.iter().flatten().zip(hashes) {
            let place = match place {
                PicturePlace::Bytes { start, length } => Place::Bytes { file, start, length },
                PicturePlace::Row { page, row } => {
                    Place::Row { page: (before + page) as u32, row: row as u32 }
                }
            };
            self.add(hash, place);
        }
        self.pages.extend(located.pages.iter().map(|page| (file, *page)));
    }

    /// Where a picture lies, if it was read.
    pub fn get(&self, picture: FileHash) -> Option<Place> {
        self.places.get(&picture).copied()
    }
}
