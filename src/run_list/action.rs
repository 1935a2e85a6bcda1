//! What the reader does with the list of runs.

use resnette_protocol::saved::runs::RunList;

/// What can be done.
#[derive(Clone, Debug)]
pub enum RunsAction {
    /// The stored list has been read.
    Stored(RunList),
    /// Another tab has written the list.
    Elsewhere(RunList),
    /// Another name.
    Rename(u32, String),
    /// Forget it.
    Delete(u32),
}

/// Does it.
pub fn act(runs: &mut RunList, action: RunsAction) {
    match action {
        RunsAction::Stored(stored) => *runs = stored,
        RunsAction::Elsewhere(stored) => runs.merge(stored),
        RunsAction::Rename(id, name) => runs.rename(id, &name),
        RunsAction::Delete(id) => runs.delete(id),
    }
}
