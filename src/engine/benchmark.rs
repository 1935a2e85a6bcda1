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
                    "{STEPS} training steps of the current settings’ network, waiting for each to \
                     finish, then {STEPS} more with a single wait at the end. The pictures are \
                     random, so none are downloaded."
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
                            move |()| as_text(&measured)
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
        "{}{device}: {:.1} ms a step of {} pictures at {} px, {:.0} pictures/s.",
        measured.engine,
        measured.ms_per_step(),
        measured.bs,
        measured.size,
        measured.pictures_per_second()
    )
}

/// The figures that are numbers, each with its name.
fn numbers(measured: &bench::Benchmark) -> Vec<(&'static str, String)> {
    let least = measured.steps_ms.iter().copied().fold(f64::INFINITY, f64::min);
    let mut numbers = vec![
        (
            "Time per step, waiting for each (median and minimum, ms)",
            format!("{:.1} and {least:.1}", measured.ms_per_step()),
        ),
        ("Time per step, waiting once at the end (ms)", format!("{:.1}", measured.queued_ms)),
        (
            "Arithmetic of the two",
            format!("{:.2} and {:.2} GFLOP/s", measured.gflops(), measured.queued_gflops()),
        ),
        ("First step", format!("{:.1} s", measured.first_step_ms / 1e3)),
        ("Time to submit a step", format!("{:.1} ms", measured.ms_to_enqueue())),
    ];
    if let Some((share, product)) = measured.share_of_product().zip(measured.product_gflops) {
        let share = format!("{:.0} % of {product:.1} GFLOP/s", share * 100.0);
        numbers.push(("Share of this GPU's matrix product", share));
    }
    if let Some(dispatches) = measured.dispatches_per_step {
        numbers.push(("Kernels a step", format!("{dispatches:.0}")));
    }
    if let Some(kernels) = &measured.kernels {
        numbers.push(("Kernel tiles for", kernels.clone()));
    }
    numbers
}

/// All figures as a list.
fn figures(measured: &bench::Benchmark) -> Html {
    let row = |(name, value): (&'static str, String)| {
        html! {
            <div><dt>{name}</dt><dd translate="no">{value}</dd></div>
        }
    };
    html! {
        <div class="totals" data-benchmark={as_json(measured)}>
            <dl>
                {for numbers(measured).into_iter().map(row)}
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

/// The figures in lines for people, and behind them in one for programs: what a reader may send us.
fn as_text(measured: &bench::Benchmark) -> String {
    let mut text = format!("{}\n", summary(measured));
    for (name, value) in numbers(measured) {
        text.push_str(&format!("{name}: {value}\n"));
    }
    text + &format!("Memory: {}\n{}\n", memory(measured), as_json(measured))
}

/// Every figure as JSON, for a table of the reader's own.
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
        "queued_steps": measured.queued_steps,
        "queued_ms": measured.queued_ms,
        "queued_gflops": measured.queued_gflops(),
        "product_gflops": measured.product_gflops,
        "share_of_product": measured.share_of_product(),
        "kernels": measured.kernels,
        "pictures_per_second": measured.pictures_per_second(),
        "gflops": measured.gflops(),
        "dispatches_per_step": measured.dispatches_per_step,
        "wasm_bytes": measured.memory.wasm,
        "gpu_bytes": measured.memory.gpu,
    })
    .to_string()
}
