//! Feeds pictures to a sampler, as many at once as rayon's threads can decode together.
//!
//! Whatever is told or decided comes in the order of the pictures, as if each had been decoded
//! before the next was looked at: what depends on those that wait has them decoded first.

use bytes::Bytes;
use resnette_image_parquet::ParquetError;
use resnette_picture::Picture;
use resnette_picture::report::LoadProgress;

use crate::load::entry::DatasetEntry;
use crate::load::error::LoadError;
use crate::load::hash_sampler::{HashSampler, SampleError};
use crate::load::observer::LoadObserver;
use crate::load::picture_group::{Decoded, PictureGroup};
use crate::problems::Problems;

/// The observer does not want to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl From<Stopped> for LoadError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<Stopped> for ParquetError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// Pictures on their way to a sampler.
pub struct PictureFeed<'a, 's, O> {
    /// Who takes them.
    pub sampler: &'a mut HashSampler<'s>,
    /// What cannot be used; complete while nothing waits.
    pub problems: &'a mut Problems,
    progress: &'a mut LoadProgress,
    observer: &'a mut O,
    group: PictureGroup<Waiting>,
    refused: usize,
}

/// What a picture is that waits to be decoded.
struct Waiting {
    entry: DatasetEntry,
    /// Its name in messages.
    name: String,
    /// The progress once it is decoded: bytes read, and pictures wanted.
    bytes: u64,
    wanted: u32,
}

impl<'a, 's, O: LoadObserver> PictureFeed<'a, 's, O> {
    /// A feed in which nothing waits.
    pub fn new(
        sampler: &'a mut HashSampler<'s>,
        problems: &'a mut Problems,
        progress: &'a mut LoadProgress,
        observer: &'a mut O,
    ) -> Self {
        let group = PictureGroup::new();
        Self { sampler, problems, progress, observer, group, refused: 0 }
    }

    /// The bytes of the progress that was reported last.
    pub fn bytes(&self) -> u64 {
        self.progress.bytes
    }

    /// How many pictures could not be used so far.
    pub fn refused(&self) -> usize {
        self.refused
    }

    /// [`HashSampler::wants`].
    ///
    /// # Errors
    /// [`Stopped`] if the observer stops it.
    pub async fn wants(
        &mut self,
        entry: &DatasetEntry,
    ) -> Result<Result<bool, SampleError>, Stopped> {
        let waiting = self.group.items().map(|waiting| &waiting.entry);
        if !self.sampler.is_certain(entry, waiting) {
            self.settle().await?;
        }
        Ok(self.sampler.wants(entry))
    }

    /// Gives the sampler a picture that it wants, now or with others that follow. `bytes_read` is
    /// the progress with it.
    ///
    /// # Errors
    /// [`Stopped`] if the observer stops it.
    pub async fn add(
        &mut self,
        entry: DatasetEntry,
        name: String,
        picture: Bytes,
        bytes_read: u64,
    ) -> Result<(), Stopped> {
        if !self.group.has_room_for(&picture) {
            self.settle().await?;
        }
        let (_, wanted) = self.sampler.progress();
        self.group.add(Waiting { entry, name, bytes: bytes_read, wanted }, picture);
        if self.group.is_full() { self.settle().await } else { Ok(()) }
    }

    /// Decodes what waits, has the sampler take it and tells what cannot be used.
    ///
    /// # Errors
    /// [`Stopped`] if the observer stops it.
    pub async fn settle(&mut self) -> Result<(), Stopped> {
        if self.group.items().len() == 0 {
            return Ok(());
        }
        let (maker, keeps) = (self.sampler.maker(), self.observer.keeps_pictures());
        let make_of = |bytes: &[u8], picture: &Picture| {
            let made = maker.make(bytes, picture);
            if keeps { made } else { made.into_outline() }
        };
        let decoded =
            self.group.decode(&self.sampler.decoder, |_, bytes, picture| make_of(bytes, picture));
        for Decoded { item: Waiting { entry, name, bytes, wanted }, bytes: file, attempt } in
            decoded
        {
            let make = |picture: &Picture| make_of(&file[..], picture);
            let decoder = &mut self.sampler.decoder;
            let made = decoder.finish(attempt, &file, &self.observer.fallback(), make).await;
            if let Err(error) = self.sampler.insert(&entry, made) {
                self.problems.add(name, error);
                self.refused += 1;
            }
            self.progress.bytes = bytes;
            (self.progress.pictures, _) = self.sampler.progress();
            self.progress.wanted = wanted;
            self.watch().await?;
        }
        Ok(())
    }

    /// Tells what else cannot be used, after what waits.
    ///
    /// # Errors
    /// [`Stopped`] if the observer stops it.
    pub async fn tell(
        &mut self,
        name: impl AsRef<str>,
        reason: impl ToString,
    ) -> Result<(), Stopped> {
        self.settle().await?;
        self.problems.add(name, reason);
        Ok(())
    }

    /// Reports the progress where no picture is added, after what waits.
    ///
    /// # Errors
    /// [`Stopped`] if the observer stops it.
    pub async fn report(&mut self, bytes_read: u64) -> Result<(), Stopped> {
        self.settle().await?;
        self.progress.bytes = bytes_read;
        (self.progress.pictures, self.progress.wanted) = self.sampler.progress();
        self.watch().await
    }

    /// Asks the observer whether to go on.
    ///
    /// # Errors
    /// [`Stopped`] if not.
    pub async fn watch(&mut self) -> Result<(), Stopped> {
        if self.observer.on_progress(self.progress).await { Ok(()) } else { Err(Stopped) }
    }
}
