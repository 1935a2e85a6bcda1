//! Train: the network, the knobs, the table, the charts.

use std::rc::Rc;

use resnette_spec::architecture::Plan;
use yew::prelude::*;

use crate::diagram::ribbon::Ribbon;
use crate::engine::benchmark::Benchmark;
use crate::engine::self_test::EngineCheck;
use crate::rate_search::panel::FindRate;
use crate::run::book_table::Book;
use crate::run::curves::Charts;
use crate::run::epoch_table::Epochs;
use crate::run::first_steps::Steps;
use crate::run::recorded_run::Example;
use crate::run::state::Phase;
use crate::run::table_notes::Notes;
use crate::run_list::table::RunsTable;
use crate::saving::panel::Keep;
use crate::settings::panel::Settings;
use crate::settings::presets::Presets;
use crate::settings::totals::Totals;
use crate::shell::state::State;

/// What the place shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Everything: this place shows most of it.
    pub state: Rc<State>,
}

/// The place Train.
#[component]
pub fn TrainView(props: &Props) -> Html {
    let state = &props.state;
    let config = &state.link.run;
    let plan = Plan::new(&config.net, state.classes());
    // Gradients belong to the network that runs, which may no longer be the one of the settings.
    let tint =
        if state.run.config.net == config.net { state.run.gradients.clone() } else { Vec::new() };
    html! {
        <div class="view train">
            <h1 class="visually-hidden">{"Train"}</h1>
            <Ribbon plan={plan.clone()} size={config.data.size} {tint} tint_name="size of the gradient" />
            <div class="columns">
                <section class="knobs" aria-label="Settings">
                    <Presets link={state.link.clone()} />
                    <Totals {plan} size={config.data.size} bs={config.recipe.bs} limits={state.limits()} memory={state.memory} />
                    <FindRate config={config.clone()} rates={state.rates.clone()} busy={state.run.under_way()} locked={state.link.locked} />
                    <Settings run={config.clone()} drafts={state.drafts.clone()} locked={state.link.locked} under_way={state.run.under_way()} />
                </section>
                <section class="results" aria-label="Results">
                    <Epochs rows={state.run.rows.clone()} under_way={state.run.under_way()} done={state.run.phase == Phase::Done && state.engine.is_some()} epochs={state.run.shape.as_ref().map_or(config.recipe.epochs, |shape| shape.epochs)} />
                    if state.run.rows.is_empty() && !state.run.under_way() {
                        <Example />
                    }
                    <Charts run={state.run.clone()} />
                    <Keep keep={state.keep.clone()} run={state.run.clone()} config={config.clone()} network={state.engine.is_some() && (state.run.shape.is_some() || state.predict.model.is_some())} />
                    <RunsTable runs={state.runs.clone()} link={state.link.clone()} under_way={state.run.under_way()} />
                    <Notes rows={state.run.rows.clone()} mixup={state.run.config.recipe.mixup} />
                    <Book />
                    <Steps steps={state.run.steps.clone()} />
                    <EngineCheck check={state.check} backend={config.backend} />
                    <Benchmark bench={state.bench.clone()} config={config.clone()} busy={state.run.under_way()} />
                </section>
            </div>
        </div>
    }
}
