//! Rounds by hand: no thread, no sockets.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::thread;

use burn::tensor::Device;
use futures::FutureExt;
use futures::executor::block_on;
use resnette_class::Token;
use resnette_class_host::engine_line::{MAX_REQUESTS, PageEnd, engine_line};
use resnette_protocol::engine::{EngineInfo, EngineKind};
use resnette_protocol::{Command, Event, Outcome, Request, RequestId, Subsystem, decode, encode};
use resnette_session::{Engine, SharedSets};
use resnette_spec::run_time::StepWork;
use resnette_spec::{RunConfig, read_run};

use super::*;
use crate::account::held_bytes;
use crate::limits::{MAX_NETWORKS_BYTES, MAX_SETS_BYTES};

fn seats() -> (Seats, SharedSets) {
    let sets = SharedSets::new(MAX_SETS_BYTES);
    let info = EngineInfo { kind: EngineKind::Host, device: "the class's host".into() };
    let shared = Shared {
        engine: Engine { device: Device::flex(), info, read_every: 1, groups_in_flight: 1 },
        sets: sets.clone(),
        files: Vec::new(),
        runs: None,
        thread: thread::current(),
    };
    (Seats::new(shared), sets)
}

/// A run of milliseconds.
fn tiny(more: &str) -> RunConfig {
    let (config, problems) = read_run(&format!(
        "source=drawn&train=3&valid=2&size=16&net=resnet&layers=1&block=basic&expansion=1&width=4\
         &stem=4&epochs=2&bs=10&seed=7&{more}"
    ));
    assert!(problems.is_empty(), "{problems:?}");
    config
}

/// A page at the end of a line.
struct Page {
    line: PageEnd,
    last: RequestId,
    told: Vec<Event>,
}

impl Page {
    /// A page that comes to this seat.
    fn at(seats: &mut Seats, id: u32) -> Self {
        let (line, engine) = engine_line(Arc::new(|| {}));
        seats.arrive(Arrival { id, key: Token([id as u8; 16]), line: engine });
        Self { line, last: 0, told: Vec::new() }
    }

    fn ask(&mut self, command: Command) -> RequestId {
        self.last += 1;
        let request = Request { id: self.last, command, corrections: Default::default() };
        assert!(block_on(self.line.ask(encode(&request).unwrap())));
        self.last
    }

    /// Asks if the line has room for it, and returns whether it had.
    fn try_ask(&mut self, command: Command) -> bool {
        let request = Request { id: self.last + 1, command, corrections: Default::default() };
        let asked = self.line.ask(encode(&request).unwrap()).now_or_never() == Some(true);
        self.last += u32::from(asked);
        asked
    }

    /// How a request has ended, if it has.
    fn end_of(&mut self, wanted: RequestId) -> Option<Outcome> {
        self.read();
        self.told.iter().find_map(|event| match event {
            Event::Ended { request, outcome } if *request == wanted => Some(outcome.clone()),
            _ => None,
        })
    }

    /// Everything that was told so far; whether the line has ended behind it.
    fn read(&mut self) -> bool {
        loop {
            match self.line.event().now_or_never() {
                Some(Some(bytes)) => self.told.push(decode(&bytes).unwrap()),
                Some(None) => return true,
                None => return false,
            }
        }
    }

    fn steps(&mut self) -> usize {
        self.read();
        self.told.iter().filter(|event| matches!(event, Event::Steps(_))).count()
    }

    fn has(&mut self, wanted: &Event) -> bool {
        self.read();
        self.told.contains(wanted)
    }
}

fn rounds(seats: &mut Seats, most: usize, mut until: impl FnMut() -> bool) {
    for _ in 0..most {
        if until() {
            return;
        }
        seats.round(Instant::now());
    }
    assert!(until(), "not in {most} rounds");
}

/// Each seat has one batch a round, whoever began first.
#[test]
fn seats_take_turns_of_one_batch_each() {
    let (mut seats, _) = seats();
    let mut pages = [1, 2, 3].map(|id| Page::at(&mut seats, id));
    for page in &mut pages {
        page.ask(Command::Train(tiny("epochs=20")));
    }
    rounds(&mut seats, 1_000, || pages.iter_mut().all(|page| page.steps() > 0));
    for _ in 0..12 {
        let before = pages.each_mut().map(Page::steps);
        assert!(seats.round(Instant::now()));
        let after = pages.each_mut().map(Page::steps);
        assert!(before.iter().zip(after).all(|(before, after)| after - before <= 1));
    }
    let steps = pages.each_mut().map(Page::steps);
    let (least, most) = (steps.iter().min().unwrap(), steps.iter().max().unwrap());
    assert!(*least >= 6 && most - least <= 3, "{steps:?}");
}

/// Stop takes effect in the round in which it is heard, and the other run goes on.
#[test]
fn a_run_stops_within_a_round() {
    let (mut seats, _) = seats();
    let (mut ada, mut bo) = (Page::at(&mut seats, 1), Page::at(&mut seats, 2));
    for page in [&mut ada, &mut bo] {
        page.ask(Command::Train(tiny("epochs=50")));
    }
    rounds(&mut seats, 1_000, || ada.steps() > 0 && bo.steps() > 0);
    ada.ask(Command::Stop);
    seats.round(Instant::now());
    // The turn that was under way when the request came ends first.
    seats.round(Instant::now());
    assert!(ada.has(&Event::Stopped));
    let (stopped, others) = (ada.steps(), bo.steps());
    for _ in 0..8 {
        seats.round(Instant::now());
    }
    assert_eq!(ada.steps(), stopped);
    // Of six units of work three are batches that train.
    assert!(bo.steps() >= others + 3);
}

/// A panic is told to its own page, whose seat is gone; others have lost nothing.
#[test]
fn a_seat_that_panics_ends_alone() {
    let (mut seats, _) = seats();
    let (mut ada, mut bo) = (Page::at(&mut seats, 1), Page::at(&mut seats, 2));
    bo.ask(Command::Train(tiny("")));
    rounds(&mut seats, 1_000, || bo.steps() > 0);
    seats.seats[0].replace_work(async { panic!("a bug in one seat") });
    seats.round(Instant::now());
    assert!(ada.read(), "the connection has ended");
    let Some(Event::Failed(failure)) = ada.told.last() else { panic!("{:?}", ada.told) };
    assert!(failure.during == Subsystem::Engine && failure.message.contains("no other run did"));
    assert_eq!(seats.standing().map(|(id, _)| id).collect::<Vec<_>>(), [2]);
    rounds(&mut seats, 1_000, || bo.has(&Event::Done));
}

/// Three seats that want the same pictures at the same time get one set, and another seat later
/// gets the same; once nobody uses it, it is gone.
#[test]
fn the_same_pictures_are_loaded_once() {
    let (mut seats, sets) = seats();
    let mut pages = [1, 2, 3].map(|id| Page::at(&mut seats, id));
    // Drawing them takes longer than a turn.
    let load = || Command::Load { data: tiny("train=60&size=64").pictures(), seed: 7 };
    for page in &mut pages {
        page.ask(load());
    }
    let is_loaded = |page: &mut Page| {
        page.has(&Event::Ended { request: 1, outcome: Outcome::Answered })
            && page.told.iter().any(|event| matches!(event, Event::Loaded(_)))
    };
    rounds(&mut seats, 1_000, || pages.iter_mut().all(is_loaded));
    assert_eq!(sets.loaded(), 1);
    let mut late = Page::at(&mut seats, 4);
    late.ask(load());
    rounds(&mut seats, 100, || is_loaded(&mut late));
    assert_eq!(sets.loaded(), 1);
    seats.end(|_| true);
    let mut other = Page::at(&mut seats, 5);
    other.ask(load());
    rounds(&mut seats, 1_000, || is_loaded(&mut other));
    assert_eq!(sets.loaded(), 2, "what nobody uses is not kept");
}

/// The run goes on without its page; the page that comes back is told of it as of a run that goes
/// on, and ten minutes after it has gone the seat is free.
#[test]
fn a_page_that_comes_back_finds_its_run() {
    let (mut seats, _) = seats();
    let mut ada = Page::at(&mut seats, 1);
    ada.ask(Command::Train(tiny("epochs=3")));
    rounds(&mut seats, 1_000, || ada.steps() > 0);
    drop(ada);
    let start = Instant::now();
    while seats.round(start) {}
    assert_eq!(seats.standing().collect::<Vec<_>>(), [(1, Some(start))]);
    assert_eq!(seats.until_next_end(start), Some(KEPT_FOR));
    let mut back = Page::at(&mut seats, 1);
    rounds(&mut seats, 100, || back.has(&Event::Done));
    let place = |wanted: fn(&Event) -> bool| back.told.iter().position(wanted).unwrap();
    let order = [
        place(|event| matches!(event, Event::Ready(_))),
        place(|event| matches!(event, Event::Loaded(_))),
        place(|event| matches!(event, Event::Restored(_))),
        place(|event| matches!(event, Event::Started(_))),
        place(|event| *event == Event::Done),
    ];
    assert!(order.is_sorted(), "{order:?}");
    let Event::Restored(restored) = &back.told[order[2]] else { unreachable!() };
    assert_eq!((restored.rows.len(), restored.done), (3, true));
    assert_eq!(restored.shape.epochs, 3);
    drop(back);
    let gone = Instant::now();
    seats.round(gone);
    seats.expire(gone + KEPT_FOR - Duration::from_secs(1));
    assert_eq!(seats.standing().count(), 1);
    seats.expire(gone + KEPT_FOR);
    assert_eq!(seats.standing().count(), 0);
}

/// A tab that was duplicated has the same key: one of the two has the seat, and the other hears why
/// it has not.
#[test]
fn a_seat_has_one_page_at_a_time() {
    let (mut seats, _) = seats();
    let mut first = Page::at(&mut seats, 1);
    seats.round(Instant::now());
    let mut second = Page::at(&mut seats, 1);
    assert!(first.read(), "the connection has ended");
    let Some(Event::Failed(failure)) = first.told.last() else { panic!("{:?}", first.told) };
    assert!(failure.message.contains("another tab"), "{failure:?}");
    drop(first);
    seats.round(Instant::now());
    assert!(!second.read());
    assert_eq!(seats.standing().collect::<Vec<_>>(), [(1, None)]);
}

/// Requests that are none end the connection and not the session, and one that the host does not do
/// ends by itself.
#[test]
fn what_the_host_does_not_do_is_said() {
    let (mut seats, _) = seats();
    let mut page = Page::at(&mut seats, 1);
    page.ask(Command::Train(tiny("source=huggingface")));
    seats.round(Instant::now());
    page.read();
    let refused = page.told.iter().any(|event| {
        matches!(event, Event::Ended { request: 1, outcome: Outcome::Refused(failure) }
            if failure.message.contains("fetches no pictures"))
    });
    assert!(refused, "{:?}", page.told);
    assert!(block_on(page.line.ask(vec![0xff; 40])));
    seats.round(Instant::now());
    assert!(page.read(), "the connection has ended");
    assert_eq!(seats.standing().count(), 1);
}

/// While a session is at work on a request, its page's next ones wait on the line, which is short.
#[test]
fn whoever_asks_faster_than_the_session_works_waits() {
    let (mut seats, _) = seats();
    let mut page = Page::at(&mut seats, 1);
    page.ask(Command::Train(tiny("epochs=1&valid=20&bs=2")));
    rounds(&mut seats, 1_000, || page.has(&Event::Done));
    let evaluate = page.ask(Command::Evaluate);
    let (mut passed, mut taken) = (0, 0);
    while page.end_of(evaluate).is_none() {
        taken += usize::from(page.try_ask(Command::Watch(None)));
        seats.round(Instant::now());
        passed += 1;
    }
    assert_eq!(page.end_of(evaluate), Some(Outcome::Answered));
    assert!(passed > 2 * MAX_REQUESTS, "{passed} rounds say nothing");
    // The line is full, and one is with the session.
    assert!((MAX_REQUESTS..=MAX_REQUESTS + 2).contains(&taken), "{taken} requests were taken");
    let last = page.last;
    rounds(&mut seats, 100, || page.end_of(last).is_some());
}

/// Networks that do not fit beside those of the other seats are refused before anything of them is
/// reserved, and when a seat has ended there is room again.
#[test]
fn the_networks_of_all_seats_are_bounded() {
    let (mut seats, _) = seats();
    // A ResNet-18. Drawing its 8,000 pictures takes many rounds, so that no network is made here.
    let config = tiny(
        "train=800&size=64&net=resnet&layers=2,2,2,2&block=basic&expansion=1&width=64\
         &stem=32,32,64",
    );
    let fit = (MAX_NETWORKS_BYTES / held_bytes(&StepWork::of(&config))) as u32;
    assert!((2..30).contains(&fit), "{fit}");
    let mut pages: Vec<Page> = (1..=fit + 1).map(|id| Page::at(&mut seats, id)).collect();
    for page in &mut pages {
        page.ask(Command::Train(config.clone()));
    }
    seats.round(Instant::now());
    let ends: Vec<Option<Outcome>> = pages.iter_mut().map(|page| page.end_of(1)).collect();
    let (last, others) = ends.split_last().unwrap();
    assert!(others.iter().all(Option::is_none), "{others:?}");
    let Some(Outcome::Refused(failure)) = last else { panic!("{last:?}") };
    assert!(failure.message.contains("the class's runs take"), "{failure:?}");
    seats.end(|seat| seat.id <= fit);
    let last = pages.last_mut().unwrap();
    let asked = last.ask(Command::Train(config));
    seats.round(Instant::now());
    assert_eq!(last.end_of(asked), None);
}

/// Seats without work have no turns.
#[test]
fn idle_seats_cost_nothing() {
    let (mut seats, _) = seats();
    let mut pages: Vec<Page> = (1..=30).map(|id| Page::at(&mut seats, id)).collect();
    while seats.round(Instant::now()) {}
    let turns = seats.turns;
    assert!(pages.iter_mut().all(|page| !page.read() && page.told.len() == 1));
    assert!((0..100).all(|_| !seats.round(Instant::now())));
    assert_eq!(seats.turns, turns);
    assert_eq!(seats.until_next_end(Instant::now()), None);
}
