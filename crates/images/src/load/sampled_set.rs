//! Makes a data set of the pictures that were sampled: which classes it has, which pictures train
//! and which validate.

use std::collections::BTreeMap;

use resnette_picture::report::{LeftOut, SplitOrigin};
use resnette_spec::{DataConfig, Keep};

use crate::dataset::{ClassOrigin, Dataset, Sample};
use crate::load::class_name::{display_names, sampling_name};
use crate::load::entry::DatasetEntry;
use crate::load::error::LoadError;
use crate::load::parquet_classes::class_order;
use crate::load::reservoir::{Class, KeptPicture, Reservoir};
use crate::problems::Problems;

/// The fewest pictures of a class: with five, one validates and four train.
const MIN_PICTURES: usize = 5;
/// The part of the pictures that is used for validation if the folders do not say which.
const VALID_SHARE: f64 = 0.2;

/// What was kept of all pictures.
#[derive(Default)]
pub struct SampledClasses {
    /// By [`DatasetEntry::class`](crate::load::entry::DatasetEntry::class), as corrected.
    pub classes: BTreeMap<String, Class>,
    /// The numbers of pictures of the classes that the reader left out, by their keys.
    pub left_out: BTreeMap<String, u32>,
}

impl SampledClasses {
    /// The reservoir of a picture's class and split.
    pub fn reservoir(&mut self, entry: &DatasetEntry) -> &mut Reservoir {
        self.classes.entry(entry.class.clone()).or_default().reservoir(entry.split)
    }

    /// Keeps every picture with a shorter side of at most `side` pixels, and returns the memory
    /// that all then take.
    pub fn shrink(&mut self, side: u32) -> usize {
        let reservoirs = self.classes.values_mut().flat_map(|class| &mut class.reservoirs);
        reservoirs.map(|reservoir| reservoir.shrink(side)).sum()
    }

    /// Makes the data set, whose pictures are kept as `keep` says: the classes in the order of the
    /// keys by which they are drawn, and each class's pictures in the order of theirs.
    ///
    /// If no split is named for both training and validation, one in five pictures of each class is
    /// used for validation. If both are, a class without validation pictures stays so, which is
    /// added to `problems`, and one without training pictures is left out.
    ///
    /// # Errors
    /// [`LoadError::Nothing`] if there is no picture, [`LoadError::FewClasses`] if there is only
    /// one class, and [`LoadError::FewPictures`] if a class has fewer than five pictures.
    pub fn into_dataset(
        self,
        config: &DataConfig,
        keep: Keep,
        source: String,
        problems: &mut Problems,
    ) -> Result<Dataset, LoadError> {
        let mut classes: Vec<(String, Class)> =
            self.classes.into_iter().filter(|(_, class)| class.seen() > 0).collect();
        classes.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
        let seen = |split: usize| -> usize {
            classes.iter().map(|(_, class)| class.reservoirs[split].seen).sum()
        };
        let is_split = seen(0) + seen(2) > 0 && seen(1) > 0;
        let mut dataset = Dataset {
            split: if is_split { SplitOrigin::Published } else { SplitOrigin::Drawn },
            keep,
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
            add_class(&mut dataset, class, label as u32, is_split, config);
        }
        Ok(dataset)
    }
}

/// Refuses a set with too few classes, or too few pictures of a class.
fn check(source: &str, names: &[String], classes: &[(String, Class)]) -> Result<(), LoadError> {
    match names {
        [] => return Err(LoadError::Nothing(source.into())),
        [only] => {
            return Err(LoadError::FewClasses {
                source_name: source.into(),
                class: only.clone(),
                archives: false,
            });
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
    let keep = dataset.keep;
    let train_sample =
        |kept: KeptPicture| Sample::train(kept.for_training, label).with_file(kept.content);
    let valid_sample = |kept: KeptPicture| {
        let sample = Sample::valid(keep, kept.for_validation, kept.for_training, label);
        sample.with_file(kept.content)
    };
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
