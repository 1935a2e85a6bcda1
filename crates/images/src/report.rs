//! The summary of a data set that the page displays.

use resnette_picture::report::{ClassReport, DataReport};

use crate::dataset::{ClassOrigin, Dataset, Sample};
use crate::fingerprint::fingerprint;
use crate::resize::centre_crop;

/// Number of example pictures of each class.
const EXAMPLES: usize = 6;
/// Side of an example picture in pixels.
const EXAMPLE_SIDE: u32 = 64;

impl Dataset {
    /// The summary that the page displays: counts, examples and origins of each class, the split,
    /// what is left out, the fingerprint and the memory in use.
    pub fn report(&self) -> DataReport {
        let count = |samples: &[Sample], label: usize| {
            samples.iter().filter(|sample| sample.label as usize == label).count() as u32
        };
        let origin = |label: usize, name: &String| {
            let itself = || ClassOrigin { keys: vec![name.clone()], origins: Vec::new() };
            self.origins.get(label).cloned().unwrap_or_else(itself)
        };
        let classes = self.classes.iter().enumerate().map(|(label, name)| ClassReport {
            name: name.clone(),
            keys: origin(label, name).keys,
            origins: origin(label, name).origins,
            train: count(&self.train, label),
            valid: count(&self.valid, label),
            examples: self
                .train
                .iter()
                .filter(|sample| sample.label as usize == label)
                .take(EXAMPLES)
                .map(|sample| centre_crop(&sample.picture, EXAMPLE_SIDE))
                .collect(),
        });
        DataReport {
            classes: classes.collect(),
            source: self.source.clone(),
            problems: self.problems.clone(),
            fingerprint: fingerprint(self),
            memory: self.bytes(),
            split: self.split.clone(),
            left_out: self.left_out.clone(),
            opened: self.opened.clone(),
        }
    }
}
