//! Named runs, one press each.

use yew::prelude::*;

use super::CopyButton;
use crate::config::{Link, PRESETS, write_link};
use crate::ui::hooks::use_page;
use crate::ui::platform;
use crate::ui::state::{Action, applies};

/// What the chips show.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The settings.
    pub link: Link,
}

/// The chips.
#[component]
pub fn Presets(props: &Props) -> Html {
    let page = use_page();
    let chosen = PRESETS.iter().find(|preset| applies(&props.link.run, preset.settings));
    let chips = PRESETS.iter().map(|preset| {
        let page = page.clone();
        let onclick = Callback::from(move |_: MouseEvent| page.act(Action::Apply(preset.settings)));
        let pressed = chosen == Some(preset);
        html! {
            <button key={preset.name} type="button" class="chip" aria-pressed={pressed.to_string()} disabled={props.link.locked} title={preset.about} {onclick}>{preset.name}</button>
        }
    });
    let text = {
        let link = props.link.clone();
        Callback::from(move |()| format!("{}#{}", platform::address(), write_link(&link)))
    };
    html! {
        <div class="presets">
            <div class="split"><h2>{"Start from"}</h2><CopyButton label="Copy link" {text} /></div>
            <div class="chips" role="group" aria-label="Presets">{for chips}</div>
            <p class="help">{chosen.map_or("Your own settings; they stand in the address of this page.", |preset| preset.about)}</p>
        </div>
    }
}
