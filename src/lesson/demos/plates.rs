//! A block's convolutions as plates, as tall as their channels.

use resnette_lesson::conv_cost::BlockSpec;
use yew::prelude::*;

/// Width of a plate.
const WIDTH: f64 = 62.0;
/// The gap between two plates.
const GAP: f64 = 8.0;
/// Height of the tallest plate.
const TALLEST: f64 = 72.0;
/// Height of the drawing, with the arc above the plates and the kernels' sizes in them.
const HEIGHT: f64 = 100.0;

/// The drawing of a block. Each plate goes from its input channels to its output channels, on a
/// square-root scale.
pub fn plates(block: &BlockSpec) -> Html {
    let most = block.convs.iter().flat_map(|conv| [conv.ni, conv.nf]).max().unwrap_or(1).max(1);
    let half = |channels: u32| TALLEST / 2.0 * (f64::from(channels) / f64::from(most)).sqrt();
    let middle = HEIGHT - TALLEST / 2.0 - 2.0;
    let shapes = block.convs.iter().enumerate().map(|(index, conv)| {
        let left = 12.0 + index as f64 * (WIDTH + GAP);
        let (right, from, to) = (left + WIDTH, half(conv.ni), half(conv.nf));
        let outline = format!(
            "M{left:.1} {:.1}L{right:.1} {:.1}V{:.1}L{left:.1} {:.1}Z",
            middle - from,
            middle - to,
            middle + to,
            middle + from
        );
        html! {
            <g key={index}>
                <path class="plates-shape" d={outline} />
                <text x={format!("{:.1}", left + WIDTH / 2.0)} y={format!("{:.1}", middle + 5.0)}>
                    {format!("{0}×{0}", conv.ks)}
                </text>
            </g>
        }
    });
    let width = 24.0 + block.convs.len() as f64 * (WIDTH + GAP) - GAP;
    let top = middle - TALLEST / 2.0;
    let arc =
        format!("M6 {middle:.1}V{top:.1}C6 0 {0:.1} 0 {0:.1} {top:.1}V{middle:.1}", width - 6.0);
    let kernels: Vec<String> = block
        .convs
        .iter()
        .map(|conv| format!("{0}×{0} from {1} to {2} channels", conv.ks, conv.ni, conv.nf))
        .collect();
    html! {
        <svg class="plates" viewBox={format!("0 0 {width:.1} {HEIGHT}")} role="img"
            aria-label={format!("{}; an arc leads round them", kernels.join(", then "))}>
            <path class="arc" d={arc} />
            {for shapes}
        </svg>
    }
}
