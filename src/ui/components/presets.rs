//! Named runs, one press each.

use yew::prelude::*;

use crate::config::{PRESETS, RunConfig};
use crate::ui::hooks::use_page;
use crate::ui::state::{Action, applies};

/// What the chips show.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The settings.
    pub run: RunConfig,
    /// The settings can be read but not changed.
    pub locked: bool,
}

/// The chips.
#[component]
pub fn Presets(props: &Props) -> Html {
    let page = use_page();
    let chosen = PRESETS.iter().find(|preset| applies(&props.run, preset.settings));
    let chips = PRESETS.iter().map(|preset| {
        let page = page.clone();
        let onclick = Callback::from(move |_: MouseEvent| page.act(Action::Apply(preset.settings)));
        let pressed = chosen == Some(preset);
        html! {
            <button key={preset.name} type="button" class="chip" aria-pressed={pressed.to_string()} disabled={props.locked} title={preset.about} {onclick}>{preset.name}</button>
        }
    });
    html! {
        <div class="presets">
            <h2>{"Start from"}</h2>
            <div class="chips" role="group" aria-label="Presets">{for chips}</div>
            <p class="help">{chosen.map_or("Your own settings; they stand in the address of this page.", |preset| preset.about)}</p>
        </div>
    }
}
