//! The demo of what basic and bottleneck blocks cost for a number of channels.

use resnette_lesson::conv_cost::{Cost, Design, basic_against_bottleneck};
use resnette_protocol::lesson::{Clock, Request};
use yew::prelude::*;

use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::controls::Slider;
use crate::lesson::demos::cost_curves::{CostCurves, POWERS};
use crate::lesson::demos::experiment::Experiment;
use crate::lesson::demos::plates::plates;
use crate::widgets::format::{count, short};

/// The sides of grids to choose from, as powers of two.
const GRIDS: std::ops::RangeInclusive<u32> = 1..=6;

/// Properties of [`Bottleneck`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What all demos share, among it the measured times.
    pub context: DemoContext,
}

/// The demo of the costs of basic and bottleneck blocks.
#[component]
pub fn Bottleneck(props: &Props) -> Html {
    let power = use_state(|| 8_u32);
    let grid = use_state(|| 4_u32);
    let set = |of: &UseStateHandle<u32>| {
        let of = of.clone();
        Callback::from(move |value: f64| of.set(value as u32))
    };
    let (channels, side) = (1_u32 << *power, 1_u32 << *grid);
    let (basic, bottleneck) = basic_against_bottleneck(channels, side);
    let ratio = basic.multiply_adds as f64 / bottleneck.multiply_adds.max(1) as f64;
    let slider = |id: &'static str,
                  label: &'static str,
                  range: std::ops::RangeInclusive<u32>,
                  value: u32,
                  shown: String,
                  on_change: Callback<f64>| {
        html! {
            <Slider {id} {label} min={f64::from(*range.start())} max={f64::from(*range.end())}
                value={f64::from(value)} {shown} {on_change} />
        }
    };
    html! {
        <>
            <div class="knob-row">
                {slider(
                    "cost-channels",
                    "Channels",
                    POWERS,
                    *power,
                    count(u64::from(channels)),
                    set(&power),
                )}
                {slider("cost-grid", "Grid", GRIDS, *grid, format!("{side} × {side}"), set(&grid))}
            </div>
            <div class="panels panels-even">
                {design("Basic block", Design::Basic, channels, side, basic)}
                {design("Bottleneck block", Design::Bottleneck, channels, side, bottleneck)}
            </div>
            <p class="demo-says" aria-live="polite">
                {format!(
                    "At {} channels on {side} × {side} the basic block takes ",
                    count(u64::from(channels))
                )}
                <b>{format!("{ratio:.1} times")}</b>
                {" as many multiply-adds as the bottleneck."}
            </p>
            <Experiment label="Measure both on this device"
                ask={Request::Clock { channels, side }} context={props.context.clone()}
                about="a few seconds" />
            if !props.context.lesson.clocks.is_empty() { {clocks(&props.context.lesson.clocks)} }
            <CostCurves power={*power} {side} />
        </>
    }
}

/// The convolutions of a block with what each costs.
fn design(name: &'static str, design: Design, channels: u32, side: u32, total: Cost) -> Html {
    let block = design.block(channels, channels, 1);
    html! {
        <div class="table-room" tabindex="0" role="region" aria-label={name}>
            {plates(&block)}
            <table class="figures" translate="no">
                <caption>{name}</caption>
                <thead>
                    <tr>
                        <th scope="col" class="text">{"convolution"}</th>
                        <th scope="col">{"weights"}</th>
                        <th scope="col">{"multiply-adds"}</th>
                    </tr>
                </thead>
                <tbody>
                    {for block.convs.iter().map(|conv| html! {
                        <tr>
                            <td class="text">
                                {format!(
                                    "{0}×{0}, {1} → {2}",
                                    conv.ks, count(u64::from(conv.ni)), count(u64::from(conv.nf))
                                )}
                            </td>
                            <td>{count(conv.weights())}</td>
                            <td>{short(conv.multiply_adds(side))}</td>
                        </tr>
                    })}
                    <tr class="row-chosen">
                        <td class="text">{"total"}</td>
                        <td>{count(total.weights)}</td>
                        <td>{short(total.multiply_adds)}</td>
                    </tr>
                </tbody>
            </table>
            <p class="help">
                {format!("Including the batchnorms: {} parameters.", count(total.parameters))}
            </p>
        </div>
    }
}

/// Measured milliseconds beside those that the multiply-adds suggest.
fn clocks(clocks: &[Clock]) -> Html {
    let rows = clocks.iter().map(|clock| {
        let (basic, bottleneck) = basic_against_bottleneck(clock.channels, clock.side);
        let promised = basic.multiply_adds as f64 / bottleneck.multiply_adds.max(1) as f64;
        html! {
            <tr key={format!("{}-{}", clock.channels, clock.side)}>
                <td>{count(u64::from(clock.channels))}</td>
                <td>{format!("{0} × {0}", clock.side)}</td>
                <td>{clock.batch}</td>
                <td>{format!("{:.1} ms", clock.basic)}</td>
                <td>{format!("{:.1} ms", clock.bottleneck)}</td>
                <td>{format!("{:.1}", clock.basic / clock.bottleneck.max(1e-6))}</td>
                <td>{format!("{promised:.1}")}</td>
            </tr>
        }
    });
    html! {
        <div class="table-room" tabindex="0" role="region" aria-label="Measured times">
            <table class="figures" translate="no">
                <caption>{"Measured on this device, forwards and backwards"}</caption>
                <thead><tr>
                    <th scope="col">{"channels"}</th>
                    <th scope="col">{"grid"}</th>
                    <th scope="col">{"pictures"}</th>
                    <th scope="col">{"basic"}</th>
                    <th scope="col">{"bottleneck"}</th>
                    <th scope="col">{"times faster"}</th><th scope="col">{"by multiply-adds"}</th>
                </tr></thead>
                <tbody>{for rows}</tbody>
            </table>
        </div>
    }
}
