//! The field of one setting: its label, its help and, if its value was refused, the reason.

use resnette_spec::settings::Kind;
use resnette_spec::{Backend, RunConfig, Setting};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::settings::draft::{Draft, SettingsAction};
use crate::shell::action::Action;
use crate::shell::commands::use_commands;

/// Properties of [`Field`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The setting that is shown.
    pub setting: &'static Setting,
    /// The run that has the setting's value.
    pub run: RunConfig,
    /// What is being typed into it.
    pub draft: Option<Draft>,
    /// The page is in a class, whose host may train.
    #[prop_or_default]
    pub joined: bool,
}

/// A setting's label, control and help.
#[component]
pub fn Field(props: &Props) -> Html {
    let commands = use_commands();
    let setting = props.setting;
    let id = format!("knob-{}", setting.key);
    let (help_id, error_id) = (format!("{id}-help"), format!("{id}-error"));
    let value = props
        .draft
        .as_ref()
        .map(|draft| draft.text.clone())
        .unwrap_or_else(|| setting.get(&props.run));
    let error = props.draft.as_ref().and_then(|draft| draft.error.clone());
    let described = if error.is_some() { format!("{help_id} {error_id}") } else { help_id.clone() };
    let leave = {
        let commands = commands.clone();
        Callback::from(move |_: FocusEvent| {
            commands.dispatch(Action::Settings(SettingsAction::Leave(setting.key)))
        })
    };
    let control = match &setting.kind {
        Kind::Choice { choices, .. } => {
            let host = Backend::Host.name();
            // Only a class has one; a link that names it shows so.
            let has_host = props.joined || value == host;
            let offered = choices.iter().filter(|choice| has_host || choice.name != host);
            let onchange = Callback::from(move |event: Event| {
                if let Some(select) =
                    event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok())
                {
                    commands.set(setting.key, select.value());
                }
            });
            html! {
                <select id={id.clone()} aria-describedby={described} {onchange}>
                    {for offered.map(|choice| html! {
                        <option key={choice.name} value={choice.name}
                            selected={value == choice.name}>{choice.label}</option>
                    })}
                </select>
            }
        }
        kind => {
            let oninput = Callback::from(move |event: InputEvent| {
                if let Some(input) =
                    event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
                {
                    commands.dispatch(Action::Settings(SettingsAction::Edit(
                        setting.key,
                        input.value(),
                    )));
                }
            });
            let inputmode = if matches!(kind, Kind::Address { .. }) { "url" } else { "decimal" };
            html! {
                <input id={id.clone()} type="text" {inputmode} autocomplete="off" spellcheck="false"
                    {value} aria-describedby={described}
                    aria-invalid={error.is_some().to_string()} {oninput} onblur={leave} />
            }
        }
    };
    let wide = matches!(setting.kind, Kind::Choice { .. }).then_some("field-wide");
    let bad = error.is_some().then_some("field-bad");
    html! {
        <div class={classes!("field", wide, bad)}>
            <label for={id}>{setting.label}</label>
            {control}
            <p class="help" id={help_id}>{setting.help}</p>
            if let Some(error) = error {
                <p class="field-error" id={error_id} role="alert">{error}</p>
            }
        </div>
    }
}
