//! The card that saves and opens models and runs as files, and says whether the run survives a
//! closed tab.

use std::rc::Rc;

use resnette_protocol::persistence::ModelFormat;
use resnette_protocol::saved::runs::RunList;
use resnette_spec::RunConfig;
use web_sys::File;
use yew::prelude::*;

use crate::run::state::Run;
use crate::saving::saved_runs::SavedRuns;
use crate::saving::state::SavingState;
use crate::shell::commands::use_commands;
use crate::widgets::file_input::FileButton;

/// Properties of [`SavingPanel`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the page knows about saved runs.
    pub saving: Rc<SavingState>,
    /// The run.
    pub run: Rc<Run>,
    /// The settings.
    pub config: RunConfig,
    /// Whether there is a network that could be saved.
    pub network: bool,
    /// The list of all runs, where the runs in the browser's storage are to be listed.
    #[prop_or_default]
    pub runs: Option<Rc<RunList>>,
    /// What stands at the end of the card: the program that loads the network in PyTorch.
    #[prop_or_default]
    pub children: Html,
}

/// A card with buttons that save and open models and runs.
#[component]
pub fn SavingPanel(props: &Props) -> Html {
    let commands = use_commands();
    let run = &props.run;
    let press = |act: fn(&crate::shell::commands::Commands)| {
        let commands = commands.clone();
        Callback::from(move |_: MouseEvent| act(&commands))
    };
    let on_files = {
        let (commands, config, busy) = (commands.clone(), props.config.clone(), run.under_way());
        Callback::from(move |files: Vec<File>| commands.open_saved(files, &config, busy))
    };
    html! {
        <section class="card keep" aria-label="Keep">
            <h2>{"Keep"}</h2>
            <div class="actions">
                <button type="button" class="button quiet-button" disabled={!props.network}
                    onclick={press(|commands| commands.save_model(ModelFormat::Safetensors))}>
                    {"Save model"}
                </button>
                <button type="button" class="button quiet-button" disabled={!props.network}
                    onclick={press(|commands| commands.save_model(ModelFormat::Burnpack))}>
                    {"Save as burnpack"}
                </button>
                <button type="button" class="button quiet-button"
                    disabled={!props.network || run.shape.is_none()}
                    onclick={press(|commands| commands.save_run())}>
                    {"Save run"}
                </button>
                <FileButton label="Open model or run" accept=".safetensors,.bpk,.resnette"
                    {on_files} />
            </div>
            <p class="help">
                {"A model is the network alone, as safetensors with PyTorch's names or as Burn's \
                  burnpack. A run is everything that training needs to continue where it stopped, \
                  here or on another computer."}
            </p>
            if let Some(failure) = &props.saving.failure {
                <p class="failure" role="alert">{failure}</p>
            }
            if let Some(note) = &props.saving.note {
                <p class="keep-note">{note}</p>
            }
            if let Some(runs) = &props.runs {
                <SavedRuns saving={props.saving.clone()} runs={runs.clone()}
                    under_way={run.under_way()} />
            }
            {props.children.clone()}
        </section>
    }
}
