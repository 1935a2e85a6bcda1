//! How long a run would take is measured while nothing else is under way, and never holds anything
//! up.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "shared with the other tests, which need more of it")]
mod support;

use resnette_protocol::estimate::EstimateRequest;
use resnette_protocol::{Command, Event, Outcome};
use resnette_spec::RunConfig;
use resnette_spec::run_time::StepWork;
use support::{Desk, pictures, tiny};

fn estimate(config: &RunConfig) -> Command {
    Command::Estimate(EstimateRequest { work: StepWork::of(config) })
}

/// The measurements that the page was told.
fn told(desk: &Desk) -> usize {
    desk.events().iter().filter(|event| matches!(event, Event::Estimated(_))).count()
}

#[test]
fn a_measurement_says_what_was_asked_and_how_long_it_takes() {
    let mut desk = Desk::default();
    let config = tiny("size=32&bs=4");
    let asked = desk.ask(estimate(&config));
    assert_eq!(desk.until_ended(asked), Outcome::Answered);
    let events = desk.events();
    let found = events.iter().find_map(|event| match event {
        Event::Estimated(found) => Some(found.clone()),
        _ => None,
    });
    let found = found.unwrap();
    assert_eq!((&found.asked, &found.pace.of), (&StepWork::of(&config), &StepWork::of(&config)));
    assert!(found.pace.step_seconds > 0.0 && found.pace.valid_seconds > 0.0, "{found:?}");
    assert!(desk.session.is_idle());
    // Nothing of a run was told.
    assert_eq!(events.len(), 2, "{events:?}");
}

#[test]
fn whatever_else_is_asked_for_ends_a_measurement() {
    for other in [
        Command::Train(tiny("")),
        Command::Stop,
        Command::SelfTest,
        Command::Predict(pictures(1)),
        Command::Load { data: tiny("").data, seed: 1 },
        estimate(&tiny("size=20")),
    ] {
        let mut desk = Desk::default();
        let asked = desk.ask(estimate(&tiny("")));
        desk.turn();
        assert!(desk.session.is_working());
        let next = desk.ask(other.clone());
        // The step that is under way is the last one.
        desk.turn();
        assert_eq!(desk.end_of(asked), Some(Outcome::Cancelled), "{other:?}");
        assert_eq!(desk.until_ended(next), Outcome::Answered, "{other:?}");
        assert_eq!(told(&desk), usize::from(matches!(other, Command::Estimate(_))), "{other:?}");
    }
}

#[test]
fn a_measurement_that_can_be_called_off_ends_once() {
    let mut desk = Desk::default();
    let asked = desk.ask(estimate(&tiny("")));
    desk.turn();
    desk.ask(Command::Cancel(asked));
    desk.settle(10);
    assert_eq!(desk.ends()[&asked], [Outcome::Cancelled]);
    assert!(desk.session.is_idle() && told(&desk) == 0);
}

#[test]
fn nothing_is_measured_beside_a_run() {
    let mut desk = Desk::default();
    let train = desk.ask(Command::Train(tiny("epochs=1000")));
    assert_eq!(desk.until_ended(train), Outcome::Answered);
    let asked = desk.ask(estimate(&tiny("")));
    assert_eq!(desk.until_ended(asked), Outcome::Cancelled);
    assert!(desk.session.is_working() && told(&desk) == 0);
    // After its end there is something to measure, and the network that was trained stays.
    desk.ask(Command::Stop);
    desk.settle(10);
    let asked = desk.ask(estimate(&tiny("")));
    assert_eq!(desk.until_ended(asked), Outcome::Answered);
    let more = desk.ask(Command::OneMoreEpoch);
    assert_eq!(desk.until_ended(more), Outcome::Answered);
}

#[test]
fn a_network_that_is_too_large_is_refused_and_not_tried() {
    let mut desk = Desk::default();
    let large = tiny("layers=2,2,2,2,2,2&width=512&expansion=4&block=bottleneck");
    let asked = desk.ask(estimate(&large));
    assert!(matches!(desk.until_ended(asked), Outcome::Refused(_)));
    assert!(desk.session.is_idle() && told(&desk) == 0);
}
