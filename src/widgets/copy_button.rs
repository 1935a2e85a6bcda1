//! A button that copies text and says that it has.

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::shell::platform;

/// Properties of [`CopyButton`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The text of the button.
    pub label: AttrValue,
    /// Makes the text when the button is pressed.
    pub text: Callback<(), String>,
    /// Whether there is nothing to copy yet.
    #[prop_or_default]
    pub disabled: bool,
}

/// A button that copies text to the clipboard and says that it has.
#[component]
pub fn CopyButton(props: &Props) -> Html {
    let said = use_state(|| "");
    let onclick = {
        let (said, text) = (said.clone(), props.text.clone());
        Callback::from(move |_: MouseEvent| {
            let (said, text) = (said.clone(), text.emit(()));
            spawn_local(async move {
                said.set(if platform::copy(text).await {
                    "Copied"
                } else {
                    "The browser refused to copy"
                });
                TimeoutFuture::new(2_500).await;
                said.set("");
            });
        })
    };
    html! {
        <span class="copy">
            <button type="button" class="button quiet-button" disabled={props.disabled} {onclick}>
                {&props.label}
            </button>
            <span class="copy-said" aria-live="polite">{*said}</span>
        </span>
    }
}
