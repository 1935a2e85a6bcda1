//! The place Train: the network, the settings, the epoch table and the curves.

use std::rc::Rc;

use resnette_spec::architecture::Architecture;
use resnette_spec::{BlockPlace, NetConfig};
use yew::prelude::*;

use crate::diagram::ribbon::Ribbon;
use crate::lesson::lazy::{
    AdvancedCard, NotesPart, Offer, OutcomePart, RacePart, Rates, Runs, Skips, SnippetPart,
    WatchPart,
};
use crate::run::book_table::BookTable;
use crate::run::curves::Curves;
use crate::run::epoch_table::EpochTable;
use crate::run::projector::ProjectorButton;
use crate::run::recorded_run::RecordedRunCard;
use crate::run::state::{PendingControl, Phase};
use crate::saving::panel::SavingPanel;
use crate::settings::panel::Settings;
use crate::settings::presets::Presets;
use crate::settings::short_run::ShortRun;
use crate::settings::totals::Totals;
use crate::shell::commands::{Commands, use_commands};
use crate::shell::state::State;

/// Properties of [`TrainView`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Everything that the page knows: this place shows most of it.
    pub state: Rc<State>,
}

/// The place Train.
#[component]
pub fn TrainView(props: &Props) -> Html {
    let state = &props.state;
    let config = &state.link.run;
    let plan = Architecture::new(&config.net, state.classes());
    // Gradients belong to the network that runs, which may no longer be the one of the settings.
    // A fine-tuning chooses its head by itself, which has no gradients here.
    let head = config.net.head;
    let is_of_run = NetConfig { head, ..state.run.config.net.clone() } == config.net;
    let tint = if is_of_run { state.run.gradients.clone() } else { Vec::new() };
    // One callback for all renders, so that the diagram is not redrawn with every step.
    let commands = use_commands();
    let cut = use_callback(commands, |place: BlockPlace, commands: &Commands| {
        commands.control(PendingControl::Cut(place))
    });
    let may_cut = is_of_run && state.run.can_be_cut() && !state.link.locked;
    let cuts = may_cut.then(|| {
        html! { <Skips plan={plan.clone()} size={config.data.size} on_cut={cut} /> }
    });
    let started = state.busy() || !state.run.rows.is_empty();
    html! {
        <div class="view train">
            <h1 class="visually-hidden">{"Train"}</h1>
            <Ribbon plan={plan.clone()} size={config.data.size} {tint} {cuts}
                tint_name="size of the gradient" />
            <div class={classes!("columns", started.then_some("columns-started"))}>
                <section class="knobs" aria-label="Settings">
                    <Presets link={state.link.clone()} />
                    <Totals plan={plan.clone()} data={config.pictures()}
                        classes={state.classes()} bs={config.recipe.bs}
                        accumulate={config.recipe.accumulate} limits={state.limits()}
                        on_host={state.trains_on_host()} />
                    <ShortRun report={state.data.report.clone()} source={config.data.source}
                        recipe={config.recipe.clone()}
                        locked={state.link.locked} />
                    <Offer run={config.clone()} pace={state.pace()}
                        pictures={state.known_pictures()} locked={state.link.locked} />
                    <Rates config={config.clone()} rates={state.rates.clone()}
                        busy={state.busy()} locked={state.link.locked} />
                    <Settings run={config.clone()} drafts={state.drafts.clone()}
                        locked={state.link.locked} under_way={state.busy()}
                        joined={state.link.join.is_some()} />
                </section>
                <section class="results" aria-label="Results">
                    <Curves run={state.run.clone()}><OutcomePart state={state.clone()} /></Curves>
                    <RacePart run={state.run.clone()} />
                    <EpochTable rows={state.run.rows.clone()} under_way={state.run.under_way()}
                        done={state.run.phase == Phase::Done && state.engine.is_some()}
                        epochs={state.run.shape
                            .as_ref()
                            .map_or(config.recipe.epochs, |shape| shape.epochs)} />
                    <ProjectorButton />
                    <WatchPart watch={state.watch.clone()} classes={state.run.shape
                        .as_ref()
                        .map_or_else(Vec::new, |shape| shape.classes.clone())} />
                    if state.run.rows.is_empty() && !state.busy() {
                        <RecordedRunCard />
                    }
                    <SavingPanel saving={state.saving.clone()} run={state.run.clone()}
                        config={config.clone()}
                        network={state.engine.is_some() && (
                            state.run.shape.is_some() || state.predict.model.is_some()
                        )} runs={state.runs.clone()}>
                        <SnippetPart run={state.run.clone()} />
                    </SavingPanel>
                    <Runs runs={state.runs.clone()} link={state.link.clone()}
                        under_way={state.busy()} />
                    <NotesPart rows={state.run.rows.clone()}
                        mixup={state.run.config.recipe.mixup.max(state.run.config.recipe.cutmix)} />
                    <BookTable />
                    <AdvancedCard state={state.clone()} {plan} />
                </section>
            </div>
        </div>
    }
}
