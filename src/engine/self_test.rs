//! The self test: four training steps, compared with PyTorch's numbers, and the card that asks for
//! it.

use resnette_protocol::Command;
use resnette_spec::Backend;
use yew::prelude::*;

use crate::engine::action::EngineAction;
use crate::engine::self_test_state::SelfTestState;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;

/// Properties of [`SelfTestCard`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The state of the self test.
    pub check: SelfTestState,
    /// The engine of the settings, which is started if none runs yet.
    pub backend: Backend,
}

/// A card that compares the engine with PyTorch and says how far they differ.
#[component]
pub fn SelfTestCard(props: &Props) -> Html {
    let commands = use_commands();
    let backend = props.backend;
    let check = Callback::from(move |_: MouseEvent| {
        commands.dispatch(Action::Engine(EngineAction::AskSelfTest));
        commands.bridge.send(Command::SelfTest, backend);
    });
    html! {
        <details class="card fold engine-check">
            <summary><h3>{"Check the engine against PyTorch"}</h3></summary>
            <p class="engine-words" aria-live="polite">{props.check.words()}</p>
            <div class="actions">
                <button type="button" class="button quiet-button"
                    disabled={props.check == SelfTestState::Waiting} onclick={check}>
                    {"Check the engine"}
                </button>
            </div>
        </details>
    }
}
