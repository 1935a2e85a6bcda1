//! The section about classes of the reader's own. What it holds is fetched when Data is opened.

use yew::prelude::*;

use crate::data::own::editor::Props;
use crate::lesson::lazy;

/// The section, which stays open once something was put in.
#[component]
pub fn OwnClasses(props: &Props) -> Html {
    html! {
        <details class="own card fold" open={props.own.begun}>
            <summary><h2>{"Classes of your own"}</h2></summary>
            <lazy::Own ..props.clone() />
        </details>
    }
}
