//! The notice about ImageNet's terms before the first photo is fetched.

use resnette_spec::{RunConfig, Source};
use yew::prelude::*;

use crate::data::state::{DataAction, LoadPurpose};
use crate::data::{download_size, terms};
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::shell::platform;
use crate::widgets::format;

/// Properties of [`TermsNotice`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The task that waits for the answer.
    pub purpose: LoadPurpose,
    /// The settings of the task.
    pub run: RunConfig,
}

/// The terms, with a button to agree and one to use drawn pictures instead.
#[component]
pub fn TermsNotice(props: &Props) -> Html {
    let commands = use_commands();
    use_effect_with((), |()| platform::focus("agree-to-terms"));
    if props.run.data.source != Source::HuggingFace {
        return Html::default();
    }
    let agree = {
        let (commands, purpose, run) = (commands.clone(), props.purpose, props.run.clone());
        Callback::from(move |_: MouseEvent| {
            terms::agree();
            commands.dispatch(Action::Data(DataAction::AskTerms(None)));
            commands.begin_now(purpose, run.clone());
        })
    };
    let draw = {
        let (purpose, run) = (props.purpose, props.run.clone());
        Callback::from(move |_: MouseEvent| commands.draw_instead(purpose, &run))
    };
    html! {
        <section class="terms" aria-labelledby="terms-title">
            <h2 id="terms-title">{"Before the first photo comes"}</h2>
            <p>
                {format!(
                    "Your browser will fetch about {} from Hugging Face. These are ImageNet \
                     photos: they may be used for non-commercial research and education only, \
                     under ",
                    format::bytes(download_size::bytes(&props.run.data))
                )}
                <a href="https://www.image-net.org/download.php" target="_blank"
                    rel="noopener noreferrer">
                    {"ImageNet’s terms"}
                </a>
                {"; the rights are the photographers’."}
            </p>
            <div class="actions">
                <button type="button" id="agree-to-terms" class="button" onclick={agree}>
                    {"Agree and download"}
                </button>
                <button type="button" class="button" onclick={draw}>{"Use drawn pictures"}</button>
            </div>
        </section>
    }
}
