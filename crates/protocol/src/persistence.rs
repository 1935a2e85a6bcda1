//! Messages about saving and continuing runs, and about the formats of saved networks.

use resnette_spec::Source;
use resnette_spec::epoch::EpochRow;
use resnette_spec::loss_curve::LossCurve;
use serde::{Deserialize, Serialize};

use crate::run::RunShape;
use crate::saved::slots::SlotId;

/// The file format in which a network is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ModelFormat {
    /// [safetensors](https://github.com/huggingface/safetensors), which PyTorch and most other
    /// frameworks read.
    Safetensors,
    /// Burnpack, the format of the Burn framework.
    Burnpack,
}

/// Which saved run is to continue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavedRunSource {
    /// The newest generation that can be read in this slot of the browser's storage.
    Storage(SlotId),
    /// The run that the worker has opened or restored before.
    Opened,
}

/// Asks the worker to continue a saved run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContinueRun {
    /// Which run continues.
    pub origin: SavedRunSource,
    /// Where its pictures come from. If they are the user's own files, these files have to travel
    /// with the command.
    pub source: Source,
}

/// What the page shows of a saved run before its pictures have been loaded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Restored {
    /// The run's settings, as a link.
    pub link: String,
    /// How many steps, epochs and parameters it has.
    pub shape: RunShape,
    /// Its complete epochs.
    pub rows: Vec<EpochRow>,
    /// The losses of its training steps.
    pub curve: LossCurve,
    /// Epoch and batch of the last step, both counted from 0, or `None` if there was no step yet.
    pub at: Option<(u32, u32)>,
    /// Whether the run is complete.
    pub done: bool,
    /// A sentence that the user should read, for instance that an older generation was restored.
    pub note: Option<String>,
}

/// The outcome of an autosave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AutosaveOutcome {
    /// The run has been saved in the browser's storage.
    Saved {
        /// The epoch that would continue, counted from 0.
        epoch: u32,
        /// Whether the run is complete.
        done: bool,
        /// Where it is kept.
        kept: Kept,
    },
    /// The run could not be saved. Training continues.
    Failed(NotKept),
}

/// Why a run has not been saved, and what had to go all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotKept {
    /// The reason, for a person.
    pub reason: String,
    /// The slots that were removed to make room, before it turned out that there is none.
    pub removed: Vec<SlotId>,
}

impl From<String> for NotKept {
    fn from(reason: String) -> Self {
        Self { reason, removed: Vec::new() }
    }
}

/// Where a run has been saved, and what had to go for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The slot of the run.
    pub slot: SlotId,
    /// The time of the save, in milliseconds since 1970.
    pub saved: u64,
    /// The slots that were removed to make room.
    pub removed: Vec<SlotId>,
}
