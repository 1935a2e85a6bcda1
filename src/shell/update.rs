//! A newer version of the page is there.

use yew::prelude::*;

use crate::shell::service_worker::use_offline;

/// Says so, and changes over when the reader wants it: a page never changes under their hands.
#[component]
pub fn Update() -> Html {
    let Some(change_over) = use_offline() else { return Html::default() };
    let onclick = Callback::from(move |_: MouseEvent| change_over.emit(()));
    html! {
        <div class="update" aria-live="polite">
            <p>{"A newer version of this page is there. Reload ends a run that is under way."}</p>
            <button type="button" class="button" {onclick}>{"Reload"}</button>
        </div>
    }
}
