//! A run that is watched tells what its network makes of the validation pictures after every epoch,
//! and is the run that it would be if nobody watched.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "shared with the other tests, which need more of it")]
mod support;

use resnette_protocol::watch::{PinnedPicture, Snapshot, Watched, Watching};
use resnette_protocol::{Command, Event, Outcome};
use resnette_spec::epoch::{EpochRow, Step};
use support::{Desk, tiny};

fn watch(pinned: u32) -> Command {
    Command::Watch(Some(Watching { pinned, stage: None }))
}

fn snapshots(desk: &Desk) -> Vec<Snapshot> {
    let told = desk.events().into_iter().filter_map(|event| match event {
        Event::Watched(Watched::Network(found)) => Some(*found),
        _ => None,
    });
    told.collect()
}

fn pinned(desk: &Desk) -> Vec<PinnedPicture> {
    let told = desk.events().into_iter().filter_map(|event| match event {
        Event::Watched(Watched::Picture(found)) => Some(*found),
        _ => None,
    });
    told.collect()
}

/// The table without times, and the losses.
fn results(desk: &Desk) -> (Vec<EpochRow>, Vec<Step>) {
    let (mut rows, mut steps) = (Vec::new(), Vec::new());
    for event in desk.events() {
        match event {
            Event::Epoch(row) => rows.push(EpochRow { seconds: 0.0, ..row }),
            Event::Steps(report) => steps.extend(report.steps),
            _ => {}
        }
    }
    (rows, steps)
}

fn train(desk: &mut Desk, settings: &str) {
    let train = desk.ask(Command::Train(tiny(settings)));
    assert_eq!(desk.until_ended(train), Outcome::Answered);
}

#[test]
fn a_run_is_looked_at_before_it_and_after_every_epoch() {
    let mut desk = Desk::default();
    let asked = desk.ask(watch(0));
    assert_eq!(desk.until_ended(asked), Outcome::Answered);
    assert!(!desk.session.is_working(), "there is no network yet");
    train(&mut desk, "epochs=3");
    desk.settle(200);
    let found = snapshots(&desk);
    let epochs: Vec<_> = found.iter().map(|found| found.epoch).collect();
    assert_eq!(epochs, [None, Some(0), Some(1), Some(2)]);
    assert!(found.iter().all(|found| found.points.len() == 20 && found.is_between_epochs));
    let thumbnails: Vec<usize> = found.iter().map(|found| found.thumbnails.len()).collect();
    assert_eq!(thumbnails, [20, 0, 0, 0], "they are told once");
    assert_eq!(pinned(&desk).len(), 4);
    // What validation says of the same pictures.
    for (row, found) in results(&desk).0.iter().zip(&found[1..]) {
        let right = found.points.iter().filter(|point| point.is_right()).count();
        assert!((right as f32 / 20.0 - row.accuracy).abs() < 1e-6);
    }
    let events = desk.events();
    let last = events.iter().rposition(|event| matches!(event, Event::Watched(_))).unwrap();
    let done = events.iter().position(|event| *event == Event::Done).unwrap();
    assert!(last < done, "the end is told when everything has been");
}

#[test]
fn a_watched_run_is_the_same_run() {
    let run = |watched: bool| {
        let mut desk = Desk::default();
        if watched {
            desk.ask(watch(3));
        }
        train(&mut desk, "augment=full&mixup=0.2");
        if watched {
            // Also in the middle of an epoch.
            for pinned in 0..5 {
                desk.turn();
                desk.ask(watch(pinned));
            }
        }
        desk.settle(300);
        assert_eq!(snapshots(&desk).is_empty(), !watched);
        assert_eq!(desk.saved_epochs().into_values().collect::<Vec<_>>(), [2]);
        results(&desk)
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn another_picture_is_told_at_once_and_nothing_after_the_end() {
    let mut desk = Desk::default();
    train(&mut desk, "");
    desk.settle(100);
    assert!(snapshots(&desk).is_empty() && pinned(&desk).is_empty());
    desk.ask(watch(2));
    desk.settle(20);
    assert_eq!((snapshots(&desk).len(), pinned(&desk)[0].position), (1, 2));
    desk.ask(watch(19));
    desk.settle(20);
    let told = pinned(&desk);
    assert_eq!((snapshots(&desk).len(), told.len(), told[1].position), (1, 2, 19));
    assert!(!desk.session.is_working());
    desk.ask(Command::Watch(None));
    desk.ask(Command::OneMoreEpoch);
    desk.settle(100);
    assert_eq!((snapshots(&desk).len(), pinned(&desk).len()), (1, 2));
    assert_eq!(results(&desk).0.len(), 3, "the run went on");
    // Who comes back gets the pictures again.
    desk.ask(watch(0));
    desk.settle(20);
    assert_eq!(snapshots(&desk)[1].thumbnails.len(), 20);
}

#[test]
fn stop_and_another_run_end_a_look() {
    let mut desk = Desk::default();
    desk.ask(watch(0));
    train(&mut desk, "epochs=1000");
    desk.turn();
    let stop = desk.ask(Command::Stop);
    assert_eq!(desk.until_ended(stop), Outcome::Answered);
    desk.settle(20);
    assert!(!desk.session.is_working());
    let events = desk.events();
    let stopped = events.iter().position(|event| *event == Event::Stopped).unwrap();
    let is_told = |event: &Event| matches!(event, Event::Watched(_));
    assert!(events[..stopped].iter().any(is_told), "the look was under way");
    assert!(!events[stopped..].iter().any(is_told), "Stop ends it, and none follows");
    // Another picture is told all the same.
    desk.ask(watch(5));
    desk.settle(20);
    assert_eq!(pinned(&desk).last().map(|found| found.position), Some(5));
    train(&mut desk, "epochs=1&seed=8");
    desk.settle(200);
    assert!(desk.events().contains(&Event::Done));
    let last = snapshots(&desk).pop().unwrap();
    assert_eq!(last.epoch, Some(0));
}

/// A paused run is looked at after the single step that ends its epoch.
#[test]
fn single_steps_are_watched_too() {
    let mut desk = Desk::default();
    train(&mut desk, "epochs=1000");
    let pause = desk.ask(Command::Pause);
    assert_eq!(desk.until_ended(pause), Outcome::Answered);
    desk.ask(watch(0));
    desk.settle(20);
    let before = snapshots(&desk).len();
    assert_eq!(before, 1);
    let epochs = results(&desk).0.len();
    // A step in the middle of a look: the look starts over behind it.
    desk.ask(Command::Watch(None));
    desk.ask(watch(0));
    desk.turn();
    assert!(desk.session.is_working());
    let step = desk.ask(Command::Step);
    assert_eq!(desk.until_ended(step), Outcome::Answered);
    desk.settle(20);
    let before = snapshots(&desk).len();
    assert_eq!(before, 2);
    assert_eq!(snapshots(&desk)[1].points.len(), 20);
    while results(&desk).0.len() == epochs {
        let step = desk.ask(Command::Step);
        assert_eq!(desk.until_ended(step), Outcome::Answered);
    }
    desk.settle(20);
    assert_eq!(snapshots(&desk).len(), before + 1);
    assert!(!desk.session.is_working());
}
