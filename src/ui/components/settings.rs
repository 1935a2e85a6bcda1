//! The knobs, folded into three groups.

use std::collections::BTreeMap;

use resnette_spec::RunConfig;
use resnette_spec::presets::NETWORKS;
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::ui::components::Field;
use crate::ui::hooks::use_page;
use crate::ui::knobs::{Group, KNOBS};
use crate::ui::state::{Action, Draft, applies};

/// What the groups show.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The settings.
    pub run: RunConfig,
    /// Knobs that are being typed into.
    pub drafts: BTreeMap<String, Draft>,
    /// The settings can be read but not changed.
    pub locked: bool,
    /// A run is under way, which keeps the settings it started with.
    pub under_way: bool,
}

const GROUPS: [(Group, &str); 3] =
    [(Group::Network, "Network"), (Group::Recipe, "Recipe"), (Group::Data, "Data and engine")];

/// The groups.
#[component]
pub fn Settings(props: &Props) -> Html {
    let groups = GROUPS.iter().map(|&(group, name)| {
        let knobs = KNOBS.iter().filter(|knob| knob.group == group);
        let bad = knobs.clone().any(|knob| props.drafts.get(knob.key).is_some_and(|draft| draft.error.is_some()));
        let fields = knobs.map(|knob| {
            html! { <Field key={knob.key} knob={*knob} run={props.run.clone()} draft={props.drafts.get(knob.key).cloned()} /> }
        });
        html! {
            <details key={name} class="group">
                <summary><h3>{name}</h3>if bad { <span class="group-bad">{"a value was refused"}</span> }<span class="group-gist">{gist(&props.run, group)}</span></summary>
                <fieldset disabled={props.locked}>
                    <legend class="visually-hidden">{name}</legend>
                    if group == Group::Network { <Networks run={props.run.clone()} /> }
                    {for fields}
                </fieldset>
            </details>
        }
    });
    html! {
        <div class="settings">
            <h2>{"Settings"}</h2>
            if props.locked { <p class="help">{"Whoever made this link has locked the settings."}</p> }
            if props.under_way { <p class="help">{"The run under way keeps the settings it started with; changes count for the next."}</p> }
            {for groups}
        </div>
    }
}

/// A group in a few words, while it is folded.
fn gist(run: &RunConfig, group: Group) -> String {
    let get = |key| run.get(key).unwrap_or_default();
    match group {
        Group::Network => format!(
            "{} [{}], width {}",
            get("block"),
            get("layers").replace(',', ", "),
            get("width")
        ),
        Group::Recipe => format!("{} epochs, lr {}, bs {}", get("epochs"), get("lr"), get("bs")),
        Group::Data => format!("{} + {} a class, {} px", get("train"), get("valid"), get("size")),
    }
}

/// What the chooser of networks shows.
#[derive(Properties, PartialEq)]
struct NetworksProps {
    run: RunConfig,
}

/// The chapter's networks, to start from.
#[component]
fn Networks(props: &NetworksProps) -> Html {
    let page = use_page();
    let chosen = NETWORKS.iter().find(|preset| applies(&props.run, preset.settings));
    let onchange = Callback::from(move |event: Event| {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        let preset =
            select.and_then(|select| NETWORKS.iter().find(|preset| preset.name == select.value()));
        if let Some(preset) = preset {
            page.act(Action::Apply(preset.settings));
        }
    });
    html! {
        <div class="field field-wide">
            <label for="network">{"Network of the chapter"}</label>
            <select id="network" aria-describedby="network-help" {onchange}>
                if chosen.is_none() { <option value="" selected=true>{"Your own"}</option> }
                {for NETWORKS.iter().map(|preset| html! {
                    <option key={preset.name} value={preset.name} selected={chosen == Some(preset)}>{preset.name}</option>
                })}
            </select>
            <p class="help" id="network-help">{chosen.map_or("None of the chapter's networks; choose one to start from it.", |preset| preset.about)}</p>
        </div>
    }
}
