//! A press that checks the engine against PyTorch's numbers.

use resnette_protocol::Command;
use resnette_spec::Backend;
use yew::prelude::*;

use crate::ui::hooks::use_page;
use crate::ui::state::{Action, Check};

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is known.
    pub check: Check,
    /// The engine of the settings, for a page where none runs yet.
    pub backend: Backend,
}

/// The card.
#[component]
pub fn EngineCheck(props: &Props) -> Html {
    let page = use_page();
    let backend = props.backend;
    let check = Callback::from(move |_: MouseEvent| {
        page.act(Action::AskCheck);
        page.bridge.send(Command::SelfTest, backend);
    });
    html! {
        <details class="card fold engine-check">
            <summary><h3>{"Does the engine compute right?"}</h3></summary>
            <p class="engine-words" aria-live="polite">{props.check.words()}</p>
            <div class="actions">
                <button type="button" class="button quiet-button" disabled={props.check == Check::Waiting} onclick={check}>{"Check the engine"}</button>
            </div>
        </details>
    }
}
