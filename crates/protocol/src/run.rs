//! Messages about a training run.

use resnette_spec::epoch::Step;
use serde::{Deserialize, Serialize};

/// How large a run is: its epochs, its batches and its network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunShape {
    /// Number of epochs.
    pub epochs: u32,
    /// Number of training batches in an epoch.
    pub batches: u32,
    /// Number of validation batches in an epoch.
    pub valid_batches: u32,
    /// The batch size.
    pub bs: u32,
    /// Number of trainable parameters.
    pub parameters: u64,
    /// Class names, in the order of their labels.
    pub classes: Vec<String>,
}

/// Reports the training steps whose losses have been read back from the device since the last
/// report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepReport {
    /// Epoch of the last step in the report, counted from 0.
    pub epoch: u32,
    /// Batch of the last step in the report, counted from 0.
    pub batch: u32,
    /// The steps, oldest first.
    pub steps: Vec<Step>,
    /// Training pictures per second, averaged over the last few steps.
    pub rate: f32,
    /// Size of each block's gradient: `log10` of its root mean square, as a running mean. Empty if
    /// it was not measured.
    pub gradients: Vec<f32>,
}
