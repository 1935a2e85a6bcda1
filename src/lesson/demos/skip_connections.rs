//! Skip connections: what gamma does to a block, in numbers.

use resnette_lesson::residual::{block_output, distance_from_identity};
use resnette_spec::architecture::Architecture;
use resnette_spec::{Block, NetConfig};
use yew::prelude::*;

use crate::diagram::ribbon::Ribbon;
use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::controls::Slider;
use crate::lesson::demos::figures::figure;
use crate::lesson::demos::race::Race;

/// The input of a block at five places, all positive as behind a ReLU.
const INPUT: [f32; 5] = [0.8, 0.3, 1.2, 0.0, 0.6];
/// What the convolutions make of the input, normalised.
const MADE: [f32; 5] = [0.2, 0.9, -0.7, 0.5, -0.9];
/// The initial beta in fastai.
const BETA: f32 = 0.001;

/// Properties of [`SkipConnections`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What all demos share, among it what the experiment has found.
    pub context: DemoContext,
}

/// The demo of what gamma does to a block.
#[component]
pub fn SkipConnections(props: &Props) -> Html {
    let gamma = use_state(|| 0.0_f32);
    let skip = use_state(|| true);
    let on_gamma = {
        let gamma = gamma.clone();
        Callback::from(move |value: f64| gamma.set(value as f32))
    };
    let onchange = {
        let skip = skip.clone();
        Callback::from(move |_: Event| skip.set(!*skip))
    };
    let along = if *skip { INPUT } else { [0.0; 5] };
    let output = block_output(&along, &MADE, *gamma, BETA);
    let away = distance_from_identity(&output, &INPUT);
    let added: Vec<f32> = MADE.iter().map(|made| *gamma * made + BETA).collect();
    let says = if away <= 1.5 * BETA {
        "What goes in comes out: the block is the identity, except for beta, 0.001.".to_string()
    } else if *skip {
        format!("The largest change of any number is {}.", figure(away, 3))
    } else {
        format!(
            "Without the skip the block replaces its input; the largest change is {}.",
            figure(away, 3)
        )
    };
    html! {
        <>
            <h4>{"One block, five numbers"}</h4>
            <div class="knob-row">
                <Slider id="skip-gamma" label="Gamma of the last batchnorm" min=0.0 max=1.0
                    step=0.05 value={f64::from(*gamma)} shown={figure(*gamma, 2)}
                    on_change={on_gamma} />
                <label class="switch">
                    <input type="checkbox" checked={*skip} {onchange} />
                    {"Skip connection"}
                </label>
            </div>
            <div class="panels panels-even">
                {bars("Input: x", &INPUT)}
                {bars("Added: gamma · f(x) + beta", &added)}
                {bars("Output: ReLU of the sum", &output)}
            </div>
            <p class="demo-says" aria-live="polite">{says}</p>
            <h4>{"Skips in a whole network"}</h4>
            <Ribbon plan={Architecture::new(&chapter_network(*skip), 10)} size=128 brief=true />
            <Race context={props.context.clone()} gamma={*gamma} />
        </>
    }
}

/// The chapter's network with two blocks a stage, with or without skip connections.
fn chapter_network(skip: bool) -> NetConfig {
    let block = if skip { Block::Basic } else { Block::Plain };
    NetConfig {
        block,
        layers: vec![2, 2, 2, 2],
        expansion: 1,
        width: 64,
        stem: vec![32, 32, 64],
        ..NetConfig::default()
    }
}

/// Numbers as bars from a zero line.
fn bars(name: &'static str, values: &[f32]) -> Html {
    let words: Vec<String> = values.iter().map(|value| figure(*value, 3)).collect();
    let bar = |(index, value): (usize, &f32)| {
        let (x, height) = (8.0 + 38.0 * index as f64, f64::from(value.abs()).min(1.4) * 36.0);
        let top = if *value >= 0.0 { 52.0 - height } else { 52.0 };
        html! {
            <g key={index}>
                <rect class={if *value < 0.0 { "cell-below" } else { "cell-above" }}
                    x={format!("{x:.1}")} y={format!("{top:.1}")} width="26"
                    height={format!("{height:.1}")} />
                <text x={format!("{:.1}", x + 13.0)} y="106">{figure(*value, 2)}</text>
            </g>
        }
    };
    html! {
        <figure>
            <svg class="gamma-bars" viewBox="0 0 200 112" role="img"
                aria-label={format!("{name}: {}", words.join(", "))}>
                <path class="chart-grid" d="M0 52H200" />
                {for values.iter().enumerate().map(bar)}
            </svg>
            <figcaption>{name}</figcaption>
        </figure>
    }
}
