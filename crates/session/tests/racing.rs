//! A run that is split in two: with a skip connection it is the run that it would be, and whichever
//! network is kept is the run from then on.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code, reason = "shared with the other tests, which need more of it")]
mod support;

use resnette_protocol::persistence::Restored;
use resnette_protocol::race::{Race, Runner};
use resnette_protocol::{Command, Event, Outcome};
use resnette_spec::epoch::{EpochRow, Step};
use resnette_spec::{BlockPlace, read_run};
use support::{Desk, tiny};

/// The first block of the second stage, whose skip has a pool and a 1×1 convolution.
const CUT: Command = Command::CutSkip(BlockPlace { stage: 2, block: 1 });

fn settings() -> resnette_spec::RunConfig {
    tiny("layers=1,2&epochs=3")
}

/// The same run after its first two steps, under way.
fn begun() -> Desk {
    let mut desk = Desk::default();
    let train = desk.ask(Command::Train(settings()));
    assert_eq!(desk.until_ended(train), Outcome::Answered);
    while losses(&desk).len() < 2 {
        desk.turn();
    }
    desk
}

fn answered(desk: &mut Desk, command: Command) {
    let request = desk.ask(command);
    assert_eq!(desk.until_ended(request), Outcome::Answered);
}

fn refusal(desk: &mut Desk, command: Command) -> String {
    let request = desk.ask(command);
    match desk.until_ended(request) {
        Outcome::Refused(failure) => failure.message,
        other => panic!("{other:?}"),
    }
}

fn losses(desk: &Desk) -> Vec<Step> {
    let reports = desk.events().into_iter().filter_map(|event| match event {
        Event::Steps(report) => Some(report.steps),
        _ => None,
    });
    reports.flatten().collect()
}

fn rows(desk: &Desk) -> Vec<EpochRow> {
    let rows = desk.events().into_iter().filter_map(|event| match event {
        Event::Epoch(row) => Some(EpochRow { seconds: 0.0, ..row }),
        _ => None,
    });
    rows.collect()
}

fn told(desk: &Desk) -> Vec<Race> {
    let told = desk.events().into_iter().filter_map(|event| match event {
        Event::Race(race) => Some(race),
        _ => None,
    });
    told.collect()
}

/// The losses and the rows of the network without the skip.
fn without(desk: &Desk) -> (Vec<Step>, Vec<EpochRow>) {
    let (mut steps, mut rows) = (Vec::new(), Vec::new());
    for race in told(desk) {
        match race {
            Race::Steps(more) => steps.extend(more),
            Race::Epoch(row) => rows.push(row),
            Race::Begun { .. } | Race::Ended { .. } => {}
        }
    }
    (steps, rows)
}

/// How the race ended; `None` if it has not, or there was none.
fn end(desk: &Desk) -> Option<(Option<Restored>, String)> {
    told(desk).into_iter().rev().find_map(|race| match race {
        Race::Ended { kept, note } => Some((kept.map(|kept| *kept), note)),
        _ => None,
    })
}

fn is_done(desk: &Desk) -> bool {
    desk.events().contains(&Event::Done)
}

/// The run that nobody splits.
fn whole() -> (Vec<EpochRow>, Vec<Step>) {
    let mut desk = begun();
    desk.settle(200);
    assert!(is_done(&desk) && told(&desk).is_empty());
    (rows(&desk), losses(&desk))
}

#[test]
fn both_train_on_the_same_steps_and_the_run_is_the_run() {
    let mut desk = begun();
    answered(&mut desk, CUT);
    assert!(matches!(told(&desk)[0], Race::Begun { steps, .. } if steps >= 2));
    assert!(refusal(&mut desk, CUT).contains("are already racing"));
    desk.settle(200);
    assert!(is_done(&desk));
    let (wanted_rows, wanted_losses) = whole();
    assert_eq!((rows(&desk), losses(&desk)), (wanted_rows.clone(), wanted_losses.clone()));
    let Race::Begun { steps: common, .. } = told(&desk)[0] else { panic!("no race") };
    let (steps, other_rows) = without(&desk);
    let numbers: Vec<u32> = steps.iter().map(|step| step.step).collect();
    assert_eq!(numbers, (common..wanted_losses.len() as u32).collect::<Vec<_>>());
    assert_eq!(other_rows.len(), wanted_rows.len());
    assert_ne!(steps.last().unwrap().loss, wanted_losses.last().unwrap().loss);
    // The batches are the same, and so are the rate and the momentum.
    for (ours, theirs) in steps.iter().zip(&wanted_losses[common as usize..]) {
        assert_eq!((ours.lr, ours.mom), (theirs.lr, theirs.mom));
    }
    // What was saved meanwhile is the run with the skip, and neither has been chosen.
    assert_eq!(desk.saved_cuts(), [""]);
    assert_eq!(end(&desk), None);
    // Even now either can be kept.
    answered(&mut desk, Command::KeepRunner(Runner::WithoutSkip));
    let (kept, note) = end(&desk).unwrap();
    let kept = kept.unwrap();
    assert!(kept.done && note.contains("without the skip of stage 2, block 1"), "{note}");
    assert_eq!(kept.rows, other_rows);
    assert_eq!(desk.saved_cuts(), ["2.1"]);
}

#[test]
fn the_one_with_the_skip_is_kept_as_if_nothing_had_been_cut() {
    let mut desk = begun();
    answered(&mut desk, CUT);
    desk.settle(6);
    answered(&mut desk, Command::KeepRunner(Runner::WithSkip));
    assert!(end(&desk).is_some_and(|(kept, _)| kept.is_none()));
    let before = without(&desk);
    desk.settle(200);
    assert_eq!(without(&desk), before, "nothing races any more");
    assert_eq!((rows(&desk), losses(&desk)), whole());
    assert!(refusal(&mut desk, Command::KeepRunner(Runner::WithSkip)).contains("no two networks"));
}

/// The kept network goes on, is saved, and is opened again with its cut.
#[test]
fn the_one_without_the_skip_goes_on() {
    let mut desk = begun();
    answered(&mut desk, CUT);
    while without(&desk).1.is_empty() {
        desk.turn();
    }
    answered(&mut desk, Command::Pause);
    assert!(desk.events().contains(&Event::Paused));
    answered(&mut desk, Command::KeepRunner(Runner::WithoutSkip));
    let kept = end(&desk).unwrap().0.unwrap();
    assert!(!kept.done && read_run(&kept.link).0.net.cut == [BlockPlace { stage: 2, block: 1 }]);
    assert_eq!(kept.rows, without(&desk).1);
    assert_eq!(desk.saved_cuts(), ["2.1"]);
    answered(&mut desk, Command::SaveRun);
    answered(&mut desk, Command::Resume);
    desk.settle(200);
    assert!(is_done(&desk));
    assert!(refusal(&mut desk, CUT).contains("no run is under way"));
    let file = desk.events().into_iter().find_map(|event| match event {
        Event::Model { bytes, .. } => Some(bytes),
        _ => None,
    });
    let mut again = Desk::default();
    answered(&mut again, Command::OpenRun { name: "run".into(), bytes: file.unwrap() });
    let opened = again.events().into_iter().find_map(|event| match event {
        Event::Restored(restored) => Some(restored.link),
        _ => None,
    });
    assert_eq!(opened.as_deref(), Some(kept.link.as_str()));
}

/// A race can begin in a pause; with each single step both do as much.
#[test]
fn single_steps_are_taken_by_both() {
    let mut desk = begun();
    answered(&mut desk, Command::Pause);
    answered(&mut desk, CUT);
    assert!(!desk.session.is_working());
    while !is_done(&desk) {
        let before = without(&desk).0.len();
        let own = losses(&desk).len();
        answered(&mut desk, Command::Step);
        assert_eq!(without(&desk).0.len() - before, losses(&desk).len() - own);
        assert!(!desk.session.is_working());
    }
    assert_eq!((rows(&desk), losses(&desk)), whole());
    assert_eq!(without(&desk).1.len(), 3);
}

/// Wherever between two units of work the rate is changed, both train every step with the same one.
#[test]
fn a_changed_rate_begins_with_the_same_step_for_both() {
    for turns in 0..4 {
        let mut desk = begun();
        answered(&mut desk, CUT);
        desk.settle(turns);
        answered(&mut desk, Command::ScaleRate(0.5));
        desk.settle(200);
        assert!(is_done(&desk));
        let Race::Begun { steps: common, .. } = told(&desk)[0] else { panic!("no race") };
        let rates = |steps: &[Step]| steps.iter().map(|step| step.lr).collect::<Vec<_>>();
        let (ours, theirs) = (without(&desk).0, losses(&desk));
        assert_eq!(rates(&ours), rates(&theirs[common as usize..]), "after {turns} turns");
        assert_ne!(rates(&theirs), rates(&whole().1), "the rate was changed");
    }
}

/// The run has ended and the other network has a batch of its validation left: the race goes on.
#[test]
fn a_pause_behind_the_last_epoch_of_the_run_leaves_the_other_its_turn() {
    let mut desk = Desk::default();
    // No epoch is better than the first by so much: both end after the second.
    let config = tiny("layers=1,2&epochs=6&stop=valid_loss&patience=1&min_delta=10");
    answered(&mut desk, Command::Train(config));
    while losses(&desk).is_empty() {
        desk.turn();
    }
    answered(&mut desk, CUT);
    while rows(&desk).len() < 2 {
        desk.turn();
    }
    assert_eq!(without(&desk).1.len(), 1);
    answered(&mut desk, Command::Pause);
    answered(&mut desk, Command::Resume);
    desk.settle(200);
    assert!(desk.events().contains(&Event::Resumed) && is_done(&desk));
    assert_eq!((rows(&desk).len(), without(&desk).1.len()), (2, 2));
}

/// A run that ends early by single steps leaves the other network unended. If that one is kept, it
/// is paused, and goes on.
#[test]
fn the_one_without_the_skip_goes_on_where_the_run_has_ended_early() {
    let unended = (1..=20).find_map(|seed| {
        let more = "layers=1,2&epochs=8&lr=0.02&stop=valid_loss&patience=1";
        let mut desk = Desk::default();
        answered(&mut desk, Command::Train(tiny(&format!("{more}&seed={seed}"))));
        while losses(&desk).is_empty() {
            desk.turn();
        }
        answered(&mut desk, CUT);
        answered(&mut desk, Command::Pause);
        while !is_done(&desk) {
            answered(&mut desk, Command::Step);
        }
        answered(&mut desk, Command::KeepRunner(Runner::WithoutSkip));
        let kept = end(&desk).unwrap().0.unwrap();
        (!kept.done).then_some((desk, kept))
    });
    let (mut desk, kept) = unended.expect("a seed with which the run ends first");
    let place = |wanted: Event| desk.events().iter().rposition(|event| *event == wanted).unwrap();
    assert!(place(Event::Paused) > place(Event::Done));
    assert!(!desk.session.is_working());
    answered(&mut desk, Command::Resume);
    desk.settle(400);
    assert!(rows(&desk).len() > kept.rows.len());
    let done = desk.events().into_iter().filter(|event| *event == Event::Done).count();
    assert_eq!(done, 2);
}

/// Whatever ends the race keeps the run with the skip and says so.
#[test]
fn what_ends_the_run_ends_the_race() {
    for ends in [Command::Stop, Command::Train(settings())] {
        let mut desk = begun();
        answered(&mut desk, CUT);
        desk.settle(3);
        answered(&mut desk, ends.clone());
        let (kept, note) = end(&desk).unwrap_or_else(|| panic!("{ends:?} leaves the race"));
        assert!(kept.is_none() && note.contains("with the skip of stage 2, block 1 is kept"));
        assert!(refusal(&mut desk, Command::KeepRunner(Runner::WithoutSkip)).contains("no two"));
    }
}

#[test]
fn what_cannot_be_cut_is_refused() {
    let mut desk = Desk::default();
    assert!(refusal(&mut desk, CUT).contains("no run is under way"));
    let mut desk = begun();
    let nowhere = Command::CutSkip(BlockPlace { stage: 3, block: 1 });
    assert!(refusal(&mut desk, nowhere).contains("stage 3, block 1 has no skip connection"));
    answered(&mut desk, Command::Stop);
    assert!(refusal(&mut desk, CUT).contains("no run is under way"));
    desk.settle(10);
    assert!(told(&desk).is_empty() && !desk.session.is_working());
}
