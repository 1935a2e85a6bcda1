//! Named runs, with a button for each.

use resnette_spec::PRESETS;
use yew::prelude::*;

use crate::route::link::{Link, write_link};
use crate::settings::draft::{SettingsAction, applies};
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::shell::platform;
use crate::widgets::copy_button::CopyButton;

/// Properties of [`Presets`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The link, with the settings.
    pub link: Link,
}

/// The named runs as buttons.
#[component]
pub fn Presets(props: &Props) -> Html {
    let commands = use_commands();
    let chosen = PRESETS.iter().find(|preset| applies(&props.link.run, preset.settings));
    // The preset under the pointer or with the focus is explained before it is pressed.
    let pointed = use_state(|| None::<&'static str>);
    let chips = PRESETS.iter().map(|preset| {
        let commands = commands.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            commands.dispatch(Action::Settings(SettingsAction::ApplyPreset(preset.settings)))
        });
        let pressed = chosen == Some(preset);
        let point = |about: Option<&'static str>| {
            let pointed = pointed.clone();
            move || pointed.set(about)
        };
        let (on, off) = (point(Some(preset.about)), point(None));
        let (onfocus, onblur) = (on.clone(), off.clone());
        html! {
            <button key={preset.name} type="button" class="chip"
                aria-pressed={pressed.to_string()} disabled={props.link.locked}
                aria-description={preset.about} {onclick} onmouseover={move |_: MouseEvent| on()}
                onmouseout={move |_: MouseEvent| off()} onfocus={move |_: FocusEvent| onfocus()}
                onblur={move |_: FocusEvent| onblur()}>
                {preset.name}
            </button>
        }
    });
    let text = {
        let link = props.link.clone();
        Callback::from(move |()| format!("{}#{}", platform::address(), write_link(&link)))
    };
    let about = pointed
        .or(chosen.map(|preset| preset.about))
        .unwrap_or("Your own settings; they are saved in this page’s link.");
    html! {
        <div class="presets">
            <div class="split"><h2>{"Start from"}</h2><CopyButton label="Copy link" {text} /></div>
            <div class="chips" role="group" aria-label="Presets">{for chips}</div>
            <p class="help">{about}</p>
        </div>
    }
}
