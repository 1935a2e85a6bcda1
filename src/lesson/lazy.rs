//! Fetches the places Learn and Predict, which are a module of their own: a first visit can train
//! without it. It is fetched once the page is there, and again when one of them is opened without it.
//!
//! The module shares the memory and the functions of the page's module. `wasm-split` moves into it
//! what only [`places`] leads to (`xtask/src/split.rs`). The service worker keeps it with the rest
//! of the page, so that it is there without a network too.
#![allow(
    unsafe_code,
    reason = "the macro declares a function that another module brings, with arguments and \
              result as they are here"
)]

use std::cell::Cell;

use wasm_bindgen_futures::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use yew::prelude::*;

use crate::lesson::view::{LearnView, Props};
use crate::predict::view::{PredictView, Props as PredictProps};

/// The functions that draw the places in the module.
#[derive(Clone, Copy)]
struct Places {
    learn: fn(&Props) -> Html,
    predict: fn(&PredictProps) -> Html,
}

/// The module did not load: there is no connection, or the server has another version of
/// the page by now. The console shows the cause.
struct Missing;

impl From<SplitLoaderError> for Missing {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// Fetches the module and returns the functions in it that draw.
#[wasm_split(learn, fallible)]
fn places() -> Result<Places, Missing> {
    Ok(Places {
        learn: |props| html! { <LearnView link={props.link.clone()} lesson={props.lesson.clone()} /> },
        predict: |props| html! { <PredictView ..props.clone() /> },
    })
}

thread_local! {
    /// The functions, once they have been fetched: then both places open at once.
    static HERE: Cell<Option<Places>> = const { Cell::new(None) };
}

/// How far the module has come.
#[derive(Clone, Copy)]
enum LoadState {
    Coming,
    Here(Places),
    Missing,
}

/// Fetches the module as soon as the page is drawn, so that it is there when it is needed. Whether
/// that fails is told when a place is opened.
#[hook]
pub fn use_places_ahead() {
    use_effect_with((), |()| {
        spawn_local(async {
            if let Ok(found) = places().await {
                HERE.set(Some(found));
            }
        });
    });
}

/// The place Learn, as soon as its module has been fetched.
#[component]
pub fn Lesson(props: &Props) -> Html {
    match use_places() {
        Ok(places) => (places.learn)(props),
        Err(waiting) => waiting.draw("Learn", "The lesson"),
    }
}

/// The place Predict, as soon as its module has been fetched.
#[component]
pub fn Predict(props: &PredictProps) -> Html {
    match use_places() {
        Ok(places) => (places.predict)(props),
        Err(waiting) => waiting.draw("Predict", "This place"),
    }
}

/// What stands for a place until its module has come.
struct Waiting {
    is_missing: bool,
    again: Callback<MouseEvent>,
}

#[hook]
fn use_places() -> Result<Places, Waiting> {
    let part = use_state(|| HERE.get().map_or(LoadState::Coming, LoadState::Here));
    let fetch = {
        let part = part.clone();
        move || {
            let part = part.clone();
            spawn_local(async move {
                let found = places().await.ok();
                HERE.set(found);
                part.set(found.map_or(LoadState::Missing, LoadState::Here));
            });
        }
    };
    {
        let fetch = fetch.clone();
        use_effect_with((), move |()| {
            if HERE.get().is_none() {
                fetch();
            }
        });
    }
    let again = {
        let part = part.clone();
        Callback::from(move |_: MouseEvent| {
            part.set(LoadState::Coming);
            fetch();
        })
    };
    match *part {
        LoadState::Here(places) => Ok(places),
        LoadState::Coming => Err(Waiting { is_missing: false, again }),
        LoadState::Missing => Err(Waiting { is_missing: true, again }),
    }
}

impl Waiting {
    fn draw(self, heading: &str, what: &str) -> Html {
        let body = if self.is_missing {
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
            html! { <p>{format!("{what} is coming …")}</p> }
        };
        html! {
            <div class="view" aria-busy={(!self.is_missing).to_string()}>
                <h1>{heading.to_owned()}</h1>{body}
            </div>
        }
    }
}
