//! The lesson's experiments that need a network.
//!
//! [`ExperimentRunner`] takes a request of the lesson and does one unit of work at a time, so that
//! a run can train in between.

pub mod block_gradients;
pub mod block_timer;
pub mod gamma;
pub mod inspected_model;
pub mod look;
pub mod runner;
pub mod stage_evidence;
pub mod surface;
pub mod variants;

use burn::tensor::ExecutionError;

pub use self::inspected_model::InspectedModel;
pub use self::runner::ExperimentRunner;
use crate::model::weights::WeightsError;
use crate::train::learner::LearnerError;

/// Why an experiment failed.
#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    /// The engine failed.
    #[error("the engine failed ({0}); start the experiment again")]
    Engine(String),
    /// The training of a network failed.
    #[error(transparent)]
    Training(#[from] LearnerError),
    /// The picture's bytes do not fit its size.
    #[error(
        "the picture has {bytes} bytes where {width} × {height} pixels need {needed}; open it again"
    )]
    NoPicture {
        /// Number of bytes.
        bytes: usize,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Number of bytes of a picture of this size.
        needed: u64,
    },
    /// The network has no blocks to look at.
    #[error("this network has no blocks to look at; choose one with stages under Train")]
    NoBlocks,
    /// The weights do not fit the network that they were read from, which only a fault in this
    /// program can cause.
    #[error("the weights do not fit their own network ({0}); reload the page")]
    Weights(#[from] WeightsError),
}

impl From<ExecutionError> for LessonError {
    fn from(error: ExecutionError) -> Self {
        Self::Engine(error.to_string())
    }
}
