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
    let read = use_mut_ref(|| false);
    {
        let (page, read) = (page.clone(), read.clone());
        use_effect_with((), move |()| {
            *read.borrow_mut() = true;
            if let Ok(Some(text)) = LocalStorage::raw().get_item(KEY) {
                page.act(Action::Runs(RunsAction::Stored(Runs::read(&text))));
            }
        });
    }
    use_effect_with(runs.clone(), move |runs| {
        if *read.borrow() && **runs != Runs::default() {
            let _ = LocalStorage::raw().set_item(KEY, &runs.write());
        }
    });
}
