//! The first guesses about the pinned picture, epoch by epoch.

use std::rc::Rc;

use yew::prelude::*;

use crate::watch::map::class_name;
use crate::watch::state::WatchState;
use crate::widgets::format;

/// Properties of [`Guesses`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What was told.
    pub watch: Rc<WatchState>,
    /// The names of the classes.
    pub classes: Vec<String>,
}

/// A table with a row for each epoch that was watched: the three most probable classes. The right
/// one is in bold and has a tick.
#[component]
pub fn Guesses(props: &Props) -> Html {
    let rows = props.watch.trail().map(|(epoch, point)| {
        let cells = (0..3).map(|place| {
            let Some((label, share)) = point.guesses.get(place) else { return html! { <td /> } };
            let words =
                format!("{} {}", class_name(&props.classes, *label), format::percent(*share));
            match *label == point.truth {
                true => html! { <td class="text"><strong>{format!("{words} ✓")}</strong></td> },
                false => html! { <td class="text">{words}</td> },
            }
        });
        let epoch = epoch.map_or_else(|| "before".to_string(), |epoch| epoch.to_string());
        html! {
            <tr key={epoch.clone()}>
                <th scope="row">{epoch}</th>
                {for cells}
            </tr>
        }
    });
    html! {
        <div class="steps-room watch-guesses" tabindex="0" role="region"
            aria-label="Guesses by epoch">
            <table class="figures" translate="no">
                <caption>{"Its first three guesses, epoch by epoch"}</caption>
                <thead>
                    <tr>
                        <th scope="col">{"epoch"}</th>
                        <th scope="col" class="text">{"first"}</th>
                        <th scope="col" class="text">{"second"}</th>
                        <th scope="col" class="text">{"third"}</th>
                    </tr>
                </thead>
                <tbody>{for rows}</tbody>
            </table>
        </div>
    }
}
