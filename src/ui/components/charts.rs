//! The charts of a run. Scales and lines: [`crate::ui::chart`].

use std::rc::Rc;

use yew::prelude::*;

use crate::protocol::run::Step;
use crate::ui::chart::{self, Axis};
use crate::ui::state::Run;
use crate::ui::text;

/// What is drawn.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The run.
    pub run: Rc<Run>,
}

/// Loss, accuracy, and what the schedule does.
#[component]
pub fn Charts(props: &Props) -> Html {
    let run = &props.run;
    let shape = run.shape.clone().unwrap_or_default();
    let epochs = if run.shape.is_some() { shape.epochs } else { run.config.recipe.epochs };
    // One epoch more may follow a run's end.
    let x = Axis::epochs(epochs.max(run.rows.len() as u32));
    let batches = f64::from(shape.batches.max(1));
    let steps = |value: fn(&Step) -> f32| -> Vec<(f64, f64)> {
        run.curve.points.iter().map(|step| (f64::from(step.step + 1) / batches, f64::from(value(step)))).collect()
    };
    let rows = |value: fn(&crate::protocol::run::EpochRow) -> f32| -> Vec<(f64, f64)> {
        run.rows.iter().map(|row| (f64::from(row.epoch + 1), f64::from(value(row)))).collect()
    };
    let (raw, smooth) = (steps(|step| step.loss), steps(|step| step.smooth));
    let valid = rows(|row| row.valid_loss);
    let accuracy = rows(|row| row.accuracy);
    // From 0, and never below what ten classes cost at first: so the axis stands still while the curve falls.
    let loss_axis = Axis::around(smooth.iter().chain(&valid).map(|point| point.1).chain([0.0, 2.4]));
    let accuracy_axis = Axis { low: 0.0, high: 1.0, ticks: ["0", ".2", ".4", ".6", ".8", "1"].map(String::from).to_vec() };
    let last = run.rows.last();
    let loss_words = last.map_or_else(
        || "no epoch yet".into(),
        |row| format!("after epoch {}: train {:.3}, valid {:.3}", row.epoch, row.train_loss, row.valid_loss),
    );
    let accuracy_words =
        last.map_or_else(|| "no epoch yet".into(), |row| format!("after epoch {}: {}", row.epoch, text::percent(row.accuracy)));
    let (rate, momentum) = (steps(|step| step.lr), steps(|step| step.mom));
    html! {
        <div class="charts">
            <Chart name="Loss" words={loss_words} x={x.clone()} y={loss_axis.clone()}
                key_of={html! { <>{key("key-train", "train_loss", last.map(|row| format!("{:.3}", row.train_loss)))}{key("key-valid", "valid_loss", last.map(|row| format!("{:.3}", row.valid_loss)))}</> }}>
                <path class="line-raw" d={chart::line(raw, &x, &loss_axis)} />
                <path class="line-train" d={chart::line(smooth, &x, &loss_axis)} />
                <path class="line-valid" d={chart::line(valid.clone(), &x, &loss_axis)} />
                <path class="mark-valid" d={chart::marks(valid, &x, &loss_axis)} />
            </Chart>
            <Chart name="Accuracy" words={accuracy_words} x={x.clone()} y={accuracy_axis.clone()} key_of={key("key-valid", "accuracy", last.map(|row| format!("{:.3}", row.accuracy)))}>
                <path class="line-valid" d={chart::line(accuracy.clone(), &x, &accuracy_axis)} />
                <path class="mark-valid" d={chart::marks(accuracy, &x, &accuracy_axis)} />
            </Chart>
            {small("Learning rate", rate, &x, [0.0, run.config.recipe.lr])}
            {small("Momentum", momentum, &x, [0.85, 0.95])}
        </div>
    }
}

/// A line's name and its newest figure.
fn key(class: &'static str, name: &'static str, figure: Option<String>) -> Html {
    html! { <span class={classes!("key", class)}>{name}if let Some(figure) = figure { {" "}<b>{figure}</b> }</span> }
}

/// `span` is what the schedule covers, so that the axis stands still.
fn small(name: &'static str, points: Vec<(f64, f64)>, x: &Axis, span: [f64; 2]) -> Html {
    let y = Axis::around(points.iter().map(|point| point.1).chain(span));
    let words = points.last().map_or_else(String::new, |point| format!("now {}", three_figures(point.1)));
    html! {
        <Chart {name} words={words.clone()} x={x.clone()} y={y.clone()} small=true key_of={html! { <span class="chart-words">{words.clone()}</span> }}>
            <path class="line-schedule" d={chart::line(points, x, &y)} />
        </Chart>
    }
}

/// A learning rate spans five powers of ten.
fn three_figures(value: f64) -> String {
    if value == 0.0 || (0.001..1000.0).contains(&value.abs()) { format!("{value:.4}") } else { format!("{value:.2e}") }
}

/// A frame with labels.
#[derive(Properties, PartialEq)]
pub struct ChartProps {
    /// What is drawn.
    pub name: AttrValue,
    /// What runs along the lower edge.
    #[prop_or(AttrValue::Static("epoch"))]
    pub by: AttrValue,
    /// The newest figures, in words: what a reader without the picture needs.
    pub words: AttrValue,
    /// Lower edge.
    pub x: Axis,
    /// Left edge.
    pub y: Axis,
    /// Beside the name: what the lines are.
    pub key_of: Html,
    /// Half as high.
    #[prop_or_default]
    pub small: bool,
    /// The lines.
    pub children: Html,
}

/// The frame.
#[component]
pub fn Chart(props: &ChartProps) -> Html {
    let (width, height) = (chart::WIDTH, chart::HEIGHT);
    let grid =
        |count: usize, of: fn(f64) -> String| -> String { (0..count).map(|tick| of(tick as f64 / (count.max(2) - 1) as f64)).collect() };
    let lines = grid(props.y.ticks.len(), |share| format!("M0 {:.1}H{}", share * chart::HEIGHT, chart::WIDTH))
        + &grid(props.x.ticks.len(), |share| format!("M{:.1} 0V{}", share * chart::WIDTH, chart::HEIGHT));
    let label = format!("{} by {}, {}", props.name, props.by, props.words);
    html! {
        <figure class={classes!("chart", "card", props.small.then_some("chart-small"))}>
            <figcaption><h3>{&props.name}</h3>{props.key_of.clone()}</figcaption>
            <div class="plot">
                <div class="ticks-y" aria-hidden="true">{for props.y.ticks.iter().rev().map(|tick| html! { <span>{tick}</span> })}</div>
                <svg viewBox={format!("0 0 {width} {height}")} preserveAspectRatio="none" role="img" aria-label={label}>
                    <path class="chart-grid" d={lines} />
                    {props.children.clone()}
                </svg>
                <div class="ticks-x" aria-hidden="true">{for props.x.ticks.iter().map(|tick| html! { <span>{tick}</span> })}</div>
            </div>
        </figure>
    }
}
