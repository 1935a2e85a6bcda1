//! What is kept: the model and the run as files, and what becomes of the run when the tab closes.

use std::rc::Rc;

use resnette_protocol::persistence::ModelFormat;
use resnette_spec::RunConfig;
use resnette_spec::pytorch::pytorch_snippet;
use web_sys::File;
use yew::prelude::*;

use crate::run::state::Run;
use crate::saving::state::KeepState;
use crate::shell::commands::use_page;
use crate::shell::platform;
use crate::widgets::copy_button::CopyButton;
use crate::widgets::file_input::FileButton;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is known of kept runs.
    pub keep: Rc<KeepState>,
    /// The run.
    pub run: Rc<Run>,
    /// The settings.
    pub config: RunConfig,
    /// There is a network that could be saved.
    pub network: bool,
}

/// The card.
#[component]
pub fn Keep(props: &Props) -> Html {
    let page = use_page();
    let run = &props.run;
    let press = |act: fn(&crate::shell::commands::Page)| {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| act(&page))
    };
    let on_files = {
        let (page, config, busy) = (page.clone(), props.config.clone(), run.under_way());
        Callback::from(move |files: Vec<File>| page.open_saved(files, &config, busy))
    };
    let classes = run.shape.as_ref().map_or(0, |shape| shape.classes.len());
    // What a fine-tuning went on from may be no network of the chapter.
    let snippet = (classes > 0 && run.tuned.is_none()).then(|| {
        let file = match run.rows.last() {
            Some(row) => format!("resnette-after-epoch-{}.safetensors", row.epoch),
            None => "resnette.safetensors".into(),
        };
        AttrValue::from(pytorch_snippet(&run.config.net, classes, run.config.data.size, &file))
    });
    html! {
        <section class="card keep" aria-label="Keep">
            <h2>{"Keep"}</h2>
            <div class="actions">
                <button type="button" class="button quiet-button" disabled={!props.network} onclick={press(|page| page.save_model(ModelFormat::Safetensors))}>{"Save model"}</button>
                <button type="button" class="button quiet-button" disabled={!props.network} onclick={press(|page| page.save_model(ModelFormat::Burnpack))}>{"Save as burnpack"}</button>
                <button type="button" class="button quiet-button" disabled={!props.network || run.shape.is_none()} onclick={press(|page| page.save_run())}>{"Save run"}</button>
                <FileButton label="Open model or run" accept=".safetensors,.bpk,.resnette" {on_files} />
            </div>
            <p class="help">{"A model is the network alone, as safetensors with PyTorch's names, or as Burn's burnpack. A run is everything: it goes on where it was, here or on another computer."}</p>
            if let Some(failure) = &props.keep.failure {
                <p class="failure" role="alert">{failure}</p>
            }
            if let Some(note) = &props.keep.note {
                <p class="keep-note">{note}</p>
            }
            if let Some(snippet) = snippet {
                <details>
                    <summary>{"Load the model in PyTorch"}</summary>
                    <pre class="snippet" tabindex="0">{snippet.clone()}</pre>
                    <div class="actions">
                        <CopyButton label="Copy PyTorch code" text={let snippet = snippet.clone(); Callback::from(move |()| snippet.to_string())} />
                        <button type="button" class="button quiet-button" onclick={Callback::from(move |_: MouseEvent| platform::save("load_model.py", "text/x-python", snippet.as_bytes()))}>{"Download PyTorch code"}</button>
                    </div>
                </details>
            }
        </section>
    }
}
