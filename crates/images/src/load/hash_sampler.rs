//! Samples pictures that are seen once, one after another and in any order: reservoir sampling by
//! hash.
//!
//! Each picture has a random key that depends only on the seed, its class and its file name, and of
//! each class the pictures with the smallest keys are kept (also known as bottom-k sampling). So a
//! sample needs no list of the pictures beforehand, never holds more than it keeps, and consists of
//! the same pictures whether they come from an archive or from a folder.

use std::collections::{BTreeMap, BinaryHeap};

use rand::RngCore;
use resnette_picture::Picture;
use resnette_spec::DataConfig;
use resnette_spec::random::{Purpose, stream};

use crate::dataset::{Dataset, Sample, train_side};
use crate::decode::{DecodeError, decode};
use crate::hash::fnv1a;
use crate::imagenet::display_name;
use crate::load::entry::{DatasetEntry, Split};
use crate::load::error::LoadError;
use crate::load::parquet_classes::class_order;
use crate::resize::{centre_crop, shrink};

/// The most classes a data set may have, as many as ImageNet has.
const MAX_CLASSES: usize = 1_000;
/// The fewest pictures of a class: with five, one validates and four train.
const MIN_PICTURES: usize = 5;
/// The part of the pictures that is used for validation if the folders do not say which.
const VALID_SHARE: f64 = 0.2;
/// The most bytes of kept pictures, so that a browser does not run out of memory.
const MAX_BYTES: usize = 1_500_000_000;

/// Why a picture was not taken into a sample.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// It cannot be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// There are too many classes.
    #[error("there are more than {MAX_CLASSES} classes; this one is left out")]
    Classes,
    /// The pictures kept so far take too much memory.
    #[error("the pictures kept so far take 1.5 GB; choose fewer a class, or smaller ones")]
    Memory,
}

/// The pictures kept so far.
pub struct HashSampler<'a> {
    config: &'a DataConfig,
    seed: u32,
    /// By [`DatasetEntry::class`].
    classes: BTreeMap<String, Class>,
    /// Memory that the kept pictures take.
    bytes: usize,
}

#[derive(Default)]
struct Class {
    /// The reservoirs of the training pictures, of the validation pictures, and of those whose
    /// path names no split.
    reservoirs: [Reservoir; 3],
}

impl Class {
    fn reservoir(&mut self, split: Option<Split>) -> &mut Reservoir {
        let [train, valid, unassigned] = &mut self.reservoirs;
        match split {
            Some(Split::Train) => train,
            Some(Split::Valid) => valid,
            None => unassigned,
        }
    }

    /// The number of readable pictures seen.
    fn seen(&self) -> usize {
        self.reservoirs.iter().map(|reservoir| reservoir.seen).sum()
    }
}

/// The pictures with the smallest keys.
#[derive(Default)]
struct Reservoir {
    /// The number of pictures seen, less those that turned out to be unreadable.
    seen: usize,
    /// The one with the largest key is on top.
    kept: BinaryHeap<KeptPicture>,
}

/// A picture in both forms, since it may become clear only at the end whether it is used to train
/// or to validate.
#[derive(PartialEq, Eq)]
struct KeptPicture {
    key: u64,
    file: String,
    for_training: Picture,
    for_validation: Picture,
}

impl KeptPicture {
    fn bytes(&self) -> usize {
        self.for_training.rgb.len() + self.for_validation.rgb.len()
    }
}

impl Ord for KeptPicture {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.key, &self.file).cmp(&(other.key, &other.file))
    }
}

impl PartialOrd for KeptPicture {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The random key of a picture: the sample consists of those with the smallest keys.
pub fn sampling_key(seed: u32, entry: &DatasetEntry) -> u64 {
    let position = fnv1a(entry.class.bytes().chain([b'/']).chain(entry.file.bytes()));
    stream(seed, Purpose::Subset, position).next_u64()
}

impl<'a> HashSampler<'a> {
    /// A sampler that has seen no picture yet.
    pub fn new(config: &'a DataConfig, seed: u32) -> Self {
        Self { config, seed, classes: BTreeMap::new(), bytes: 0 }
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
        let (capacity, key) = (self.capacity(entry.split), sampling_key(self.seed, entry));
        if self.classes.len() >= MAX_CLASSES && !self.classes.contains_key(&entry.class) {
            return Err(SampleError::Classes);
        }
        let reservoir = self.classes.entry(entry.class.clone()).or_default().reservoir(entry.split);
        reservoir.seen += 1;
        Ok(reservoir.kept.len() < capacity
            || reservoir
                .kept
                .peek()
                .is_some_and(|largest| (key, &entry.file) < (largest.key, &largest.file)))
    }

    /// Decodes a picture that [`HashSampler::wants`] and keeps it. If its reservoir is full, the
    /// picture with the largest key is dropped.
    ///
    /// # Errors
    /// [`SampleError::Decode`] if the bytes are not a picture, and [`SampleError::Memory`] if there
    /// is no room for it.
    pub fn insert(&mut self, entry: &DatasetEntry, bytes: &[u8]) -> Result<(), SampleError> {
        let (capacity, key) = (self.capacity(entry.split), sampling_key(self.seed, entry));
        let size = self.config.size;
        let decoded = decode(bytes);
        let Some(class) = self.classes.get_mut(&entry.class) else {
            return Err(SampleError::Classes);
        };
        let reservoir = class.reservoir(entry.split);
        let picture = match decoded {
            Ok(picture) => picture,
            Err(error) => {
                reservoir.seen -= 1;
                return Err(error.into());
            }
        };
        let picture = KeptPicture {
            key,
            file: entry.file.clone(),
            for_training: shrink(&picture, train_side(size)),
            for_validation: centre_crop(&picture, size),
        };
        if self.bytes + picture.bytes() > MAX_BYTES && reservoir.kept.len() < capacity {
            return Err(SampleError::Memory);
        }
        self.bytes += picture.bytes();
        reservoir.kept.push(picture);
        if reservoir.kept.len() > capacity
            && let Some(dropped) = reservoir.kept.pop()
        {
            self.bytes -= dropped.bytes();
        }
        Ok(())
    }

    /// Takes back the count of a picture whose bytes could not be read.
    pub fn mark_unreadable(&mut self, entry: &DatasetEntry) {
        if let Some(class) = self.classes.get_mut(&entry.class) {
            let reservoir = class.reservoir(entry.split);
            reservoir.seen = reservoir.seen.saturating_sub(1);
        }
    }

    /// The number of pictures kept now, and the most that would be kept with the classes seen so
    /// far.
    pub fn progress(&self) -> (u32, u32) {
        let kept: usize = self
            .classes
            .values()
            .flat_map(|class| &class.reservoirs)
            .map(|reservoir| reservoir.kept.len())
            .sum();
        (kept as u32, self.capacity(None) as u32 * self.classes.len() as u32)
    }

    /// Makes the data set: the classes in the order of their keys, and each class's pictures in the
    /// order of theirs.
    ///
    /// If the folders do not name both splits of a class, one in five of its pictures is used for
    /// validation.
    ///
    /// # Errors
    /// [`LoadError::Nothing`] if there is no picture, [`LoadError::FewClasses`] if there is only
    /// one class, and [`LoadError::FewPictures`] if a class has fewer than five pictures.
    pub fn finish(self, source: String) -> Result<Dataset, LoadError> {
        let mut classes: Vec<(String, Class)> =
            self.classes.into_iter().filter(|(_, class)| class.seen() > 0).collect();
        classes.sort_by(|(a, _), (b, _)| class_order(a).cmp(&class_order(b)));
        match &classes[..] {
            [] => return Err(LoadError::Nothing(source)),
            [(only, _)] => {
                return Err(LoadError::FewClasses {
                    source_name: source,
                    class: display_name(only),
                });
            }
            _ => {}
        }
        let too_small: Vec<String> = classes
            .iter()
            .filter(|(_, class)| class.seen() < MIN_PICTURES)
            .map(|(key, class)| format!("{} ({})", display_name(key), class.seen()))
            .collect();
        if !too_small.is_empty() {
            let listed = too_small.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
            return Err(LoadError::FewPictures {
                source_name: source,
                classes: listed,
                fewest: MIN_PICTURES,
            });
        }
        let mut dataset = Dataset { source, ..Dataset::default() };
        for (label, (key, class)) in classes.into_iter().enumerate() {
            dataset.classes.push(display_name(&key));
            add_class(&mut dataset, class, label as u32, self.config);
        }
        Ok(dataset)
    }
}

/// Adds the pictures of one class to a data set.
fn add_class(dataset: &mut Dataset, class: Class, label: u32, config: &DataConfig) {
    let (max_train, max_valid) = (config.train as usize, config.valid as usize);
    let train_sample = |kept: KeptPicture| Sample { picture: kept.for_training, label };
    let valid_sample = |kept: KeptPicture| Sample { picture: kept.for_validation, label };
    let [train, valid, unassigned] = class.reservoirs;
    if train.seen + unassigned.seen > 0 && valid.seen > 0 {
        let mut training = train.kept.into_vec();
        training.extend(unassigned.kept);
        training.sort_unstable();
        let validating = valid.kept.into_sorted_vec();
        dataset.train.extend(training.into_iter().take(max_train).map(train_sample));
        dataset.valid.extend(validating.into_iter().take(max_valid).map(valid_sample));
    } else {
        let seen = train.seen + valid.seen + unassigned.seen;
        let mut validating: Vec<KeptPicture> =
            [train, valid, unassigned].into_iter().flat_map(|reservoir| reservoir.kept).collect();
        validating.sort_unstable();
        let valid_count = ((seen as f64 * VALID_SHARE).round() as usize)
            .clamp(1, max_valid.max(1))
            .min(validating.len().saturating_sub(1));
        let training = validating.split_off(valid_count);
        let train_count = max_train.min(seen - valid_count);
        dataset.valid.extend(validating.into_iter().map(valid_sample));
        dataset.train.extend(training.into_iter().take(train_count).map(train_sample));
    }
}
