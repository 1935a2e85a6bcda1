//! Named runs, one press each.

use resnette_spec::{Link, PRESETS, write_link};
use yew::prelude::*;

use crate::settings::draft::applies;
use crate::shell::action::Action;
use crate::shell::commands::use_page;
use crate::shell::platform;
use crate::widgets::copy_button::CopyButton;

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
    // What the pointer or the keyboard is on explains itself before it is pressed.
    let pointed = use_state(|| None::<&'static str>);
    let chips = PRESETS.iter().map(|preset| {
        let page = page.clone();
        let onclick = Callback::from(move |_: MouseEvent| page.act(Action::Apply(preset.settings)));
        let pressed = chosen == Some(preset);
        let point = |about: Option<&'static str>| {
            let pointed = pointed.clone();
            move || pointed.set(about)
        };
        let (on, off) = (point(Some(preset.about)), point(None));
        let (onfocus, onblur) = (on.clone(), off.clone());
        html! {
            <button key={preset.name} type="button" class="chip" aria-pressed={pressed.to_string()} disabled={props.link.locked} aria-description={preset.about} {onclick}
                onmouseover={move |_: MouseEvent| on()} onmouseout={move |_: MouseEvent| off()} onfocus={move |_: FocusEvent| onfocus()} onblur={move |_: FocusEvent| onblur()}>{preset.name}</button>
        }
    });
    let text = {
        let link = props.link.clone();
        Callback::from(move |()| format!("{}#{}", platform::address(), write_link(&link)))
    };
    let about = pointed
        .or(chosen.map(|preset| preset.about))
        .unwrap_or("Your own settings; they stand in the address of this page.");
    html! {
        <div class="presets">
            <div class="split"><h2>{"Start from"}</h2><CopyButton label="Copy link" {text} /></div>
            <div class="chips" role="group" aria-label="Presets">{for chips}</div>
            <p class="help">{about}</p>
        </div>
    }
}
