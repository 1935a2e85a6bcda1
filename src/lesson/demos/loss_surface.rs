//! The loss on a plane through the weights of both deep networks.

use resnette_protocol::lesson::{Request, SURFACE, Variant};
use yew::prelude::*;

use crate::charts::axis::Axis;
use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::controls::Slider;
use crate::lesson::demos::experiment::Experiment;
use crate::lesson::demos::figures::figure;
use crate::lesson::demos::lines::{Line, Lines};
use crate::lesson::demos::race::class;

/// The networks whose surfaces are shown.
const SHOWN: [Variant; 2] = [Variant::Deep, Variant::Skip];

/// Properties of [`LossSurface`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What all demos share, among it the measured losses.
    pub context: DemoContext,
}

/// The demo of the loss on a plane through the weights.
#[component]
pub fn LossSurface(props: &Props) -> Html {
    let middle = SURFACE as usize / 2;
    let row = use_state(|| middle);
    let context = &props.context;
    let heights = &context.lesson.heights;
    let on_row = {
        let row = row.clone();
        Callback::from(move |value: f64| row.set((value as usize).clamp(1, SURFACE as usize) - 1))
    };
    let all = || heights.values().flatten().flatten().copied();
    let scale = Scale::around(all());
    html! {
        <>
            <p class="prose">
                {"Start at the trained weights, choose two random directions, each scaled to the \
                  filter's own norm, step along them, and measure the loss of one batch. Li et al. \
                  drew the book's figure this way. Both networks are those of “Skip connections”; \
                  if they have not been trained yet, that is done first."}
            </p>
            <Experiment label="Measure both surfaces"
                ask={Request::Surface { seed: context.seed() }}
                context={context.clone()} about="a few seconds to a minute, in the background" />
            if !heights.is_empty() {
                <Slider id="surface-row" label="Line through row" min=1.0
                    max={f64::from(SURFACE)} value={(*row + 1) as f64}
                    shown={if *row == middle {
                        format!("{}, through the weights", *row + 1)
                    } else {
                        (*row + 1).to_string()
                    }} on_change={on_row} />
                <div class="panels panels-even">
                    {for SHOWN.iter().map(|variant| {
                        let rows = heights.get(variant).map_or(&[][..], Vec::as_slice);
                        surface(*variant, rows, &scale, *row)
                    })}
                </div>
                <p class="help">
                    {"The stronger the blue, the higher the loss; the dot marks the trained \
                      weights."}
                </p>
                {profile(context, *row, &scale)}
            }
        </>
    }
}

/// The surface from above, darker where the loss is higher, on one scale for both networks.
fn surface(variant: Variant, rows: &[Vec<f32>], scale: &Scale, chosen: usize) -> Html {
    let side = SURFACE as usize;
    let cells = rows.iter().enumerate().flat_map(|(row, losses)| {
        losses.iter().enumerate().map(move |(column, loss)| (row, column, *loss))
    });
    let drawn = cells.map(|(row, column, loss)| {
        html! {
            <rect class="height" x={column.to_string()} y={row.to_string()} width="1" height="1"
                fill-opacity={format!("{:.3}", 0.06 + 0.94 * scale.share(loss))} />
        }
    });
    let lowest = rows.iter().flatten().copied().fold(f32::INFINITY, f32::min);
    let highest = rows.iter().flatten().copied().fold(f32::NEG_INFINITY, f32::max);
    let words = if rows.is_empty() {
        "not measured yet".into()
    } else {
        format!("loss from {} to {}", figure(lowest, 2), figure(highest, 2))
    };
    html! {
        <figure>
            <svg class="surface" viewBox={format!("0 0 {side} {side}")} role="img"
                aria-label={format!("Loss around the weights of {}: {words}", variant.name())}>
                <rect class="surface-ground" width={side.to_string()} height={side.to_string()} />
                {for drawn}
                <rect class="surface-row" x="0" y={chosen.to_string()} width={side.to_string()}
                    height="1" />
                <circle class="surface-middle" cx={format!("{}", side as f64 / 2.0)}
                    cy={format!("{}", side as f64 / 2.0)} r="0.22" />
            </svg>
            <figcaption>{format!("{}: {words}", variant.name())}</figcaption>
        </figure>
    }
}

/// The loss along one line of the plane.
fn profile(context: &DemoContext, row: usize, scale: &Scale) -> Html {
    let lines: Vec<Line> = SHOWN
        .iter()
        .filter_map(|variant| {
            let losses = context.lesson.heights.get(variant)?.get(row)?;
            let points = losses
                .iter()
                .enumerate()
                .map(|(column, loss)| (column as f64, scale.height(*loss)))
                .collect();
            Some(Line { name: variant.name().into(), class: class(*variant), points })
        })
        .collect();
    if lines.is_empty() {
        return html! { <p class="help">{"This row has not been measured yet."}</p> };
    }
    let bends: Vec<String> = lines
        .iter()
        .map(|line| format!("{} turns {}", line.name, often(turns(&line.points))))
        .collect();
    let words = format!("Along this line the loss of {}.", bends.join("; that of "));
    let x = Axis {
        low: 0.0,
        high: f64::from(SURFACE - 1),
        ticks: ["−1", "−0.5", "0", "0.5", "1"].map(String::from).to_vec(),
    };
    html! {
        <>
            <Lines name="Loss along the line" words={words.clone()} {x} y={scale.axis.clone()}
                across="distance from the trained weights, in filter norms" {lines} />
            <p class="demo-says" aria-live="polite">{words}</p>
        </>
    }
}

/// A number of times in words: `once`, `3 times`.
fn often(times: usize) -> String {
    match times {
        0 => "never".into(),
        1 => "once".into(),
        times => format!("{times} times"),
    }
}

/// One scale for both surfaces, logarithmic if losses are far apart.
struct Scale {
    axis: Axis,
    low: f64,
    high: f64,
    log: bool,
}

impl Scale {
    fn around(losses: impl Iterator<Item = f32> + Clone) -> Self {
        let finite = losses.clone().filter(|loss| loss.is_finite() && *loss > 0.0).map(f64::from);
        let (low, high) = finite
            .clone()
            .fold((f64::INFINITY, 0.0_f64), |(low, high), loss| (low.min(loss), high.max(loss)));
        let log = high > 20.0 * low;
        let axis = if log { Axis::powers(losses) } else { Axis::around(finite) };
        let place = |loss: f64| if log { loss.log10() } else { loss };
        Self { axis, low: place(low), high: place(high), log }
    }

    /// Where a loss lies on the axis.
    fn height(&self, loss: f32) -> f64 {
        let loss = f64::from(loss);
        if self.log { loss.log10() } else { loss }
    }

    /// A loss from 0 for the lowest of all to 1 for the highest. A loss that is not finite counts
    /// as the highest.
    fn share(&self, loss: f32) -> f64 {
        let share = (self.height(loss) - self.low) / (self.high - self.low);
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 1.0 }
    }
}

/// How often a line turns from falling to rising or back.
fn turns(points: &[(f64, f64)]) -> usize {
    let steps: Vec<f64> =
        points.windows(2).map(|pair| pair[1].1 - pair[0].1).filter(|step| *step != 0.0).collect();
    steps.windows(2).filter(|pair| pair[0].signum() != pair[1].signum()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_its_ends_at_the_losses() {
        let near = Scale::around([2.0, 3.0, f32::NAN].into_iter());
        assert!(!near.log);
        assert_eq!((near.share(2.0), near.share(3.0), near.share(f32::INFINITY)), (0.0, 1.0, 1.0));
        let far = Scale::around([1.0, 10.0, 100.0].into_iter());
        assert!(far.log && (far.share(10.0) - 0.5).abs() < 1e-9);
        assert_eq!(Scale::around([].into_iter()).share(1.0), 1.0);
        assert_eq!(
            (often(0), often(1), often(4)),
            ("never".into(), "once".into(), "4 times".into())
        );
    }

    #[test]
    fn a_valley_turns_once() {
        let line = |heights: &[f64]| {
            heights.iter().enumerate().map(|(at, height)| (at as f64, *height)).collect::<Vec<_>>()
        };
        assert_eq!(turns(&line(&[3.0, 2.0, 1.0, 1.0, 2.0])), 1);
        assert_eq!(turns(&line(&[3.0, 2.0, 4.0, 1.0])), 2);
        assert_eq!(turns(&line(&[1.0])), 0);
    }
}
