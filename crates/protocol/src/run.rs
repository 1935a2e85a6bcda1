//! Messages about a run.

use resnette_spec::epoch::Step;
use serde::{Deserialize, Serialize};

/// How large a run is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunShape {
    /// Epochs.
    pub epochs: u32,
    /// Training steps an epoch.
    pub batches: u32,
    /// Validation batches an epoch.
    pub valid_batches: u32,
    /// Pictures a batch.
    pub bs: u32,
    /// Trainable parameters.
    pub parameters: u64,
    /// Classes.
    pub classes: Vec<String>,
}

/// Steps whose losses have been read back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepReport {
    /// From 0: the epoch of the last step below.
    pub epoch: u32,
    /// From 0: the batch of the last step below.
    pub batch: u32,
    /// The steps, oldest first.
    pub steps: Vec<Step>,
    /// Training pictures a second, over the last few steps.
    pub rate: f32,
    /// Gradient size of each block, `log10` of its root mean square (a running mean), where
    /// measured.
    pub gradients: Vec<f32>,
}
