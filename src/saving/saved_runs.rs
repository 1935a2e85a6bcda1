//! The list of the runs in the browser's storage: each can go on, be shown, or be deleted.

use std::rc::Rc;

use js_sys::Date;
use resnette_protocol::saved::runs::RunList;
use wasm_bindgen::JsValue;
use yew::prelude::*;

use crate::saving::state::{SavedRun, SavingState};
use crate::shell::commands::{Commands, use_commands};

/// Properties of [`SavedRuns`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the page knows about saved runs.
    pub saving: Rc<SavingState>,
    /// The list of all runs, in which they have names.
    pub runs: Rc<RunList>,
    /// Whether a run is under way, so that no other can go on.
    pub under_way: bool,
}

/// The saved runs, newest first. Draws nothing if there are none.
#[component]
pub fn SavedRuns(props: &Props) -> Html {
    let commands = use_commands();
    let saving = &props.saving;
    let undo = saving.deleted.as_ref().map(|run| {
        let (commands, slot) = (commands.clone(), run.slot);
        let onclick = Callback::from(move |_: MouseEvent| commands.undelete_saved(slot));
        html! {
            <p class="help" aria-live="polite">
                {format!("Deleted: {}. ", name(run, props))}
                <button type="button" class="button quiet-button" {onclick}>
                    {"Undo deletion of the saved run"}
                </button>
            </p>
        }
    });
    if saving.saved.is_empty() && undo.is_none() && saving.gone.is_empty() {
        return Html::default();
    }
    html! {
        <>
            {for saving.gone.iter().map(|gone| html! {
                <p class="keep-note">
                    {format!("To make room for this run, a saved run was deleted: {gone}.")}
                </p>
            })}
            if !saving.saved.is_empty() {
                <ul class="saved-runs" aria-label="Saved runs">
                    {for saving.saved.iter().map(|run| entry(run, props, &commands))}
                </ul>
            }
            {undo.unwrap_or_default()}
        </>
    }
}

/// The run's name in the list of runs. The list tells runs by their settings, so of several with
/// the same ones none has a name here.
fn listed_name<'a>(run: &SavedRun, props: &'a Props) -> Option<&'a str> {
    let is_alone = props.saving.saved.iter().filter(|other| other.config == run.config).count() < 2;
    props.runs.name_of(&run.config).filter(|_| is_alone)
}

/// What tells the run apart from all others: its name, or the time of its save.
fn name(run: &SavedRun, props: &Props) -> String {
    listed_name(run, props).map_or_else(|| format!("run of {}", when(run.saved)), str::to_string)
}

fn entry(run: &SavedRun, props: &Props, commands: &Commands) -> Html {
    let (slot, own) = (run.slot, props.saving.own == Some(run.slot));
    let name = name(run, props);
    let here = own && props.under_way;
    let go_on = {
        let (commands, run) = (commands.clone(), run.clone());
        Callback::from(move |_: MouseEvent| match run.done {
            true => commands.show_saved_run(run.slot, &run.config),
            false => commands.go_on_saved_run(run.slot, &run.config),
        })
    };
    let delete = {
        let commands = commands.clone();
        Callback::from(move |_: MouseEvent| commands.delete_saved(slot, own))
    };
    let verb = if run.done { "Show" } else { "Continue" };
    html! {
        <li key={slot.to_string()}>
            <span translate="no">
                {format!("{}: {}, saved {}", listed_name(run, props).unwrap_or("A run"),
                    run.words(), when(run.saved))}
            </span>
            if here {
                <span class="help">{" under way here"}</span>
            } else if run.elsewhere {
                <span class="help">{" open in another tab"}</span>
            } else {
                <span class="saved-run-actions">
                    <button type="button" class="button quiet-button" disabled={props.under_way}
                        aria-label={format!("{verb} the saved {name}")} onclick={go_on}>
                        {verb}
                    </button>
                    <button type="button" class="button quiet-button"
                        aria-label={format!("Delete the saved {name}")} onclick={delete}>
                        {"Delete"}
                    </button>
                </span>
            }
        </li>
    }
}

/// A moment as the reader's clock shows it.
fn when(milliseconds: u64) -> String {
    let date = Date::new(&(milliseconds as f64).into());
    date.to_locale_string("en-GB", &JsValue::UNDEFINED).into()
}
