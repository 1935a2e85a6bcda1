//! Messages about the time that a run would take: a few training steps of its network, measured
//! while the engine has nothing else to do.
//!
//! It is no benchmark: it takes about a second, whatever the network, and anything else that is
//! asked for ends it.

use resnette_spec::run_time::{Pace, StepWork};
use serde::{Deserialize, Serialize};

/// Asks the engine how fast it trains a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EstimateRequest {
    /// The network, the size of its pictures and the batch size.
    pub work: StepWork,
}

/// How fast the engine trains a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// What was asked for.
    pub asked: StepWork,
    /// What was measured. For a large network that is a step with fewer or smaller pictures.
    pub pace: Pace,
}
