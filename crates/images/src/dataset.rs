//! A run's pictures, decoded once and kept in memory as RGB8.

use std::collections::BTreeSet;

use resnette_picture::Picture;
use resnette_picture::report::{LeftOut, OpenedReport, Problem, SplitOrigin};
use resnette_spec::Keep;
use resnette_spec::limits::MAX_SET_BYTES;

use crate::file_hash::FileHash;
use crate::keep::{for_training, for_validation};
use crate::outline::{full_bytes, is_outline, outline};
use crate::problems::Problems;
use crate::resize::shrink;
pub use crate::sample::Sample;
use crate::stream::Stream;

/// The most classes that a sentence names.
const MAX_LISTED: usize = 8;

impl Sample {
    /// A training picture that is kept so.
    pub fn train(picture: Picture, label: u32) -> Self {
        Self { picture, whole: None, file: None, label }
    }

    /// A validation picture, given the square that the network sees and the whole picture as it is
    /// kept for training.
    pub fn valid(keep: Keep, square: Picture, whole: Picture, label: u32) -> Self {
        let whole = keep.whole_for_validation().then_some(whole);
        Self { picture: square, whole, file: None, label }
    }

    /// A training picture, made of a whole one for a network whose input has `size` pixels a side.
    pub fn made_to_train(keep: Keep, picture: &Picture, label: u32, size: u32) -> Self {
        Self::train(for_training(keep, picture, size), label)
    }

    /// A validation picture, made of a whole one in the same way.
    pub fn made_to_validate(keep: Keep, picture: &Picture, label: u32, size: u32) -> Self {
        let whole = keep.whole_for_validation();
        let whole = whole.then(|| for_training(keep, picture, size));
        Self { picture: for_validation(keep, picture, size), whole, file: None, label }
    }

    /// The same picture, which comes from this file.
    pub fn with_file(self, file: FileHash) -> Self {
        Self { file: Some(file), ..self }
    }

    /// The same without its pixels.
    pub(crate) fn into_outline(self) -> Self {
        let whole = self.whole.as_ref().map(outline);
        Self { picture: outline(&self.picture), whole, ..self }
    }

    /// Keeps a training picture with a shorter side of at most `side` pixels.
    pub(crate) fn shrink_for_training(&mut self, side: u32) {
        if !is_outline(&self.picture) {
            self.picture = shrink(&self.picture, side);
        }
    }

    /// The same of a validation picture. The square that validation sees stays what it is.
    pub(crate) fn shrink_for_validation(&mut self, side: u32) {
        if let Some(whole) = self.whole.as_mut().filter(|whole| !is_outline(whole)) {
            *whole = shrink(whole, side);
        }
    }

    /// The memory that it takes.
    pub fn bytes(&self) -> u64 {
        let whole = self.whole.as_ref().map_or(0, |picture| picture.rgb.len());
        (self.picture.rgb.len() + whole) as u64
    }

    /// The memory that it takes with its pixels, if they are not there now.
    pub fn full_bytes(&self) -> u64 {
        full_bytes(&self.picture) + self.whole.as_ref().map_or(0, full_bytes)
    }
}

/// What a class of opened files was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassOrigin {
    /// The raw names of the folders or labels that became this class: several, if the reader made
    /// several into one.
    pub keys: Vec<String>,
    /// Some of the folders or files that its pictures come from.
    pub origins: Vec<String>,
}

/// The training and validation pictures of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dataset {
    /// The class names in label order, as they are displayed. No two are the same.
    pub classes: Vec<String>,
    /// What each class was made from, in the same order; empty if the names say it all.
    pub origins: Vec<ClassOrigin>,
    /// The training pictures.
    pub train: Vec<Sample>,
    /// The validation pictures.
    pub valid: Vec<Sample>,
    /// How they are kept.
    pub keep: Keep,
    /// Where the pictures come from, in a few words.
    pub source: String,
    /// The pictures that could not be used.
    pub problems: Vec<Problem>,
    /// How training and validation pictures were told apart.
    pub split: SplitOrigin,
    /// Folders and classes whose pictures are not used, and why.
    pub left_out: Vec<LeftOut>,
    /// How opened files were read, and what of that the reader may choose; `None` if the pictures
    /// come from elsewhere.
    pub opened: Option<OpenedReport>,
    /// Makes the pictures when they are needed; `None` if they are in memory. With it, `train` and
    /// `valid` hold outlines, and batches come from [`Dataset::samples`] alone.
    pub stream: Option<Stream>,
}

/// What to say of pictures that are kept smaller than their augmentation wants.
pub(crate) fn kept_smaller(source: &str, keep: Keep) -> Problem {
    Problem {
        name: source.into(),
        reason: format!(
            "this many pictures fit into {:.1} GB only if they are kept smaller, with a shorter \
             side of 1.25 times the size instead of {:.2}, so small random crops are less sharp; \
             for sharper crops choose fewer per class, a smaller size or a larger min_scale",
            MAX_SET_BYTES as f64 / 1e9,
            keep.crop_enlargement().unwrap_or(1.25)
        ),
    }
}

impl Dataset {
    /// What to tell of classes that are trained and of which no picture validates, if pictures of
    /// other classes do; `None` if there are none.
    pub fn missing_validation(&self) -> Option<Problem> {
        let labels = |samples: &[Sample]| -> BTreeSet<u32> {
            samples.iter().map(|sample| sample.label).collect()
        };
        let (trained, validated) = (labels(&self.train), labels(&self.valid));
        let missing: Vec<String> = trained
            .difference(&validated)
            .filter_map(|label| Some(format!("“{}”", self.classes.get(*label as usize)?)))
            .collect();
        if validated.is_empty() || missing.is_empty() {
            return None;
        }
        let more = match missing.len().saturating_sub(MAX_LISTED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let listed = missing.get(..MAX_LISTED).unwrap_or(&missing).join(", ");
        Some(Problem {
            name: self.source.clone(),
            reason: format!(
                "there are no validation pictures of {listed}{more}, so nothing will show how well the network recognises them; add some, or use one in five of all pictures for validation"
            ),
        })
    }

    /// The number of validation pictures whose file has the bytes of a training picture's, of
    /// whichever class.
    pub fn copies(&self) -> usize {
        let trained: BTreeSet<FileHash> =
            self.train.iter().filter_map(|sample| sample.file).collect();
        let is_copy = |sample: &&Sample| sample.file.is_some_and(|file| trained.contains(&file));
        self.valid.iter().filter(is_copy).count()
    }

    /// Adds a training picture for a network whose input has `size` pixels a side.
    pub fn push_train(&mut self, picture: &Picture, label: u32, size: u32) {
        self.train.push(Sample::made_to_train(self.keep, picture, label, size));
    }

    /// Adds a validation picture for a network whose input has `size` pixels a side.
    pub fn push_valid(&mut self, picture: &Picture, label: u32, size: u32) {
        self.valid.push(Sample::made_to_validate(self.keep, picture, label, size));
    }

    /// The validation pictures as a network sees them whose pictures are kept so; without the
    /// training pictures. `None` if what is kept of them does not show enough.
    pub fn validation_as(&self, keep: Keep) -> Option<Self> {
        let keep_whole = keep.whole_for_validation();
        let seen = |sample: &Sample| {
            let whole = sample.whole.as_ref()?;
            let picture = for_validation(keep, whole, sample.picture.width);
            let whole = keep_whole.then(|| whole.clone());
            Some(Sample { picture, whole, file: sample.file, label: sample.label })
        };
        Some(Self {
            valid: self.valid.iter().map(seen).collect::<Option<_>>()?,
            keep,
            classes: self.classes.clone(),
            origins: self.origins.clone(),
            source: self.source.clone(),
            split: self.split.clone(),
            ..Self::default()
        })
    }

    /// Memory that the pictures take, in bytes.
    pub fn bytes(&self) -> u64 {
        self.train.iter().chain(&self.valid).map(Sample::bytes).sum()
    }

    /// Keeps the pictures smaller, those that are there and those that follow, and adds to the
    /// problems that it is so. Says whether they were kept larger before.
    pub(crate) fn keep_smaller(&mut self, size: u32, problems: &mut Problems) -> bool {
        let Some(smaller) = self.keep.smaller() else { return false };
        self.keep = smaller;
        let side = smaller.train_side(size);
        self.train.iter_mut().for_each(|sample| sample.shrink_for_training(side));
        self.valid.iter_mut().for_each(|sample| sample.shrink_for_validation(side));
        problems.extend([kept_smaller(&self.source, smaller)]);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_that_is_kept_smaller_is_the_same_in_any_order() {
        let picture = |index: u32| Picture {
            width: 90 + index,
            height: 70,
            rgb: (0..(90 + index) * 70 * 3).map(|i| ((i * i / 7 + index) % 251) as u8).collect(),
        };
        let filled = |before: u32| {
            let mut set = Dataset { keep: Keep::CROPS, ..Dataset::default() };
            let mut problems = Problems::default();
            for index in 0..6 {
                if index == before {
                    assert!(set.keep_smaller(32, &mut problems));
                }
                set.push_train(&picture(index), 0, 32);
                set.push_valid(&picture(index), 0, 32);
            }
            assert!(!set.keep_smaller(32, &mut problems));
            assert!(problems.first().is_some_and(|told| told.reason.contains("kept smaller")));
            set
        };
        // Made before, and taken into the set afterwards.
        let (large, small) = (Keep::CROPS, Keep::SMALL_CROPS);
        let mut made = Sample::made_to_train(large, &picture(3), 0, 32);
        made.shrink_for_training(small.train_side(32));
        assert_eq!(made, Sample::made_to_train(small, &picture(3), 0, 32));
        let mut made = Sample::made_to_validate(large, &picture(3), 0, 32);
        made.shrink_for_validation(small.train_side(32));
        assert_eq!(made, Sample::made_to_validate(small, &picture(3), 0, 32));
        let (early, late) = (filled(0), filled(5));
        assert_eq!(early, late);
        assert_eq!(early.train[0].picture.height, 40);
        // Validation sees the same square as before.
        let mut large = Dataset { keep: Keep::CROPS, ..Dataset::default() };
        large.push_valid(&picture(0), 0, 32);
        assert_eq!(large.valid[0].picture, early.valid[0].picture);
        assert_eq!(large.valid[0].whole.as_ref().map(|whole| whole.height), Some(55));
        assert_eq!(large.bytes(), (32 * 32 + 55 * 71) * 3);
    }
}
