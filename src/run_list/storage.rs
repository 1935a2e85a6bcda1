//! Keeps the list of runs in the browser's storage.

use std::rc::Rc;

use gloo_events::EventListener;
use resnette_protocol::saved::runs::RunList;
use yew::prelude::*;

use crate::run_list::action::RunListAction;
use crate::shell::action::Action;
use crate::shell::commands::Commands;
use crate::shell::{browser_storage, platform};

/// The key of the list in the browser's local storage.
const KEY: &str = "resnette-runs";

/// Reads the list when the page opens or another tab has written it, and writes it when it changes.
/// A browser that keeps nothing shows the runs of this visit all the same.
#[hook]
pub fn use_runs(commands: &Commands, runs: &Rc<RunList>) {
    {
        let commands = commands.clone();
        use_effect_with((), move |()| {
            if let Some(stored) = stored() {
                commands.dispatch(Action::RunList(RunListAction::Stored(stored)));
            }
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
    // The list that the page starts with is no change by the reader, so it is not written.
    let changed = use_mut_ref(|| false);
    use_effect_with(runs.clone(), move |runs| {
        if changed.replace(true) {
            // A browser that keeps nothing shows the list for this visit; a note says so
            // (`shell::missing`).
            let _ = browser_storage::write(KEY, &runs.write());
        }
    });
}

fn stored() -> Option<RunList> {
    browser_storage::read(KEY).ok().flatten().map(|text| RunList::read(&text))
}
