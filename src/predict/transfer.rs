//! Transfer learning: a pretrained network from the Hub, and its fine-tuning on the reader's
//! classes.

use resnette_protocol::predict::ModelInfo;
use resnette_spec::{RunConfig, pretrained};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::shell::commands::use_commands;
use crate::widgets::bar::Progress;
use crate::widgets::format;

/// Properties of [`Transfer`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The settings, of which pictures, size, batch size, learning rate and epochs are used.
    pub run: RunConfig,
    /// The opened network, if it was read from a file.
    pub opened: Option<ModelInfo>,
    /// While a network is being fetched: the bytes that have come, and the bytes in all.
    pub fetching: Option<(u64, u64)>,
    /// Whether a run is under way.
    pub busy: bool,
}

/// The section about transfer learning.
#[component]
pub fn Transfer(props: &Props) -> Html {
    let commands = use_commands();
    let typed = use_state(String::new);
    let oninput = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(input) =
                event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            {
                typed.set(input.value());
            }
        })
    };
    let problem = pretrained::address(&typed).err().filter(|_| !typed.trim().is_empty());
    let fetch = {
        let (commands, typed, backend) = (commands.clone(), typed.clone(), props.run.backend);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            commands.fetch_model((*typed).clone(), backend);
        })
    };
    let cancel = {
        let commands = commands.clone();
        Callback::from(move |_: MouseEvent| commands.cancel_download())
    };
    let run = props.run.clone();
    let find_rate = {
        let (commands, run) = (commands.clone(), props.run.clone());
        Callback::from(move |_: MouseEvent| commands.find_fine_tune_rate(run.clone()))
    };
    let tune = Callback::from(move |_: MouseEvent| commands.fine_tune(run.clone()));
    let recipe = &props.run.recipe;
    html! {
        <section class="transfer card" aria-label="Transfer learning">
            <h2>{"Transfer learning"}</h2>
            <p class="prose">
                {"A ResNet that was trained on the 1.2 million photos of ImageNet has layers worth \
                  keeping. Fetch one here or open its file below (18, 34 or 50 layers, \
                  torchvision's or timm's safetensors), see what it says, then give it a new head \
                  for your classes."}
            </p>
            <form class="transfer-fetch" onsubmit={fetch}>
                <label for="hub-address">{"Network on Hugging Face"}</label>
                <input id="hub-address" type="text" inputmode="url" autocomplete="off"
                    spellcheck="false" placeholder="timm/resnet18.a1_in1k"
                    value={(*typed).clone()} {oninput} aria-describedby="hub-help"
                    aria-invalid={problem.is_some().to_string()} />
                <button type="submit" class="button"
                    disabled={
                        problem.is_some() || typed.trim().is_empty() || props.fetching.is_some()
                    }>
                    {"Fetch"}
                </button>
                <p id="hub-help" class={if problem.is_some() { "warning" } else { "help" }}>
                    {problem.map_or_else(
                        || "Fetched from huggingface.co when you press Fetch, and from nowhere \
                            else: 47 MB for a ResNet-18.".to_string(),
                        |problem| problem.to_string()
                    )}
                </p>
            </form>
            if let Some((bytes, of)) = props.fetching {
                <Progress name="Network" share={bytes as f64 / of.max(1) as f64} />
                <p class="help">{format!("{} of {}", format::bytes(bytes), format::bytes(of))}</p>
                <button type="button" class="button" onclick={cancel}>{"Cancel download"}</button>
            }
            if let Some(model) = &props.opened {
                <p class="prose">
                    {format!(
                        "Now open: {}, with {} classes. Fine-tuning replaces its head by one for \
                         the classes under Data, trains one epoch with the body frozen at a rate \
                         of up to {}, then {} of the whole network, the first layers a hundred \
                         times slower than the head (fastai's fine_tune).",
                        model.name,
                        format::count(model.classes.len() as u64),
                        recipe.lr,
                        format::plural(recipe.epochs.into(), "epoch")
                    )}
                </p>
            }
            <button type="button" class="button" disabled={props.busy || props.opened.is_none()}
                onclick={tune}>
                {"Fine-tune"}
            </button>
            <button type="button" class="button quiet-button"
                disabled={props.busy || props.opened.is_none()} onclick={find_rate}
                title="The curve and what it suggests come under Train: Which learning rate?">
                {"Find its learning rate"}
            </button>
            if props.opened.is_none() {
                <span class="help">{" Open or fetch a pretrained network first."}</span>
            }
        </section>
    }
}
