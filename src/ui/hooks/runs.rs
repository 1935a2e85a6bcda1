//! Keeps the list of runs in the browser's storage.

use std::rc::Rc;

use gloo_storage::{LocalStorage, Storage};
use yew::prelude::*;

use super::Page;
use crate::saved::runs::Runs;
use crate::ui::state::{Action, RunsAction};

/// Where it lies.
const KEY: &str = "resnette-runs";

/// Reads the list when the page opens, and writes it when it changes. A browser that keeps nothing shows the runs of this
/// visit all the same.
#[hook]
pub fn use_runs(page: &Page, runs: &Rc<Runs>) {
    {
        let page = page.clone();
        use_effect_with((), move |()| {
            if let Ok(Some(text)) = LocalStorage::raw().get_item(KEY) {
                page.act(Action::Runs(RunsAction::Stored(Runs::read(&text))));
            }
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
