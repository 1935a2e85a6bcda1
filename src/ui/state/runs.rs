//! What the reader does with the list of runs.

use resnette_protocol::saved::runs::Runs;

/// What can be done.
#[derive(Clone, Debug)]
pub enum RunsAction {
    /// The stored list has been read.
    Stored(Runs),
    /// Another tab has written the list.
    Elsewhere(Runs),
    /// Another name.
    Rename(u32, String),
    /// Forget it.
    Delete(u32),
}

/// Does it.
pub(super) fn act(runs: &mut Runs, action: RunsAction) {
    match action {
        RunsAction::Stored(stored) => *runs = stored,
        RunsAction::Elsewhere(stored) => runs.adopt(stored),
        RunsAction::Rename(id, name) => runs.rename(id, &name),
        RunsAction::Delete(id) => runs.delete(id),
    }
}
