//! What can happen to the list of runs.

use resnette_protocol::saved::runs::RunList;

/// A change of the list of runs.
#[derive(Clone, Debug)]
pub enum RunListAction {
    /// The page has opened; the list has this tab's name, and what is stored.
    Opened(RunList),
    /// This list has been stored, with so many changes of this tab.
    Written(RunList, u64),
    /// Another tab has written the list.
    Elsewhere(RunList),
    /// The run with this id gets another name.
    Rename(u32, String),
    /// The run with this id is deleted.
    Delete(u32),
    /// The run that was deleted last comes back.
    Undelete,
}

/// Applies a change to the list.
pub fn act(runs: &mut RunList, action: RunListAction) {
    match action {
        RunListAction::Opened(list) => *runs = list,
        RunListAction::Written(list, changes) => runs.written(&list, changes),
        RunListAction::Elsewhere(stored) => runs.merge(stored),
        RunListAction::Rename(id, name) => runs.rename(id, &name),
        RunListAction::Delete(id) => runs.delete(id),
        RunListAction::Undelete => runs.undelete(),
    }
}
