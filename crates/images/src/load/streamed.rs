//! Opens files on disk whose pictures are not kept but read again when they are needed.
//!
//! The loader for opened files runs as ever and decodes each picture that it takes once, so that
//! the same ones are chosen and refused; of each only the outline stays. Meanwhile the files note
//! where the pictures that are read from them lie.

use std::cell::{OnceCell, RefCell};

use bytes::Bytes;
use futures::FutureExt;
use resnette_image_parquet::source::SourceError;
use resnette_image_parquet::{ColumnChoice, ColumnChunk, Footer, locate_pictures};
use resnette_picture::report::{ClassCorrections, LoadProgress};
use resnette_spec::DataConfig;

use crate::dataset::Dataset;
use crate::decode::DecodeOptions;
use crate::file_hash::FileHash;
use crate::load::disk::DiskFile;
use crate::load::error::LoadError;
use crate::load::file_kind::{FileKind, file_kind};
use crate::load::files::load_files;
use crate::load::observer::LoadObserver;
use crate::load::open_file::{FileRanges, OpenFile};
use crate::load::opened_columns::chosen_columns;
use crate::parallel;
use crate::problems::Problems;
use crate::stream::{Maker, Place, Places, Stream};

/// Opens a set of pictures that may be larger than memory: the same as [`load_files`] gives, but
/// that the pixels are made when a batch needs them, and take at most `memory` bytes. How many
/// pictures there may be is not limited by their pixels, so none are kept smaller for want of room.
///
/// # Errors
/// Those of [`load_files`], and [`LoadError::Refused`] if there is an archive among the files: of
/// most kinds nothing can be read without what lies before it.
pub async fn load_streamed(
    files: Vec<DiskFile>,
    corrections: &ClassCorrections,
    config: &DataConfig,
    seed: u32,
    memory: u64,
    problems: &mut Problems,
    observer: &mut impl LoadObserver,
) -> Result<Dataset, LoadError> {
    if let Some(archive) = files.iter().find(|file| file_kind(file.path()) == FileKind::Archive) {
        return Err(LoadError::Refused {
            name: archive.path().to_owned(),
            reason:
                "a picture in an archive cannot be read by itself, so a set with archives is not \
                     streamed; unpack it and take it away, or load the set into memory"
                    .into(),
        });
    }
    let places = RefCell::new(Places::default());
    let choice = chosen_columns(corrections);
    let placing: Vec<PlacingFile> = files
        .iter()
        .zip(0..)
        .map(|(file, number)| PlacingFile {
            file,
            number,
            choice,
            places: &places,
            footer: OnceCell::new(),
        })
        .collect();
    let outlines = &mut Outlines(observer);
    let set = load_files(&placing, corrections, config, seed, problems, outlines).await?;
    drop(placing);
    let options = DecodeOptions { accept_cut: corrections.accept_cut };
    let maker = Maker::new(&set, files, places.into_inner(), config.size, options);
    let Some(maker) = maker else {
        return Err(LoadError::Refused {
            name: set.source,
            reason:
                "some of its pictures cannot be found again in their files; load it into memory"
                    .into(),
        });
    };
    Ok(Dataset { stream: Some(Stream::new(maker, memory)), ..set })
}

/// Watches for somebody else, and lets only outlines stay.
struct Outlines<'a, O>(&'a mut O);

impl<O: LoadObserver> LoadObserver for Outlines<'_, O> {
    async fn on_progress(&mut self, progress: &LoadProgress) -> bool {
        self.0.on_progress(progress).await
    }

    fn keeps_pictures(&self) -> bool {
        false
    }
}

/// A file that notes where the pictures lie that are read from it.
struct PlacingFile<'a> {
    file: &'a DiskFile,
    /// Its index among the files.
    number: u32,
    /// The columns of parquet files that the reader chose.
    choice: ColumnChoice<'a>,
    places: &'a RefCell<Places>,
    /// The footer of a parquet file, once it is read; `None` if it cannot be.
    footer: OnceCell<Option<Footer>>,
}

impl PlacingFile<'_> {
    /// Notes the pictures of a row group, if this part of a parquet file is its column of pictures.
    fn place_group(&self, start: u64, length: u64, bytes: &Bytes) {
        let footer = self.footer.get_or_init(|| {
            let mut ranges = FileRanges::new(self.file);
            // A file on disk lets nobody wait.
            Footer::read_chosen(&mut ranges, self.choice).now_or_never()?.ok()
        });
        let Some(footer) = footer else { return };
        let is_read = |place: ColumnChunk| (place.start, place.length) == (start, length);
        let Some(group) = footer.groups.iter().position(|group| is_read(group.pictures)) else {
            return;
        };
        let located = locate_pictures(footer, group, bytes);
        let pictures: Vec<&Bytes> =
            located.rows.iter().flatten().map(|(picture, _)| picture).collect();
        let hashes = parallel::map(&pictures, |_, picture| FileHash::of(picture));
        self.places.borrow_mut().add_group(self.number, &located, &hashes);
    }
}

impl OpenFile for PlacingFile<'_> {
    fn path(&self) -> &str {
        self.file.path()
    }

    fn size(&self) -> u64 {
        self.file.size()
    }

    fn read_at(&self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        let bytes = self.file.read_at(start, length)?;
        if file_kind(self.path()) == FileKind::Parquet {
            self.place_group(start, length, &bytes);
        } else if start == 0 && length == self.size() {
            let place = Place::File(self.number);
            self.places.borrow_mut().add(FileHash::of(&bytes), place);
        }
        Ok(bytes)
    }
}
