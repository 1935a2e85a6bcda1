//! The part of Train that shows a race: two networks that train side by side, of which one is kept.

use std::rc::Rc;

use resnette_protocol::race::Runner;
use resnette_spec::epoch::EpochRow;
use resnette_spec::loss_curve::LossCurve;
use yew::prelude::*;

use crate::run::rival::{COST, Race};
use crate::run::state::{PendingControl, Run};
use crate::shell::commands::use_commands;
use crate::shell::platform;

/// The id of the part.
const ID: &str = "race";

/// Properties of [`RaceCard`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The run.
    pub run: Rc<Run>,
}

/// Both networks of a race and the choice between them; how the last race ended, if there is none.
/// Draws nothing in a run that was never split.
#[component]
pub fn RaceCard(props: &Props) -> Html {
    let run = &props.run;
    let racing = run.race.is_some();
    let was_racing = use_mut_ref(move || racing);
    use_effect_with(racing, move |&is_racing| {
        // A card that comes with the page takes no focus.
        if was_racing.replace(is_racing) == is_racing {
            return;
        }
        // The arc or the button that was pressed is gone, and the focus with it.
        let is_lost = platform::document()
            .and_then(|document| document.active_element())
            .is_none_or(|element| element.tag_name().eq_ignore_ascii_case("body"));
        if is_lost {
            platform::focus(ID);
        }
    });
    if run.race.is_none() && run.race_note.is_none() {
        return Html::default();
    }
    html! {
        <section id={ID} class="card race" aria-label="Race" tabindex="-1">
            <div aria-live="polite">
                <h2>{heading(run.race.as_ref())}</h2>
                if run.race.is_some() {
                    <p class="help">
                        {format!(
                            "Now {COST}. Both began with the same weights and see the same \
                             batches. Until you choose, the run with the skip is the one that is \
                             saved."
                        )}
                    </p>
                } else if let Some(note) = &run.race_note {
                    <p>{note}</p>
                }
            </div>
            if let Some(race) = &run.race {
                <Choice run={run.clone()} race={race.clone()} />
            }
        </section>
    }
}

fn heading(race: Option<&Race>) -> String {
    match race {
        Some(race) => format!("With the skip of {}, and without it", race.place.words()),
        None => "The race has ended".into(),
    }
}

#[derive(Properties, PartialEq)]
struct ChoiceProps {
    run: Rc<Run>,
    race: Race,
}

/// The newest figures of both networks, and a button for each.
#[component]
fn Choice(props: &ChoiceProps) -> Html {
    let commands = use_commands();
    let (run, race) = (&props.run, &props.race);
    let keep = |runner| {
        let commands = commands.clone();
        Callback::from(move |_: MouseEvent| commands.control(PendingControl::Keep(runner)))
    };
    let disabled = run.pending.is_some();
    let batches = run.shape.as_ref().map_or(1, |shape| shape.batches.max(1));
    // An epoch that ended before the split says nothing about the race.
    let first = race.common / batches;
    let own = run.rows.last().filter(|row| row.epoch >= first);
    html! {
        <>
            <div class="steps-room" tabindex="0" role="region" aria-label="Both networks">
                <table class="figures" translate="no">
                    <caption>{"Both networks"}</caption>
                    <thead><tr>
                        <th scope="col" class="text">{"network"}</th>
                        <th scope="col">{"train_loss"}</th>
                        <th scope="col">{"valid_loss"}</th>
                        <th scope="col">{"accuracy"}</th>
                    </tr></thead>
                    <tbody>
                        {figures("with the skip", &run.curve, own)}
                        {figures("without it", &race.curve, race.rows.last())}
                    </tbody>
                </table>
            </div>
            <p class="actions">
                <button type="button" class="button" {disabled}
                    onclick={keep(Runner::WithSkip)}>{"Keep the one with the skip"}</button>
                <button type="button" class="button" {disabled}
                    onclick={keep(Runner::WithoutSkip)}>{"Keep the one without it"}</button>
            </p>
        </>
    }
}

/// The newest figures of a network; a dash stands for what is not there yet.
fn figures(name: &'static str, curve: &LossCurve, row: Option<&EpochRow>) -> Html {
    let cell = |value: Option<f32>| {
        let words = value.map_or_else(|| "–".to_string(), |value| format!("{value:.4}"));
        html! { <td>{words}</td> }
    };
    html! {
        <tr>
            <th scope="row" class="text">{name}</th>
            {cell(curve.points.last().map(|step| step.smooth))}
            {cell(row.map(|row| row.valid_loss))}
            {cell(row.map(|row| row.accuracy))}
        </tr>
    }
}
