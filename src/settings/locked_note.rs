//! Why the settings cannot be changed.

use yew::prelude::*;

/// Says why the settings cannot be changed where a link has locked them (`lock=1`).
#[component]
pub fn LockedNote() -> Html {
    html! {
        <p class="help locked-note">
            {"The settings are locked: the link that opened this page fixes them, so that everybody \
              in a class trains the same. You can still train, predict and read."}
        </p>
    }
}
