//! What the page shows of a data set.

use resnette_picture::report::{ClassReport, DataReport};

use crate::fingerprint;
use crate::set::{DataSet, Sample};
use crate::square::centre_square;

impl DataSet {
    /// What the page shows of the set.
    pub fn report(&self) -> DataReport {
        const EXAMPLES: usize = 6;
        const EXAMPLE_SIDE: u32 = 64;
        let count = |samples: &[Sample], label: usize| {
            samples.iter().filter(|sample| sample.label as usize == label).count() as u32
        };
        let classes = self.classes.iter().enumerate().map(|(label, name)| ClassReport {
            name: name.clone(),
            train: count(&self.train, label),
            valid: count(&self.valid, label),
            examples: self
                .train
                .iter()
                .filter(|sample| sample.label as usize == label)
                .take(EXAMPLES)
                .map(|sample| centre_square(&sample.picture, EXAMPLE_SIDE))
                .collect(),
        });
        DataReport {
            classes: classes.collect(),
            source: self.source.clone(),
            problems: self.problems.clone(),
            fingerprint: fingerprint::of(self),
            memory: self
                .train
                .iter()
                .chain(&self.valid)
                .map(|sample| sample.picture.rgb.len() as u64)
                .sum(),
        }
    }
}
