//! What can happen to the list of runs.

use resnette_protocol::saved::runs::RunList;

/// A change of the list of runs.
#[derive(Clone, Debug)]
pub enum RunListAction {
    /// The stored list has been read.
    Stored(RunList),
    /// Another tab has written the list.
    Elsewhere(RunList),
    /// The run with this id gets another name.
    Rename(u32, String),
    /// The run with this id is deleted.
    Delete(u32),
}

/// Applies a change to the list.
pub fn act(runs: &mut RunList, action: RunListAction) {
    match action {
        RunListAction::Stored(stored) => *runs = stored,
        RunListAction::Elsewhere(stored) => runs.merge(stored),
        RunListAction::Rename(id, name) => runs.rename(id, &name),
        RunListAction::Delete(id) => runs.delete(id),
    }
}
