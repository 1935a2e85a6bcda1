//! The state of the run, always in sight: what happens, how far, and the buttons.

use std::rc::Rc;

use resnette_protocol::data::Waiting;
use resnette_protocol::engine::{EngineInfo, EngineKind};
use resnette_protocol::persistence::SavedRunSource;
use resnette_spec::link::View;
use resnette_spec::{Link, RunConfig, Source};
use yew::prelude::*;

use crate::data::state::Errand;
use crate::engine::choice::Choice;
use crate::run::state::{Phase, Run};
use crate::saving::state::KeepState;
use crate::shell::action::{Action, Wish};
use crate::shell::commands::{Page, use_page};
use crate::widgets::bar::Progress;
use crate::widgets::{format, icons};

/// What the bar shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The run.
    pub run: Rc<Run>,
    /// Kept runs.
    pub keep: Rc<KeepState>,
    /// The settings that **Train** starts.
    pub link: Link,
    /// Which engine, and why.
    pub choice: Option<Result<Choice, String>>,
    /// The engine, once it is up.
    pub engine: Option<EngineInfo>,
}

/// The bar.
#[component]
pub fn RunBar(props: &Props) -> Html {
    let page = use_page();
    let run = &props.run;
    let ask = |wish| {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| page.ask(wish))
    };
    let train = {
        let (page, config) = (page.clone(), props.link.run.clone());
        Callback::from(move |_: MouseEvent| page.train(config.clone()))
    };
    let paused = run.phase == Phase::Paused;
    let hold = if paused {
        let resume = match run.frozen {
            true => go_on(&page, SavedRunSource::Opened, &run.config),
            false => ask(Wish::Resume),
        };
        html! { <button type="button" class="button" disabled={run.wish.is_some()} onclick={resume}>{icons::play()}{"Resume"}</button> }
    } else {
        let disabled = run.phase != Phase::Training || run.wish.is_some();
        html! { <button type="button" class="button" {disabled} onclick={ask(Wish::Pause)}>{icons::pause()}{"Pause"}</button> }
    };
    // The live region with the batch count would speak without end: it is silent, and the
    // application announces epochs.
    html! {
        <section class="run-bar" aria-label="Run">
            <div class="run-buttons">
                <button type="button" class="button primary" disabled={run.under_way()} onclick={train}>{icons::play()}{"Train"}</button>
                {continue_button(run, &props.keep, &page)}
                {hold}
                <button type="button" class="button" disabled={!run.under_way()} onclick={ask(Wish::Stop)}>{icons::stop()}{"Stop"}</button>
            </div>
            <div class="run-words">
                <p class={classes!("status", matches!(run.phase, Phase::Failed(_)).then_some("status-bad"))} role="status" aria-live="off">{run.status()}</p>
                <p class="status-more">{more(run, props.choice.as_ref(), props.engine.as_ref())}</p>
            </div>
            <div class="run-progress">
                <Progress name="Epoch" share={run.epoch_share()} />
                <Progress name="Run" share={run.run_share()} />
            </div>
            {way_out(run, &props.link, &page)}
        </section>
    }
}

fn go_on(page: &Page, origin: SavedRunSource, config: &RunConfig) -> Callback<MouseEvent> {
    let (page, config) = (page.clone(), config.clone());
    Callback::from(move |_: MouseEvent| page.go_on(origin, &config))
}

/// Where nothing is under way and a saved run could go on, the button for it; a saved run that has
/// ended can be looked at.
fn continue_button(run: &Run, keep: &KeepState, page: &Page) -> Html {
    let (epoch, onclick) = match &keep.saved {
        _ if run.under_way() => return Html::default(),
        _ if run.frozen && run.phase != Phase::Done => {
            (run.rows.len() as u32, go_on(page, SavedRunSource::Opened, &run.config))
        }
        Some(saved) if !saved.done => {
            (saved.epoch, go_on(page, SavedRunSource::Storage, &saved.config))
        }
        Some(saved) if run.rows.is_empty() => {
            let (page, config) = (page.clone(), saved.config.clone());
            let onclick = Callback::from(move |_: MouseEvent| page.show_saved(&config));
            return html! { <button type="button" class="button" {onclick}>{"Show the last run"}</button> };
        }
        _ => return Html::default(),
    };
    html! { <button type="button" class="button" {onclick}>{icons::play()}{format!("Continue from epoch {}", epoch + 1)}</button> }
}

/// The line below the status: what is measured, and which engine.
fn more(run: &Run, choice: Option<&Result<Choice, String>>, engine: Option<&EngineInfo>) -> String {
    let mut parts = Vec::new();
    match run.phase {
        Phase::Loading => parts.push(loading(run)),
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
    match run.wish {
        Some(Wish::Pause) => parts.push("holds after this step".into()),
        Some(Wish::Stop) if run.under_way() => parts.push("stops after this step".into()),
        _ => {}
    }
    parts.extend(engine_words(choice, engine));
    parts.join(" · ")
}

fn loading(run: &Run) -> String {
    let progress = &run.loading;
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
    match run.waiting {
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

/// The engine that runs, else the one that would, with the reason.
fn engine_words(
    choice: Option<&Result<Choice, String>>,
    engine: Option<&EngineInfo>,
) -> Option<String> {
    match (engine, choice) {
        (Some(engine), Some(Ok(choice)))
            if choice.kind == engine.kind && engine.kind == EngineKind::Cpu =>
        {
            Some(choice.reason.clone())
        }
        (Some(engine), _) => Some(format!("{} engine on {}", engine.kind.name(), engine.device)),
        (None, Some(Ok(choice))) => Some(choice.reason.clone()),
        (None, Some(Err(reason))) => Some(reason.clone()),
        (None, None) => None,
    }
}

/// Where pictures could not be had, the other sources, one press away.
fn way_out(run: &Run, link: &Link, page: &Page) -> Html {
    let from_network = matches!(link.run.data.source, Source::HuggingFace | Source::Url);
    if !(matches!(run.phase, Phase::Failed(_)) && run.failed_at_data && from_network) {
        return Html::default();
    }
    let drawn = {
        let (page, run) = (page.clone(), link.run.clone());
        Callback::from(move |_: MouseEvent| page.draw_instead(Errand::Train, &run))
    };
    let files = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| {
            page.act(Action::Edit("source", Source::Files.name().into()));
            page.act(Action::Leave("source"));
            page.act(Action::Go(View::Data));
        })
    };
    html! {
        <p class="way-out">
            <span>{"The pictures can come from elsewhere:"}</span>
            <button type="button" class="button" onclick={drawn}>{"Use drawn pictures"}</button>
            <button type="button" class="button" onclick={files}>{"Open files"}</button>
        </p>
    }
}
