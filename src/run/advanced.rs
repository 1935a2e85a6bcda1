//! What few readers ask for, folded away: memory, momentum, the first steps, codes of runs, and the
//! engine's check and benchmark.

use std::rc::Rc;

use resnette_protocol::engine::Memory;
use resnette_spec::architecture::Architecture;
use yew::prelude::*;

use crate::class::by_hand::ByHand;
use crate::engine::benchmark::BenchmarkCard;
use crate::engine::self_test::SelfTestCard;
use crate::run::curves::Momentum;
use crate::run::first_steps::FirstSteps;
use crate::shell::state::State;
use crate::widgets::format;

/// Properties of [`Advanced`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// Everything that the page knows.
    pub state: Rc<State>,
    /// The network of the settings.
    pub plan: Architecture,
}

/// A card of what few readers ask for, folded.
#[component]
pub fn Advanced(props: &Props) -> Html {
    let state = &props.state;
    let config = &state.link.run;
    let step = props.plan.training_bytes(config.data.size, config.recipe.bs);
    html! {
        <details class="card fold advanced">
            <summary><h2>{"Advanced"}</h2></summary>
            {memory(step, state.memory)}
            <Momentum run={state.run.clone()} />
            <FirstSteps steps={state.run.steps.clone()} />
            <ByHand run={state.run.clone()} />
            <SelfTestCard check={state.check} backend={config.backend} />
            <BenchmarkCard bench={state.bench.clone()} config={config.clone()}
                busy={state.busy()} />
        </details>
    }
}

/// How many bytes a step takes, about, and how many the engine held after the last epoch.
fn memory(step: u64, held: Option<Memory>) -> Html {
    html! {
        <div class="totals">
            <dl>
                <div>
                    <dt>{"Memory of a step, about"}</dt>
                    <dd translate="no">{format::bytes(step)}</dd>
                </div>
            </dl>
            if let Some(held) = held {
                <p class="help totals-held">
                    {"In use after the last epoch: "}
                    <data value={held.wasm.to_string()}>{format::bytes(held.wasm)}</data>
                    {" of the tab's memory"}
                    if let Some(gpu) = held.gpu {
                        {" and "}
                        <data value={gpu.to_string()}>{format::bytes(gpu)}</data>
                        {" of the GPU's"}
                    }
                </p>
            }
        </div>
    }
}
