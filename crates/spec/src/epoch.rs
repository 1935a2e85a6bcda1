//! Steps of a run and rows of its epoch table, as fastai's Recorder prints it.

use serde::{Deserialize, Serialize};

/// One training step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Number in the run, from 0.
    pub step: u32,
    /// Loss of this batch.
    pub loss: f32,
    /// Debiased running mean of the losses (fastai's `train_loss`).
    pub smooth: f32,
    /// Learning rate.
    pub lr: f32,
    /// Momentum.
    pub mom: f32,
}

/// A row of the epoch table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochRow {
    /// From 0.
    pub epoch: u32,
    /// Debiased running mean of the batch losses (beta .98), carried over epochs.
    pub train_loss: f32,
    /// Mean over the validation pictures.
    pub valid_loss: f32,
    /// Share of validation pictures whose first guess is right.
    pub accuracy: f32,
    /// Share whose first five guesses hold the truth.
    pub top5: f32,
    /// Seconds for training and validation.
    pub seconds: f32,
}

impl EpochRow {
    /// The cells as the book prints them: six decimals, `mm:ss`.
    pub fn cells(&self) -> [String; 5] {
        let seconds = self.seconds.max(0.0).round() as u64;
        [
            self.epoch.to_string(),
            format!("{:.6}", self.train_loss),
            format!("{:.6}", self.valid_loss),
            format!("{:.6}", self.accuracy),
            format!("{:02}:{:02}", seconds / 60, seconds % 60),
        ]
    }
}

/// The table's header, as fastai's Recorder prints it.
pub const EPOCH_HEADER: [&str; 5] = ["epoch", "train_loss", "valid_loss", "accuracy", "time"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_look_like_the_book() {
        let row = EpochRow {
            epoch: 4,
            train_loss: 1.04977,
            valid_loss: 1.0926194,
            accuracy: 0.659108,
            top5: 0.9,
            seconds: 67.4,
        };
        assert_eq!(row.cells(), ["4", "1.049770", "1.092619", "0.659108", "01:07"]);
    }
}
