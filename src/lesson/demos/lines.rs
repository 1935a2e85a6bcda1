//! A chart of a few named lines, in the frame that the charts of a run have.

use yew::prelude::*;

use crate::charts::axis;
use crate::charts::axis::Axis;
use crate::charts::frame::{VIEW_BOX, horizontal_lines, plot};

/// A named line of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The name in the legend.
    pub name: AttrValue,
    /// The class of the stroke: `deep`, `skip` or `shallow`.
    pub class: &'static str,
    /// The points of the line.
    pub points: Vec<(f64, f64)>,
}

/// Properties of [`Lines`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The heading.
    pub name: AttrValue,
    /// The content in words, for a reader who does not see the lines.
    pub words: AttrValue,
    /// The axis along the lower edge.
    pub x: Axis,
    /// The axis along the left edge.
    pub y: Axis,
    /// The name of the lower axis.
    pub across: AttrValue,
    /// The lines.
    pub lines: Vec<Line>,
    /// Where on the lower axis each line is marked.
    #[prop_or_default]
    pub at: Option<f64>,
}

/// A chart of a few named lines.
#[component]
pub fn Lines(props: &Props) -> Html {
    let (x, y) = (&props.x, &props.y);
    let marks = |line: &Line| axis::marks(marked(line, props.at), x, y);
    let svg = html! {
        <svg viewBox={VIEW_BOX} preserveAspectRatio="none" role="img"
            aria-label={format!("{}: {}", props.name, props.words)}>
            <path class="chart-grid" d={horizontal_lines(y)} />
            {for props.lines.iter().map(|line| html! {
                <path class={format!("line-{}", line.class)}
                    d={axis::line(line.points.iter().copied(), x, y)} />
            })}
            {for props.lines.iter().map(|line| html! {
                <path class={format!("mark-{}", line.class)} d={marks(line)} />
            })}
        </svg>
    };
    let across = html! { <p class="chart-across" aria-hidden="true">{&props.across}</p> };
    html! {
        <figure class="chart lines">
            <figcaption>
                <h4>{&props.name}</h4>
                {for props.lines.iter().map(|line| html! {
                    <span class={classes!("key", format!("key-{}", line.class))}>{&line.name}</span>
                })}
            </figcaption>
            {plot(classes!("plot"), x, y, svg, across)}
        </figure>
    }
}

/// The points of a line at a place on the lower axis.
fn marked(line: &Line, at: Option<f64>) -> impl Iterator<Item = (f64, f64)> {
    line.points
        .iter()
        .copied()
        .filter(move |point| at.is_some_and(|at| (point.0 - at).abs() < 1e-6))
}
