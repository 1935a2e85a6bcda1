//! Losses that are read late, as on a GPU: the page is told the same run, all of it whenever it is
//! paused, stopped or split, and a loss that is not a number even then.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "shared with the other tests, which need more of it")]
mod support;

use resnette_protocol::persistence::AutosaveOutcome;
use resnette_protocol::race::{Race, Runner};
use resnette_protocol::{Command, Event, Failure, Outcome, Subsystem};
use resnette_spec::BlockPlace;
use resnette_spec::epoch::{EpochRow, Step};
use support::{Desk, tiny};

/// Batches of an epoch.
const BATCHES: u32 = 8;
/// Batches of the whole run.
const ALL: u32 = 2 * BATCHES;
/// The first block of the second stage, whose skip has a pool and a 1×1 convolution.
const CUT: Command = Command::CutSkip(BlockPlace { stage: 2, block: 1 });

/// A run of two epochs of eight batches that has begun.
fn begun(read_every: usize, groups: usize) -> Desk {
    let mut desk = Desk::reading(read_every, groups);
    answered(&mut desk, Command::Train(tiny("layers=1,2&train=8")));
    desk
}

/// The same after so many batches of its first epoch.
fn trained(batches: u32, read_every: usize, groups: usize) -> Desk {
    let mut desk = begun(read_every, groups);
    while steps(&desk) < batches {
        desk.turn();
    }
    assert_eq!(steps(&desk), batches);
    desk
}

fn answered(desk: &mut Desk, command: Command) {
    let request = desk.ask(command);
    assert_eq!(desk.until_ended(request), Outcome::Answered);
}

/// Batches that were trained, by the last report.
fn steps(desk: &Desk) -> u32 {
    let last = desk.events().into_iter().rev().find_map(|event| match event {
        Event::Steps(report) => Some(report.epoch * BATCHES + report.batch + 1),
        _ => None,
    });
    last.unwrap_or(0)
}

fn losses_of(events: &[Event]) -> Vec<Step> {
    let reports = events.iter().filter_map(|event| match event {
        Event::Steps(report) => Some(report.steps.clone()),
        _ => None,
    });
    reports.flatten().collect()
}

fn losses(desk: &Desk) -> Vec<Step> {
    losses_of(&desk.events())
}

fn rows(desk: &Desk) -> Vec<EpochRow> {
    let rows = desk.events().into_iter().filter_map(|event| match event {
        Event::Epoch(row) => Some(EpochRow { seconds: 0.0, ..row }),
        _ => None,
    });
    rows.collect()
}

/// The losses and the rows of the network without the skip.
fn without(desk: &Desk) -> (Vec<Step>, Vec<EpochRow>) {
    let (mut steps, mut rows) = (Vec::new(), Vec::new());
    for event in desk.events() {
        match event {
            Event::Race(Race::Steps(more)) => steps.extend(more),
            Event::Race(Race::Epoch(row)) => rows.push(EpochRow { seconds: 0.0, ..row }),
            _ => {}
        }
    }
    (steps, rows)
}

fn is_done(desk: &Desk) -> bool {
    desk.events().contains(&Event::Done)
}

fn place(events: &[Event], wanted: &Event) -> usize {
    events.iter().position(|event| event == wanted).unwrap()
}

/// The numbers of steps.
fn numbers(steps: &[Step]) -> Vec<u32> {
    steps.iter().map(|step| step.step).collect()
}

/// The run whose losses are read at once.
fn whole() -> (Vec<EpochRow>, Vec<Step>) {
    let mut desk = begun(1, 1);
    desk.settle(200);
    assert!(is_done(&desk));
    (rows(&desk), losses(&desk))
}

/// What is told of each epoch: its batches, with all of its losses before its validation.
#[test]
fn the_same_run_is_told() {
    let wanted = whole();
    assert_eq!(numbers(&wanted.1), (0..ALL).collect::<Vec<_>>());
    for (read_every, groups) in [(3, 1), (1, 2), (2, 2), (4, 2)] {
        let mut desk = begun(read_every, groups);
        desk.settle(200);
        assert!(is_done(&desk));
        assert_eq!((rows(&desk), losses(&desk)), wanted, "{read_every} × {groups}");
        let (mut told, mut batches) = (0, 0);
        for event in desk.events() {
            match event {
                Event::Steps(report) => {
                    assert_eq!(report.epoch * BATCHES + report.batch, batches);
                    batches += 1;
                    told += report.steps.len() as u32;
                }
                Event::Validating { epoch, .. } => assert_eq!(told, (epoch + 1) * BATCHES),
                _ => {}
            }
        }
        assert_eq!(batches, ALL, "a report a batch");
    }
}

/// Wherever the run is paused, all of it has been told when the pause has begun, and it goes on.
#[test]
fn a_pause_tells_what_is_on_its_way() {
    let wanted = whole();
    for turns in 0..12 {
        let mut desk = begun(2, 2);
        desk.settle(turns);
        answered(&mut desk, Command::Pause);
        assert_eq!(numbers(&losses(&desk)), (0..steps(&desk)).collect::<Vec<_>>(), "{turns}");
        let events = desk.events();
        let saved = events.iter().rposition(|event| matches!(event, Event::Autosaved(_)));
        let steps = events.iter().rposition(|event| matches!(event, Event::Steps(_)));
        assert!(saved > steps, "what is told is saved");
        assert!(place(&events, &Event::Paused) < saved.unwrap() && !desk.session.is_working());
        answered(&mut desk, Command::Resume);
        desk.settle(200);
        assert!(is_done(&desk));
        assert_eq!((rows(&desk), losses(&desk)), wanted, "paused after {turns} turns");
    }
}

/// No batch is trained after Stop, and those before it are told.
#[test]
fn stop_takes_effect_within_a_step_and_tells_what_is_on_its_way() {
    let wanted = whole().1;
    for batches in 1..=BATCHES {
        let mut desk = trained(batches, 2, 2);
        answered(&mut desk, Command::Stop);
        desk.settle(10);
        assert_eq!(steps(&desk), batches);
        assert_eq!(losses(&desk), wanted[..batches as usize]);
        assert_eq!(desk.events().iter().filter(|event| **event == Event::Stopped).count(), 1);
        let events = desk.events();
        let after = &events[place(&events, &Event::Stopped)..];
        assert!(losses_of(after).is_empty() && !desk.session.is_working());
    }
}

/// A file of the run under way has the curve that the page was told.
#[test]
fn a_file_of_the_run_tells_what_is_on_its_way() {
    let mut desk = trained(7, 2, 2);
    let told = losses(&desk).len();
    assert_eq!(told, 5);
    answered(&mut desk, Command::SaveRun);
    let events = desk.events();
    let file = events.iter().position(|event| matches!(event, Event::Model { .. })).unwrap();
    assert_eq!(losses_of(&events[..file]).len(), 7);
    desk.settle(200);
    assert_eq!((rows(&desk), losses(&desk)), whole());
}

fn failures(desk: &Desk) -> Vec<Failure> {
    let failures = desk.events().into_iter().filter_map(|event| match event {
        Event::Failed(failure) => Some(failure),
        _ => None,
    });
    failures.collect()
}

/// The loss of the sixth step is not a number, and is on its way when somebody asks for something.
/// The run has broken then, and says so as it does by itself.
#[test]
fn a_loss_that_is_not_a_number_is_told_whatever_is_asked_for() {
    // `None`: nothing is asked for.
    let asked =
        [None, Some(Command::Pause), Some(Command::Stop), Some(Command::SaveRun), Some(CUT)];
    let found = asked.map(|command| {
        let mut desk = trained(4, 2, 2);
        let rate = desk.ask(Command::ScaleRate(1e300));
        while steps(&desk) < 7 {
            desk.turn();
        }
        assert_eq!(desk.end_of(rate), Some(Outcome::Answered));
        assert!(failures(&desk).is_empty() && losses(&desk).len() == 5);
        let name = format!("{command:?}");
        match command {
            None => desk.settle(10),
            Some(command) => {
                let refused = matches!(command, Command::SaveRun | Command::CutSkip(_));
                let request = desk.ask(command);
                let outcome = desk.until_ended(request);
                assert_eq!(matches!(outcome, Outcome::Refused(_)), refused, "{outcome:?}");
            }
        }
        assert!(!desk.session.is_working(), "{name}");
        // Nothing revives it.
        answered(&mut desk, Command::Resume);
        desk.settle(10);
        let kept = desk.events().into_iter().filter(|event| {
            let saved = matches!(event, Event::Autosaved(AutosaveOutcome::Saved { .. }));
            saved || matches!(event, Event::Model { .. } | Event::Resumed | Event::Stopped)
        });
        assert_eq!(kept.collect::<Vec<_>>(), [], "{name}");
        assert!(!is_done(&desk), "{name}: it has not ended as planned");
        assert_eq!(numbers(&losses(&desk)), [0, 1, 2, 3, 4], "{name}");
        let failures = failures(&desk);
        assert_eq!(failures.len(), 1, "{name}: {failures:?}");
        failures[0].clone()
    });
    assert_eq!(found[0].during, Subsystem::Training);
    assert!(found[0].message.contains("at step 5: the learning rate is too high"), "{found:?}");
    assert!(found.iter().all(|failure| *failure == found[0]), "{found:?}");
}

/// Both networks of a race train as they do when their losses are read at once.
#[test]
fn a_race_is_the_same_race() {
    let raced = |read_every: usize, groups: usize| {
        let mut desk = trained(5, read_every, groups);
        answered(&mut desk, CUT);
        desk.settle(300);
        assert!(is_done(&desk));
        (rows(&desk), losses(&desk), without(&desk))
    };
    let (rows, losses, without) = raced(1, 1);
    assert_eq!((rows.clone(), losses.clone()), whole());
    let first = ALL - without.0.len() as u32;
    assert!((5..=6).contains(&first), "{first}");
    assert_eq!(numbers(&without.0), (first..ALL).collect::<Vec<_>>());
    assert_eq!(raced(2, 2), (rows, losses, without));
}

/// The network that is kept brings its curve to the last step, and no loss is told twice.
#[test]
fn the_one_that_is_kept_has_all_of_its_losses() {
    for turns in 0..9 {
        let mut desk = trained(5, 2, 2);
        answered(&mut desk, CUT);
        desk.settle(turns);
        answered(&mut desk, Command::KeepRunner(Runner::WithoutSkip));
        desk.settle(300);
        assert!(is_done(&desk));
        let events = desk.events();
        let end = events.iter().position(|event| matches!(event, Event::Race(Race::Ended { .. })));
        let (before, after) = events.split_at(end.unwrap());
        let Event::Race(Race::Ended { kept: Some(kept), .. }) = &after[0] else { panic!("none") };
        let (epoch, batch) = kept.at.unwrap();
        let trained = epoch * BATCHES + batch + 1;
        assert_eq!(numbers(&kept.curve.points), (0..trained).collect::<Vec<_>>(), "{turns}");
        assert_eq!(numbers(&losses_of(after)), (trained..ALL).collect::<Vec<_>>(), "{turns}");
        let told = before.iter().filter_map(|event| match event {
            Event::Race(Race::Steps(steps)) => Some(steps.len() as u32),
            Event::Race(Race::Begun { steps, .. }) => Some(*steps),
            _ => None,
        });
        assert_eq!(told.sum::<u32>(), trained, "{turns}");
    }
}

/// In single steps the losses of both are told at once.
#[test]
fn single_steps_of_a_race_tell_both_losses() {
    let mut desk = trained(6, 2, 2);
    answered(&mut desk, Command::Pause);
    answered(&mut desk, CUT);
    while !is_done(&desk) {
        let before = (losses(&desk).len(), without(&desk).0.len(), steps(&desk) as usize);
        answered(&mut desk, Command::Step);
        let own = losses(&desk).len() - before.0;
        assert_eq!(own, steps(&desk) as usize - before.2);
        assert_eq!(without(&desk).0.len() - before.1, own);
        assert!(!desk.session.is_working());
    }
    assert_eq!((rows(&desk), losses(&desk)), whole());
}
