//! Reads the sampled pictures of two parquet files, of which one is for training and one for
//! validation, into a data set.

use resnette_image_parquet::source::RangeSource;
use resnette_image_parquet::{
    Footer, Labels, ParquetError, SampledRow, Subset, SubsetRequest, read_subset,
};
use resnette_picture::Picture;
use resnette_picture::report::LoadProgress;
use resnette_spec::limits::MAX_SET_BYTES;
use resnette_spec::{DataConfig, Keep};

use crate::dataset::{Dataset, Sample};
use crate::decode::DecodeError;
use crate::file_hash::FileHash;
use crate::load::entry::Split;
use crate::load::error::LoadError;
use crate::load::observer::LoadObserver;
use crate::load::picture_decoder::PictureDecoder;
use crate::load::picture_group::{Decoded, PictureGroup};
use crate::problems::Problems;

/// The most classes a data set may have, as many as ImageNet has.
const MAX_CLASSES: usize = 1_000;

/// A data set that is being read.
pub struct SplitLoader<'a, O> {
    /// Which pictures are sampled, how many and how large.
    pub config: &'a DataConfig,
    /// The seed of the sample.
    pub seed: u32,
    /// What has been read.
    pub dataset: Dataset,
    /// What could not be used.
    pub problems: Problems,
    /// How far it is.
    pub progress: LoadProgress,
    /// Decodes the pictures, and counts those that end early.
    pub decoder: PictureDecoder,
    /// Bytes of the pictures that are kept so far.
    pub kept: u64,
    /// Who watches.
    pub observer: &'a mut O,
}

/// A file that is being read.
struct File {
    name: String,
    split: Split,
    /// Pictures that wait to be decoded together.
    group: PictureGroup<Row>,
    /// Why the first picture that cannot be used cannot.
    reason: Option<String>,
    /// Whether there is no room for another picture.
    is_full: bool,
}

/// A sampled row.
struct Row {
    label: u32,
    position: String,
    /// The progress with it: bytes read, and how many it will be in the end.
    bytes: u64,
    expected: u64,
}

impl<O: LoadObserver> SplitLoader<'_, O> {
    /// Samples the pictures of one split from its file. `classes` has the number of each of the
    /// file's classes in the data set.
    ///
    /// # Errors
    /// Those of [`load_parquet`](crate::load::load_parquet) that concern the pictures of one file.
    pub async fn read<S: RangeSource>(
        &mut self,
        source: &mut S,
        footer: &Footer,
        labels: Labels,
        classes: &[u32],
        split: Split,
    ) -> Result<(), LoadError> {
        let name = source.name().to_string();
        let (per_class, number) = match split {
            Split::Train => (self.config.train, 0),
            Split::Valid => (self.config.valid, 1),
        };
        let request =
            SubsetRequest { per_class: per_class as usize, seed: self.seed, file: number };
        let bytes_before = self.progress.bytes;
        // How much of the validation file will be read is not known before its turn: it is
        // estimated from the training file by the number of pictures.
        let other_files = match split {
            Split::Train => f64::from(self.config.valid) / f64::from(self.config.train),
            Split::Valid => 0.0,
        };
        let mut file =
            File { name, split, group: PictureGroup::new(), reason: None, is_full: false };
        let read = read_subset(source, footer, labels, request, async |row: SampledRow| {
            let estimate = (row.bytes_expected as f64 * other_files) as u64;
            let waiting = Row {
                label: classes.get(row.label as usize).copied().unwrap_or_default(),
                position: row.position,
                bytes: bytes_before + row.bytes_read,
                expected: bytes_before + row.bytes_expected + estimate,
            };
            if !file.group.has_room_for(&row.picture) && !self.settle(&mut file).await {
                return false;
            }
            file.group.add(waiting, row.picture);
            !file.group.is_full() || self.settle(&mut file).await
        });
        let mut read = read.await;
        // Also where the file cannot be read on: what came before tells whether there was room.
        if !matches!(read, Err(ParquetError::Stopped)) && !self.settle(&mut file).await {
            read = Err(ParquetError::Stopped);
        }
        let File { name, reason, is_full, .. } = file;
        if is_full {
            return Err(LoadError::LargeSet { bytes: self.kept, is_all: false });
        }
        let Subset { losses, .. } = read?;
        let sentences = losses.sentences();
        sentences.iter().for_each(|sentence| self.problems.add(&name, sentence));
        let samples = match split {
            Split::Train => &self.dataset.train,
            Split::Valid => &self.dataset.valid,
        };
        if !samples.is_empty() {
            return Ok(());
        }
        Err(match sentences.into_iter().next().or(reason) {
            Some(reason) => LoadError::Refused {
                reason: format!("no picture in it can be used: {reason}"),
                name,
            },
            None => LoadError::Nothing(name),
        })
    }

    /// Decodes the pictures that wait and takes them into the set, in their order. Says whether to
    /// go on.
    async fn settle(&mut self, file: &mut File) -> bool {
        let (keep, size, split) = (self.dataset.keep, self.config.size, file.split);
        let keeps = self.observer.keeps_pictures();
        let make = |label: u32, bytes: &[u8], picture: &Picture| {
            let sample = match split {
                Split::Train => Sample::made_to_train(keep, picture, label, size),
                Split::Valid => Sample::made_to_validate(keep, picture, label, size),
            };
            let sample = sample.with_file(FileHash::of(bytes));
            if keeps { sample } else { sample.into_outline() }
        };
        let group =
            file.group.decode(&self.decoder, |row, bytes, picture| make(row.label, bytes, picture));
        for Decoded { item: row, bytes, attempt } in group {
            let make = |picture: &Picture| make(row.label, &bytes[..], picture);
            let made = self.decoder.finish(attempt, &bytes, &self.observer.fallback(), make).await;
            match made {
                Ok(sample) => {
                    file.is_full = !self.take(sample, split, keep);
                    if file.is_full {
                        return false;
                    }
                }
                Err(error) => self.refuse(&row, error, file),
            }
            self.progress.pictures += 1;
            (self.progress.bytes, self.progress.expected) = (row.bytes, Some(row.expected));
            if !self.observer.on_progress(&self.progress).await {
                return false;
            }
        }
        true
    }

    /// Takes a picture into the set that was made to be kept so. Says whether there is room for
    /// more.
    fn take(&mut self, mut sample: Sample, split: Split, keep: Keep) -> bool {
        let size = self.config.size;
        // The pictures before it in its group may have left too little room.
        let shrunk = (self.dataset.keep != keep).then(|| self.dataset.keep.train_side(size));
        let samples = match split {
            Split::Train => {
                shrunk.into_iter().for_each(|side| sample.shrink_for_training(side));
                &mut self.dataset.train
            }
            Split::Valid => {
                shrunk.into_iter().for_each(|side| sample.shrink_for_validation(side));
                &mut self.dataset.valid
            }
        };
        self.kept += sample.bytes();
        samples.push(sample);
        if self.kept > MAX_SET_BYTES && self.dataset.keep_smaller(size, &mut self.problems) {
            self.kept = self.dataset.bytes();
        }
        self.kept <= MAX_SET_BYTES
    }

    /// Tells that a picture cannot be used.
    fn refuse(&mut self, row: &Row, error: DecodeError, file: &mut File) {
        let class = self.dataset.classes.get(row.label as usize).map_or("", String::as_str);
        file.reason.get_or_insert_with(|| error.to_string());
        self.problems.add(format!("{}, {} ({class})", file.name, row.position), error);
    }

    /// Takes out the classes without training pictures, and tells what is missing.
    ///
    /// # Errors
    /// As [`SplitLoader::read`], of both files together.
    pub fn finish(self, [train_name, valid_name]: &[String; 2]) -> Result<Dataset, LoadError> {
        let Self { mut dataset, mut problems, .. } = self;
        let count = |samples: &[Sample], label: usize| {
            samples.iter().filter(|sample| sample.label as usize == label).count()
        };
        // Where each class is when those that cannot be learnt are taken out.
        let mut places = Vec::new();
        let (mut kept, mut origins) = (Vec::new(), Vec::new());
        let all = std::mem::take(&mut dataset.classes).into_iter();
        let all = all.zip(std::mem::take(&mut dataset.origins));
        for (label, (class, origin)) in all.enumerate() {
            let (train, valid) = (count(&dataset.train, label), count(&dataset.valid, label));
            places.push((train > 0).then_some(kept.len() as u32));
            if train == 0 && valid > 0 {
                problems.add(
                    format!("Class “{class}”"),
                    format!(
                        "{train_name} has no picture of it that could be used, so its {valid} validation pictures are left out"
                    ),
                );
            } else if train > 0 {
                // Whether it is validated too is told by `Dataset::missing_validation`.
                kept.push(class);
                origins.push(origin);
            }
        }
        for samples in [&mut dataset.train, &mut dataset.valid] {
            samples.retain_mut(|sample| match places.get(sample.label as usize) {
                Some(Some(place)) => {
                    sample.label = *place;
                    true
                }
                _ => false,
            });
        }
        if dataset.valid.is_empty() {
            return Err(LoadError::Nothing(valid_name.clone()));
        }
        if kept.len() > MAX_CLASSES {
            return Err(LoadError::Refused {
                name: train_name.clone(),
                reason: format!(
                    "it has {} classes, and at most {MAX_CLASSES} are used; choose another file",
                    kept.len()
                ),
            });
        }
        if let [class] = &kept[..] {
            return Err(LoadError::FewClasses {
                source_name: dataset.source,
                class: class.clone(),
                archives: false,
            });
        }
        (dataset.classes, dataset.origins) = (kept, origins);
        dataset.problems = problems.into_vec();
        Ok(dataset)
    }
}
