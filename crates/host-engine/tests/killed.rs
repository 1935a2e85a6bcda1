//! A host that is killed goes on with the runs of its seats when it is started again.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use futures::FutureExt;
use resnette_class::{EngineJoin, Token};
use resnette_class_host::engine_line::{PageEnd, SeatEngine};
use resnette_host_engine::HostEngine;
use resnette_protocol::persistence::{ContinueRun, SavedRunSource};
use resnette_protocol::{Command, Event, Request, decode, encode};
use resnette_spec::Source;
use resnette_spec::epoch::EpochRow;

use crate::support::{alone, engine, join, tiny};

/// Longer than all runs take.
const PATIENCE: Duration = Duration::from_secs(120);

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("resnette-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// What a host leaves that is killed at this moment: its folder, of which it has no time to write
/// anything more. Killing this process would end the test too.
fn killed(runs: &Path, name: &str) -> PathBuf {
    let left = folder(name);
    fs::create_dir_all(&left).unwrap();
    for entry in fs::read_dir(runs).unwrap() {
        let entry = entry.unwrap();
        // A file may be renamed while it is looked at, as its newer self.
        let _ = fs::copy(entry.path(), left.join(entry.file_name()));
    }
    left
}

fn host(runs: &Path) -> HostEngine {
    let host = HostEngine::start(None, Some(runs)).unwrap();
    assert!(host.problems().is_empty(), "{:?}", host.problems());
    host
}

fn seat(host: &HostEngine, had: Option<Token>, new: u8) -> (Token, PageEnd) {
    let wanted: EngineJoin = join(Token([0; 16]), had);
    host.take_seat(&wanted, Token([new; 16])).unwrap()
}

fn ask(page: &mut PageEnd, command: Command) {
    let request = Request { id: 1, command, corrections: Default::default() };
    assert!(futures::executor::block_on(page.ask(encode(&request).unwrap())));
}

/// All that a page is told within the time that a run may take, up to an event.
fn until(page: &mut PageEnd, is_last: impl Fn(&Event) -> bool) -> Vec<Event> {
    let (mut events, start) = (Vec::new(), Instant::now());
    while start.elapsed() < PATIENCE {
        match page.event().now_or_never() {
            Some(Some(bytes)) => {
                let event: Event = decode(&bytes).unwrap();
                let ends = is_last(&event);
                events.push(event);
                if ends {
                    return events;
                }
            }
            Some(None) => panic!("ended after {events:?}"),
            None => sleep(Duration::from_millis(1)),
        }
    }
    panic!("nothing more after {events:?}")
}

/// The table that a page shows after these events, without times.
fn table(events: &[Event]) -> Vec<EpochRow> {
    let mut rows = Vec::new();
    for event in events {
        match event {
            Event::Restored(restored) => rows.clone_from(&restored.rows),
            Event::Epoch(row) => rows.push(*row),
            _ => {}
        }
    }
    rows.into_iter().map(|row| EpochRow { seconds: 0.0, ..row }).collect()
}

/// Ten runs, of which some have hardly begun when the host is killed for the first time, and not
/// all have ended at the second: all end, without their pages, with the tables of runs that nobody
/// killed.
#[test]
fn ten_runs_survive_two_kills() {
    let runs = folder("runs-first");
    let settings = |number: u8| tiny(&format!("epochs=100&seed={number}"));
    let first = host(&runs);
    let mut pages: Vec<_> = (1..=10).map(|number| seat(&first, None, number)).collect();
    for ((_, page), number) in pages.iter_mut().zip(1..) {
        ask(page, Command::Train(settings(number)));
    }
    // A run that has begun is kept, also before its first epoch.
    for (_, page) in &mut pages {
        until(page, |event| matches!(event, Event::Ended { request: 1, .. }));
    }
    let again = killed(&runs, "runs-second");
    drop((pages, first));

    let second = host(&again);
    // Until each has kept an epoch or two.
    let start = Instant::now();
    let saved = || {
        let names = fs::read_dir(&again).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".run")).count()
    };
    while saved() < 10 {
        assert!(start.elapsed() < PATIENCE, "{} runs were saved", saved());
        sleep(Duration::from_millis(2));
    }
    let last = killed(&again, "runs-third");
    drop(second);

    let third = host(&last);
    let mut unended = 0;
    for number in 1..=10 {
        let key = Token([number; 16]);
        let (had, mut page) = seat(&third, Some(key), 200);
        assert_eq!(had, key, "the page's key opens its seat");
        let is_done = |event: &Event| match event {
            Event::Restored(restored) => restored.done,
            event => *event == Event::Done,
        };
        let events = until(&mut page, is_done);
        assert_eq!(table(&events), alone(settings(number)), "run {number}");
        unended += u32::from(events.last() == Some(&Event::Done));
    }
    assert!(unended > 0, "all had ended before the second kill");
    drop(third);
    for folder in [runs, again, last] {
        fs::remove_dir_all(folder).unwrap();
    }
}

/// What was paused stays paused, what was stopped does not begin again, and a seat that has ended
/// leaves nothing.
#[test]
fn what_does_not_run_does_not_go_on() {
    let runs = folder("runs-held");
    let first = host(&runs);
    let mut pages: Vec<_> = (1..=2).map(|number| seat(&first, None, number)).collect();
    for ((_, page), command) in pages.iter_mut().zip([Command::Pause, Command::Stop]) {
        ask(page, Command::Train(tiny("epochs=1000")));
        until(page, |event| matches!(event, Event::Epoch(_)));
        ask(page, command);
        until(page, |event| matches!(event, Event::Paused | Event::Stopped));
        until(page, |event| matches!(event, Event::Ended { .. }));
    }
    drop((pages, first));

    let second = host(&runs);
    for number in 1..=2 {
        let (_, mut page) = seat(&second, Some(Token([number; 16])), 200);
        let events = until(&mut page, |event| matches!(event, Event::Restored(_)));
        let Some(Event::Restored(restored)) = events.last() else { unreachable!() };
        assert!(!restored.rows.is_empty() && !restored.done);
        ask(&mut page, Command::SelfTest);
        let later = until(&mut page, |event| matches!(event, Event::Ended { .. }));
        let runs = |event: &Event| matches!(event, Event::Started(_) | Event::Steps(_));
        assert!(!later.iter().any(runs), "{later:?}");
        // By hand it does.
        let origin = SavedRunSource::Opened;
        ask(&mut page, Command::Continue(ContinueRun { origin, source: Source::Drawn }));
        until(&mut page, |event| matches!(event, Event::Epoch(row) if row.epoch > 0));
    }
    drop(second);
    fs::remove_dir_all(runs).unwrap();
}

/// Without a folder nothing is written.
#[test]
fn nothing_is_kept_unless_it_is_asked_for() {
    let engine = Arc::new(engine());
    let (_, mut page) = seat(&engine, None, 1);
    ask(&mut page, Command::Train(tiny("")));
    let events = until(&mut page, |event| *event == Event::Done);
    assert!(events.iter().any(|event| matches!(event, Event::Autosaved(outcome)
        if format!("{outcome:?}").contains("for ten minutes after that. Save run"))));
}
