//! The note that a newer version of the page is ready.

use yew::prelude::*;

use crate::shell::service_worker::use_offline;

/// A note that there is a newer version, with a button that changes to it: a page never changes
/// while somebody uses it.
#[component]
pub fn UpdateNote() -> Html {
    let Some(change_over) = use_offline() else { return Html::default() };
    let onclick = Callback::from(move |_: MouseEvent| change_over.emit(()));
    html! {
        <div class="update" aria-live="polite">
            <p>{"A newer version of this page is there. Reload ends a run that is under way."}</p>
            <button type="button" class="button" {onclick}>{"Reload"}</button>
        </div>
    }
}
