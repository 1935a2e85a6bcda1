//! Every request ends exactly once, whatever else is under way.
#![allow(clippy::unwrap_used)]

#[path = "support/saved_corrections.rs"]
mod saved_corrections;
#[path = "support/single_steps.rs"]
mod single_steps;
mod support;

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use resnette_protocol::bench::BenchmarkRequest;
use resnette_protocol::estimate::EstimateRequest;
use resnette_protocol::persistence::{AutosaveOutcome, ContinueRun, ModelFormat, SavedRunSource};
use resnette_protocol::race::Runner;
use resnette_protocol::rates::Rates;
use resnette_protocol::watch::Watching;
use resnette_protocol::{Command, Event, Outcome, RequestId, lesson};
use resnette_spec::run_time::StepWork;
use resnette_spec::{BlockPlace, RunConfig, Source};
use support::{Desk, Network, pictures, tiny};

/// A run whose pictures come over the network.
fn over_the_network() -> RunConfig {
    tiny("source=url&data=https://pictures.example/set")
}

fn continue_from(origin: SavedRunSource) -> Command {
    Command::Continue(ContinueRun { origin, source: Source::Drawn })
}

fn estimate(config: &RunConfig) -> Command {
    Command::Estimate(EstimateRequest { work: StepWork::of(config) })
}

/// The files of a trained model and of its run.
fn trained_files() -> (Vec<u8>, Vec<u8>) {
    let mut desk = Desk::default();
    desk.ask(Command::Train(tiny("epochs=1")));
    desk.settle(100);
    desk.ask(Command::SaveModel(ModelFormat::Safetensors));
    desk.ask(Command::SaveRun);
    desk.settle(10);
    let files = desk.events().into_iter().filter_map(|event| match event {
        Event::Model { bytes, .. } => Some(bytes),
        _ => None,
    });
    let [model, run] = files.collect::<Vec<_>>().try_into().unwrap();
    (model, run)
}

#[test]
fn stop_ends_loading_and_nothing_that_waits_behind_it() {
    let mut desk = Desk::default();
    let (model, _) = trained_files();
    let train = desk.ask(Command::Train(over_the_network()));
    desk.turn();
    let others = [
        desk.ask(Command::Predict(pictures(1))),
        desk.ask(Command::SelfTest),
        desk.ask(Command::OpenModel { name: "model".into(), bytes: model }),
        desk.ask(Command::Lesson(lesson::Request::Clock { channels: 4, side: 2 })),
    ];
    let evaluate = desk.ask(Command::Evaluate);
    let stop = desk.ask(Command::Stop);
    desk.settle(1000);
    assert_eq!(desk.end_of(train), Some(Outcome::Cancelled));
    for request in others.into_iter().chain([stop]) {
        assert_eq!(desk.end_of(request), Some(Outcome::Answered), "{request}");
    }
    assert!(matches!(desk.end_of(evaluate), Some(Outcome::Refused(_))), "there are no pictures");
    assert!(desk.events().contains(&Event::Stopped));
    assert!(desk.events().iter().any(|event| matches!(event, Event::Predicted(_))));
}

#[test]
fn a_run_goes_on_while_a_network_is_fetched_and_stop_ends_the_run_alone() {
    let mut desk = Desk::default();
    let train = desk.ask(Command::Train(tiny("epochs=1000")));
    assert_eq!(desk.until_ended(train), Outcome::Answered);
    let fetch = desk.ask(Command::FetchModel("timm/resnet18.a1_in1k".into()));
    let steps =
        |desk: &Desk| desk.events().iter().filter(|event| matches!(event, Event::Steps(_))).count();
    desk.turn();
    let before = steps(&desk);
    desk.settle(10);
    assert!(steps(&desk) > before, "the run stands still");
    desk.ask(Command::Stop);
    desk.settle(10);
    assert!(desk.events().contains(&Event::Stopped) && !desk.session.is_working());
    assert_eq!(desk.end_of(fetch), None, "the download goes on");
    desk.ask(Command::Cancel(fetch));
    desk.settle(10);
    assert_eq!(desk.end_of(fetch), Some(Outcome::Cancelled));
    assert!(desk.session.is_idle());
}

#[test]
fn a_fetched_network_is_opened() {
    let (model, _) = trained_files();
    let mut desk = Desk::default();
    desk.network(Network::Serves(model.into()));
    let fetch = desk.ask(Command::FetchModel("timm/resnet18.a1_in1k".into()));
    desk.settle(10);
    assert_eq!(desk.end_of(fetch), Some(Outcome::Answered));
    assert!(desk.events().iter().any(|event| matches!(event, Event::Opened(_))));
    desk.network(Network::Fails);
    let refused = desk.ask(Command::FetchModel("timm/resnet18.a1_in1k".into()));
    desk.settle(10);
    let Some(Outcome::Refused(failure)) = desk.end_of(refused) else { panic!("not refused") };
    assert!(failure.message.contains("was not fetched") && failure.message.contains("is kept"));
}

#[test]
fn continuing_a_saved_run_ends_a_rate_search() {
    let mut desk = Desk::default();
    desk.ask(Command::Train(tiny("epochs=1000")));
    desk.settle(20);
    desk.ask(Command::Pause);
    desk.settle(10);
    let search = desk.ask(Command::FindRate(tiny("")));
    assert_eq!(desk.until_ended(search), Outcome::Answered);
    assert!(desk.events().contains(&Event::Rates(Rates::Begun)));
    let continued = desk.ask(continue_from(SavedRunSource::Storage(1)));
    assert_eq!(desk.until_ended(continued), Outcome::Answered);
    assert!(desk.events().contains(&Event::Rates(Rates::Cancelled)));
}

/// However many searches wait for the same pictures, the one that was asked for last begins, and
/// with it one network.
#[test]
fn of_the_searches_that_wait_for_pictures_the_last_begins() {
    let mut desk = Desk::default();
    // Drawing them takes longer than a turn.
    let config = || tiny("train=60&size=64");
    let load = desk.ask(Command::Load { data: config().pictures(), seed: config().seed });
    let searches = [(); 20].map(|()| desk.ask(Command::FindRate(config())));
    let train = desk.ask(Command::Train(config()));
    let last = desk.ask(Command::FindRate(config()));
    for request in [load, train, last] {
        assert_eq!(desk.until_ended(request), Outcome::Answered, "{request}");
    }
    for request in searches {
        assert_eq!(desk.end_of(request), Some(Outcome::Cancelled), "{request}");
    }
    let begun = |event: &&Event| matches!(event, Event::Rates(Rates::Begun));
    assert_eq!(desk.events().iter().filter(begun).count(), 1);
}

/// The search for the rate of a fine-tuning begins with the opened network and a new head: another
/// loss than that of first weights, and the same each time.
#[test]
fn the_rate_of_a_fine_tuning_is_searched_with_the_opened_network() {
    let (model, _) = trained_files();
    let mut desk = Desk::default();
    let opened = desk.ask(Command::OpenModel { name: "base".into(), bytes: model });
    assert_eq!(desk.until_ended(opened), Outcome::Answered);
    let first_loss = |desk: &mut Desk, command: Command| {
        let before = desk.events().len();
        let search = desk.ask(command);
        assert_eq!(desk.until_ended(search), Outcome::Answered);
        desk.settle(3);
        let tried = desk.events()[before..].iter().find_map(|event| match event {
            Event::Rates(Rates::Tried(point)) => Some(point.loss),
            _ => None,
        });
        tried.unwrap()
    };
    let fresh = first_loss(&mut desk, Command::FindRate(tiny("")));
    let tuned = first_loss(&mut desk, Command::FindFineTuneRate(tiny("")));
    assert_ne!(fresh, tuned);
    assert_eq!(first_loss(&mut desk, Command::FindFineTuneRate(tiny(""))), tuned);
    assert_eq!(first_loss(&mut desk, Command::FindRate(tiny(""))), fresh);
}

#[test]
fn each_run_has_a_slot_of_its_own_and_goes_on_in_it() {
    let mut desk = Desk::default();
    desk.ask(Command::Train(tiny("epochs=3")));
    while desk.saved_epochs().is_empty() {
        desk.turn();
    }
    desk.ask(Command::Pause);
    desk.settle(10);
    let first = desk.saved_epochs();
    assert_eq!(first.len(), 1, "{first:?}");
    // Another run begins over the paused one, ends, and has not touched its save.
    desk.ask(Command::Train(tiny("epochs=1&seed=8")));
    desk.settle(100);
    let saved = desk.saved_epochs();
    assert_eq!((saved[&1], saved[&2], saved.len()), (first[&1], 1, 2));
    // The first goes on where it was, in its own slot.
    desk.ask(continue_from(SavedRunSource::Storage(1)));
    desk.settle(100);
    let saved = desk.saved_epochs();
    assert_eq!((saved[&1], saved[&2], saved.len()), (3, 1, 2));
    // A run from a file takes a slot of its own.
    let (_, run) = trained_files();
    desk.ask(Command::OpenRun { name: "run".into(), bytes: run });
    desk.ask(Command::OneMoreEpoch);
    desk.settle(100);
    let saved = desk.saved_epochs();
    assert_eq!((saved[&1], saved[&2], saved[&3]), (3, 1, 2));
}

#[test]
fn a_continued_run_that_cannot_be_read_leaves_the_paused_one() {
    let mut desk = Desk::default();
    desk.ask(Command::Train(tiny("epochs=3")));
    while desk.saved_epochs().is_empty() {
        desk.turn();
    }
    desk.ask(Command::Pause);
    desk.settle(10);
    let refused = desk.ask(continue_from(SavedRunSource::Storage(9)));
    assert!(matches!(desk.until_ended(refused), Outcome::Refused(_)));
    desk.ask(Command::Resume);
    desk.settle(100);
    assert_eq!(desk.saved_epochs().into_iter().collect::<Vec<_>>(), [(1, 3)]);
    assert!(desk.events().contains(&Event::Done));
}

#[test]
fn cancelling_a_download_leaves_the_run_that_is_under_way() {
    let mut desk = Desk::default();
    let train = desk.ask(Command::Train(tiny("epochs=1000")));
    assert_eq!(desk.until_ended(train), Outcome::Answered);
    let load = desk.ask(Command::Load { data: over_the_network().data, seed: 7 });
    desk.settle(5);
    desk.ask(Command::Cancel(load));
    desk.settle(5);
    assert_eq!(desk.end_of(load), Some(Outcome::Cancelled));
    assert!(desk.session.is_working(), "the run goes on");
    assert!(!desk.events().contains(&Event::Stopped), "and the page hears of no stop");
    // A run whose pictures are called off has ended with its request.
    let train = desk.ask(Command::Train(over_the_network()));
    desk.settle(5);
    desk.ask(Command::Cancel(train));
    desk.settle(5);
    assert_eq!(desk.end_of(train), Some(Outcome::Cancelled));
    assert!(desk.events().contains(&Event::Stopped) && desk.session.is_idle());
}

#[test]
fn a_failed_load_leaves_the_run_that_is_under_way() {
    let mut desk = Desk::default();
    let train = desk.ask(Command::Train(tiny("epochs=1000")));
    assert_eq!(desk.until_ended(train), Outcome::Answered);
    desk.network(Network::Fails);
    let load = desk.ask(Command::Load { data: over_the_network().data, seed: 7 });
    assert!(matches!(desk.until_ended(load), Outcome::Refused(_)));
    let steps =
        |desk: &Desk| desk.events().iter().filter(|event| matches!(event, Event::Steps(_))).count();
    let before = steps(&desk);
    desk.settle(10);
    assert!(desk.session.is_working() && steps(&desk) > before);
}

#[test]
fn requests_for_the_same_pictures_share_one_download() {
    let mut desk = Desk::default();
    let (data, seed) = (over_the_network().pictures(), 7);
    let load = desk.ask(Command::Load { data: data.clone(), seed });
    let first = desk.ask(Command::Train(over_the_network()));
    desk.turn();
    let again = desk.ask(Command::Train(over_the_network()));
    desk.turn();
    let loading = desk.events().iter().filter(|event| matches!(event, Event::Loading(_))).count();
    assert_eq!(loading, 1);
    assert_eq!(desk.end_of(first), Some(Outcome::Cancelled), "one run at a time");
    assert_eq!((desk.end_of(load), desk.end_of(again)), (None, None));
    // Other pictures take their place.
    let drawn = desk.ask(Command::Train(tiny("")));
    desk.turn();
    for request in [load, again] {
        assert_eq!(desk.end_of(request), Some(Outcome::Cancelled));
    }
    assert_eq!(desk.until_ended(drawn), Outcome::Answered);
}

#[test]
fn what_cannot_be_done_is_refused_with_a_reason() {
    let mut desk = Desk::default();
    desk.network(Network::Fails);
    for command in [
        Command::Evaluate,
        Command::ShowBatch { config: tiny(""), shuffle: 0 },
        Command::SaveModel(ModelFormat::Burnpack),
        Command::SaveRun,
        continue_from(SavedRunSource::Storage(1)),
        continue_from(SavedRunSource::Opened),
        Command::FineTune(tiny("")),
        Command::FindFineTuneRate(tiny("")),
        Command::OpenModel { name: "x".into(), bytes: vec![1, 2, 3] },
        Command::OpenRun { name: "x".into(), bytes: vec![1, 2, 3] },
        Command::Train(tiny("source=files")),
        Command::Train(over_the_network()),
        Command::FetchModel("timm/resnet18.a1_in1k".into()),
        Command::FetchModel("https://elsewhere.example/model".into()),
    ] {
        let request = desk.ask_with_a_note(command.clone());
        let outcome = desk.until_ended(request);
        let Outcome::Refused(failure) = outcome else { panic!("{command:?}: {outcome:?}") };
        assert!(failure.message.len() > 10, "{}", failure.message);
    }
}

/// What the page must believe of the run, from the events alone. A paused run may take single
/// steps.
#[derive(Default)]
struct PageModel {
    running: bool,
    paused: bool,
    searching: bool,
}

impl PageModel {
    fn hear(&mut self, event: &Event) {
        match event {
            Event::Started(_) | Event::Resumed => (self.running, self.paused) = (true, false),
            Event::Steps(_) | Event::Validating { .. } | Event::Epoch(_) => {
                assert!(self.running || self.paused, "work of a run that holds: {event:?}");
            }
            Event::Paused => {
                assert!(self.running, "a run that is not under way cannot pause");
                (self.running, self.paused) = (false, true);
            }
            Event::Done => {
                assert!(self.running || self.paused, "a run that holds cannot end");
                (self.running, self.paused) = (false, false);
            }
            Event::Stopped | Event::Restored(_) => (self.running, self.paused) = (false, false),
            Event::Failed(_) => (self.running, self.searching) = (false, false),
            Event::Rates(Rates::Begun) => self.searching = true,
            Event::Rates(Rates::Tried(_)) => assert!(self.searching),
            Event::Rates(Rates::Found(_) | Rates::Cancelled) => self.searching = false,
            _ => {}
        }
    }
}

/// Any request that a page could send.
fn any_command(
    rng: &mut ChaCha8Rng,
    asked: RequestId,
    (model, run): &(Vec<u8>, Vec<u8>),
) -> Command {
    let configs = ["", "size=20", "epochs=30", "size=16&layers=1,1,1,1,1", "source=files"];
    let mut config = match rng.random_range(0..8) {
        0 => over_the_network(),
        _ => tiny(configs.choose(rng).unwrap()),
    };
    config.seed = rng.random_range(0..2);
    let cut = |bytes: &[u8], rng: &mut ChaCha8Rng| match rng.random_range(0..3) {
        0 => bytes[..rng.random_range(0..bytes.len())].to_vec(),
        _ => bytes.to_vec(),
    };
    let format = [ModelFormat::Safetensors, ModelFormat::Burnpack];
    match rng.random_range(0..32) {
        0 | 1 => Command::Load { data: config.data, seed: config.seed },
        2..=5 => Command::Train(config),
        6 => Command::FineTune(config),
        7 => Command::FindRate(config),
        8 => Command::FindFineTuneRate(config),
        9 => continue_from(SavedRunSource::Storage(rng.random_range(0..3))),
        10 => continue_from(SavedRunSource::Opened),
        11 => Command::OneMoreEpoch,
        12 => Command::Pause,
        13 => Command::Resume,
        14 | 15 => Command::Stop,
        16 => Command::Cancel(rng.random_range(0..=asked + 1)),
        17 => Command::ScaleRate(*[0.5, 0.0, f64::NAN, f64::INFINITY].choose(rng).unwrap()),
        18 => match rng.random_range(0..4) {
            0 => Command::SelfTest,
            _ => Command::ShowBatch { config, shuffle: rng.random() },
        },
        19 => match rng.random_range(0..4) {
            0 => Command::Benchmark(BenchmarkRequest { config: tiny(""), steps: 1 }),
            1 | 2 => estimate(&config),
            _ => Command::Evaluate,
        },
        20 | 21 => Command::Predict(pictures(rng.random())),
        22 => Command::SaveModel(*format.choose(rng).unwrap()),
        23 => Command::OpenModel { name: "model".into(), bytes: cut(model, rng) },
        24 => match rng.random() {
            true => Command::SaveRun,
            false => Command::OpenRun { name: "run".into(), bytes: cut(run, rng) },
        },
        25 => Command::FetchModel(
            ["timm/resnet18.a1_in1k", "nonsense", "https://elsewhere.example/x"]
                .choose(rng)
                .unwrap()
                .to_string(),
        ),
        26..=28 => match rng.random_range(0..5) {
            0 | 1 => Command::CutSkip(BlockPlace { stage: 1, block: rng.random_range(1..=2) }),
            2 => Command::KeepRunner(match rng.random() {
                true => Runner::WithSkip,
                false => Runner::WithoutSkip,
            }),
            _ => Command::Step,
        },
        29 | 30 => Command::Watch(match rng.random_range(0..3) {
            0 => None,
            _ => Some(Watching { pinned: rng.random_range(0..30), stage: None }),
        }),
        _ => Command::Lesson(match rng.random_range(0..4) {
            0 => lesson::Request::Cancel,
            1 => lesson::Request::Race { seed: 1 },
            _ => lesson::Request::Clock { channels: 4, side: 2 },
        }),
    }
}

#[test]
fn any_sequence_of_requests_ends_each_exactly_once() {
    let files = trained_files();
    for seed in 0..6 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // Every other one as on a GPU.
        let late = (seed % 2) as usize;
        let mut desk = Desk::reading(1 + late, 1 + late);
        for _ in 0..200 {
            let network = match rng.random_range(0..3) {
                0 => Network::Hangs,
                1 => Network::Fails,
                _ => Network::Serves(files.0.clone().into()),
            };
            desk.network(network);
            let command = any_command(&mut rng, desk.asked(), &files);
            desk.ask(command);
            for _ in 0..rng.random_range(0..4) {
                desk.turn();
            }
        }
        // What hangs is called off; everything else ends by itself.
        desk.ask(Command::Lesson(lesson::Request::Cancel));
        desk.ask(Command::Stop);
        for request in 1..=desk.asked() {
            if desk.end_of(request).is_none() {
                desk.ask(Command::Cancel(request));
            }
        }
        desk.settle(2000);
        let (ends, asked) = (desk.ends(), desk.asked());
        for request in 1..=asked {
            let times = ends.get(&request).map_or(0, Vec::len);
            assert_eq!(times, 1, "seed {seed}: request {request} ended {times} times");
        }
        assert_eq!(ends.len(), asked as usize, "seed {seed}: an end without a request");
        assert!(desk.session.is_idle(), "seed {seed}: something is still under way");
        let mut page = PageModel::default();
        desk.events().iter().for_each(|event| page.hear(event));
        assert!(!page.running && !page.searching, "seed {seed}");
    }
}

/// A network whose file could not be opened again is told when its run begins, before the first
/// step and not after an epoch, and nothing is put into the storage.
#[test]
fn what_cannot_be_kept_is_told_before_the_first_step() {
    let told = |settings: &str| {
        let mut desk = Desk::default();
        let train = desk.ask(Command::Train(tiny(settings)));
        assert_eq!(desk.until_ended(train), Outcome::Answered);
        let events = desk.events();
        let place = |wanted: fn(&Event) -> bool| events.iter().position(wanted);
        let steps = place(|event| matches!(event, Event::Steps(_))).unwrap_or(events.len());
        let told = place(|event| matches!(event, Event::Autosaved(AutosaveOutcome::Failed(_))));
        assert!(place(|event| matches!(event, Event::Started(_))).is_some());
        told.filter(|at| *at < steps).map(|at| format!("{:?}", events[at]))
    };
    assert_eq!(told(""), None);
    // 38 million parameters.
    let words = told("width=512&layers=2,2").unwrap();
    assert!(words.contains("neither the network nor the run is kept"), "{words}");
}
