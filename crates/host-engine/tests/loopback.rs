//! Pages at the engine of a class's host, over real sockets.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use resnette_class::{EngineAnswer, EngineRefusal, Token};
use resnette_host_engine::HostEngine;
use resnette_protocol::persistence::AutosaveOutcome;
use resnette_protocol::{Command, Event, Outcome, Subsystem};
use resnette_spec::epoch::EpochRow;

use crate::support::{Hosted, Page, alone, hosted, join, tiny};

/// The table without times.
fn rows(events: &[Event]) -> Vec<EpochRow> {
    let rows = events.iter().filter_map(|event| match event {
        Event::Epoch(row) => Some(EpochRow { seconds: 0.0, ..*row }),
        _ => None,
    });
    rows.collect()
}

/// Two pages train in turns, and each has the table that the same run has alone, bit for bit.
#[test]
fn two_pages_have_the_tables_of_runs_that_are_alone() {
    let class = hosted();
    let settings = ["seed=7", "seed=8&lr=0.01&width=8"];
    let mut pages = settings.map(|_| class.page(None));
    for (page, settings) in pages.iter_mut().zip(settings) {
        page.ask(Command::Train(tiny(settings)));
    }
    for (page, settings) in pages.iter_mut().zip(settings) {
        let events = page.until(|event| *event == Event::Done);
        let expected = alone(tiny(settings));
        assert_eq!(expected.len(), 3);
        assert_eq!(rows(&events), expected);
    }
    // Three training batches, validation and the row of each epoch, and nothing twice.
    assert!((24..100).contains(&class.engine.turns()), "{}", class.engine.turns());
}

/// Pictures that the teacher gave to the host are those of `source=files`, for everybody.
#[test]
fn pages_train_on_the_pictures_of_the_host() {
    let name = format!("resnette-host-pictures-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    for (class, red) in [("day", 200), ("night", 20)] {
        fs::create_dir_all(folder.join(class)).unwrap();
        for number in 0..8_u8 {
            let colour = |x: u32, y: u32| image::Rgb([red, (x * 9) as u8, number * 20 + y as u8]);
            let picture = image::RgbImage::from_fn(24, 24, colour);
            picture.save(folder.join(class).join(format!("{number}.png"))).unwrap();
        }
    }
    let class = support::hosted_on(HostEngine::start(Some(folder.clone()), None).unwrap());
    let run = tiny("source=files&bs=2");
    let mut tables = Vec::new();
    for _ in 0..2 {
        let mut page = class.page(None);
        page.ask(Command::Train(run.clone()));
        let events = page.until(|event| *event == Event::Done);
        let report = events.iter().find_map(|event| match event {
            Event::Loaded(report) => Some(report),
            _ => None,
        });
        let classes: Vec<&str> =
            report.unwrap().classes.iter().map(|class| class.name.as_str()).collect();
        assert_eq!(classes, ["day", "night"]);
        tables.push(rows(&events));
    }
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(tables[0].len(), 3);
    assert_eq!(tables[0], tables[1]);
}

/// What a page asks for of a run under way is done, and the run is as if nobody had asked.
#[test]
fn a_run_is_paused_stepped_and_resumed_and_saved() {
    let class = hosted();
    let mut page = class.page(None);
    let asked = page.ask(Command::Train(tiny("epochs=150")));
    page.until_ended(asked);
    let asked = page.ask(Command::Pause);
    let mut events = page.until_ended(asked);
    assert!(events.contains(&Event::Paused), "{events:?}");
    let unsaved = events.iter().find_map(|event| match event {
        Event::Autosaved(AutosaveOutcome::Failed(why)) => Some(why.reason.clone()),
        _ => None,
    });
    assert!(unsaved.unwrap().contains("Save run keeps it as a file"));
    for command in [Command::Step, Command::SaveRun, Command::Resume] {
        let asked = page.ask(command);
        events.extend(page.until_ended(asked));
    }
    let saved = events.iter().find_map(|event| match event {
        Event::Model { name, bytes } => Some((name.clone(), bytes.len())),
        _ => None,
    });
    let (name, length) = saved.unwrap();
    assert!(name.ends_with(".resnette") && length > 1_000, "{name} {length}");
    events.extend(page.until(|event| *event == Event::Done));
    assert_eq!(page.table(), alone(tiny("epochs=150")));
}

/// Nothing is said to whoever has not the class's token, and no session is made for them.
#[test]
fn nothing_is_answered_before_the_token() {
    let class = hosted();
    let right = class.token();
    let mut nearly = right;
    nearly.0[15] ^= 1;
    for first in [
        resnette_class::write(&join(nearly, None)).unwrap(),
        resnette_class::write(&join(Token([0; 16]), None)).unwrap(),
        Vec::new(),
        vec![0xff; 300],
        vec![0; 300_000],
    ] {
        let mut socket = class.socket();
        // The host may have ended the connection before it has taken everything.
        let _ = socket.send(tungstenite::Message::Binary(first.into()));
        assert_eq!(support::frame(&mut socket), None);
    }
    assert_eq!(class.engine.turns(), 0);
    class.page(None);
}

/// Pages of other sites, and names that are not the host's, are refused before a socket is open.
#[test]
fn foreign_pages_are_refused() {
    let class = hosted();
    let name = class.name();
    for (host, origin) in [
        (name.as_str(), Some("http://evil.example")),
        (name.as_str(), Some("null")),
        (name.as_str(), None),
        ("evil.example", Some("http://evil.example")),
    ] {
        assert!(class.open(host, origin).is_none(), "{host} {origin:?}");
    }
    assert_eq!(class.engine.turns(), 0);
}

/// A page of another build is told so.
#[test]
fn another_version_is_refused() {
    let class = hosted();
    let mut other = join(class.token(), None);
    other.protocol = "0123456789abcdef".into();
    let mut socket = class.socket();
    let first = resnette_class::write(&other).unwrap();
    socket.send(tungstenite::Message::Binary(first.into())).unwrap();
    let answer: EngineAnswer = resnette_class::read(&support::frame(&mut socket).unwrap()).unwrap();
    assert_eq!(answer, EngineAnswer::Refused(EngineRefusal::OtherVersion));
    assert_eq!(support::frame(&mut socket), None);
}

/// The run goes on while its page is closed, and the page that comes back with its key sees it to
/// its end.
#[test]
fn a_page_that_comes_back_sees_its_run() {
    let class = hosted();
    let mut page = class.page(None);
    let key = page.key;
    page.ask(Command::Train(tiny("epochs=40")));
    page.until(|event| matches!(event, Event::Epoch(_)));
    drop(page);
    let mut back = class.page(Some(key));
    assert_eq!(back.key, key);
    let events = back.until(|event| matches!(event, Event::Started(_)));
    let restored = events.iter().find_map(|event| match event {
        Event::Restored(restored) => Some(restored.clone()),
        _ => None,
    });
    let restored = restored.unwrap();
    assert!(!restored.rows.is_empty() && restored.link.contains("epochs=40"));
    let later = match restored.done {
        true => Vec::new(),
        false => rows(&back.until(|event| *event == Event::Done)),
    };
    let before = restored.rows.iter().map(|row| EpochRow { seconds: 0.0, ..*row });
    let all: Vec<EpochRow> = before.chain(later).collect();
    assert_eq!(all, alone(tiny("epochs=40")));
    // Nobody else's key opens it.
    let mut stranger = class.page(Some(Token([3; 16])));
    assert_ne!(stranger.key, key);
    let asked = stranger.ask(Command::SaveRun);
    let told = stranger.until_ended(asked);
    let refused = told.iter().any(|event| {
        matches!(event, Event::Ended { outcome: Outcome::Refused(failure), .. }
            if failure.during == Subsystem::Model)
    });
    assert!(refused, "{told:?}");
}

/// Thirty pages that do nothing cost nothing, and a run beside them goes on as if they were not
/// there.
#[test]
fn thirty_idle_pages_cost_nothing() {
    let class = hosted();
    let idle: Vec<Page> = (0..30).map(|_| class.page(None)).collect();
    let settled = settled(&class);
    sleep(Duration::from_millis(400));
    assert_eq!(class.engine.turns(), settled);
    let mut page = class.page(None);
    page.ask(Command::Train(tiny("")));
    page.until(|event| *event == Event::Done);
    let mut last = class.page(None);
    let asked = last.ask(Command::Stop);
    last.until_ended(asked);
    // All seats are taken, and nobody who is there makes room.
    let first = resnette_class::write(&join(class.token(), None)).unwrap();
    let mut socket = class.socket();
    socket.send(tungstenite::Message::Binary(first.into())).unwrap();
    let answer: EngineAnswer = resnette_class::read(&support::frame(&mut socket).unwrap()).unwrap();
    assert_eq!(answer, EngineAnswer::Refused(EngineRefusal::Full));
    drop(idle);
}

/// The number of turns once no more are taken.
fn settled(class: &Hosted) -> u64 {
    let mut before = class.engine.turns();
    loop {
        sleep(Duration::from_millis(100));
        let now = class.engine.turns();
        if now == before {
            return now;
        }
        before = now;
    }
}

/// Without an engine there is no socket to one.
#[test]
fn a_host_without_an_engine_has_no_such_socket() {
    let class = support::hosted_with(None, Arc::new(support::engine()));
    let name = class.name();
    assert!(class.open(&name, Some(&format!("http://{name}"))).is_none());
}
