//! One knob with its label, its help and, where it was refused, the reason.

use resnette_spec::RunConfig;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::ui::hooks::use_page;
use crate::ui::knobs::{Kind, Knob};
use crate::ui::state::{Action, Draft};

/// What the knob shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Which.
    pub knob: Knob,
    /// The settings.
    pub run: RunConfig,
    /// What is being typed into it.
    pub draft: Option<Draft>,
}

/// The knob.
#[component]
pub fn Field(props: &Props) -> Html {
    let page = use_page();
    let knob = props.knob;
    let id = format!("knob-{}", knob.key);
    let (help_id, error_id) = (format!("{id}-help"), format!("{id}-error"));
    let value = props
        .draft
        .as_ref()
        .map(|draft| draft.text.clone())
        .or_else(|| props.run.get(knob.key))
        .unwrap_or_default();
    let error = props.draft.as_ref().and_then(|draft| draft.error.clone());
    let described = if error.is_some() { format!("{help_id} {error_id}") } else { help_id.clone() };
    let leave = {
        let page = page.clone();
        Callback::from(move |_: FocusEvent| page.act(Action::Leave(knob.key)))
    };
    let control = match knob.kind {
        Kind::Choice(options) => {
            let onchange = Callback::from(move |event: Event| {
                if let Some(select) =
                    event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok())
                {
                    page.act(Action::Edit(knob.key, select.value()));
                    page.act(Action::Leave(knob.key));
                }
            });
            html! {
                <select id={id.clone()} aria-describedby={described} {onchange}>
                    {for options.iter().map(|(name, words)| html! { <option key={*name} value={*name} selected={value == *name}>{*words}</option> })}
                </select>
            }
        }
        kind => {
            let oninput = Callback::from(move |event: InputEvent| {
                if let Some(input) =
                    event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
                {
                    page.act(Action::Edit(knob.key, input.value()));
                }
            });
            let inputmode = if kind == Kind::Number { "decimal" } else { "url" };
            html! {
                <input id={id.clone()} type="text" {inputmode} autocomplete="off" spellcheck="false" {value} aria-describedby={described}
                    aria-invalid={error.is_some().to_string()} {oninput} onblur={leave} />
            }
        }
    };
    html! {
        <div class={classes!("field", matches!(knob.kind, Kind::Choice(_)).then_some("field-wide"), error.is_some().then_some("field-bad"))}>
            <label for={id}>{knob.label}</label>
            {control}
            <p class="help" id={help_id}>{knob.help}</p>
            if let Some(error) = error {
                <p class="field-error" id={error_id} role="alert">{error}</p>
            }
        </div>
    }
}
