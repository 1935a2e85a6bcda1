//! What the network of the settings costs, before it is trained.

use resnette_spec::DataConfig;
use resnette_spec::architecture::Architecture;
use resnette_spec::limits::FileSizes;
use yew::prelude::*;

use crate::engine::choice::Limits;
use crate::settings::memory_limit::memory_limit_exceeded;
use crate::settings::phone_memory::{on_apples_phone, phone_limit_exceeded};
use crate::widgets::format;

/// Properties of [`Totals`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The network.
    pub plan: Architecture,
    /// Its pictures.
    pub data: DataConfig,
    /// How many classes they have.
    pub classes: u32,
    /// The batch size.
    pub bs: u32,
    /// Batches a step.
    pub accumulate: u32,
    /// How large a tensor may be, if a GPU trains.
    pub limits: Option<Limits>,
    /// Whether the class's host would train, to which a tab's limits do not apply.
    pub on_host: bool,
}

/// The number of bytes from which on a tab may run out of memory.
const MUCH: u64 = 1_500_000_000;

/// Parameters and multiply-adds of the network, with a warning if it does not fit.
#[component]
pub fn Totals(props: &Props) -> Html {
    let size = props.data.size;
    let memory = props.plan.training_bytes(size, props.bs);
    let phone = use_memo((), |()| on_apples_phone());
    let exceeded = phone
        .then(|| phone_limit_exceeded(&props.plan, &props.data, props.classes, props.bs))
        .flatten()
        .or_else(|| memory_limit_exceeded(&props.plan, size, props.bs, props.limits))
        .filter(|_| !props.on_host);
    let too_large = FileSizes::new(&props.plan, props.accumulate).too_large();
    html! {
        <div class="totals">
            <dl>
                <div><dt>{"Parameters"}</dt><dd translate="no">{format::short(props.plan.parameters())}</dd></div>
                <div>
                    <dt>{"Multiply-adds a picture"}</dt>
                    <dd translate="no">{format::short(props.plan.multiply_adds(size))}</dd>
                </div>
            </dl>
            if let Some(reason) = exceeded {
                <p class="warning">{reason}</p>
            } else if memory > MUCH && !props.on_host {
                <p class="warning">
                    {"That is a lot of memory for a browser tab. A smaller batch or smaller \
                      pictures need less; “Batches a step” keeps the effect of a large batch."}
                </p>
            }
            if let Some(reason) = too_large {
                <p class="warning">{"This will not be kept: "}{reason}{"."}</p>
            }
        </div>
    }
}
