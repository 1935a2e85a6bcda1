//! Messages about a race: a run that is split in two, of which one goes on without a skip
//! connection.

use resnette_spec::BlockPlace;
use resnette_spec::epoch::{EpochRow, Step};
use serde::{Deserialize, Serialize};

use crate::persistence::Restored;

/// One of the two networks of a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Runner {
    /// The network of the run, which trains as if nothing had been cut.
    WithSkip,
    /// Its copy without the skip connection.
    WithoutSkip,
}

/// What is told of a race. Of the network with the skip everything is told as of any run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Race {
    /// The run is split.
    Begun {
        /// The block whose skip connection one of the two has no more.
        place: BlockPlace,
        /// How many steps both have in common.
        steps: u32,
    },
    /// Steps of the network without the skip, oldest first.
    Steps(Vec<Step>),
    /// An epoch of the network without the skip.
    Epoch(EpochRow),
    /// There is one network again.
    Ended {
        /// The run from now on, if it is the one without the skip.
        kept: Option<Box<Restored>>,
        /// Why, and which was kept, as a sentence.
        note: String,
    },
}
