//! Samples pictures that are seen once, one after another and in any order: reservoir sampling by
//! hash.
//!
//! Each picture has a random key that depends only on the seed, its class and its file name, and of
//! each class the pictures with the smallest keys are kept (also known as bottom-k sampling). So a
//! sample needs no list of the pictures beforehand, never holds more than it keeps, and consists of
//! the same pictures whether they come from an archive or from a folder.

use std::borrow::Cow;

use resnette_spec::limits::MAX_SET_BYTES;
use resnette_spec::{DataConfig, Keep};

use crate::dataset::{Dataset, kept_smaller};
use crate::decode::DecodeError;
use crate::load::corrections::ClassChanges;
use crate::load::entry::{DatasetEntry, Split};
use crate::load::error::LoadError;
use crate::load::picture_decoder::PictureDecoder;
use crate::load::reservoir::{MadePicture, PictureMaker, sampling_key};
use crate::load::sampled_set::SampledClasses;
use crate::problems::Problems;

/// The most classes a data set may have, as many as ImageNet has.
const MAX_CLASSES: usize = 1_000;
/// The most bytes of kept pictures, so that a browser does not run out of memory.
const MAX_BYTES: usize = MAX_SET_BYTES as usize;
/// The most origins of a class that are named.
const MAX_ORIGINS: usize = 12;

/// Why a picture was not taken into a sample.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// It cannot be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// There are too many classes.
    #[error(
        "there are more than {MAX_CLASSES} classes, and this one is left out; open fewer class folders at once"
    )]
    Classes,
    /// The pictures kept so far take too much memory.
    #[error("the pictures kept so far take 1.5 GB; choose fewer a class, or smaller ones")]
    Memory,
}

/// The pictures kept so far.
pub struct HashSampler<'a> {
    config: &'a DataConfig,
    seed: u32,
    /// What the reader corrected.
    changes: ClassChanges,
    /// Decodes the pictures, and counts those that end early.
    pub decoder: PictureDecoder,
    sampled: SampledClasses,
    /// Where the pictures come from that are seen now.
    origin: Option<String>,
    /// A split that counts in place of that of the entries.
    forced_split: Option<Option<Split>>,
    /// Memory that the kept pictures take.
    bytes: usize,
    /// How they are kept.
    keep: Keep,
    /// The pictures that were not wanted, or not kept.
    unread: u32,
}

impl<'a> HashSampler<'a> {
    /// A sampler that has seen no picture yet and applies a reader's corrections.
    pub fn new(
        config: &'a DataConfig,
        seed: u32,
        changes: ClassChanges,
        decoder: PictureDecoder,
    ) -> Self {
        Self {
            config,
            seed,
            changes,
            decoder,
            sampled: SampledClasses::default(),
            origin: None,
            forced_split: None,
            bytes: 0,
            keep: config.keep,
            unread: 0,
        }
    }

    /// The random key of a picture: of each class, those with the smallest keys are kept.
    pub fn key(&self, entry: &DatasetEntry) -> u64 {
        let class = self.changes.apply(&entry.class).unwrap_or(Cow::Borrowed(&entry.class));
        sampling_key(self.seed, &class, &entry.file)
    }

    /// Says where the pictures come from that are seen from now on, if it is one file, and the
    /// split that they belong to, whatever their entries say.
    pub fn set_origin(&mut self, origin: Option<&str>, forced_split: Option<Option<Split>>) {
        self.origin = origin.map(str::to_owned);
        self.forced_split = forced_split;
    }

    /// Names a folder that pictures of a class come from.
    pub fn add_origin(&mut self, class: &str, origin: String) {
        if let Some(class) = self.changes.apply(class)
            && let Some(class) = self.sampled.classes.get_mut(class.as_ref())
            && class.origins.len() < MAX_ORIGINS
        {
            class.origins.insert(origin);
        }
    }

    /// An entry as corrected; `None` if its class is left out.
    fn corrected(&self, entry: &DatasetEntry) -> Option<DatasetEntry> {
        Some(DatasetEntry {
            split: self.forced_split.unwrap_or(entry.split),
            class: self.changes.apply(&entry.class)?.into_owned(),
            file: entry.file.clone(),
        })
    }

    /// The capacity of a reservoir.
    fn capacity(&self, split: Option<Split>) -> usize {
        match split {
            Some(Split::Train) => self.config.train as usize,
            Some(Split::Valid) => self.config.valid as usize,
            None => self.config.train as usize + self.config.valid as usize,
        }
    }

    /// Counts a picture as seen, and returns whether its bytes are needed. If so, either
    /// [`HashSampler::insert`] or [`HashSampler::mark_unreadable`] must follow.
    ///
    /// # Errors
    /// [`SampleError::Classes`] if its class would be one too many.
    pub fn wants(&mut self, entry: &DatasetEntry) -> Result<bool, SampleError> {
        let key = entry.class.as_str();
        let Some(entry) = self.corrected(entry) else {
            if self.sampled.left_out.contains_key(key) || self.sampled.left_out.len() < MAX_CLASSES
            {
                *self.sampled.left_out.entry(key.into()).or_default() += 1;
            }
            return Ok(false);
        };
        let capacity = self.capacity(entry.split);
        let sampling_key = sampling_key(self.seed, &entry.class, &entry.file);
        if self.sampled.classes.len() >= MAX_CLASSES
            && !self.sampled.classes.contains_key(&entry.class)
        {
            return Err(SampleError::Classes);
        }
        let class = self.sampled.classes.entry(entry.class).or_default();
        if !class.keys.contains(key) {
            class.keys.insert(key.into());
        }
        if let Some(origin) = &self.origin
            && class.origins.len() < MAX_ORIGINS
            && !class.origins.contains(origin)
        {
            class.origins.insert(origin.clone());
        }
        let reservoir = class.reservoir(entry.split);
        reservoir.seen += 1;
        let wanted = reservoir.kept.len() < capacity
            || reservoir
                .kept
                .peek()
                .is_some_and(|largest| (sampling_key, &entry.file) <= (largest.key, &largest.file));
        self.unread = self.unread.saturating_add(u32::from(!wanted));
        Ok(wanted)
    }

    /// The number of pictures of the classes in use that were not read, or not kept, because others
    /// were drawn.
    pub fn unread(&self) -> u32 {
        self.unread
    }

    /// Whether [`HashSampler::wants`] gives the same answer for a picture now as it would after
    /// those in `waiting`, which it wanted before, have been inserted, whichever of them turn out
    /// to be readable.
    pub fn is_certain<'e>(
        &self,
        entry: &DatasetEntry,
        waiting: impl ExactSizeIterator<Item = &'e DatasetEntry>,
    ) -> bool {
        let count = waiting.len();
        if count == 0 {
            return true;
        }
        let Some(entry) = self.corrected(entry) else { return true };
        let Some(class) = self.sampled.classes.get(&entry.class) else { return true };
        let kept = class.kept(entry.split);
        let capacity = self.capacity(entry.split);
        if kept.len() + count < capacity {
            return true;
        }
        let place = (sampling_key(self.seed, &entry.class, &entry.file), &entry.file);
        if kept.len() >= capacity && kept.peek().is_none_or(|last| (last.key, &last.file) < place) {
            return true;
        }
        // It is wanted for sure if there is a place left even where all that wait are kept.
        let kept_before = kept.iter().filter(|kept| (kept.key, &kept.file) < place).count();
        let waiting_before =
            waiting.filter_map(|waiting| self.corrected(waiting)).filter(|other| {
                (&other.class, other.split) == (&entry.class, entry.split)
                    && (sampling_key(self.seed, &other.class, &other.file), &other.file) < place
            });
        kept_before + waiting_before.count() < capacity
    }

    /// What makes of pictures what is kept of them.
    pub fn maker(&self) -> PictureMaker {
        PictureMaker { keep: self.keep, size: self.config.size }
    }

    /// Keeps a picture that [`HashSampler::wants`], given what was made of it. If its reservoir is
    /// full, the picture with the largest key is dropped.
    ///
    /// # Errors
    /// [`SampleError::Decode`] if the file could not be decoded, and [`SampleError::Memory`] if
    /// there is no room for the picture.
    pub fn insert(
        &mut self,
        entry: &DatasetEntry,
        made: Result<MadePicture, DecodeError>,
    ) -> Result<(), SampleError> {
        let Some(entry) = self.corrected(entry) else { return Ok(()) };
        let capacity = self.capacity(entry.split);
        let key = sampling_key(self.seed, &entry.class, &entry.file);
        let size = self.config.size;
        if !self.sampled.classes.contains_key(&entry.class) {
            return Err(SampleError::Classes);
        }
        let made = match made {
            Ok(made) => made,
            Err(error) => {
                let reservoir = self.sampled.reservoir(&entry);
                reservoir.seen = reservoir.seen.saturating_sub(1);
                return Err(error.into());
            }
        };
        let mut picture = made.kept(key, entry.file.clone(), self.maker());
        let grows = self.sampled.reservoir(&entry).kept.len() < capacity;
        if self.bytes + picture.bytes() > MAX_BYTES && grows {
            if let Some(smaller) = self.keep.smaller() {
                self.keep = smaller;
                self.bytes = self.sampled.shrink(smaller.train_side(size));
                picture.shrink(smaller.train_side(size));
            }
            if self.bytes + picture.bytes() > MAX_BYTES {
                return Err(SampleError::Memory);
            }
        }
        let reservoir = self.sampled.reservoir(&entry);
        self.bytes += picture.bytes();
        reservoir.kept.push(picture);
        if reservoir.kept.len() > capacity
            && let Some(dropped) = reservoir.kept.pop()
        {
            self.bytes -= dropped.bytes();
            self.unread = self.unread.saturating_add(1);
        }
        Ok(())
    }

    /// Takes back the count of a picture whose bytes could not be read.
    pub fn mark_unreadable(&mut self, entry: &DatasetEntry) {
        if let Some(entry) = self.corrected(entry)
            && let Some(class) = self.sampled.classes.get_mut(&entry.class)
        {
            let reservoir = class.reservoir(entry.split);
            reservoir.seen = reservoir.seen.saturating_sub(1);
        }
    }

    /// The number of pictures kept now, and the most that would be kept with the classes seen so
    /// far.
    pub fn progress(&self) -> (u32, u32) {
        let kept: usize = self
            .sampled
            .classes
            .values()
            .flat_map(|class| &class.reservoirs)
            .map(|reservoir| reservoir.kept.len())
            .sum();
        (kept as u32, self.capacity(None) as u32 * self.sampled.classes.len() as u32)
    }

    /// Makes the data set of what was kept.
    ///
    /// # Errors
    /// Those of [`SampledClasses::into_dataset`].
    pub fn finish(self, source: String, problems: &mut Problems) -> Result<Dataset, LoadError> {
        if self.keep != self.config.keep {
            problems.extend([kept_smaller(&source, self.keep)]);
        }
        self.sampled.into_dataset(self.config, self.keep, source, problems)
    }
}
