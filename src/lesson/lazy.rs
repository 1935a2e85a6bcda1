//! Fetches the places Learn and Predict and the classes of the reader's own, each a module of its
//! own: a first visit can train without them. Predict is fetched once the page is drawn, and with
//! it what Train has beside a run; Learn when it is opened, the classes when Data is, what is
//! shared with a class when its link was opened.
//!
//! The modules share the memory and the functions of the page's module. `wasm-split` moves into
//! them what only [`lesson`], [`predict`], [`own`] or [`room`] leads to, and into further ones what
//! several lead to (`xtask/src/split.rs`). The service worker keeps them with the rest of the page,
//! so that they are there without a network too.
#![allow(
    unsafe_code,
    reason = "the macro declares a function that another module brings, with arguments and \
              result as they are here"
)]

use std::cell::Cell;

use wasm_bindgen_futures::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use yew::prelude::*;

use crate::class::card::{ClassCard, Props as ClassProps};
use crate::data::own::editor::{OwnTable, Props as OwnProps};
use crate::diagram::skips::{Props as SkipsProps, SkipButtons};
use crate::estimate::offer::{LessonOffer, Props as OfferProps};
use crate::lesson::view::{LearnView, Props as LearnProps};
use crate::predict::view::{PredictView, Props as PredictProps};
use crate::rate_search::panel::{Props as RateProps, RateSearch};
use crate::run::advanced::{Advanced, Props as AdvancedProps};
use crate::run::outcome_card::{OutcomeCard, Props as OutcomeProps};
use crate::run::projector::{Projector, Props as ProjectorProps};
use crate::run::race_card::{Props as RaceProps, RaceCard};
use crate::run::table_notes::{Props as NotesProps, TableNotes};
use crate::run_list::table::{Props as RunsProps, RunListTable};
use crate::saving::snippet::{Props as SnippetProps, Snippet};
use crate::watch::card::{Props as WatchProps, WatchCard};

/// Draws the place Learn.
type DrawLearn = fn(&LearnProps) -> Html;
/// Draws the place Predict, and what Train has beside a run.
#[derive(Clone, Copy)]
struct DrawAhead {
    predict: fn(&PredictProps) -> Html,
    offer: fn(&OfferProps) -> Html,
    rates: fn(&RateProps) -> Html,
    projector: fn(&ProjectorProps) -> Html,
    runs: fn(&RunsProps) -> Html,
    advanced: fn(&AdvancedProps) -> Html,
    watch: fn(&WatchProps) -> Html,
    skips: fn(&SkipsProps) -> Html,
    race: fn(&RaceProps) -> Html,
    snippet: fn(&SnippetProps) -> Html,
    outcome: fn(&OutcomeProps) -> Html,
    notes: fn(&NotesProps) -> Html,
}
/// Draws the classes of the reader's own.
type DrawOwn = fn(&OwnProps) -> Html;
/// Draws what a page shares with its class.
type DrawClass = fn(&ClassProps) -> Html;

/// The functions that have been fetched: their places open at once.
#[derive(Clone, Copy, Default)]
struct Fetched {
    learn: Option<DrawLearn>,
    ahead: Option<DrawAhead>,
    own: Option<DrawOwn>,
    class: Option<DrawClass>,
}

thread_local! {
    static FETCHED: Cell<Fetched> = Cell::default();
}

/// A module did not load: there is no connection, or the server has another version of
/// the page by now. The console shows the cause.
struct Missing;

impl From<SplitLoaderError> for Missing {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// Fetches Learn's module and returns the function in it that draws.
#[wasm_split(learn, fallible)]
fn lesson() -> Result<DrawLearn, Missing> {
    Ok(|props| html! { <LearnView ..props.clone() /> })
}

/// Fetches Predict's module and returns the functions in it that draw.
#[wasm_split(predict, fallible)]
fn predict() -> Result<DrawAhead, Missing> {
    Ok(DrawAhead {
        predict: |props| html! { <PredictView ..props.clone() /> },
        offer: |props| html! { <LessonOffer ..props.clone() /> },
        rates: |props| html! { <RateSearch ..props.clone() /> },
        projector: |props| html! { <Projector ..props.clone() /> },
        runs: |props| html! { <RunListTable ..props.clone() /> },
        advanced: |props| html! { <Advanced ..props.clone() /> },
        watch: |props| html! { <WatchCard ..props.clone() /> },
        skips: |props| html! { <SkipButtons ..props.clone() /> },
        race: |props| html! { <RaceCard ..props.clone() /> },
        snippet: |props| html! { <Snippet ..props.clone() /> },
        outcome: |props| html! { <OutcomeCard ..props.clone() /> },
        notes: |props| html! { <TableNotes ..props.clone() /> },
    })
}

/// Fetches the module of the reader's own classes and returns the function in it that draws them.
#[wasm_split(own, fallible)]
fn own() -> Result<DrawOwn, Missing> {
    Ok(|props| html! { <OwnTable ..props.clone() /> })
}

/// Fetches the module of a class and returns the function in it that draws.
#[wasm_split(room, fallible)]
fn room() -> Result<DrawClass, Missing> {
    Ok(|props| html! { <ClassCard ..props.clone() /> })
}

async fn fetch_learn() {
    let learn = lesson().await.ok();
    FETCHED.set(Fetched { learn, ..FETCHED.get() });
}

async fn fetch_ahead() {
    let ahead = predict().await.ok();
    FETCHED.set(Fetched { ahead, ..FETCHED.get() });
}

async fn fetch_own() {
    let own = own().await.ok();
    FETCHED.set(Fetched { own, ..FETCHED.get() });
}

async fn fetch_class() {
    let class = room().await.ok();
    FETCHED.set(Fetched { class, ..FETCHED.get() });
}

/// Fetches Predict as soon as the page is drawn, so that it is there when it is opened, which
/// readers often do next. If that fails, it is told there.
#[hook]
pub fn use_predict_ahead() {
    use_effect_with((), |()| spawn_local(fetch_ahead()));
}

/// The place Learn, as soon as its module has been fetched.
#[component]
pub fn Lesson(props: &LearnProps) -> Html {
    let waiting = use_part(|| FETCHED.get().learn.is_some(), fetch_learn);
    match FETCHED.get().learn {
        Some(draw) => draw(props),
        None => waiting.draw("Learn", "The lesson"),
    }
}

/// The place Predict, as soon as its module has been fetched.
#[component]
pub fn Predict(props: &PredictProps) -> Html {
    let waiting = use_part(is_ahead_here, fetch_ahead);
    match FETCHED.get().ahead {
        Some(draw) => (draw.predict)(props),
        None => waiting.draw("Predict", "This place"),
    }
}

fn is_ahead_here() -> bool {
    FETCHED.get().ahead.is_some()
}

/// The offer of settings that fit into a lesson, as soon as its module has been fetched. It is
/// worth no words that it is missing.
#[component]
pub fn Offer(props: &OfferProps) -> Html {
    use_part(is_ahead_here, fetch_ahead);
    FETCHED.get().ahead.map_or_else(Html::default, |draw| (draw.offer)(props))
}

/// The table of all runs, likewise.
#[component]
pub fn Runs(props: &RunsProps) -> Html {
    use_part(is_ahead_here, fetch_ahead);
    FETCHED.get().ahead.map_or_else(Html::default, |draw| (draw.runs)(props))
}

/// What few readers ask for, likewise.
#[component]
pub fn AdvancedCard(props: &AdvancedProps) -> Html {
    use_part(is_ahead_here, fetch_ahead);
    FETCHED.get().ahead.map_or_else(Html::default, |draw| (draw.advanced)(props))
}

/// The network of the run while it learns, likewise.
#[component]
pub fn WatchPart(props: &WatchProps) -> Html {
    use_part(is_ahead_here, fetch_ahead);
    FETCHED.get().ahead.map_or_else(Html::default, |draw| (draw.watch)(props))
}

/// The PyTorch program of the run's network, likewise.
#[component]
pub fn SnippetPart(props: &SnippetProps) -> Html {
    use_part(is_ahead_here, fetch_ahead);
    FETCHED.get().ahead.map_or_else(Html::default, |draw| (draw.snippet)(props))
}

/// How good the run is that has ended, likewise.
#[component]
pub fn OutcomePart(props: &OutcomeProps) -> Html {
    use_part(is_ahead_here, fetch_ahead);
    FETCHED.get().ahead.map_or_else(Html::default, |draw| (draw.outcome)(props))
}

/// Notes on what surprises in the table, likewise.
#[component]
pub fn NotesPart(props: &NotesProps) -> Html {
    use_part(is_ahead_here, fetch_ahead);
    FETCHED.get().ahead.map_or_else(Html::default, |draw| (draw.notes)(props))
}

/// The skip connections of the diagram as buttons, likewise.
#[component]
pub fn Skips(props: &SkipsProps) -> Html {
    use_part(is_ahead_here, fetch_ahead);
    FETCHED.get().ahead.map_or_else(Html::default, |draw| (draw.skips)(props))
}

/// Two networks that race, likewise.
#[component]
pub fn RacePart(props: &RaceProps) -> Html {
    use_part(is_ahead_here, fetch_ahead);
    FETCHED.get().ahead.map_or_else(Html::default, |draw| (draw.race)(props))
}

/// The search for a learning rate, as soon as its module has been fetched.
#[component]
pub fn Rates(props: &RateProps) -> Html {
    let waiting = use_part(is_ahead_here, fetch_ahead);
    match FETCHED.get().ahead {
        Some(draw) => (draw.rates)(props),
        None => waiting.body("The learning rate search"),
    }
}

/// The projector view, as soon as its module has been fetched.
#[component]
pub fn Projected(props: &ProjectorProps) -> Html {
    let waiting = use_part(is_ahead_here, fetch_ahead);
    match FETCHED.get().ahead {
        Some(draw) => (draw.projector)(props),
        None => waiting.body("The projector view"),
    }
}

/// The classes of the reader's own, as soon as their module has been fetched.
#[component]
pub fn Own(props: &OwnProps) -> Html {
    let waiting = use_part(|| FETCHED.get().own.is_some(), fetch_own);
    match FETCHED.get().own {
        Some(draw) => draw(props),
        None => waiting.body("This part"),
    }
}

/// What the page shares with its class, as soon as its module has been fetched. Only a page with a
/// join link draws it.
#[component]
pub fn ClassPart(props: &ClassProps) -> Html {
    let waiting = use_part(|| FETCHED.get().class.is_some(), fetch_class);
    match FETCHED.get().class {
        Some(draw) => draw(props),
        None => waiting.body("Class sharing"),
    }
}

/// What stands for a place until its module has come.
struct Waiting {
    is_missing: bool,
    again: Callback<MouseEvent>,
}

/// Fetches a part that is not there when a place is opened, and draws the place again once it has
/// come or failed to.
#[hook]
fn use_part<Fetching>(is_here: fn() -> bool, fetch: fn() -> Fetching) -> Waiting
where
    Fetching: Future<Output = ()> + 'static,
{
    let is_missing = use_state(|| false);
    let redraw = use_force_update();
    let start = {
        let is_missing = is_missing.clone();
        move || {
            let (is_missing, redraw) = (is_missing.clone(), redraw.clone());
            spawn_local(async move {
                fetch().await;
                is_missing.set(!is_here());
                redraw.force_update();
            });
        }
    };
    {
        let start = start.clone();
        use_effect_with((), move |()| {
            if !is_here() {
                start();
            }
        });
    }
    let again = {
        let is_missing = is_missing.clone();
        Callback::from(move |_: MouseEvent| {
            is_missing.set(false);
            start();
        })
    };
    Waiting { is_missing: *is_missing, again }
}

impl Waiting {
    fn draw(self, heading: &str, what: &str) -> Html {
        let is_missing = self.is_missing;
        html! {
            <div class="view" aria-busy={(!is_missing).to_string()}>
                <h1>{heading.to_owned()}</h1>{self.body(what)}
            </div>
        }
    }

    fn body(self, what: &str) -> Html {
        if self.is_missing {
            html! {
                <div class="problems" role="alert">
                    <p>
                        {format!("{what} could not be loaded. Your run, your settings and your \
                          answers are kept. Check the connection, then try again; if it fails \
                          twice, reload the page: there may be a newer version of it.")}
                    </p>
                    <button type="button" class="button quiet-button" onclick={self.again}>
                        {"Try again"}
                    </button>
                </div>
            }
        } else {
            html! { <p>{format!("{what} is loading …")}</p> }
        }
    }
}
