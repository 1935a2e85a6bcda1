//! Samples pictures that are seen once, one after another and in any order: reservoir sampling by
//! hash.
//!
//! Each picture has a random key that depends only on the seed, its class and its file name, and of
//! each class the pictures with the smallest keys are kept (also known as bottom-k sampling). So a
//! sample needs no list of the pictures beforehand, never holds more than it keeps, and consists of
//! the same pictures whether they come from an archive or from a folder.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use rand::RngCore;
use resnette_picture::Picture;
use resnette_picture::report::{LeftOut, SplitOrigin};
use resnette_spec::DataConfig;
use resnette_spec::limits::MAX_SET_BYTES;
use resnette_spec::random::{Purpose, stream};

use crate::dataset::{ClassOrigin, Dataset, Sample, train_side};
use crate::decode::DecodeError;
use crate::hash::fnv1a;
use crate::load::class_name::{display_names, sampling_name};
use crate::load::corrections::ClassChanges;
use crate::load::entry::{DatasetEntry, Split};
use crate::load::error::LoadError;
use crate::load::parquet_classes::class_order;
use crate::problems::Problems;
use crate::resize::{centre_crop, shrink};

/// The most classes a data set may have, as many as ImageNet has.
const MAX_CLASSES: usize = 1_000;
/// The fewest pictures of a class: with five, one validates and four train.
const MIN_PICTURES: usize = 5;
/// The part of the pictures that is used for validation if the folders do not say which.
const VALID_SHARE: f64 = 0.2;
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
    /// By [`DatasetEntry::class`], as corrected.
    classes: BTreeMap<String, Class>,
    /// The numbers of pictures of the classes that the reader left out, by their keys.
    left_out: BTreeMap<String, u32>,
    /// Where the pictures come from that are seen now.
    origin: Option<String>,
    /// A split that counts in place of that of the entries.
    forced_split: Option<Option<Split>>,
    /// Memory that the kept pictures take.
    bytes: usize,
}

#[derive(Default)]
struct Class {
    /// The reservoirs of the training pictures, of the validation pictures, and of those whose
    /// path names no split.
    reservoirs: [Reservoir; 3],
    /// What distinguishes the class: its key, or several if the reader made several into one.
    keys: BTreeSet<String>,
    origins: BTreeSet<String>,
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
    /// Tells pictures in two folders apart whose files have the same name.
    hash: u64,
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
        (self.key, &self.file, self.hash).cmp(&(other.key, &other.file, other.hash))
    }
}

impl PartialOrd for KeptPicture {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The random key of a picture: the sample consists of those with the smallest keys.
fn sampling_key(seed: u32, class: &str, file: &str) -> u64 {
    let class = sampling_name(class);
    let position = fnv1a(class.bytes().chain([b'/']).chain(file.bytes()));
    stream(seed, Purpose::Subset, position).next_u64()
}

impl<'a> HashSampler<'a> {
    /// A sampler that has seen no picture yet and applies a reader's corrections.
    pub fn new(config: &'a DataConfig, seed: u32, changes: ClassChanges) -> Self {
        Self {
            config,
            seed,
            changes,
            classes: BTreeMap::new(),
            left_out: BTreeMap::new(),
            origin: None,
            forced_split: None,
            bytes: 0,
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
            && let Some(class) = self.classes.get_mut(class.as_ref())
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
            if self.left_out.contains_key(key) || self.left_out.len() < MAX_CLASSES {
                *self.left_out.entry(key.into()).or_default() += 1;
            }
            return Ok(false);
        };
        let capacity = self.capacity(entry.split);
        let sampling_key = sampling_key(self.seed, &entry.class, &entry.file);
        if self.classes.len() >= MAX_CLASSES && !self.classes.contains_key(&entry.class) {
            return Err(SampleError::Classes);
        }
        let class = self.classes.entry(entry.class).or_default();
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
        Ok(reservoir.kept.len() < capacity
            || reservoir
                .kept
                .peek()
                .is_some_and(|largest| (sampling_key, &entry.file) <= (largest.key, &largest.file)))
    }

    /// Keeps a picture that [`HashSampler::wants`], given its file and what came of decoding it. If
    /// its reservoir is full, the picture with the largest key is dropped.
    ///
    /// # Errors
    /// [`SampleError::Decode`] if the file could not be decoded, and [`SampleError::Memory`] if
    /// there is no room for the picture.
    pub fn insert(
        &mut self,
        entry: &DatasetEntry,
        bytes: &[u8],
        decoded: Result<Picture, DecodeError>,
    ) -> Result<(), SampleError> {
        let Some(entry) = self.corrected(entry) else { return Ok(()) };
        let capacity = self.capacity(entry.split);
        let key = sampling_key(self.seed, &entry.class, &entry.file);
        let size = self.config.size;
        let Some(class) = self.classes.get_mut(&entry.class) else {
            return Err(SampleError::Classes);
        };
        let reservoir = class.reservoir(entry.split);
        let picture = match decoded {
            Ok(picture) => picture,
            Err(error) => {
                reservoir.seen = reservoir.seen.saturating_sub(1);
                return Err(error.into());
            }
        };
        let picture = KeptPicture {
            key,
            file: entry.file,
            hash: fnv1a(bytes.iter().copied()),
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
        if let Some(entry) = self.corrected(entry)
            && let Some(class) = self.classes.get_mut(&entry.class)
        {
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

    /// Makes the data set: the classes in the order of the keys by which they are drawn, and each
    /// class's pictures in the order of theirs.
    ///
    /// If no split is named for both training and validation, one in five pictures of each class is
    /// used for validation. If both are, a class without validation pictures stays so, which is
    /// added to `problems`, and one without training pictures is left out.
    ///
    /// # Errors
    /// [`LoadError::Nothing`] if there is no picture, [`LoadError::FewClasses`] if there is only
    /// one class, and [`LoadError::FewPictures`] if a class has fewer than five pictures.
    pub fn finish(self, source: String, problems: &mut Problems) -> Result<Dataset, LoadError> {
        let mut classes: Vec<(String, Class)> =
            self.classes.into_iter().filter(|(_, class)| class.seen() > 0).collect();
        classes.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
        let seen = |split: usize| -> usize {
            classes.iter().map(|(_, class)| class.reservoirs[split].seen).sum()
        };
        let is_split = seen(0) + seen(2) > 0 && seen(1) > 0;
        let mut dataset = Dataset {
            split: if is_split { SplitOrigin::Published } else { SplitOrigin::Drawn },
            ..Dataset::default()
        };
        for (key, pictures) in self.left_out {
            let reason = "you left this class out; take it in again to use its pictures".into();
            dataset.left_out.push(LeftOut { name: key, pictures, reason });
        }
        classes.retain(|(key, class)| {
            let [train, valid, unassigned] = &class.reservoirs;
            let is_trained = !is_split || train.seen + unassigned.seen > 0;
            if !is_trained {
                let reason = "there are pictures of this class to validate with and none to train on; to use them, add some of the class to the training pictures".into();
                let pictures = valid.seen as u32;
                dataset.left_out.push(LeftOut { name: key.clone(), pictures, reason });
            }
            is_trained
        });
        let names = display_names(&classes.iter().map(|(key, _)| key).collect::<Vec<_>>());
        check(&source, &names, &classes).inspect_err(|_| {
            for left_out in &dataset.left_out {
                problems.add(&left_out.name, &left_out.reason);
            }
        })?;
        dataset.source = source;
        for (label, (name, (_, class))) in names.into_iter().zip(classes).enumerate() {
            dataset.classes.push(name);
            dataset.origins.push(ClassOrigin {
                keys: class.keys.iter().cloned().collect(),
                origins: class.origins.iter().cloned().collect(),
            });
            add_class(&mut dataset, class, label as u32, is_split, self.config);
        }
        Ok(dataset)
    }
}

/// Refuses a set with too few classes, or too few pictures of a class.
fn check(source: &str, names: &[String], classes: &[(String, Class)]) -> Result<(), LoadError> {
    match names {
        [] => return Err(LoadError::Nothing(source.into())),
        [only] => {
            return Err(LoadError::FewClasses { source_name: source.into(), class: only.clone() });
        }
        _ => {}
    }
    let too_small: Vec<String> = names
        .iter()
        .zip(classes)
        .filter(|(_, (_, class))| class.seen() < MIN_PICTURES)
        .map(|(name, (_, class))| format!("{name} ({})", class.seen()))
        .collect();
    if too_small.is_empty() {
        return Ok(());
    }
    let listed = too_small.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    Err(LoadError::FewPictures {
        source_name: source.into(),
        classes: listed,
        fewest: MIN_PICTURES,
    })
}

/// By what the classes of a set are put in order, given a class's key.
fn order(key: &str) -> ((&str, u64, &str), &str) {
    (class_order(sampling_name(key)), key)
}

/// Adds the pictures of one class to a data set. `is_split` says whether splits are named; a class
/// whose own pictures name none is split all the same.
fn add_class(dataset: &mut Dataset, class: Class, label: u32, is_split: bool, config: &DataConfig) {
    let (max_train, max_valid) = (config.train as usize, config.valid as usize);
    let train_sample = |kept: KeptPicture| Sample { picture: kept.for_training, label };
    let valid_sample = |kept: KeptPicture| Sample { picture: kept.for_validation, label };
    let [train, valid, unassigned] = class.reservoirs;
    if is_split && train.seen + valid.seen > 0 {
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
