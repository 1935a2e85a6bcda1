//! All settings in folded groups.

use std::collections::BTreeMap;

use resnette_spec::presets::NETWORKS;
use resnette_spec::settings::Group;
use resnette_spec::{RunConfig, Setting};
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::settings::draft::{Draft, SettingsAction, applies};
use crate::settings::field::Field;
use crate::settings::locked_note::LockedNote;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;

/// Properties of [`Settings`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The settings.
    pub run: RunConfig,
    /// What is being typed into the fields, by key.
    pub drafts: BTreeMap<String, Draft>,
    /// The settings can be read but not changed.
    pub locked: bool,
    /// A run is under way, which keeps the settings it started with.
    pub under_way: bool,
    /// The page is in a class, whose host may train.
    pub joined: bool,
}

/// The groups of settings, folded, each with its fields.
#[component]
pub fn Settings(props: &Props) -> Html {
    let groups = Group::ALL.into_iter().map(|group| {
        let name = group.title();
        let draft = |setting: &Setting| props.drafts.get(setting.key).cloned();
        let settings = group.settings();
        let bad = settings
            .iter()
            .any(|setting| draft(setting).is_some_and(|draft| draft.error.is_some()));
        let fields = settings.into_iter().map(|setting| {
            html! {
                <Field key={setting.key} {setting} run={props.run.clone()} draft={draft(setting)}
                    joined={props.joined} />
            }
        });
        html! {
            <details key={name} class="group">
                <summary>
                    <h3>{name}</h3>
                    if bad { <span class="group-bad">{"a value was refused"}</span> }
                    <span class="group-gist">{gist(&props.run, group)}</span>
                </summary>
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
            if props.locked {
                <LockedNote />
            }
            if props.under_way {
                <p class="help">
                    {"The run under way keeps the settings it started with; changes count for the \
                      next."}
                </p>
            }
            {for groups}
        </div>
    }
}

/// A group of settings in a few words, for its heading while it is folded.
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

/// Properties of [`Networks`].
#[derive(Properties, PartialEq)]
struct NetworksProps {
    run: RunConfig,
}

/// The chapter's networks to start from.
#[component]
fn Networks(props: &NetworksProps) -> Html {
    let commands = use_commands();
    let chosen = NETWORKS.iter().find(|preset| applies(&props.run, preset.settings));
    let onchange = Callback::from(move |event: Event| {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        let preset =
            select.and_then(|select| NETWORKS.iter().find(|preset| preset.name == select.value()));
        if let Some(preset) = preset {
            commands.dispatch(Action::Settings(SettingsAction::ApplyPreset(preset.settings)));
        }
    });
    html! {
        <div class="field field-wide">
            <label for="network">{"Network of the chapter"}</label>
            <select id="network" aria-describedby="network-help" {onchange}>
                if chosen.is_none() { <option value="" selected=true>{"Your own"}</option> }
                {for NETWORKS.iter().map(|preset| html! {
                    <option key={preset.name} value={preset.name} selected={chosen == Some(preset)}>
                        {preset.name}
                    </option>
                })}
            </select>
            <p class="help" id="network-help">
                {chosen.map_or(
                    "None of the chapter's networks; choose one to start from it.",
                    |preset| preset.about,
                )}
            </p>
        </div>
    }
}
