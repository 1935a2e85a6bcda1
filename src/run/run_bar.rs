//! The bar that is always in sight: the status of the run, its progress, and its buttons.

use std::rc::Rc;

use resnette_protocol::Subsystem;
use resnette_protocol::data::Waiting;
use resnette_protocol::engine::{EngineInfo, EngineKind};
use resnette_protocol::persistence::SavedRunSource;
use resnette_spec::{RunConfig, Source};
use yew::prelude::*;

use crate::data::loads::Loads;
use crate::data::state::LoadPurpose;
use crate::engine::choice::Choice;
use crate::estimate::words::beside_train;
use crate::route::action::LinkAction;
use crate::route::link::{Link, View};
use crate::run::kept_focus::use_kept_focus;
use crate::run::rival::COST;
use crate::run::state::{PendingControl, Phase, Run};
use crate::saving::state::SavingState;
use crate::shell::action::Action;
use crate::shell::commands::{Commands, use_commands};
use crate::widgets::bar::Progress;
use crate::widgets::live_text::live_text;
use crate::widgets::{format, icons};

/// Properties of [`RunBar`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The run.
    pub run: Rc<Run>,
    /// The text of the status line.
    pub status: String,
    /// Pictures that are on their way.
    pub loads: Loads,
    /// What the page knows about saved runs.
    pub saving: Rc<SavingState>,
    /// The link, with the settings that **Train** starts.
    pub link: Link,
    /// Which engine would run and why, or why none can.
    pub choice: Option<Result<Choice, String>>,
    /// The engine, once it has started.
    pub engine: Option<EngineInfo>,
    /// The seconds that Train would take, if nothing is under way and they are known.
    pub estimate: Option<f64>,
}

/// The status of the run, its progress, and its buttons.
#[component]
pub fn RunBar(props: &Props) -> Html {
    let commands = use_commands();
    let run = &props.run;
    let busy = run.under_way() || props.loads.under_way();
    let failed = props.status.starts_with("Failed");
    let ask = |control| {
        let commands = commands.clone();
        Callback::from(move |_: MouseEvent| commands.control(control))
    };
    let train = {
        let (commands, config) = (commands.clone(), props.link.run.clone());
        Callback::from(move |_: MouseEvent| commands.train(config.clone()))
    };
    let more = more(run, &props.loads, props.choice.as_ref(), props.engine.as_ref());
    // In the line below the status, which nothing speaks and which keeps the bar's height.
    let more = match props.estimate {
        Some(seconds) => format!("{} · {more}", beside_train(seconds)),
        None => more,
    };
    let bar = use_node_ref();
    let onfocusin = use_kept_focus(&bar);
    let paused = run.phase == Phase::Paused;
    let hold = if paused {
        let resume = match run.restored {
            true => go_on(&commands, SavedRunSource::Opened, &run.config),
            false => ask(PendingControl::Resume),
        };
        html! {
            <button type="button" class="button" disabled={run.pending.is_some()} onclick={resume}>
                {icons::play()}
                {"Resume"}
            </button>
        }
    } else {
        let disabled = run.phase != Phase::Training || run.pending.is_some();
        html! {
            <button type="button" class="button" {disabled} onclick={ask(PendingControl::Pause)}>
                {icons::pause()}
                {"Pause"}
            </button>
        }
    };
    // A run from a save has no pictures yet, so it cannot take a step.
    let steps = paused && !run.restored;
    // A live region with the batch count would never stop speaking, so it is off, and the
    // application announces epochs.
    html! {
        <section ref={bar} class="run-bar" aria-label="Run" tabindex="-1" {onfocusin}>
            <div class="run-buttons">
                <button type="button" class="button primary" disabled={busy}
                    onclick={train}>
                    {icons::play()}
                    {"Train"}
                </button>
                if !busy {
                    {continue_button(run, &props.saving, &commands)}
                }
                {hold}
                if steps {
                    <button type="button" class="button run-step" disabled={run.pending.is_some()}
                        title="Trains one batch and stays paused"
                        onclick={ask(PendingControl::Step)}>
                        {"Step"}
                    </button>
                }
                <button type="button" class="button" disabled={!busy}
                    onclick={ask(PendingControl::Stop)}>
                    {icons::stop()}
                    {"Stop"}
                </button>
            </div>
            <div class="run-words">
                <p
                    class={classes!(
                        "status",
                        failed.then_some("status-bad"),
                    )} role="status" aria-live="off" translate="no">
                    {live_text(props.status.clone())}
                </p>
                // One line, or two on a phone, so that the bar keeps its height.
                <p class="status-more" title={more.clone()} translate="no">{live_text(more)}</p>
            </div>
            <div class="run-progress">
                <Progress name="Epoch" share={run.epoch_share()} />
                <Progress name="Run" share={run.run_share()} />
            </div>
            {way_out(run, &props.loads, &props.link, &commands)}
        </section>
    }
}

fn go_on(commands: &Commands, origin: SavedRunSource, config: &RunConfig) -> Callback<MouseEvent> {
    let (commands, config) = (commands.clone(), config.clone());
    Callback::from(move |_: MouseEvent| commands.go_on(origin, &config))
}

/// A button that continues the newest saved run, or shows it if it has ended.
fn continue_button(run: &Run, saving: &SavingState, commands: &Commands) -> Html {
    let (epoch, onclick) = match saving.newest() {
        _ if run.restored && !run.lost && run.phase != Phase::Done => {
            (run.rows.len() as u32, go_on(commands, SavedRunSource::Opened, &run.config))
        }
        Some(saved) if !saved.done => {
            let (commands, saved) = (commands.clone(), saved.clone());
            let epoch = saved.epoch;
            let onclick = move |_: MouseEvent| commands.go_on_saved_run(saved.slot, &saved.config);
            (epoch, Callback::from(onclick))
        }
        Some(saved) if run.rows.is_empty() => {
            let (commands, saved) = (commands.clone(), saved.clone());
            let onclick = Callback::from(move |_: MouseEvent| {
                commands.show_saved_run(saved.slot, &saved.config)
            });
            return html! {
                <button type="button" class="button run-continue" {onclick}>
                    {"Show the last run"}
                </button>
            };
        }
        _ => return Html::default(),
    };
    html! {
        <button type="button" class="button run-continue" {onclick}>
            {icons::play()}
            {format!("Continue from epoch {epoch}")}
        </button>
    }
}

/// The line below the status: the measured figures and the engine.
fn more(
    run: &Run,
    loads: &Loads,
    choice: Option<&Result<Choice, String>>,
    engine: Option<&EngineInfo>,
) -> String {
    let mut parts: Vec<String> = run.refusal.iter().cloned().collect();
    if run.race.is_some() {
        parts.push(match run.phase {
            Phase::Done => "two networks: keep one of them".into(),
            _ => COST.into(),
        });
    }
    if loads.under_way() && !matches!(run.phase, Phase::Loading { .. }) {
        parts.push(loading(loads));
    }
    match run.phase {
        Phase::Loading { .. } => parts.push(loading(loads)),
        Phase::Compiling => parts
            .push("the first step prepares the engine; on WebGPU this may take a minute".into()),
        Phase::Training => {
            if let Some((batch, of)) = run.validating {
                parts.push(format!("validating, batch {} of {of}", batch + 1));
            }
            if run.rate > 0.0 {
                parts.push(format!("{:.0} pictures/s", run.rate));
                parts.extend(
                    run.step_seconds()
                        .map(|seconds| format!("{} a step", format::instant(seconds))),
                );
            }
            parts.extend(
                run.time_left().map(|seconds| format!("{} left", format::duration(seconds))),
            );
        }
        _ => {}
    }
    match run.pending {
        Some(PendingControl::Pause) => parts.push("holds after this step".into()),
        Some(PendingControl::Stop) if run.under_way() => parts.push("stops after this step".into()),
        _ => {}
    }
    parts.extend(engine_words(choice, engine));
    parts.join(" · ")
}

fn loading(loads: &Loads) -> String {
    let progress = &loads.progress;
    let mut words = if progress.wanted == 0 {
        "starting".to_string()
    } else {
        format!(
            "{} of {}",
            format::count(progress.pictures.into()),
            format::plural(progress.wanted.into(), "picture")
        )
    };
    if progress.bytes > 0 {
        words.push_str(&format!(", {}", format::bytes(progress.bytes)));
        if let Some(expected) = progress.expected {
            words.push_str(&format!(" of {}", format::bytes(expected)));
        }
    }
    match loads.waiting {
        Some(Waiting::Busy(seconds)) => {
            words.push_str(&format!(" · the server is busy; asking again in {seconds} s"))
        }
        Some(Waiting::Lost(seconds)) => {
            words.push_str(&format!(" · the connection was lost; going on in {seconds} s"))
        }
        None => {}
    }
    words
}

/// The engine that runs, or else the one that would, with the reason.
fn engine_words(
    choice: Option<&Result<Choice, String>>,
    engine: Option<&EngineInfo>,
) -> Option<String> {
    match (engine, choice) {
        // The page has asked the browser for the adapter's name; a worker cannot always tell it.
        (Some(engine), Some(Ok(choice))) if choice.kind == engine.kind => match engine.kind {
            // How many threads it has is known only to the worker.
            EngineKind::Cpu => Some(format!("{} ({})", choice.reason, engine.device)),
            EngineKind::WebGpu | EngineKind::Host => Some(choice.reason.clone()),
        },
        (Some(engine), _) if engine.kind == EngineKind::Host => {
            Some(format!("engine: {}", engine.device))
        }
        (Some(engine), _) if engine.device.is_empty() => {
            Some(format!("{} engine", engine.kind.name()))
        }
        (Some(engine), _) => Some(format!("{} engine on {}", engine.kind.name(), engine.device)),
        (None, Some(Ok(choice))) => Some(choice.reason.clone()),
        (None, Some(Err(reason))) => Some(reason.clone()),
        (None, None) => None,
    }
}

/// The other sources, one click away, if pictures could not be fetched.
fn way_out(run: &Run, loads: &Loads, link: &Link, commands: &Commands) -> Html {
    let from_network = matches!(link.run.data.source, Source::HuggingFace | Source::Url);
    let at_data = matches!(run.phase, Phase::Failed { during: Subsystem::Data, .. })
        || (loads.failure.is_some() && !run.under_way());
    if !(at_data && from_network) {
        return Html::default();
    }
    let drawn = {
        let (commands, run) = (commands.clone(), link.run.clone());
        Callback::from(move |_: MouseEvent| commands.draw_instead(LoadPurpose::Train, &run))
    };
    let files = {
        let commands = commands.clone();
        Callback::from(move |_: MouseEvent| {
            commands.set("source", Source::Files.name());
            commands.dispatch(Action::Link(LinkAction::GoTo(View::Data)));
        })
    };
    html! {
        <p class="way-out">
            <span>{"Use other pictures:"}</span>
            <button type="button" class="button" onclick={drawn}>{"Use drawn pictures"}</button>
            <button type="button" class="button" onclick={files}>{"Open files"}</button>
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_line_never_ends_in_the_air() {
        let engine = |kind, device: &str| EngineInfo { kind, device: device.into() };
        let choice = |kind| {
            let reason = "WebGPU engine on Acme 9000".into();
            Ok::<_, String>(Choice { kind, reason, limits: None })
        };
        let words = |choice: Option<&Result<Choice, String>>, engine| {
            engine_words(choice, Some(engine)).unwrap_or_default()
        };
        // A browser's worker does not know the adapter's name.
        let nameless = engine(EngineKind::WebGpu, "");
        let gpu = choice(EngineKind::WebGpu);
        assert_eq!(words(Some(&gpu), &nameless), "WebGPU engine on Acme 9000");
        assert_eq!(words(None, &nameless), "WebGPU engine");
        // The settings have changed since: what runs counts.
        let cpu = engine(EngineKind::Cpu, "one thread");
        assert_eq!(words(Some(&gpu), &cpu), "CPU engine on one thread");
    }
}
