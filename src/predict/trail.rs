//! The predicted class of the open picture, epoch by epoch.

use yew::prelude::*;

use crate::predict::state::{PredictAction, TrailRow};
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::widgets::format;

/// Properties of [`Trail`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The predicted classes, oldest first.
    pub rows: Vec<TrailRow>,
    /// Whether the picture is predicted again after every epoch.
    pub pinned: bool,
}

/// A switch that pins the picture, and a table once there are two answers.
#[component]
pub fn Trail(props: &Props) -> Html {
    let commands = use_commands();
    let pinned = props.pinned;
    let onchange = Callback::from(move |_: Event| {
        commands.dispatch(Action::Predict(PredictAction::Pin(!pinned)))
    });
    html! {
        <div class="trail">
            <label class="switch">
                <input type="checkbox" checked={pinned} {onchange} />
                {"Update this prediction after each epoch"}
            </label>
            if props.rows.len() > 1 {
                <table class="figures" translate="no">
                    <caption>{"This picture, epoch by epoch"}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{"epoch"}</th>
                            <th scope="col">{"first guess"}</th>
                            <th scope="col">{"probability"}</th>
                        </tr>
                    </thead>
                    <tbody>{for props.rows.iter().map(|row| html! {
                        <tr>
                            <th scope="row">
                                {row.epoch.map_or_else(
                                    || "before".to_string(),
                                    |epoch| epoch.to_string(),
                                )}
                            </th>
                            <td>{&row.class}</td>
                            <td>{format::percent(row.probability)}</td>
                        </tr>
                    })}</tbody>
                </table>
            }
        </div>
    }
}
