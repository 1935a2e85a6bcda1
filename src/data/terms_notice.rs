//! The notice before the first photo is fetched.

use resnette_spec::{RunConfig, Source};
use yew::prelude::*;

use crate::data::state::Errand;
use crate::data::{download_size, terms};
use crate::shell::action::Action;
use crate::shell::commands::use_page;
use crate::shell::platform;
use crate::widgets::format;

/// What waits for the answer.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the reader wanted to do.
    pub errand: Errand,
    /// With these settings.
    pub run: RunConfig,
}

/// The terms, and two ways on.
#[component]
pub fn Terms(props: &Props) -> Html {
    let page = use_page();
    use_effect_with((), |()| platform::focus("agree-to-terms"));
    if props.run.data.source != Source::HuggingFace {
        return Html::default();
    }
    let agree = {
        let (page, errand, run) = (page.clone(), props.errand, props.run.clone());
        Callback::from(move |_: MouseEvent| {
            terms::agree();
            page.act(Action::AskTerms(None));
            page.do_errand(errand, run.clone());
        })
    };
    let draw = {
        let (errand, run) = (props.errand, props.run.clone());
        Callback::from(move |_: MouseEvent| page.draw_instead(errand, &run))
    };
    html! {
        <section class="terms" aria-labelledby="terms-title">
            <h2 id="terms-title">{"Before the first photo comes"}</h2>
            <p>
                {format!("Your browser will fetch about {} from Hugging Face. These are ImageNet photos: they may be used for non-commercial research and education only, under ",
                    format::bytes(download_size::bytes(&props.run.data)))}
                <a href="https://www.image-net.org/download.php" target="_blank" rel="noopener noreferrer">{"ImageNet’s terms"}</a>
                {"; the rights are the photographers’."}
            </p>
            <div class="actions">
                <button type="button" id="agree-to-terms" class="button" onclick={agree}>{"Agree and download"}</button>
                <button type="button" class="button" onclick={draw}>{"Use drawn pictures"}</button>
            </div>
        </section>
    }
}
