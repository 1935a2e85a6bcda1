//! The training steps of a run, and the rows of its table, which fastai's `Recorder` prints.

use serde::{Deserialize, Serialize};

/// One training step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The number of the step in the run, counted from 0.
    pub step: u32,
    /// The loss of this step's batch.
    pub loss: f32,
    /// The smoothed loss so far (fastai's `train_loss`): see [`crate::smooth::SmoothedLoss`].
    pub smooth: f32,
    /// The learning rate of this step.
    pub lr: f32,
    /// The momentum of this step.
    pub mom: f32,
}

/// A row of the table: the results of one epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochRow {
    /// The epoch, counted from 0.
    pub epoch: u32,
    /// The smoothed training loss at the end of the epoch: see [`crate::smooth::SmoothedLoss`].
    pub train_loss: f32,
    /// The mean loss over the validation pictures.
    pub valid_loss: f32,
    /// Share of the validation pictures whose class got the highest score.
    pub accuracy: f32,
    /// Share of the validation pictures whose class is among the five highest scores.
    pub top5: f32,
    /// Seconds that training and validation took, pauses not counted; 0 if they are not known, as
    /// of a network from a file.
    #[serde(default)]
    pub seconds: f32,
}

impl EpochRow {
    /// The cells as fastai prints them: six decimals, and the time as `mm:ss`.
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

/// The names of the columns of [`EpochRow::cells`], as fastai prints them.
pub const EPOCH_HEADER: [&str; 5] = ["epoch", "train_loss", "valid_loss", "accuracy", "time"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_look_like_fastais() {
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
