//! Single steps of a paused run: each does one unit of work, and all together are the same run.

use resnette_protocol::{Command, Event, Outcome, RequestId, Subsystem};
use resnette_spec::epoch::{EpochRow, Step};

use crate::over_the_network;
use crate::support::{Desk, tiny};

/// Trains a run of two epochs: six training batches and four validation batches in all.
fn begun() -> Desk {
    let mut desk = Desk::default();
    let train = desk.ask(Command::Train(tiny("")));
    assert_eq!(desk.until_ended(train), Outcome::Answered);
    desk
}

/// The same, paused after its first step.
fn paused() -> Desk {
    let mut desk = begun();
    while losses(&desk).is_empty() {
        desk.turn();
    }
    let pause = desk.ask(Command::Pause);
    assert_eq!(desk.until_ended(pause), Outcome::Answered);
    assert!(desk.events().contains(&Event::Paused) && !desk.session.is_working());
    desk
}

fn losses(desk: &Desk) -> Vec<Step> {
    let reports = desk.events().into_iter().filter_map(|event| match event {
        Event::Steps(report) => Some(report.steps),
        _ => None,
    });
    reports.flatten().collect()
}

/// The table, without the time that each epoch took.
fn rows(desk: &Desk) -> Vec<EpochRow> {
    let rows = desk.events().into_iter().filter_map(|event| match event {
        Event::Epoch(row) => Some(EpochRow { seconds: 0.0, ..row }),
        _ => None,
    });
    rows.collect()
}

/// Units of work that were told.
fn work(desk: &Desk) -> usize {
    let is_work = |event: &Event| {
        matches!(event, Event::Steps(_) | Event::Validating { .. } | Event::Epoch(_))
    };
    desk.events().iter().filter(|event| is_work(event)).count()
}

fn done(desk: &Desk) -> usize {
    desk.events().iter().filter(|event| **event == Event::Done).count()
}

/// Why a request was refused.
fn refusal(desk: &mut Desk, request: RequestId) -> String {
    let Outcome::Refused(failure) = desk.until_ended(request) else { panic!("it was not refused") };
    assert_eq!(failure.during, Subsystem::Training);
    failure.message
}

/// The run in one go: its table and its losses.
fn whole() -> (Vec<EpochRow>, Vec<Step>) {
    let mut desk = begun();
    desk.settle(100);
    assert_eq!(done(&desk), 1);
    (rows(&desk), losses(&desk))
}

#[test]
fn single_steps_to_the_end_are_the_same_run() {
    let mut desk = paused();
    while done(&desk) == 0 {
        let before = work(&desk);
        let step = desk.ask(Command::Step);
        assert_eq!(desk.until_ended(step), Outcome::Answered);
        assert_eq!(work(&desk), before + 1, "one unit of work a step");
        assert!(!desk.session.is_working(), "and no more");
    }
    assert_eq!((rows(&desk), losses(&desk)), whole());
    assert_eq!(done(&desk), 1);
    assert!(!desk.events().contains(&Event::Resumed));
    assert_eq!(desk.saved_epochs().into_values().collect::<Vec<_>>(), [2], "the end is saved");
    let after = desk.ask(Command::Step);
    assert!(refusal(&mut desk, after).contains("no run is paused"));
}

#[test]
fn a_run_goes_on_after_a_single_step() {
    let mut desk = paused();
    let before = losses(&desk).len();
    let step = desk.ask(Command::Step);
    assert_eq!(desk.until_ended(step), Outcome::Answered);
    assert_eq!(losses(&desk).len(), before + 1);
    desk.ask(Command::Resume);
    desk.settle(100);
    assert_eq!(done(&desk), 1);
    assert_eq!((rows(&desk), losses(&desk)), whole());
}

#[test]
fn a_step_of_a_run_that_is_not_paused_is_refused_and_changes_nothing() {
    let mut desk = Desk::default();
    let nothing = desk.ask(Command::Step);
    assert!(refusal(&mut desk, nothing).contains("no run is paused"));
    let mut desk = begun();
    let running = desk.ask(Command::Step);
    assert!(refusal(&mut desk, running).contains("the run is under way. Press Pause"));
    assert!(desk.session.is_working());
    desk.ask(Command::Stop);
    let stopped = desk.ask(Command::Step);
    assert!(refusal(&mut desk, stopped).contains("no run is paused"));
    assert!(!desk.session.is_working());
    // A run that is called off leaves none that is paused.
    let mut desk = paused();
    let train = desk.ask(Command::Train(over_the_network()));
    desk.turn();
    desk.ask(Command::Cancel(train));
    let called_off = desk.ask(Command::Step);
    assert!(refusal(&mut desk, called_off).contains("no run is paused"));
}

/// Stop beside a search ends the search alone.
#[test]
fn a_paused_run_stays_paused_beside_a_search_that_is_stopped() {
    let mut desk = paused();
    let search = desk.ask(Command::FindRate(tiny("")));
    assert_eq!(desk.until_ended(search), Outcome::Answered);
    desk.ask(Command::Stop);
    let step = desk.ask(Command::Step);
    assert_eq!(desk.until_ended(step), Outcome::Answered);
    assert!(!desk.events().contains(&Event::Stopped));
}
