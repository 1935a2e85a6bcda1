//! The lesson, which a first visit does without: a module of its own, fetched when Learn is opened.
//!
//! It works on the memory and the functions of the page's module; what only [`lesson`] leads to is
//! taken out of the page by `wasm-split` (`xtask/src/split.rs`). The service worker keeps the part
//! with the rest, so that it is there without a network too.
#![allow(
    unsafe_code,
    reason = "the macro declares a function that another module brings, with arguments and result as they are here"
)]

use std::cell::Cell;

use wasm_bindgen_futures::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use yew::prelude::*;

use crate::lesson::view::{LearnView, Props};

/// Draws the place Learn.
type Draw = fn(&Props) -> Html;

/// The part did not come: no connection, or the server has another version of the page by now. The
/// console knows more.
struct Missing;

impl From<SplitLoaderError> for Missing {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// Fetches the part, and gives what draws with it.
#[wasm_split(learn, fallible)]
fn lesson() -> Result<Draw, Missing> {
    Ok(|props| html! { <LearnView link={props.link.clone()} lesson={props.lesson.clone()} /> })
}

thread_local! {
    /// Once it is here, Learn opens at once.
    static HERE: Cell<Option<Draw>> = const { Cell::new(None) };
}

/// How far the part is.
#[derive(Clone, Copy)]
enum Part {
    Coming,
    Here(Draw),
    Missing,
}

/// The place Learn, as soon as it is here.
#[component]
pub fn Lesson(props: &Props) -> Html {
    let part = use_state(|| HERE.get().map_or(Part::Coming, Part::Here));
    let fetch = {
        let part = part.clone();
        move || {
            let part = part.clone();
            spawn_local(async move {
                let draw = lesson().await.ok();
                HERE.set(draw);
                part.set(draw.map_or(Part::Missing, Part::Here));
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
            part.set(Part::Coming);
            fetch();
        }
    };
    let (body, coming) = match *part {
        Part::Here(draw) => return draw(props),
        Part::Coming => (html! { <p>{"The lesson is coming …"}</p> }, true),
        Part::Missing => {
            let told = html! {
                <div class="problems" role="alert">
                    <p>{"The lesson could not be loaded. Your run, your settings and your answers are kept. Check the connection, then try again; if it fails twice, reload the page: there may be a newer version of it."}</p>
                    <button type="button" class="button quiet-button" onclick={again}>{"Try again"}</button>
                </div>
            };
            (told, false)
        }
    };
    html! { <div class="view" aria-busy={coming.to_string()}><h1>{"Learn"}</h1>{body}</div> }
}
