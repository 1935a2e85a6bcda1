//! Skip connections measured on the network itself: gradients before training, a block's distance
//! from the identity, and a short training.

use resnette_protocol::lesson::{Request, Variant};
use resnette_spec::smooth::SmoothedLoss;
use yew::prelude::*;

use crate::charts::axis::Axis;
use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::experiment::Experiment;
use crate::lesson::demos::lines::{Line, Lines};
use crate::widgets::format::percent;

/// Properties of [`Race`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What all demos share, among it what the experiment has found.
    pub context: DemoContext,
    /// The gamma that the slider is at.
    pub gamma: f32,
}

/// The experiment that trains deep networks with and without skip connections.
#[component]
pub fn Race(props: &Props) -> Html {
    let lesson = &props.context.lesson;
    html! {
        <>
            <h4>{"Three networks on this computer"}</h4>
            <p class="prose">
                {"The book's figure compares 20 layers with 56. Here are both without skip \
                  connections, and 56 layers with them: the same width, the same drawn pictures, \
                  the same seed."}
            </p>
            <Experiment label="Train all three" ask={Request::Race { seed: props.context.seed() }}
                context={props.context.clone()}
                about="a few seconds to a minute; the page stays usable" />
            if !lesson.gradients.is_empty() { {gradients(props)} }
            if !lesson.gamma.is_empty() { {distance(props)} }
            if lesson.losses.values().any(|losses| !losses.is_empty()) { {losses(props)} }
        </>
    }
}

/// The class of the line of a variant.
pub fn class(variant: Variant) -> &'static str {
    match variant {
        Variant::Shallow => "shallow",
        Variant::Deep => "deep",
        Variant::Skip => "skip",
    }
}

fn gradients(props: &Props) -> Html {
    let found = &props.context.lesson.gradients;
    let blocks = found.values().map(Vec::len).max().unwrap_or(1).max(2);
    let y = Axis::powers(found.values().flatten().copied());
    let x = Axis {
        low: 1.0,
        high: blocks as f64,
        ticks: ["first block", "last block"].map(String::from).to_vec(),
    };
    let lines = found.iter().map(|(variant, sizes)| {
        // The lines go from the first block to the last, whatever the depth.
        let stretch = (blocks - 1) as f64 / (sizes.len().max(2) - 1) as f64;
        let points = sizes
            .iter()
            .enumerate()
            .map(|(block, size)| (1.0 + block as f64 * stretch, f64::from(*size).log10()))
            .collect();
        Line { name: variant.name().into(), class: class(*variant), points }
    });
    let ratio = |variant| {
        found.get(&variant).and_then(|sizes: &Vec<f32>| Some(sizes.first()? / sizes.last()?))
    };
    let says = match (ratio(Variant::Deep), ratio(Variant::Skip)) {
        (Some(deep), Some(skip)) => format!(
            "Without skips the gradient at the first block is {} that at the last; with them {}. A \
             learning rate that suits one end of the network without skips cannot suit the other.",
            times(deep),
            times(skip)
        ),
        _ => "Measuring …".into(),
    };
    html! {
        <>
            <Lines name="Gradient at the input of each block, before training"
                words={says.clone()} {x} {y} across="root mean square, on a log scale"
                lines={lines.collect::<Vec<_>>()} />
            <p class="demo-says">{says}</p>
        </>
    }
}

/// A ratio in words: `1,190 times`, `a third of`.
fn times(ratio: f32) -> String {
    let shown = if ratio >= 10.0 {
        crate::widgets::format::count(ratio.round() as u64)
    } else {
        format!("{ratio:.2}")
    };
    format!("{shown} times")
}

fn distance(props: &Props) -> Html {
    let points = &props.context.lesson.gamma;
    let line: Vec<(f64, f64)> =
        points.iter().map(|point| (f64::from(point.gamma), f64::from(point.distance))).collect();
    let y = Axis::around(line.iter().map(|point| point.1).chain([0.0]));
    let x = Axis {
        low: 0.0,
        high: 1.0,
        ticks: ["0", "0.25", "0.5", "0.75", "1"].map(String::from).to_vec(),
    };
    let here = points
        .iter()
        .min_by(|a, b| (a.gamma - props.gamma).abs().total_cmp(&(b.gamma - props.gamma).abs()));
    let Some(here) = here else { return Html::default() };
    let says = format!(
        "At gamma {:.2} the network's first block changes its input by {}.",
        here.gamma,
        percent(here.distance)
    );
    html! {
        <>
            <Lines name="How far a real block is from the identity" words={says.clone()} {x} {y}
                across="gamma of its last batchnorm; move the slider above"
                lines={vec![Line {
                    name: "size of y − x over size of x".into(),
                    class: "skip",
                    points: line,
                }]}
                at={Some(f64::from(here.gamma))} />
            <p class="demo-says" aria-live="polite">{says}</p>
        </>
    }
}

fn losses(props: &Props) -> Html {
    let found = &props.context.lesson.losses;
    let smooth = |losses: &[f32]| -> Vec<(f64, f64)> {
        let mut mean = SmoothedLoss::default();
        losses
            .iter()
            .enumerate()
            .map(|(step, loss)| ((step + 1) as f64, mean.push(f64::from(*loss))))
            .collect()
    };
    let steps = found.values().map(Vec::len).max().unwrap_or(1).max(1);
    let lines: Vec<Line> = found
        .iter()
        .map(|(variant, losses)| Line {
            name: variant.name().into(),
            class: class(*variant),
            points: smooth(losses),
        })
        .collect();
    let y = Axis::around(lines.iter().flat_map(|line| line.points.iter().map(|point| point.1)));
    let x = Axis {
        low: 0.0,
        high: steps as f64,
        ticks: (0..=4).map(|tick| (steps * tick / 4).to_string()).collect(),
    };
    let last: Vec<String> = lines
        .iter()
        .filter_map(|line| Some(format!("{} {:.3}", line.name, line.points.last()?.1)))
        .collect();
    let says = format!("Training loss so far: {}.", last.join("; "));
    html! {
        <>
            <Lines name="Training loss" words={says.clone()} {x} {y}
                across="batches; the running mean, as in the epoch table" {lines} />
            <p class="demo-says">{says}</p>
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_read_well() {
        assert_eq!((times(1193.4), times(0.327)), ("1,193 times".into(), "0.33 times".into()));
    }
}
