//! Why a run is not in the browser's private file system.

use resnette_engine::train::checkpoint::CheckpointError;

/// Why a run is not kept, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RunStoreError {
    /// Another tab works on it.
    #[error(
        "it is open in another tab of this page. Go on with it there, or close that tab and try \
         again"
    )]
    OtherTab,
    /// A private window, or an old browser.
    #[error(
        "this browser gives the page no storage ({0}), as in many private windows. Save run keeps the run as a file"
    )]
    Unavailable(String),
    /// Full.
    #[error(
        "the browser's storage is full. Free some space, or keep the run as a file with Save run"
    )]
    Full,
    /// Anything else that the browser says.
    #[error("the browser could not write it ({0}). Save run keeps it as a file")]
    Browser(String),
    /// Something there that cannot be told from an empty place, so nothing is written over it.
    #[error(
        "the browser did not let the page read what is saved there, which is kept. Save run keeps this run as a file"
    )]
    Unreadable,
    /// Nothing there.
    #[error("it is not in the browser's storage any more")]
    Empty,
    /// Both generations are damaged.
    #[error("what was saved is damaged: {0}")]
    Damaged(CheckpointError),
    /// The run is not worth it.
    #[error(transparent)]
    Run(#[from] CheckpointError),
}
