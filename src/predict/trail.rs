//! The open picture's first guess, epoch by epoch.

use yew::prelude::*;

use crate::predict::state::TrailRow;
use crate::shell::action::Action;
use crate::shell::commands::use_page;
use crate::widgets::format;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Oldest first.
    pub rows: Vec<TrailRow>,
    /// The picture is asked about after every epoch.
    pub pinned: bool,
}

/// A switch, and a table once there are two answers.
#[component]
pub fn Trail(props: &Props) -> Html {
    let page = use_page();
    let pinned = props.pinned;
    let onchange = Callback::from(move |_: Event| page.act(Action::Pin(!pinned)));
    html! {
        <div class="trail">
            <label class="switch"><input type="checkbox" checked={pinned} {onchange} />{"Ask again after every epoch"}</label>
            if props.rows.len() > 1 {
                <table class="figures">
                    <caption>{"This picture, epoch by epoch"}</caption>
                    <thead><tr><th scope="col">{"epoch"}</th><th scope="col">{"first guess"}</th><th scope="col">{"probability"}</th></tr></thead>
                    <tbody>{for props.rows.iter().map(|row| html! {
                        <tr>
                            <th scope="row">{row.epoch.map_or_else(|| "before".to_string(), |epoch| epoch.to_string())}</th>
                            <td>{&row.class}</td>
                            <td>{format::percent(row.probability)}</td>
                        </tr>
                    })}</tbody>
                </table>
            }
        </div>
    }
}
