//! The network of a run's best epoch, as it is kept beside the one in training.

use crate::model::weights::Weights;
use crate::predict::familiarity::Familiarity;
use crate::train::metrics::ScoredPicture;

/// The network of an epoch, in ordinary memory: the optimiser may change tensors in place.
#[derive(Clone, Debug)]
pub struct BestEpoch {
    /// The epoch, counted from 0.
    pub epoch: u32,
    /// Its weights and running statistics, by the names of the modules.
    pub weights: Weights,
    /// What it answered in validation; empty if the run was resumed since.
    pub scored: Vec<ScoredPicture>,
    /// Tells pictures that are unlike those; `None` then as well.
    pub familiarity: Option<Familiarity>,
}
