//! Fetches the lesson, which is a module of its own, when Learn is opened: a first visit does
//! without it.
//!
//! The module shares the memory and the functions of the page's module. `wasm-split` moves into it
//! what only [`lesson`] leads to (`xtask/src/split.rs`). The service worker keeps it with the rest
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

/// A function that draws the place Learn.
type Draw = fn(&Props) -> Html;

/// The lesson's module did not load: there is no connection, or the server has another version of
/// the page by now. The console shows the cause.
struct Missing;

impl From<SplitLoaderError> for Missing {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// Fetches the module of the lesson and returns the function in it that draws.
#[wasm_split(learn, fallible)]
fn lesson() -> Result<Draw, Missing> {
    Ok(|props| html! { <LearnView link={props.link.clone()} lesson={props.lesson.clone()} /> })
}

thread_local! {
    /// The function, once it has been fetched: then Learn opens at once.
    static HERE: Cell<Option<Draw>> = const { Cell::new(None) };
}

/// How far the lesson's module has come.
#[derive(Clone, Copy)]
enum LoadState {
    Coming,
    Here(Draw),
    Missing,
}

/// The place Learn, as soon as its module has been fetched.
#[component]
pub fn Lesson(props: &Props) -> Html {
    let part = use_state(|| HERE.get().map_or(LoadState::Coming, LoadState::Here));
    let fetch = {
        let part = part.clone();
        move || {
            let part = part.clone();
            spawn_local(async move {
                let draw = lesson().await.ok();
                HERE.set(draw);
                part.set(draw.map_or(LoadState::Missing, LoadState::Here));
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
        move |_: MouseEvent| {
            part.set(LoadState::Coming);
            fetch();
        }
    };
    let (body, coming) = match *part {
        LoadState::Here(draw) => return draw(props),
        LoadState::Coming => (html! { <p>{"The lesson is coming …"}</p> }, true),
        LoadState::Missing => {
            let notice = html! {
                <div class="problems" role="alert">
                    <p>
                        {"The lesson could not be loaded. Your run, your settings and your answers \
                          are kept. Check the connection, then try again; if it fails twice, \
                          reload the page: there may be a newer version of it."}
                    </p>
                    <button type="button" class="button quiet-button" onclick={again}>
                        {"Try again"}
                    </button>
                </div>
            };
            (notice, false)
        }
    };
    html! { <div class="view" aria-busy={coming.to_string()}><h1>{"Learn"}</h1>{body}</div> }
}
