//! A chart of a few lines with their names.

use yew::prelude::*;

use crate::charts::axis;
use crate::charts::axis::Axis;

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its name.
    pub name: AttrValue,
    /// Class of its stroke: `deep`, `skip`, `shallow`.
    pub class: &'static str,
    /// Its points.
    pub points: Vec<(f64, f64)>,
}

/// What the chart shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its heading.
    pub name: AttrValue,
    /// What it says, in words.
    pub words: AttrValue,
    /// What is below.
    pub x: Axis,
    /// What is at the left.
    pub y: Axis,
    /// Name of the axis below.
    pub across: AttrValue,
    /// The lines.
    pub lines: Vec<Line>,
    /// Where each line is marked.
    #[prop_or_default]
    pub at: Option<f64>,
}

/// The chart.
#[component]
pub fn Lines(props: &Props) -> Html {
    let (x, y) = (&props.x, &props.y);
    let steps = y.ticks.len().max(2) - 1;
    let grid = (0..=steps)
        .map(|tick| format!("M0 {:.1}H{}", tick as f64 / steps as f64 * axis::HEIGHT, axis::WIDTH))
        .collect::<String>();
    html! {
        <figure class="chart lines">
            <figcaption>
                <h4>{&props.name}</h4>
                {for props.lines.iter().map(|line| html! { <span class={classes!("key", format!("key-{}", line.class))}>{&line.name}</span> })}
            </figcaption>
            <div class="plot">
                <div class="ticks-y" aria-hidden="true">{for y.ticks.iter().rev().map(|tick| html! { <span>{tick}</span> })}</div>
                <svg viewBox={format!("0 0 {} {}", axis::WIDTH, axis::HEIGHT)} preserveAspectRatio="none" role="img" aria-label={format!("{}: {}", props.name, props.words)}>
                    <path class="chart-grid" d={grid} />
                    {for props.lines.iter().map(|line| html! { <path class={format!("line-{}", line.class)} d={axis::line(line.points.iter().copied(), x, y)} /> })}
                    {for props.lines.iter().map(|line| html! { <path class={format!("mark-{}", line.class)} d={axis::marks(marked(line, props.at), x, y)} /> })}
                </svg>
                <div class="ticks-x" aria-hidden="true">{for x.ticks.iter().map(|tick| html! { <span>{tick}</span> })}</div>
                <p class="chart-across" aria-hidden="true">{&props.across}</p>
            </div>
        </figure>
    }
}

/// The points of a line that stand at a place.
fn marked(line: &Line, at: Option<f64>) -> impl Iterator<Item = (f64, f64)> {
    line.points
        .iter()
        .copied()
        .filter(move |point| at.is_some_and(|at| (point.0 - at).abs() < 1e-6))
}

/// An axis of powers of ten that holds `values`; places on it are logarithms.
pub fn powers(values: impl IntoIterator<Item = f32>) -> Axis {
    let logs: Vec<f64> = values
        .into_iter()
        .filter(|value| *value > 0.0 && value.is_finite())
        .map(|value| f64::from(value).log10())
        .collect();
    let low = logs.iter().copied().fold(f64::INFINITY, f64::min);
    let high = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low > high {
        return Axis { low: -1.0, high: 0.0, ticks: vec!["0.1".into(), "1".into()] };
    }
    let (low, high) = (low.floor() as i32, high.ceil() as i32);
    let span = high.abs_diff(low).max(1);
    // At most seven ticks, a whole number of powers apart.
    let step = span.div_ceil(6);
    let count = span.div_ceil(step) as i32;
    let step = step as i32;
    let ticks = (0..=count).map(|tick| power(low + tick * step)).collect();
    Axis { low: f64::from(low), high: f64::from(low + count * step), ticks }
}

/// `10⁻³`, and plain numbers near 1.
fn power(exponent: i32) -> String {
    match exponent {
        -2 => "0.01".into(),
        -1 => "0.1".into(),
        0 => "1".into(),
        1 => "10".into(),
        2 => "100".into(),
        _ => {
            let raise = |digit: char| {
                "⁰¹²³⁴⁵⁶⁷⁸⁹"
                    .chars()
                    .nth(digit.to_digit(10).unwrap_or_default() as usize)
                    .unwrap_or(digit)
            };
            let sign = if exponent < 0 { "⁻" } else { "" };
            format!(
                "10{sign}{}",
                exponent.unsigned_abs().to_string().chars().map(raise).collect::<String>()
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_hold_the_values() {
        let axis = powers([0.0005, 2.5, f32::NAN, 0.0]);
        assert_eq!((axis.low, axis.high), (-4.0, 1.0));
        assert_eq!(axis.ticks, ["10⁻⁴", "10⁻³", "0.01", "0.1", "1", "10"]);
        let wide = powers([1e-12, 1e3]);
        assert!(wide.ticks.len() <= 7 && wide.high >= 3.0, "{wide:?}");
        assert_eq!(powers([10.0]).ticks, ["10", "100"]);
        assert_eq!(powers([]).ticks, ["0.1", "1"]);
    }
}
