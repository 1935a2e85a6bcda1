//! What a reader must decide before a task begins, because it would cost work, or because a link
//! would ask another host.

use resnette_protocol::saved::slots::SlotId;
use resnette_spec::RunConfig;

use crate::data::state::LoadPurpose;

/// What would be lost with the network that the engine holds, least first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stake {
    /// Nothing: there is no trained network.
    #[default]
    Nothing,
    /// Nothing that is not saved.
    Kept,
    /// The steps since the last save of a run that has not ended.
    Unfinished,
    /// A run of which no save exists, or a fine-tuned network.
    Unkept,
    /// A run that is under way.
    UnderWay,
}

/// A task that waits for an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// A task that needs pictures.
    Begin(LoadPurpose, Box<RunConfig>),
    /// The run that is saved in this slot goes on.
    GoOn(SlotId, Box<RunConfig>),
    /// The run that is saved in this slot, which has ended, is shown.
    Show(SlotId, Box<RunConfig>),
}

/// Why the reader is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// A link would start a run by itself.
    Link {
        /// What would be lost.
        stake: Stake,
        /// The unfinished run that would have to go to make room, in words.
        goes: Option<String>,
        /// The other host that would be asked for pictures.
        host: Option<String>,
    },
    /// The task needs another engine, and this would be lost with the one that runs.
    Engine(Stake),
}

/// What the reader must decide.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Why.
    pub why: Why,
    /// What happens if they agree.
    pub task: Task,
}
