//! Why a run cannot begin or go on.

use burn::tensor::ExecutionError;
use resnette_images::stream::StreamError;
use resnette_spec::limits::ClassNamesError;

use crate::train::team::TeamError;

/// Longest message of an engine that is passed on, in characters.
const MAX_MESSAGE: usize = 200;

/// Why a run cannot begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum LearnerError {
    /// There are too few pictures to train and validate with.
    #[error(
        "a run needs at least 2 training pictures and 1 validation picture; load more pictures"
    )]
    TooFewPictures,
    /// The network shrinks the pictures to nothing, or leaves batch norm a single value for each
    /// channel, of which there is no variance.
    #[error(
        "pictures of {size} pixels end as a grid of {grid}×{grid}, and a batch of {bs} leaves one \
         number a channel there, which batch norm cannot use; choose larger pictures or a larger \
         batch"
    )]
    TooSmall {
        /// Side of the smallest pictures of the run, in pixels.
        size: u32,
        /// Side of the last grid.
        grid: u32,
        /// Batch size.
        bs: u32,
    },
    /// The classes cannot be written into a file, so nothing of the run could be saved.
    #[error("{0}, so the network could not be saved; correct the classes and load again")]
    Classes(#[from] ClassNamesError),
    /// The loss is infinite or not a number.
    #[error(
        "the loss became {0} at step {1}: the learning rate is too high for this network; start \
         again with a lower one"
    )]
    Diverged(f32, u32),
    /// The loss of the validation pictures is infinite or not a number, after a training loss that
    /// was not.
    #[error(
        "the validation loss became {0} in epoch {1}: the learning rate is too high for this \
         network; start again with a lower one"
    )]
    DivergedInValidation(f32, u32),
    /// The engine failed.
    #[error(
        "the engine failed ({0}); the epochs in the table are kept, press Train to start again"
    )]
    Engine(String),
    /// The ranks of a team cannot train together, or not any more.
    #[error(transparent)]
    Team(#[from] TeamError),
    /// A picture that is read when it is needed is not there any more. The run is as it was before
    /// the batch, and may go on with the next tick.
    #[error(transparent)]
    Stream(#[from] StreamError),
}

impl From<ExecutionError> for LearnerError {
    fn from(error: ExecutionError) -> Self {
        Self::Engine(root_cause(&error.to_string()))
    }
}

/// The last cause in an engine's error message, without the backtrace: it names the trouble, and
/// what stands before it only says which calls passed it on.
pub(super) fn root_cause(message: &str) -> String {
    let lines = message.lines().map(str::trim);
    let causes = lines
        .take_while(|line| !line.starts_with("Backtrace"))
        .filter(|line| !line.is_empty() && *line != "Caused by:");
    causes.last().unwrap_or("for no reason that it names").chars().take(MAX_MESSAGE).collect()
}
