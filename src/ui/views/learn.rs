//! Learn: the chapter's argument, with the ribbon as its map.

use yew::prelude::*;

use crate::config::Link;
use crate::model::summary::Plan;
use crate::ui::components::Ribbon;

/// What the place shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The settings; `link.step` is the open step.
    pub link: Link,
}

/// The place Learn.
#[component]
pub fn LearnView(props: &Props) -> Html {
    let run = &props.link.run;
    html! {
        <div class="view learn">
            <h1>{"Learn"}</h1>
            <p class="prose lead">
                {"Follow the ribbon from left to right and you have the chapter: a picture is a grid of numbers; each stage halves the grid and doubles the channels; at the end the grid is averaged away, and one linear layer turns the vector into ten scores. The arcs are the chapter's idea: a block adds to its input instead of replacing it, so that it can begin by doing nothing, and a deep network starts no worse than a shallow one."}
            </p>
            <Ribbon plan={Plan::new(&run.net, 10)} size={run.data.size} tint={Vec::<f32>::new()} tint_name="" />
        </div>
    }
}
