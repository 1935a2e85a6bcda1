//! Where single pictures lie in a file, so that each can be read again without its row group.
//!
//! Where pages are not compressed, a picture's bytes stand in the file as they are. Elsewhere the
//! page that holds it has to be read and unpacked, with the dictionary before it if there is one.

use bytes::Bytes;

use crate::error::ParquetError;
use crate::footer::{ColumnChunk, Footer};
use crate::page::{page_spans, read_column};

/// Where a picture lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PicturePlace {
    /// Its bytes are in the file as they are.
    Bytes {
        /// Offset of the first one in the file.
        start: u64,
        /// How many there are.
        length: u64,
    },
    /// It is in a page that has to be unpacked.
    Row {
        /// The page's index in [`LocatedPictures::pages`].
        page: usize,
        /// The row in the page, counted from 0.
        row: usize,
    },
}

/// A page of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PicturePage {
    /// Offset of its header in the file.
    pub start: u64,
    /// Its length with its header, in bytes.
    pub length: u64,
    /// Offset and length of the page of its column's dictionary; `None` if there is none.
    pub dictionary: Option<(u64, u64)>,
    /// The number of its rows.
    rows: usize,
    /// The definition level of a picture that is not null.
    level: u8,
    chunk: ColumnChunk,
}

impl PicturePage {
    /// The picture of each row, `None` for a null, given the bytes of the dictionary's page (none
    /// if there is no dictionary) and of this one. `name` is the file's name in messages.
    ///
    /// # Errors
    /// [`ParquetError::Damaged`] or [`ParquetError::UnsupportedEncoding`] if the bytes are not, or
    /// not any more, such a page.
    pub fn unpack(
        &self,
        dictionary: &[u8],
        page: &[u8],
        name: &str,
    ) -> Result<Vec<Option<Bytes>>, ParquetError> {
        // Together they are a chunk of one page.
        let bytes = Bytes::from([dictionary, page].concat());
        let column = read_column::<Bytes>(self.chunk, self.level, self.rows, bytes)
            .map_err(|error| error.of_file(name))?;
        match column.lost.into_iter().next() {
            Some((_, error)) => Err(error.of_file(name)),
            None => Ok(column.values),
        }
    }
}

/// The pictures of a row group, and where they lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocatedPictures {
    /// The pages of those pictures whose bytes do not stand in the file as they are.
    pub pages: Vec<PicturePage>,
    /// The encoded picture of each row and its place; `None` for a null, and for one that cannot be
    /// read.
    pub rows: Vec<Option<(Bytes, PicturePlace)>>,
}

/// Finds the pictures of a row group, given the bytes of their column in it. There are none where
/// [`read_pictures`](crate::read_pictures) tells that it cannot be read.
pub fn locate_pictures(footer: &Footer, group: usize, bytes: &Bytes) -> LocatedPictures {
    let Some(metadata) = footer.groups.get(group) else { return LocatedPictures::default() };
    let (chunk, level, rows) = (metadata.pictures, footer.pictures.level, metadata.rows);
    let column = read_column::<Bytes>(chunk, level, rows, bytes.clone());
    let (Ok(column), Ok(spans)) = (column, page_spans(bytes.clone(), rows)) else {
        return LocatedPictures::default();
    };
    let place = |range: &std::ops::Range<usize>| (chunk.start + range.start as u64, range.len());
    let dictionary = spans.dictionary.as_ref().map(|range| {
        let (start, length) = place(range);
        (start, length as u64)
    });
    let mut located = LocatedPictures::default();
    let mut values = column.values.into_iter();
    for (rows_of_page, range) in &spans.pages {
        let (start, length) = place(range);
        let page = located.pages.len();
        let mut is_used = false;
        for (row, value) in values.by_ref().take(rows_of_page.len()).enumerate() {
            let picture = value.filter(|picture| !picture.is_empty()).map(|picture| {
                let place = match offset_in(bytes, &picture) {
                    Some(offset) => PicturePlace::Bytes {
                        start: chunk.start + offset as u64,
                        length: picture.len() as u64,
                    },
                    None => {
                        is_used = true;
                        PicturePlace::Row { page, row }
                    }
                };
                (picture, place)
            });
            located.rows.push(picture);
        }
        if is_used {
            let (length, rows) = (length as u64, rows_of_page.len());
            located.pages.push(PicturePage { start, length, dictionary, rows, level, chunk });
        }
    }
    located
}

/// Where `part` begins in `whole`; `None` if it was unpacked into memory of its own.
fn offset_in(whole: &Bytes, part: &Bytes) -> Option<usize> {
    let offset = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (offset + part.len() <= whole.len()).then_some(offset)
}
