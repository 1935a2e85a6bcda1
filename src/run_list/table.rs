//! The table of all runs of this browser, to compare, rename, delete, or repeat with one setting
//! changed.

use std::collections::BTreeSet;
use std::rc::Rc;

use resnette_protocol::saved::comparison::{differences, experiments};
use resnette_protocol::saved::runs::{RunList, RunRecord};
use resnette_spec::RunConfig;
use resnette_spec::epoch::EpochRow;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::charts::axis;
use crate::charts::axis::Axis;
use crate::charts::frame::Chart;
use crate::charts::zoom::{Zoom, use_zoom};
use crate::route::action::LinkAction;
use crate::route::link::Link;
use crate::run_list::action::RunListAction;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;

/// The columns of the table, but for the buttons at its end.
const COLUMNS: [&str; 6] = ["compare", "name", "epochs", "train_loss", "valid_loss", "accuracy"];

/// The largest number of runs that are overlaid: more lines cannot be distinguished.
const MOST_LINES: usize = 6;

/// Properties of [`RunListTable`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// All runs.
    pub runs: Rc<RunList>,
    /// The page's link. A repeated run changes its settings.
    pub link: Link,
    /// Whether a run is under way, so that no other can start.
    pub under_way: bool,
}

/// The table of runs, and below it what can be done with the selected ones.
#[component]
pub fn RunListTable(props: &Props) -> Html {
    let commands = use_commands();
    let selected = use_state(BTreeSet::<u32>::new);
    let select = {
        let selected = selected.clone();
        Callback::from(move |id: u32| {
            let mut set = (*selected).clone();
            if !set.remove(&id) {
                set.insert(id);
            }
            selected.set(set);
        })
    };
    let export = {
        let (commands, runs) = (commands.clone(), props.runs.clone());
        Callback::from(move |_: MouseEvent| {
            commands.save_file("resnette-runs.json", "application/json", runs.write().as_bytes())
        })
    };
    let undo = {
        let commands = commands.clone();
        Callback::from(move |_: MouseEvent| {
            commands.dispatch(Action::RunList(RunListAction::Undelete))
        })
    };
    let mut chosen: Vec<&RunRecord> =
        props.runs.records.iter().filter(|record| selected.contains(&record.id)).collect();
    let too_many = chosen.len() > MOST_LINES;
    chosen.truncate(MOST_LINES);
    let epochs = chosen.iter().map(|record| record.rows.len()).max().unwrap_or(0);
    let zoom = use_zoom(Axis::epochs(epochs as u32));
    let repeat = |name: &'static str, config: RunConfig| {
        let (commands, link) =
            (commands.clone(), Link { run: config.clone(), ..props.link.clone() });
        let onclick = Callback::from(move |_: MouseEvent| {
            commands.dispatch(Action::Link(LinkAction::Opened(link.clone().into(), Vec::new())));
            commands.train(config.clone());
        });
        let disabled = props.under_way || props.link.locked;
        html! {
            <button key={name} type="button" class="button quiet-button" {disabled} {onclick}>
                {format!("Repeat {name}")}
            </button>
        }
    };
    html! {
        <section class="card runs" aria-label="All runs">
            <div class="table-room" tabindex="0" role="region" aria-label="Table of runs">
                <table class="figures" aria-label="Runs" translate="no">
                    <caption>{"Runs"}</caption>
                    <thead>
                        <tr>
                            {for COLUMNS.iter().map(|name| html! { <th scope="col">{*name}</th> })}
                            <td></td>
                        </tr>
                    </thead>
                    <tbody>
                        {for props.runs.records.iter().rev().map(
                            |record| row(record, selected.contains(&record.id), &select, &commands)
                        )}
                    </tbody>
                </table>
                if props.runs.records.is_empty() {
                    <p class="empty">{"Every run is kept here with its settings and its table."}</p>
                }
            </div>
            if !props.runs.records.is_empty() {
                <div class="actions">
                    <button type="button" class="button quiet-button" onclick={export}>
                        {"Export all"}
                    </button>
                </div>
            }
            if let Some(deleted) = &props.runs.deleted {
                <p class="help" aria-live="polite">
                    {format!("Deleted: {}. ", deleted.name)}
                    <button type="button" class="button quiet-button" onclick={undo}>
                        {"Undo deletion"}
                    </button>
                </p>
            }
            if let [only] = chosen[..] {
                if let Some(network) = &only.fine_tuned_from {
                    <p class="help">
                        {format!(
                            "{} went on from {network}. To repeat it, open that network in Predict \
                             and fine-tune it again.",
                            only.name
                        )}
                    </p>
                } else {
                <div class="actions" role="group" aria-label={format!("Repeat {}", only.name)}>
                    {for experiments(&only.config())
                        .into_iter()
                        .map(|(name, config)| repeat(name, config))}
                </div>
                }
            }
            if too_many {
                <p class="help">
                    {format!("The charts show {MOST_LINES} of the selected runs at most.")}
                </p>
            }
            if !chosen.is_empty() {
                {zoom.bar("Zoom of the overlay", false)}
                {overlay(
                    "train_loss of the selected runs",
                    &chosen,
                    |row| row.train_loss,
                    None,
                    &zoom,
                )}
                {overlay(
                    "valid_loss of the selected runs",
                    &chosen,
                    |row| row.valid_loss,
                    None,
                    &zoom,
                )}
                {overlay(
                    "accuracy of the selected runs",
                    &chosen,
                    |row| row.accuracy,
                    Some(1.0),
                    &zoom,
                )}
            }
            if chosen.len() > 1 {
                {differing(&chosen)}
            }
        </section>
    }
}

fn row(
    record: &RunRecord,
    checked: bool,
    select: &Callback<u32>,
    commands: &crate::shell::commands::Commands,
) -> Html {
    let id = record.id;
    let onchange = select.reform(move |_: Event| id);
    let rename = {
        let commands = commands.clone();
        Callback::from(move |event: Event| {
            if let Some(input) =
                event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            {
                commands.dispatch(Action::RunList(RunListAction::Rename(id, input.value())));
            }
        })
    };
    let delete = {
        let commands = commands.clone();
        Callback::from(move |_: MouseEvent| {
            commands.dispatch(Action::RunList(RunListAction::Delete(id)))
        })
    };
    let last = record.rows.last().map(EpochRow::cells).unwrap_or_default();
    html! {
        <tr key={id} title={record.link.clone()}>
            <td>
                <input type="checkbox" {checked} {onchange}
                    aria-label={format!("Compare {}", record.name)} />
            </td>
            <td>
                <input type="text" class="run-name" value={record.name.clone()} maxlength="60"
                    onchange={rename} aria-label={format!("Name of {}", record.name)} />
            </td>
            <td>{record.rows.len()}</td>
            {for last[1..4].iter().map(|cell| html! { <td>{cell}</td> })}
            <td>
                <button type="button" class="button quiet-button"
                    aria-label={format!("Delete {}", record.name)} onclick={delete}>
                    {"Delete"}
                </button>
            </td>
        </tr>
    }
}

/// A chart with one line for each run, distinguished by colour and by dashes.
fn overlay(
    name: &'static str,
    records: &[&RunRecord],
    value: fn(&EpochRow) -> f32,
    high: Option<f64>,
    zoom: &Zoom,
) -> Html {
    let x = &zoom.x;
    let points = |record: &RunRecord| -> Vec<(f64, f64)> {
        record.rows.iter().map(|row| (f64::from(row.epoch + 1), f64::from(value(row)))).collect()
    };
    let all: Vec<_> = records.iter().flat_map(|record| points(record)).collect();
    let ends = [Some(0.0), high].into_iter().flatten().filter(|_| !zoom.zoomed);
    let y = Axis::around(zoom.visible(&all).chain(ends));
    let words: Vec<String> = records
        .iter()
        .map(|record| {
            format!(
                "{} {}",
                record.name,
                record
                    .rows
                    .last()
                    .map_or_else(|| "none".into(), |row| format!("{:.3}", value(row)))
            )
        })
        .collect();
    let keys = records.iter().zip(&words).enumerate().map(|(index, (_, words))| {
        html! {
            <span class="key key-run">
                <svg viewBox="0 0 28 4" aria-hidden="true" focusable="false">
                    <path class={line_of(index)} d="M0 2H28" />
                </svg>
                {words}
            </span>
        }
    });
    html! {
        <Chart {name} words={words.join(", ")} x={x.clone()} y={y.clone()}
            on_span={zoom.choose.clone()} cut={zoom.zoomed} key_of={html! { <>{for keys}</> }}>
            {for records.iter().enumerate().map(|(index, record)| html! {
                <path class={line_of(index)}
                    d={axis::line(points(record), x, &y)} />
            })}
        </Chart>
    }
}

/// The class of the line of one of the selected runs: its colour and its dashes.
fn line_of(index: usize) -> String {
    format!("line-run line-run-{index}")
}

fn differing(records: &[&RunRecord]) -> Html {
    let found = differences(records);
    if found.is_empty() {
        return html! { <p class="help">{"These runs have the same settings."}</p> };
    }
    html! {
        <div class="table-room" tabindex="0" role="region" aria-label="Settings that differ">
            <table class="figures" translate="no">
                <caption>{"Settings that differ"}</caption>
                <thead>
                    <tr>
                        <th scope="col">{"setting"}</th>
                        {for records.iter().map(|record| html! {
                            <th scope="col">{&record.name}</th>
                        })}
                    </tr>
                </thead>
                <tbody>{for found.iter().map(|difference| html! {
                    <tr>
                        <th scope="row">{difference.key}</th>
                        {for difference.values.iter().map(|value| html! { <td>{value}</td> })}
                    </tr>
                })}</tbody>
            </table>
        </div>
    }
}
