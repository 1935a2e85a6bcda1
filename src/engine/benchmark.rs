//! The benchmark: how fast this browser trains the network of the settings, and the card that
//! measures it.

use std::rc::Rc;

use resnette_protocol::bench::Benchmark;
use resnette_protocol::{Command, bench};
use resnette_spec::RunConfig;
use serde_json::json;
use yew::prelude::*;

use crate::shell::action::Action;
use crate::shell::commands::use_page;
use crate::shell::platform;
use crate::widgets::copy_button::CopyButton;
use crate::widgets::format;

/// Where the benchmark is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Bench {
    /// Nobody asked, or the engine that was asked is gone.
    #[default]
    Unasked,
    /// It was asked for.
    Waiting,
    /// It was made.
    Made(Rc<Benchmark>),
}

impl Bench {
    /// The engine will not answer any more; what it has answered stays true.
    pub fn give_up(&mut self) {
        if *self == Self::Waiting {
            *self = Self::Unasked;
        }
    }
}

/// Enough for a median, and not too many for a slow adapter.
const STEPS: u32 = 10;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is known.
    pub bench: Bench,
    /// The settings, whose network is measured.
    pub config: RunConfig,
    /// A run is under way: it would slow the measurement, and the measurement it.
    pub busy: bool,
}

/// The card.
#[component]
pub fn Benchmark(props: &Props) -> Html {
    let page = use_page();
    let config = props.config.clone();
    let measure = Callback::from(move |_: MouseEvent| {
        page.act(Action::AskBench);
        page.bridge.send(
            Command::Benchmark(bench::BenchmarkRequest { config: config.clone(), steps: STEPS }),
            config.backend,
        );
    });
    let waiting = props.bench == Bench::Waiting;
    html! {
        <details class="card fold benchmark">
            <summary><h3>{"How fast is this browser?"}</h3></summary>
            <p class="help">{format!("{STEPS} training steps of the network of the settings, on random pictures, so that none have to be loaded.")}</p>
            <p aria-live="polite">
                if waiting {
                    {"Measuring … On WebGPU the kernels are compiled first, which can take half a minute."}
                } else if let Bench::Made(told) = &props.bench {
                    {summary(told)}
                }
            </p>
            if let Bench::Made(told) = &props.bench {
                {figures(told)}
            }
            <div class="actions">
                <button type="button" class="button quiet-button" disabled={waiting || props.busy} onclick={measure}>{"Benchmark this browser"}</button>
                if let Bench::Made(told) = &props.bench {
                    <CopyButton label="Copy the figures" text={let told = told.clone(); Callback::from(move |()| as_json(&told))} />
                }
            </div>
        </details>
    }
}

/// One sentence.
fn summary(told: &bench::Benchmark) -> String {
    // Some browsers do not name the adapter.
    let device = if told.device.is_empty() { String::new() } else { format!(" ({})", told.device) };
    format!(
        "{}{device}: {:.0} ms a step of {} pictures at {} px, {:.0} pictures/s.",
        told.engine,
        told.ms_per_step(),
        told.bs,
        told.size,
        told.pictures_per_second()
    )
}

/// The rest.
fn figures(told: &bench::Benchmark) -> Html {
    let least = told.steps_ms.iter().copied().fold(f64::INFINITY, f64::min);
    html! {
        <div class="totals" data-benchmark={as_json(told)}>
            <dl>
                <div><dt>{"Milliseconds a step, median and least"}</dt><dd>{format!("{:.0} and {least:.0}", told.ms_per_step())}</dd></div>
                <div><dt>{"Arithmetic"}</dt><dd>{format!("{:.2} GFLOP/s", told.gflops())}</dd></div>
                <div><dt>{"First step"}</dt><dd>{format!("{:.1} s", told.first_step_ms / 1e3)}</dd></div>
                <div><dt>{"Until a step is handed over"}</dt><dd>{format!("{:.1} ms", told.ms_to_enqueue())}</dd></div>
                if let Some(dispatches) = told.dispatches_per_step {
                    <div><dt>{"Kernels a step"}</dt><dd>{format!("{dispatches:.0}")}</dd></div>
                }
                <div><dt>{"Memory"}</dt><dd>{memory(told)}</dd></div>
            </dl>
        </div>
    }
}

fn memory(told: &bench::Benchmark) -> String {
    let gpu = told
        .memory
        .gpu
        .map(|gpu| format!(", {} of the GPU's", format::bytes(gpu)))
        .unwrap_or_default();
    format!("{} of the tab's{gpu}", format::bytes(told.memory.wasm))
}

/// Every figure, for a message to us or a table of one's own.
fn as_json(told: &bench::Benchmark) -> String {
    let browser = platform::window()
        .and_then(|window| window.navigator().user_agent().ok())
        .unwrap_or_default();
    json!({
        "engine": told.engine,
        "device": told.device,
        "browser": browser,
        "size": told.size,
        "bs": told.bs,
        "parameters": told.parameters,
        "multiply_adds": told.multiply_adds,
        "first_step_ms": told.first_step_ms,
        "ms_per_step": told.ms_per_step(),
        "steps_ms": told.steps_ms,
        "enqueue_ms": told.ms_to_enqueue(),
        "pictures_per_second": told.pictures_per_second(),
        "gflops": told.gflops(),
        "dispatches_per_step": told.dispatches_per_step,
        "wasm_bytes": told.memory.wasm,
        "gpu_bytes": told.memory.gpu,
    })
    .to_string()
}
