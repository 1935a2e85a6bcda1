//! Keeps the list of runs in the browser's storage, which all tabs of the page share.

use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::Math;
use resnette_protocol::page_path::run_list_lock;
use resnette_protocol::saved::runs::RunList;
use yew::prelude::*;

use crate::run_list::action::RunListAction;
use crate::saving::state::SavingAction;
use crate::shell::action::Action;
use crate::shell::browser_storage::StorageError;
use crate::shell::commands::Commands;
use crate::shell::{browser_storage, locks, platform};

/// The key under which earlier versions kept the list, for all copies of the page on an origin.
const EARLIER_KEY: &str = "resnette-runs";

/// Reads the list when the page opens or another tab has written it, and writes this tab's changes
/// into it. A browser that keeps nothing shows the runs of this visit all the same.
#[hook]
pub fn use_runs(commands: &Commands, runs: &Rc<RunList>) {
    {
        let commands = commands.clone();
        use_effect_with((), move |()| {
            // Two tabs with the same name are less likely than a flipped bit.
            let mut list = RunList::of_tab(&format!("{:x}", (Math::random() * 2e15) as u64));
            list.merge(stored().unwrap_or_default());
            commands.dispatch(Action::RunList(RunListAction::Opened(list)));
            // The browser notifies every tab but the one that wrote.
            let listener = platform::window().map(|window| {
                EventListener::new(&window, "storage", move |_| {
                    if let Some(stored) = stored() {
                        commands.dispatch(Action::RunList(RunListAction::Elsewhere(stored)));
                    }
                })
            });
            move || drop(listener)
        });
    }
    let commands = commands.clone();
    use_effect_with(runs.clone(), move |runs| {
        if runs.is_changed() {
            let runs = runs.clone();
            // Between the reading and the writing no other tab may write.
            let lock = run_list_lock(&browser_storage::page());
            locks::under_lock(&lock, move || write(&commands, &runs));
        }
    });
}

/// What is told if there is no room for the list.
const NO_ROOM: &str = "The list of runs is shown as long as this tab is open, but the browser has \
                       no room to keep it. Delete runs that you no longer need";

/// Makes this tab's changes in the stored list. A browser that keeps nothing shows the list for
/// this visit; a note says so (`shell::missing`).
fn write(commands: &Commands, runs: &RunList) {
    let merged = runs.onto(stored().unwrap_or_default());
    match browser_storage::write(&key(), &merged.write()) {
        Ok(()) => {
            let written = RunListAction::Written(merged, runs.changes());
            commands.dispatch(Action::RunList(written));
        }
        Err(StorageError::Full) => {
            commands.dispatch(Action::Saving(SavingAction::Refused(NO_ROOM.into())));
        }
        Err(StorageError::Withheld) => {}
    }
}

/// The list belongs to this copy of the page, and others on the same origin have theirs.
fn key() -> String {
    format!("resnette-runs-{}", browser_storage::page())
}

/// The stored list. One that an earlier version has stored belongs to the first page that finds it.
fn stored() -> Option<RunList> {
    let text = match browser_storage::read(&key()).ok()? {
        Some(text) => text,
        None => {
            let text = browser_storage::read(EARLIER_KEY).ok()??;
            if browser_storage::write(&key(), &text).is_ok() {
                let _ = browser_storage::remove(EARLIER_KEY);
            }
            text
        }
    };
    Some(RunList::read(&text))
}
