//! The benchmark: how fast this browser trains the network of the settings, and the card that
//! measures it.

use resnette_protocol::{Command, bench};
use resnette_spec::RunConfig;
use serde_json::json;
use yew::prelude::*;

use crate::engine::action::EngineAction;
use crate::engine::benchmark_state::BenchmarkState;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::shell::platform;
use crate::widgets::copy_button::CopyButton;
use crate::widgets::format;

/// How many steps are measured: enough for a median, and not too many for a slow adapter.
const STEPS: u32 = 10;

/// Properties of [`BenchmarkCard`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The state of the benchmark.
    pub bench: BenchmarkState,
    /// The settings, whose network is measured.
    pub config: RunConfig,
    /// Whether a run is under way. The run and the measurement would slow each other.
    pub busy: bool,
}

/// A card that measures the network of the settings and shows the figures.
#[component]
pub fn BenchmarkCard(props: &Props) -> Html {
    let commands = use_commands();
    let config = props.config.clone();
    let measure = Callback::from(move |_: MouseEvent| {
        commands.dispatch(Action::Engine(EngineAction::AskBenchmark));
        commands.bridge.send(
            Command::Benchmark(bench::BenchmarkRequest { config: config.clone(), steps: STEPS }),
            config.backend,
        );
    });
    let waiting = props.bench == BenchmarkState::Waiting;
    html! {
        <details class="card fold benchmark">
            <summary><h3>{"How fast is this browser?"}</h3></summary>
            <p class="help">
                {format!(
                    "{STEPS} training steps of the network of the settings, on random pictures, so \
                     that none have to be loaded."
                )}
            </p>
            <p aria-live="polite">
                if waiting {
                    {"Measuring … On WebGPU the kernels are compiled first, which can take half a \
                      minute."}
                } else if let BenchmarkState::Made(measured) = &props.bench {
                    {summary(measured)}
                }
            </p>
            if let BenchmarkState::Made(measured) = &props.bench {
                {figures(measured)}
            }
            <div class="actions">
                <button type="button" class="button quiet-button" disabled={waiting || props.busy}
                    onclick={measure}>
                    {"Benchmark this browser"}
                </button>
                if let BenchmarkState::Made(measured) = &props.bench {
                    <CopyButton label="Copy the figures"
                        text={let measured = measured.clone(); Callback::from(
                            move |()| as_json(&measured)
                        )} />
                }
            </div>
        </details>
    }
}

/// The result in one sentence.
fn summary(measured: &bench::Benchmark) -> String {
    // Some browsers do not name the adapter.
    let device =
        if measured.device.is_empty() { String::new() } else { format!(" ({})", measured.device) };
    format!(
        "{}{device}: {:.0} ms a step of {} pictures at {} px, {:.0} pictures/s.",
        measured.engine,
        measured.ms_per_step(),
        measured.bs,
        measured.size,
        measured.pictures_per_second()
    )
}

/// All figures as a list.
fn figures(measured: &bench::Benchmark) -> Html {
    let least = measured.steps_ms.iter().copied().fold(f64::INFINITY, f64::min);
    html! {
        <div class="totals" data-benchmark={as_json(measured)}>
            <dl>
                <div>
                    <dt>{"Milliseconds a step, median and least"}</dt>
                    <dd translate="no">{format!("{:.0} and {least:.0}", measured.ms_per_step())}</dd>
                </div>
                <div>
                    <dt>{"Arithmetic"}</dt>
                    <dd translate="no">{format!("{:.2} GFLOP/s", measured.gflops())}</dd>
                </div>
                <div>
                    <dt>{"First step"}</dt>
                    <dd translate="no">{format!("{:.1} s", measured.first_step_ms / 1e3)}</dd>
                </div>
                <div>
                    <dt>{"Time to submit a step"}</dt>
                    <dd translate="no">{format!("{:.1} ms", measured.ms_to_enqueue())}</dd>
                </div>
                if let Some(dispatches) = measured.dispatches_per_step {
                    <div><dt>{"Kernels a step"}</dt><dd translate="no">{format!("{dispatches:.0}")}</dd></div>
                }
                <div><dt>{"Memory"}</dt><dd>{memory(measured)}</dd></div>
            </dl>
        </div>
    }
}

fn memory(measured: &bench::Benchmark) -> String {
    let gpu = measured
        .memory
        .gpu
        .map(|gpu| format!(", {} of the GPU's", format::bytes(gpu)))
        .unwrap_or_default();
    format!("{} of the tab's{gpu}", format::bytes(measured.memory.wasm))
}

/// Every figure as JSON, for a report to us or a table of the reader's own.
fn as_json(measured: &bench::Benchmark) -> String {
    let browser = platform::window()
        .and_then(|window| window.navigator().user_agent().ok())
        .unwrap_or_default();
    json!({
        "engine": measured.engine,
        "device": measured.device,
        "browser": browser,
        "size": measured.size,
        "bs": measured.bs,
        "parameters": measured.parameters,
        "multiply_adds": measured.multiply_adds,
        "first_step_ms": measured.first_step_ms,
        "ms_per_step": measured.ms_per_step(),
        "steps_ms": measured.steps_ms,
        "enqueue_ms": measured.ms_to_enqueue(),
        "pictures_per_second": measured.pictures_per_second(),
        "gflops": measured.gflops(),
        "dispatches_per_step": measured.dispatches_per_step,
        "wasm_bytes": measured.memory.wasm,
        "gpu_bytes": measured.memory.gpu,
    })
    .to_string()
}
