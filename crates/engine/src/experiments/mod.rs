//! The lesson's experiments, computed with the network that trains: [`desk`] takes an order and
//! does one unit of work at a time, so that a run can train beside it.

pub mod arriving;
pub mod clock;
pub mod contenders;
pub mod desk;
pub mod gamma;
pub mod look;
pub mod surface;

use burn::tensor::ExecutionError;
pub use desk::{Desk, Subject};

use crate::train::learner::LearnerError;

/// Why an experiment ended.
#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    /// The engine failed.
    #[error("the engine failed ({0}); start the experiment again")]
    Engine(String),
    /// A training failed.
    #[error(transparent)]
    Training(#[from] LearnerError),
    /// The page sent something that is no picture.
    #[error(
        "the picture has {bytes} bytes where {width} × {height} pixels need {needed}; open it again"
    )]
    NoPicture {
        /// Bytes that came.
        bytes: usize,
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes that are needed.
        needed: u64,
    },
    /// A network without blocks has none to look at.
    #[error("this network has no blocks to look at; choose one with stages under Train")]
    NoBlocks,
    /// Weights that do not fit: a mistake of this program.
    #[error("the weights do not fit their own network ({0}); reload the page")]
    Weights(#[from] crate::model::weights::WeightsError),
}

impl From<ExecutionError> for LessonError {
    fn from(error: ExecutionError) -> Self {
        Self::Engine(error.to_string())
    }
}
