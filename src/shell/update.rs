//! The note that there is another version of the page.

use yew::prelude::*;

use crate::shell::platform;
use crate::shell::service_worker::use_offline;

/// Properties of [`UpdateNote`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whether an engine of another version was met: this page can start none any more.
    pub other_version: bool,
}

/// A note that there is another version, with a button that changes to it: a page never changes
/// while somebody uses it.
#[component]
pub fn UpdateNote(props: &Props) -> Html {
    let change_over = use_offline();
    let words = match (&change_over, props.other_version) {
        (None, false) => return Html::default(),
        (Some(_), false) => {
            "A newer version of this page is available. Reload ends a run that is under way."
        }
        (_, true) => {
            "This page has been updated since you opened it, and the engine is from the other \
             version: nothing can be trained until you reload the page. Saved runs are kept and \
             can be continued after that; save anything else you need first."
        }
    };
    let onclick = Callback::from(move |_: MouseEvent| match &change_over {
        Some(change_over) => change_over.emit(()),
        None => platform::reload(),
    });
    html! {
        <div class="update" aria-live="polite">
            <p>{words}</p>
            <button type="button" class="button" {onclick}>{"Reload"}</button>
        </div>
    }
}
