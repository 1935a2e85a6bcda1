//! The part of Train that shows a network while it learns.

use std::rc::Rc;

use resnette_protocol::watch::{PinnedPicture, Snapshot};
use wasm_bindgen::JsCast;
use web_sys::{HtmlDetailsElement, HtmlSelectElement};
use yew::prelude::*;

use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::watch::guesses::Guesses;
use crate::watch::map::{Map, name};
use crate::watch::places::visits;
use crate::watch::state::{WatchAction, WatchState, moment};
use crate::widgets::channels::{channel_pictures, channels_in_words, tiles};
use crate::widgets::format;
use crate::widgets::picture::PictureView;

/// Most pictures with a wrong guess that stand beside the map.
const MISTAKES: usize = 12;

/// Properties of [`WatchCard`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// What was told.
    pub watch: Rc<WatchState>,
    /// The names of the classes of the run; empty if there is none.
    pub classes: Vec<String>,
}

/// The part, closed at first: what is in it is drawn, and asked for, only while it is open.
#[component]
pub fn WatchCard(props: &Props) -> Html {
    let commands = use_commands();
    let node = use_node_ref();
    let watch = &props.watch;
    let ontoggle = {
        let node = node.clone();
        Callback::from(move |_: Event| {
            let open = node.cast::<HtmlDetailsElement>().is_some_and(|details| details.open());
            commands.dispatch(Action::Watch(WatchAction::Open(open)));
        })
    };
    html! {
        <details ref={node} class="card fold watch" open={watch.open} {ontoggle}>
            <summary><h2>{"Watch it learn"}</h2></summary>
            <p class="help">
                {"Once after every epoch the network is asked about some of the validation \
                  pictures, which it never trains on. This takes a moment each time, and changes \
                  nothing about the run."}
            </p>
            if watch.open {
                if let Some(failure) = &watch.failure {
                    <p class="failure" role="alert">{failure}</p>
                }
                {body(props)}
            }
        </details>
    }
}

fn body(props: &Props) -> Html {
    let watch = &props.watch;
    let Some(found) = &watch.latest else {
        return html! {
            <p class="watch-waits">
                {"Press Train. The first map appears once the pictures are loaded."}
            </p>
        };
    };
    if found.points.is_empty() {
        return html! {
            <p class="warning">
                {"The network’s answers are no longer finite numbers, so there is nothing to draw. \
                  Train again with a lower learning rate."}
            </p>
        };
    }
    html! {
        <div class="watch-body">
            <section class="watch-wide" aria-label="Map of the pictures">
                <h3>{format!("A map of the pictures, {}", moment(found))}</h3>
                <p class="help">{map_words(found)}</p>
                <Map found={found.clone()} classes={props.classes.clone()}
                    pinned={watch.pinned()} />
                <Mistakes ..props.clone() />
            </section>
            <section aria-label="Pinned picture">
                <h3>{"The pinned picture"}</h3>
                <Pinned ..props.clone() />
            </section>
            <section aria-label="Filters">
                <h3>{"What the first layer looks for"}</h3>
                <p class="help">
                    {"Its filters: the weights for red, green and blue. Middle grey is a weight of \
                      0."}
                </p>
                {tiles("filter", found.filters.clone())}
            </section>
            <section class="watch-wide" aria-label="Guesses about the pinned picture">
                <Guesses watch={watch.clone()} classes={props.classes.clone()} />
            </section>
        </div>
    }
}

/// What the map shows, and how much of it.
fn map_words(found: &Snapshot) -> String {
    let [first, second] = found.explained.map(format::percent);
    format!(
        "Each number is one picture; pictures that the network finds similar lie close together. \
         The network describes a picture with {} numbers; the map shows the two directions of \
         greatest variation, {first} and {second} of the variance. It is rotated to match the \
         previous map.",
        found.features
    )
}

/// The pictures with the surest wrong guesses, each a button that pins it.
#[component]
fn Mistakes(props: &Props) -> Html {
    let commands = use_commands();
    let watch = &props.watch;
    let Some(found) = &watch.latest else { return Html::default() };
    let wrong: Vec<usize> = visits(&found.points)
        .into_iter()
        .filter(|&index| !found.points[index].is_right())
        .collect();
    let buttons = wrong.iter().take(MISTAKES).filter_map(|&index| {
        let picture = watch.thumbnails.get(index)?.clone();
        let commands = commands.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            commands.dispatch(Action::Watch(WatchAction::Pin(index as u32)))
        });
        let label = name(&found.points[index], &props.classes);
        Some(html! {
            <li key={index}>
                <button type="button" class="thumbnail" title={label.clone()}
                    aria-label={label.clone()}
                    aria-pressed={(index == watch.pinned()).to_string()} {onclick}>
                    <PictureView {picture} {label} class="pixels" />
                </button>
            </li>
        })
    });
    let words = match wrong.len() {
        0 => "The network is right about all of these pictures.".to_string(),
        count if count > MISTAKES => format!(
            "The network is wrong about {count} of these pictures. These are the {MISTAKES} most \
             confident mistakes; press one to pin it:"
        ),
        count => format!(
            "The network is wrong about {} of these pictures; press one to pin it:",
            format::count(count as u64)
        ),
    };
    html! {
        <div class="watch-mistakes">
            <p>{words}</p>
            if !wrong.is_empty() {
                <ul class="thumbnails" aria-label="Pictures with a wrong guess">{for buttons}</ul>
            }
        </div>
    }
}

/// The pinned picture with its label and prediction, and what a stage puts out for it.
#[component]
fn Pinned(props: &Props) -> Html {
    let watch = &props.watch;
    let pinned = watch.pinned();
    let point = watch.latest.as_ref().and_then(|found| found.points.get(pinned));
    let words = point.map_or_else(String::new, |point| name(point, &props.classes));
    // The picture that was told last, until the one that was pinned since has come.
    let told = watch.picture.as_ref().filter(|told| told.position as usize == pinned);
    let picture = told.map(|told| &told.seen).or_else(|| watch.thumbnails.get(pinned));
    html! {
        <>
            <div class="watch-picture">
                if let Some(picture) = picture {
                    <PictureView picture={picture.clone()} label={words.clone()} class="pixels" />
                }
                <p class="watch-said">{words.clone()}</p>
            </div>
            if let Some(told) = told {
                <Stage told={told.clone()} />
            } else {
                <p class="help">{"Looking …"}</p>
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct StageProps {
    told: Rc<PinnedPicture>,
}

/// The choice of a stage, and its activations.
#[component]
fn Stage(props: &StageProps) -> Html {
    let commands = use_commands();
    let activations = &props.told.activations;
    let onchange = Callback::from(move |event: Event| {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        if let Some(select) = select {
            commands.dispatch(Action::Watch(WatchAction::ShowStage(select.value())));
        }
    });
    let shown = channel_pictures(activations);
    html! {
        <>
            <label class="inside-choice">
                <span>{"Activations of the stage"}</span>
                <select {onchange}>
                    {for props.told.stages.iter().map(|stage| html! {
                        <option value={stage.clone()} selected={*stage == activations.layer}>
                            {stage}
                        </option>
                    })}
                </select>
            </label>
            <figure class="watch-activations" aria-label="Activations of the stage">
                <figcaption class="help">
                    {channels_in_words(activations, shown.len())}
                </figcaption>
                {tiles("channel", shown)}
            </figure>
        </>
    }
}
