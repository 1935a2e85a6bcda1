//! What both blocks cost against their channels, on log scales.

use resnette_lesson::conv_cost::{Cost, Design};
use yew::prelude::*;

use crate::charts::axis::Axis;
use crate::lesson::demos::lines::{Line, Lines};

/// The numbers of channels to choose from, as powers of two.
pub const POWERS: std::ops::RangeInclusive<u32> = 4..=11;

/// Properties of [`CostCurves`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The chosen number of channels, as a power of two.
    pub power: u32,
    /// Side of the grid.
    pub side: u32,
}

/// Charts of the parameters and of the multiply-adds.
#[component]
pub fn CostCurves(props: &Props) -> Html {
    let side = props.side;
    html! {
        <div class="panels panels-even">
            {chart("Parameters against channels", props, |cost| cost.parameters)}
            {chart(
                &format!("Multiply-adds against channels, on {side} × {side}"),
                props,
                |cost| cost.multiply_adds,
            )}
        </div>
    }
}

/// A cost of a design for all numbers of channels: powers of two against logarithms.
fn points(design: Design, side: u32, of: fn(Cost) -> u64) -> Vec<(f64, f64)> {
    POWERS
        .map(|power| {
            (
                f64::from(power),
                (of(design.block(1 << power, 1 << power, 1).cost(side)) as f64).log10(),
            )
        })
        .collect()
}

fn chart(name: &str, props: &Props, of: fn(Cost) -> u64) -> Html {
    let lines: Vec<Line> =
        [(Design::Basic, "basic", "deep"), (Design::Bottleneck, "bottleneck", "skip")]
            .into_iter()
            .map(|(design, name, class)| Line {
                name: name.into(),
                class,
                points: points(design, props.side, of),
            })
            .collect();
    let y = Axis::powers(
        lines.iter().flat_map(|line| line.points.iter().map(|point| 10f64.powf(point.1) as f32)),
    );
    let x = Axis {
        low: f64::from(*POWERS.start()),
        high: f64::from(*POWERS.end()),
        ticks: POWERS.map(|power| (1_u32 << power).to_string()).collect(),
    };
    let words = "two parallel lines on log scales, the basic block's about seventeen times as high";
    html! {
        <Lines name={name.to_string()} {words} {x} {y} across="channels" {lines}
            at={Some(f64::from(props.power))} />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_parallel_and_their_distance_is_seventeen() {
        for of in [|cost: Cost| cost.weights, |cost: Cost| cost.multiply_adds] {
            for (basic, bottleneck) in
                points(Design::Basic, 16, of).iter().zip(points(Design::Bottleneck, 16, of))
            {
                assert!((10f64.powf(basic.1 - bottleneck.1) - 288.0 / 17.0).abs() < 1e-6);
            }
        }
        let parameters = points(Design::Basic, 16, |cost| cost.parameters);
        assert!(
            (10f64.powf(parameters[4].1) - 1_180_672.0).abs() < 1.0,
            "256 channels, with both batchnorms"
        );
    }
}
