//! Keeps the list of runs in the browser's storage.

use std::rc::Rc;

use gloo_events::EventListener;
use gloo_storage::{LocalStorage, Storage};
use resnette_protocol::saved::runs::RunList;
use yew::prelude::*;

use crate::run_list::action::RunsAction;
use crate::shell::action::Action;
use crate::shell::commands::Page;
use crate::shell::platform;

/// Where it lies.
const KEY: &str = "resnette-runs";

/// Reads the list when the page opens or another tab has written it, and writes it when it changes.
/// A browser that keeps nothing shows the runs of this visit all the same.
#[hook]
pub fn use_runs(page: &Page, runs: &Rc<RunList>) {
    {
        let page = page.clone();
        use_effect_with((), move |()| {
            if let Some(stored) = stored() {
                page.act(Action::Runs(RunsAction::Stored(stored)));
            }
            // The browser tells every tab but the one that wrote.
            let listener = platform::window().map(|window| {
                EventListener::new(&window, "storage", move |_| {
                    if let Some(stored) = stored() {
                        page.act(Action::Runs(RunsAction::Elsewhere(stored)));
                    }
                })
            });
            move || drop(listener)
        });
    }
    // What the page starts with is nothing that the reader has done.
    let changed = use_mut_ref(|| false);
    use_effect_with(runs.clone(), move |runs| {
        if changed.replace(true) {
            let _ = LocalStorage::raw().set_item(KEY, &runs.write());
        }
    });
}

fn stored() -> Option<RunList> {
    LocalStorage::raw().get_item(KEY).ok().flatten().map(|text| RunList::read(&text))
}
