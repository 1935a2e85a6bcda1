//! The curves of a run: loss, accuracy, and what the schedule does.

use std::rc::Rc;

use resnette_spec::epoch::{EpochRow, Step};
use resnette_spec::loss_curve::LossCurve;
use yew::prelude::*;

use crate::charts::axis;
use crate::charts::axis::Axis;
use crate::charts::frame::Chart;
use crate::charts::span::Span;
use crate::charts::zoom::{Zoom, use_zoom};
use crate::run::state::Run;
use crate::widgets::format;

/// Properties of [`Curves`], [`Loss`] and [`Momentum`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The run.
    pub run: Rc<Run>,
    /// What stands between the large charts and the small one.
    #[prop_or_default]
    pub children: Html,
}

/// The axis of all epochs of a run. One more epoch may follow its end.
fn all_epochs(run: &Run) -> Axis {
    let epochs = run.shape.as_ref().map_or(run.config.recipe.epochs, |shape| shape.epochs);
    Axis::epochs(epochs.max(run.rows.len() as u32))
}

/// A figure of every step, by the epochs that have passed after it.
fn steps(run: &Run, value: fn(&Step) -> f32) -> Vec<(f64, f64)> {
    places(run, &run.curve, value)
}

/// A figure of every step of a curve, by the epochs of the run that have passed after it.
fn places(run: &Run, curve: &LossCurve, value: fn(&Step) -> f32) -> Vec<(f64, f64)> {
    let batches = f64::from(run.shape.as_ref().map_or(1, |shape| shape.batches.max(1)));
    curve
        .points
        .iter()
        .map(|step| (f64::from(step.step + 1) / batches, f64::from(value(step))))
        .collect()
}

/// A figure of every epoch, by the epochs that have passed after it.
fn rows(run: &Run, value: fn(&EpochRow) -> f32) -> Vec<(f64, f64)> {
    run.rows.iter().map(|row| (f64::from(row.epoch + 1), f64::from(value(row)))).collect()
}

/// The chart of the loss alone, of the whole run.
#[component]
pub fn Loss(props: &Props) -> Html {
    let zoom = use_zoom(all_epochs(&props.run));
    loss(&props.run, &zoom, None)
}

/// The chart of the loss. `on_span` receives the span that was dragged across.
fn loss(run: &Run, zoom: &Zoom, on_span: Option<Callback<Span>>) -> Html {
    let x = &zoom.x;
    let (raw, smooth) = (steps(run, |step| step.loss), steps(run, |step| step.smooth));
    let valid = rows(run, |row| row.valid_loss);
    let rival = run.race.as_ref().map(|race| &race.curve);
    let (rival_raw, rival_smooth) = rival.map_or_else(Default::default, |curve| {
        (places(run, curve, |step| step.loss), places(run, curve, |step| step.smooth))
    });
    // The axis goes from 0 to at least the initial loss of ten classes, so that it does not move
    // while the curve falls. When zoomed it fits what is in sight.
    let floor = [0.0, 2.4].into_iter().filter(|_| !zoom.zoomed);
    let each = zoom.visible(&raw).filter(|_| zoom.zoomed);
    let y = Axis::around(
        zoom.visible(&smooth)
            .chain(zoom.visible(&valid))
            .chain(zoom.visible(&rival_smooth))
            .chain(floor)
            .chain(each),
    );
    let last = run.rows.last();
    let words = last.map_or_else(
        || "no epoch yet".into(),
        |row| {
            format!(
                "after epoch {}: train {:.3}, valid {:.3}",
                row.epoch, row.train_loss, row.valid_loss
            )
        },
    );
    let newest = |curve: &LossCurve| curve.points.last().map(|step| format!("{:.3}", step.smooth));
    let words = match rival {
        Some(curve) => format!(
            "{words}; with the skip {}, without it {}",
            newest(&run.curve).unwrap_or_default(),
            newest(curve).unwrap_or_default()
        ),
        None => words,
    };
    html! {
        <Chart name="Loss" {words} x={x.clone()} y={y.clone()} {on_span} cut={zoom.zoomed}
            key_of={html! {
                <>
                    {key(
                        "key-train",
                        "train_loss",
                        last.map(|row| format!("{:.3}", row.train_loss)),
                    )}
                    {key(
                        "key-valid",
                        "valid_loss",
                        last.map(|row| format!("{:.3}", row.valid_loss)),
                    )}
                    if let Some(curve) = rival {
                        {key("key-train", "with the skip", newest(&run.curve))}
                        {key("key-without", "without it", newest(curve))}
                    }
                </>
            }}>
            <path class="line-raw" d={axis::line(raw, x, &y)} />
            <path class="line-train" d={axis::line(smooth, x, &y)} />
            if rival.is_some() {
                <path class="line-without-raw" d={axis::line(rival_raw, x, &y)} />
                <path class="line-without" d={axis::line(rival_smooth, x, &y)} />
            }
            <path class="line-valid" d={axis::line(valid.clone(), x, &y)} />
            <path class="mark-valid" d={axis::marks(valid, x, &y)} />
        </Chart>
    }
}

/// A chart of the momentum, which the schedule lowers while the learning rate is high.
#[component]
pub fn Momentum(props: &Props) -> Html {
    let zoom = use_zoom(all_epochs(&props.run));
    small("Momentum", steps(&props.run, |step| step.mom), &zoom, [0.85, 0.95])
}

/// Charts of the loss, the accuracy and the learning rate.
#[component]
pub fn Curves(props: &Props) -> Html {
    let run = &props.run;
    let zoom = use_zoom(all_epochs(run));
    let x = &zoom.x;
    let accuracy = rows(run, |row| row.accuracy);
    let accuracy_axis = match zoom.zoomed {
        true => Axis::around(zoom.visible(&accuracy)),
        false => Axis {
            low: 0.0,
            high: 1.0,
            ticks: ["0", ".2", ".4", ".6", ".8", "1"].map(String::from).to_vec(),
        },
    };
    let last = run.rows.last();
    let accuracy_words = last.map_or_else(
        || "no epoch yet".into(),
        |row| format!("after epoch {}: {}", row.epoch, format::percent(row.accuracy)),
    );
    let rate = steps(run, |step| step.lr);
    html! {
        <div class="charts">
            {loss(run, &zoom, Some(zoom.choose.clone()))}
            <Chart name="Accuracy" words={accuracy_words} x={x.clone()} y={accuracy_axis.clone()}
                on_span={zoom.choose.clone()} cut={zoom.zoomed}
                key_of={key(
                    "key-valid",
                    "accuracy",
                    last.map(|row| format!("{:.3}", row.accuracy)),
                )}>
                <path class="line-valid" d={axis::line(accuracy.clone(), x, &accuracy_axis)} />
                <path class="mark-valid" d={axis::marks(accuracy, x, &accuracy_axis)} />
            </Chart>
            {props.children.clone()}
            {small("Learning rate", rate, &zoom, [0.0, run.config.recipe.lr])}
            {zoom.bar("Zoom of the charts", run.curve.points.is_empty() && run.rows.is_empty())}
        </div>
    }
}

/// The name of a line with its newest figure.
fn key(class: &'static str, name: &'static str, figure: Option<String>) -> Html {
    html! {
        <span class={classes!("key", class)}>
            {name}
            if let Some(figure) = figure { {" "}<b>{figure}</b> }
        </span>
    }
}

/// A small chart. `span` is what the schedule covers, so that its axis does not move during the
/// run.
fn small(name: &'static str, points: Vec<(f64, f64)>, zoom: &Zoom, span: [f64; 2]) -> Html {
    let span = span.into_iter().filter(|_| !zoom.zoomed);
    let (x, y) = (&zoom.x, Axis::around(zoom.visible(&points).chain(span)));
    let words =
        points.last().map_or_else(String::new, |point| format!("now {}", three_figures(point.1)));
    html! {
        <Chart {name} words={words.clone()} x={x.clone()} y={y.clone()} small=true
            on_span={zoom.choose.clone()} cut={zoom.zoomed}
            key_of={html! { <span class="chart-words">{words.clone()}</span> }}>
            <path class="line-schedule" d={axis::line(points, x, &y)} />
        </Chart>
    }
}

/// A learning rate with three significant figures, as it spans five powers of ten.
fn three_figures(value: f64) -> String {
    if value == 0.0 || (0.001..1000.0).contains(&value.abs()) {
        format!("{value:.4}")
    } else {
        format!("{value:.2e}")
    }
}
