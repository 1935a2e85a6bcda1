//! The epoch table, as the book prints it.

use resnette_spec::epoch::{EPOCH_HEADER, EpochRow};
use yew::prelude::*;

use crate::run::epoch_export;
use crate::shell::commands::use_commands;
use crate::widgets::copy_button::CopyButton;

/// Properties of [`EpochTable`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The rows of the epochs that have ended.
    pub rows: Vec<EpochRow>,
    /// The number of epochs that the run will have. Their space is reserved from the start.
    pub epochs: u32,
    /// Whether a run is under way.
    pub under_way: bool,
    /// Whether a run has ended as planned and its network is still there.
    pub done: bool,
}

/// The epoch table, as the book prints it.
#[component]
pub fn EpochTable(props: &Props) -> Html {
    let room = [3, 5, 10, 20].into_iter().find(|room| *room >= props.epochs).unwrap_or(20);
    let copy = |write: fn(&[EpochRow]) -> String| {
        let rows = props.rows.clone();
        Callback::from(move |()| write(&rows))
    };
    let disabled = props.rows.is_empty();
    let commands = use_commands();
    let scale = |factor: f64| {
        let commands = commands.clone();
        Callback::from(move |_: MouseEvent| commands.scale_rate(factor))
    };
    let download = |name: &'static str, kind: &'static str, write: fn(&[EpochRow]) -> String| {
        let (commands, rows) = (commands.clone(), props.rows.clone());
        Callback::from(move |_: MouseEvent| commands.save_file(name, kind, write(&rows).as_bytes()))
    };
    let commands = commands.clone();
    let more = Callback::from(move |_: MouseEvent| commands.one_more_epoch());
    let exports = html! {
        <div class="actions">
            <CopyButton label="Copy table" text={copy(epoch_export::markdown)} {disabled} />
            <CopyButton label="Copy as CSV" text={copy(epoch_export::csv)} {disabled} />
            <button type="button" class="button quiet-button" {disabled}
                onclick={download("epochs.csv", "text/csv", epoch_export::csv)}>
                {"Download CSV"}
            </button>
            <button type="button" class="button quiet-button" {disabled}
                onclick={download("epochs.md", "text/markdown", epoch_export::markdown)}>
                {"Download table"}
            </button>
        </div>
    };
    html! {
        <div class="card epochs">
            // The buttons are above the table, because below it they would move with every new row.
            <div class="actions epochs-steer" role="group" aria-label="Steer the run">
                <button type="button" class="button quiet-button" disabled={!props.under_way}
                    title="From the next step on" onclick={scale(1.0 / 3.0)}>
                    {"Learning rate ÷ 3"}
                </button>
                <button type="button" class="button quiet-button" disabled={!props.under_way}
                    title="From the next step on" onclick={scale(3.0)}>
                    {"Learning rate × 3"}
                </button>
                <button type="button" class="button quiet-button" disabled={!props.done}
                    onclick={more}>
                    {"One more epoch"}
                </button>
            </div>
            <div class={classes!("table-room", format!("rows-{room}"))} tabindex="0" role="region"
                aria-label="Epoch table">
                {table(&props.rows)}
                if disabled {
                    <p class="empty">
                        {if props.under_way {
                            "The first row comes with the end of the first epoch."
                        } else {
                            "Press Train: each epoch adds a row, counted from 0 as in the book. Then \
                             show the network a picture under Predict, or read under Learn how it \
                             works."
                        }}
                    </p>
                }
            </div>
            {menu(disabled, exports)}
        </div>
    }
}

/// The table itself.
pub fn table(rows: &[EpochRow]) -> Html {
    html! {
        <table class="figures" translate="no">
            <caption>{"Epochs"}</caption>
            <thead>
                <tr>
                    {for EPOCH_HEADER.iter().map(|name| html! {
                        <th key={*name} scope="col">{*name}</th>
                    })}
                </tr>
            </thead>
            <tbody>
                {for rows.iter().map(line)}
            </tbody>
        </table>
    }
}

/// The ways out of the table, folded away while there is nothing in it.
fn menu(empty: bool, exports: Html) -> Html {
    if empty {
        html! { <details class="menu"><summary>{"Export"}</summary>{exports}</details> }
    } else {
        exports
    }
}

/// The table row of an epoch. Its number is the row's heading and yet a `td`, because scripts that
/// read the table count on five of them.
pub fn line(row: &EpochRow) -> Html {
    let mut cells = row.cells().into_iter();
    html! {
        <tr key={row.epoch}>
            <td role="rowheader">{cells.next()}</td>
            {for cells.map(|cell| html! { <td>{cell}</td> })}
        </tr>
    }
}
