//! The loss on a plane through the weights of both deep networks.

use yew::prelude::*;

use super::race::class;
use crate::protocol::lesson::{Ask, Contender, SURFACE};
use crate::ui::chart::Axis;
use crate::ui::lesson::controls::Slider;
use crate::ui::lesson::demo::Lab;
use crate::ui::lesson::experiment::Experiment;
use crate::ui::lesson::figures::figure;
use crate::ui::lesson::lines::{Line, Lines, powers};

/// The networks with a surface.
const SHOWN: [Contender; 2] = [Contender::Deep, Contender::Skip];

/// What the demo shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the experiment has found.
    pub lab: Lab,
}

/// The demo.
#[component]
pub fn LossSurface(props: &Props) -> Html {
    let middle = SURFACE as usize / 2;
    let row = use_state(|| middle);
    let lab = &props.lab;
    let heights = &lab.lesson.heights;
    let on_row = {
        let row = row.clone();
        Callback::from(move |value: f64| row.set((value as usize).clamp(1, SURFACE as usize) - 1))
    };
    let all = || heights.values().flatten().flatten().copied();
    let scale = powers(all());
    html! {
        <>
            <p class="prose">{"Stand at the trained weights, choose two random directions in which every filter changes by as much as it is long, walk, and measure the loss of one batch. Li and others drew the book's figure so. Both networks are those of “Skip connections”; where they have not been trained, that is done first."}</p>
            <Experiment label="Measure both surfaces" ask={Ask::Surface { seed: lab.seed }} lab={lab.clone()} about="a minute or two, in the background" />
            if !heights.is_empty() {
                <Slider id="surface-row" label="Line through row" min=1.0 max={f64::from(SURFACE)} value={(*row + 1) as f64}
                    shown={if *row == middle { format!("{}, through the weights", *row + 1) } else { (*row + 1).to_string() }} on_change={on_row} />
                <div class="panels panels-even">
                    {for SHOWN.iter().map(|contender| surface(*contender, heights.get(contender).map_or(&[], Vec::as_slice), &scale, *row))}
                </div>
                {profile(lab, *row, &scale)}
            }
        </>
    }
}

/// The surface from above, darker where the loss is higher, on one log scale for both.
fn surface(contender: Contender, rows: &[Vec<f32>], scale: &Axis, chosen: usize) -> Html {
    let side = SURFACE as usize;
    let cells = rows.iter().enumerate().flat_map(|(row, losses)| losses.iter().enumerate().map(move |(column, loss)| (row, column, *loss)));
    let drawn = cells.map(|(row, column, loss)| {
        let share = if loss > 0.0 && loss.is_finite() { scale.place(f64::from(loss).log10()).clamp(0.0, 1.0) } else { 1.0 };
        html! { <rect class="height" x={column.to_string()} y={row.to_string()} width="1.02" height="1.02" fill-opacity={format!("{:.3}", 0.06 + 0.94 * share)} /> }
    });
    let lowest = rows.iter().flatten().copied().fold(f32::INFINITY, f32::min);
    let highest = rows.iter().flatten().copied().fold(f32::NEG_INFINITY, f32::max);
    let words =
        if rows.is_empty() { "not measured yet".into() } else { format!("loss from {} to {}", figure(lowest, 2), figure(highest, 2)) };
    html! {
        <figure>
            <svg class="surface" viewBox={format!("0 0 {side} {side}")} role="img" aria-label={format!("Loss around the weights of {}: {words}", contender.name())}>
                <rect class="surface-ground" width={side.to_string()} height={side.to_string()} />
                {for drawn}
                <rect class="surface-row" x="0" y={chosen.to_string()} width={side.to_string()} height="1" />
                <circle class="surface-middle" cx={format!("{}", side as f64 / 2.0)} cy={format!("{}", side as f64 / 2.0)} r="0.22" />
            </svg>
            <figcaption>{format!("{}: {words}", contender.name())}</figcaption>
        </figure>
    }
}

/// The loss along a line.
fn profile(lab: &Lab, row: usize, scale: &Axis) -> Html {
    let lines: Vec<Line> = SHOWN
        .iter()
        .filter_map(|contender| {
            let losses = lab.lesson.heights.get(contender)?.get(row)?;
            let points = losses.iter().enumerate().map(|(column, loss)| (column as f64, f64::from(*loss).log10())).collect();
            Some(Line { name: contender.name().into(), class: class(*contender), points })
        })
        .collect();
    if lines.is_empty() {
        return html! { <p class="help">{"This row has not been measured yet."}</p> };
    }
    let bends: Vec<String> = lines.iter().map(|line| format!("{} turns {} times", line.name, turns(&line.points))).collect();
    let words = format!("Along this line the loss of {}.", bends.join("; that of "));
    let x = Axis { low: 0.0, high: f64::from(SURFACE - 1), ticks: ["−1", "−0.5", "0", "0.5", "1"].map(String::from).to_vec() };
    html! {
        <>
            <Lines name="Loss along the line" words={words.clone()} {x} y={scale.clone()} across="way from the weights, in lengths of the filters" {lines} />
            <p class="demo-says" aria-live="polite">{words}</p>
        </>
    }
}

/// How often a line turns from falling to rising or back.
fn turns(points: &[(f64, f64)]) -> usize {
    let steps: Vec<f64> = points.windows(2).map(|pair| pair[1].1 - pair[0].1).filter(|step| *step != 0.0).collect();
    steps.windows(2).filter(|pair| pair[0].signum() != pair[1].signum()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valley_turns_once() {
        let line = |heights: &[f64]| heights.iter().enumerate().map(|(at, height)| (at as f64, *height)).collect::<Vec<_>>();
        assert_eq!(turns(&line(&[3.0, 2.0, 1.0, 1.0, 2.0])), 1);
        assert_eq!(turns(&line(&[3.0, 2.0, 4.0, 1.0])), 2);
        assert_eq!(turns(&line(&[1.0])), 0);
    }
}
