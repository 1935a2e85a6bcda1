//! The PyTorch program that loads a run's network. Nobody needs it before a run, so it comes with
//! Predict's module (`src/lesson/lazy.rs`).

use std::rc::Rc;

use resnette_spec::pytorch::pytorch_snippet;
use yew::prelude::*;

use crate::run::state::Run;
use crate::shell::commands::use_commands;
use crate::widgets::copy_button::CopyButton;

/// Properties of [`Snippet`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The run.
    pub run: Rc<Run>,
}

/// The program, folded at first; nothing before there is a run, or of a fine-tuned network, which
/// need not be one of the chapter's.
#[component]
pub fn Snippet(props: &Props) -> Html {
    let commands = use_commands();
    let run = &props.run;
    let classes = run.shape.as_ref().map_or(0, |shape| shape.classes.len());
    if classes == 0 || run.tuned.is_some() {
        return Html::default();
    }
    let file = match run.rows.last() {
        Some(row) => format!("resnette-after-epoch-{}.safetensors", row.epoch),
        None => "resnette.safetensors".into(),
    };
    let (size, keep) = (run.config.data.size, run.config.recipe.keep());
    let program = pytorch_snippet(&run.config.net, classes, size, keep, &file);
    let text = {
        let program = program.clone();
        Callback::from(move |()| program.clone())
    };
    let download = {
        let program = program.clone();
        Callback::from(move |_: MouseEvent| {
            commands.save_file("load_model.py", "text/x-python", program.as_bytes());
        })
    };
    html! {
        <details>
            <summary>{"Load the model in PyTorch"}</summary>
            <pre class="snippet" tabindex="0" translate="no">{program}</pre>
            <div class="actions">
                <CopyButton label="Copy PyTorch code" {text} />
                <button type="button" class="button quiet-button" onclick={download}>
                    {"Download PyTorch code"}
                </button>
            </div>
        </details>
    }
}
