//! What strangers may ask for, and what they are told of the rest.
#![allow(clippy::unwrap_used)]

use resnette_protocol::bench::BenchmarkRequest;
use resnette_protocol::estimate::EstimateRequest;
use resnette_protocol::predict;
use resnette_protocol::watch::Watching;
use resnette_spec::presets::{NETWORKS, PRESETS};
use serde_bytes::ByteBuf;

use super::*;

fn ask(command: Command, has_folder: bool) -> Result<Admitted, Outcome> {
    admit(Request { id: 7, command, corrections: Default::default() }, has_folder)
}

fn run(settings: &str) -> RunConfig {
    let (config, problems) = read_run(settings);
    assert!(problems.is_empty(), "{problems:?}");
    config
}

/// A run of a size that suits a class, as its lesson has it.
const SMALL: &str = "source=drawn&train=30&valid=20&size=32&layers=1,1&width=8&stem=8&bs=32";

fn reason(refused: Result<Admitted, Outcome>) -> String {
    let Err(Outcome::Refused(failure)) = refused else { unreachable!("{refused:?}") };
    failure.message
}

#[test]
fn a_run_of_a_lesson_is_taken_as_it_is() {
    let config = run(SMALL);
    let admitted = ask(Command::Train(config.clone()), false).unwrap();
    assert_eq!(admitted.request.command, Command::Train(config.clone()));
    assert!(!admitted.wants_files && admitted.request.id == 7);
    let load = Command::Load { data: config.pictures(), seed: 3 };
    assert_eq!(ask(load.clone(), false).unwrap().request.command, load);
    let files = run(&SMALL.replace("drawn", "files"));
    assert!(ask(Command::Train(files.clone()), true).unwrap().wants_files);
    assert!(reason(ask(Command::Train(files), false)).contains("no pictures of its own"));
}

#[test]
fn nothing_is_fetched_or_opened_for_strangers() {
    for source in ["huggingface", "url"] {
        let config = run(&SMALL.replace("drawn", source));
        for command in [
            Command::Train(config.clone()),
            Command::FindRate(config.clone()),
            Command::Load { data: config.pictures(), seed: 1 },
        ] {
            assert!(reason(ask(command, true)).contains("fetches no pictures"));
        }
    }
    for command in [
        Command::OpenModel { name: "a".into(), bytes: vec![0; 9] },
        Command::OpenRun { name: "a".into(), bytes: vec![0; 9] },
        Command::FetchModel("timm/resnet18.a1_in1k".into()),
        Command::FineTune(run(SMALL)),
    ] {
        assert!(reason(ask(command, true)).contains("opens and fetches no networks"));
    }
    let files = vec![("me.jpg".to_owned(), ByteBuf::from(vec![1, 2, 3]))];
    let own = predict::Request { files, config: run(SMALL), ..Default::default() };
    assert!(reason(ask(Command::Predict(own), true)).contains("takes no pictures of yours"));
}

/// Values that no link has are not those that train, and values that the table refuses end the
/// request.
#[test]
fn settings_go_through_the_table() {
    let mut odd = run(SMALL);
    odd.data.keep.room = Room::Crops(0);
    let Command::Train(taken) = ask(Command::Train(odd), false).unwrap().request.command else {
        unreachable!()
    };
    assert_eq!(taken.data.keep, run(SMALL).data.keep);
    let changes: [fn(&mut RunConfig); 4] = [
        |config| config.recipe.bs = 0,
        |config| config.data.size = u32::MAX,
        |config| config.data.train = u32::MAX,
        |config| config.recipe.lr = f64::NAN,
    ];
    for change in changes {
        let mut config = run(SMALL);
        change(&mut config);
        assert!(ask(Command::Train(config.clone()), false).is_err(), "{config:?}");
    }
    for room in [Room::Crops(0), Room::SmallCrops(79), Room::Crops(1_001)] {
        let mut data = run(SMALL).pictures();
        data.keep.room = room;
        assert!(ask(Command::Load { data, seed: 1 }, false).is_err(), "{room:?}");
    }
}

#[test]
fn plans_that_take_too_much_are_refused_before_anything_is_reserved() {
    let wide = format!("{SMALL}&layers=3,4,6,3&width=64&stem=32,32,64&expansion=4");
    assert!(reason(ask(Command::Train(run(&wide)), false)).contains("too large for a seat"));
    // Its grids are small, but not how alike its 2,048 channels are.
    let alike = "source=drawn&layers=1&width=512&expansion=4&stem=4&size=16&bs=512&sa=1";
    assert!(reason(ask(Command::Train(run(alike)), false)).contains("too large for a seat"));
    let many = format!("{SMALL}&train=900&size=224&bs=4");
    assert!(reason(ask(Command::Train(run(&many)), false)).contains("MB for them"));
}

/// The presets that a class uses are taken, and runs whose steps everybody would wait for are
/// not, though there is memory for them.
#[test]
fn steps_that_are_too_long_are_refused() {
    let drawn = |settings: &str| {
        let own = settings.replace("source=huggingface", "source=drawn");
        ask(Command::Train(run(&own)), false)
    };
    // Those of the leaderboard are for all photos, and not for a class.
    for preset in PRESETS.iter().filter(|preset| !preset.name.starts_with("Leaderboard")) {
        assert!(drawn(preset.settings).is_ok(), "{}", preset.name);
    }
    let small = ["Tab-sized", "Fully convolutional", "ResBlock ×1", "ResBlock ×2", "ResNet-18"];
    for preset in NETWORKS.iter().filter(|preset| small.contains(&preset.name)) {
        let taken = drawn(&format!("source=drawn&train=30&{}", preset.settings));
        assert!(taken.is_ok(), "{}: {taken:?}", preset.name);
    }
    // 63 million multiply-adds a picture, of which a batch has 256.
    let long = "source=drawn&train=30&size=64&net=resnet&layers=1,1&block=basic&expansion=1\
                &width=64&stem=32,32,64&bs=256";
    assert!(reason(drawn(long)).contains("too long for the class's host"));
    assert!(drawn(&long.replace("bs=256", "bs=64")).is_ok());
}

/// A request with a long name would take memory for as long as its session is at work.
#[test]
fn names_are_short() {
    let watch = |stage: String| {
        ask(Command::Watch(Some(Watching { pinned: 0, stage: Some(stage) })), false)
    };
    assert!(watch("layer4".into()).is_ok());
    assert!(reason(watch("a".repeat(260_000))).contains("so long a name"));
    let explain = predict::Explain { layer: Some("a".repeat(101)), ..Default::default() };
    let predict = predict::Request { explain, config: run(SMALL), ..Default::default() };
    assert!(reason(ask(Command::Predict(predict), false)).contains("so long a name"));
}

#[test]
fn nothing_is_measured() {
    let config = run(SMALL);
    let request = BenchmarkRequest { config: config.clone(), steps: 3 };
    assert!(reason(ask(Command::Benchmark(request), false)).contains("is not measured"));
    let request = EstimateRequest { work: StepWork::of(&config) };
    assert!(reason(ask(Command::Estimate(request), false)).contains("no times"));
}
