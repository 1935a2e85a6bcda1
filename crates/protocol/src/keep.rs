//! Messages about runs that are kept.

use resnette_spec::Source;
use resnette_spec::epoch::EpochRow;
use resnette_spec::loss_curve::Curve;
use serde::{Deserialize, Serialize};

use crate::run::RunShape;

/// How a network is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ModelFormat {
    /// safetensors, PyTorch's and everybody's.
    Safetensors,
    /// Burn's own.
    Burnpack,
}

/// Where a run that goes on comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The browser's storage: the newest generation that can be read.
    Storage,
    /// What was opened or restored before.
    Opened,
}

/// Go on with a saved run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoOn {
    /// Which.
    pub origin: Origin,
    /// Where its pictures come from: the reader's files must travel with the command.
    pub source: Source,
}

/// A saved run, as the page shows it before its pictures are there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restored {
    /// Its settings, as a link.
    pub link: String,
    /// How large it is.
    pub shape: RunShape,
    /// Complete epochs.
    pub rows: Vec<EpochRow>,
    /// Its losses.
    pub curve: Curve,
    /// Epoch and batch of the last step, from 0.
    pub at: Option<(u32, u32)>,
    /// Whether it has ended.
    pub done: bool,
    /// What the reader should know of it.
    pub note: Option<String>,
}

/// What became of an autosave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kept {
    /// It lies in the browser's storage.
    Saved {
        /// The epoch that would go on, from 0.
        epoch: u32,
        /// Whether the run has ended.
        done: bool,
    },
    /// It does not, for this reason; the run goes on.
    Not(String),
}
