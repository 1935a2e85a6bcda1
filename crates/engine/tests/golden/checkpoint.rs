//! A run that is resumed from a checkpoint is the run that was never stopped, bit for bit.

use std::sync::Arc;

use futures::executor::block_on;
use resnette_engine::model::safetensors::Precision;
use resnette_engine::model::weights::{Weights, read_weights};
use resnette_engine::train::checkpoint::{Checkpoint, CheckpointError};
use resnette_engine::train::export::export_model;
use resnette_engine::train::generations::Generations;
use resnette_engine::train::learner::{Learner, Tick};
use resnette_images::dataset::Dataset;
use resnette_images::load::load_drawn;
use resnette_protocol::saved::EpochPosition;
use resnette_spec::epoch::EpochRow;
use resnette_spec::{RunConfig, read_run};

use super::determinism::Silent;
use super::tolerance::Engine;

fn config(more: &str) -> RunConfig {
    let tiny = "source=drawn&train=4&valid=2&size=32&layers=1,1&width=8&stem=4,8&epochs=3\
                &bs=8&lr=0.006&seed=7";
    let (run, problems) = read_run(&format!("{tiny}&{more}"));
    assert_eq!(problems, []);
    run
}

fn pictures(config: &RunConfig) -> Arc<Dataset> {
    Arc::new(block_on(load_drawn(&config.pictures(), config.seed, &mut Silent)).unwrap())
}

/// Ticks until the end, at most `ticks`.
fn run(learner: &mut Learner, ticks: usize) {
    for _ in 0..ticks {
        if block_on(learner.tick()).unwrap() == Tick::Done {
            break;
        }
    }
}

fn outcome(learner: &Learner) -> (Weights, Vec<EpochRow>) {
    let rows = learner.history.iter().map(|row| EpochRow { seconds: 0.0, ..*row }).collect();
    (block_on(read_weights(&learner.model)).unwrap(), rows)
}

/// The file of a run after `ticks` ticks.
fn saved(config: &RunConfig, ticks: usize) -> Vec<u8> {
    let mut learner =
        Learner::new(config.clone(), pictures(config), &Engine::start().device, 4).unwrap();
    run(&mut learner, ticks);
    block_on(learner.checkpoint()).unwrap().write(1).unwrap()
}

/// Which kernels computed a run stands in its file, and a file without it is as good.
#[test]
fn a_saved_run_says_which_kernels_computed_it() {
    let config = config("");
    let (_, mut checkpoint) = Checkpoint::read(&saved(&config, 2)).unwrap();
    let engine = Engine::start();
    let chip = resnette_engine::chip_of(&engine.device);
    assert_eq!(checkpoint.kernels.as_deref(), chip.map(|chip| chip.name));
    let again = |checkpoint: &Checkpoint| {
        Checkpoint::read(&checkpoint.write(1).unwrap()).unwrap().1.kernels
    };
    for (written, read) in [
        (None, None),
        (Some("nvidia-amd"), Some("nvidia-amd")),
        // A newer build may have rows that this one does not know.
        (Some("row-of-2030"), Some("row-of-2030")),
        // Nothing that is no name is taken from a file.
        (Some("<b>software</b>"), None),
        (Some("a-name-that-is-longer-than-any-row-of-the-table"), None),
    ] {
        checkpoint.kernels = written.map(str::to_owned);
        assert_eq!(again(&checkpoint).as_deref(), read, "{written:?}");
    }
}

#[test]
fn a_continued_run_is_the_uninterrupted_one() {
    for more in [
        "",
        "augment=crop-flip-v1",
        "mixup=0.4&augment=full&accumulate=3&grow=16",
        "mixup=0.4&augment=full-v1",
        "dropout=0.5",
        "head=fastai",
        "act=mish",
        "cut=1.1",
        "opt=ranger&schedule=flat-cos",
        "opt=ranger&accumulate=3",
        "cutmix=1&erase=0.5",
        "min_scale=0.1&resize=pad",
        "se=4&pool=blur",
        "sa=1&opt=ranger&accumulate=3",
        "groups=2",
    ] {
        let config = config(more);
        let device = Engine::start().device;
        let mut whole = Learner::new(config.clone(), pictures(&config), &device, 4).unwrap();
        run(&mut whole, usize::MAX);
        assert_eq!(whole.history.len(), 3);
        // An epoch is 5 batches, 3 of validation and its end: before anything, within an epoch,
        // before, in and after a validation, and after the end.
        for ticks in [0, 3, 4, 5, 7, 9, 13, 27] {
            let (sequence, checkpoint) = Checkpoint::read(&saved(&config, ticks)).unwrap();
            assert_eq!(sequence, 1);
            let mut going_on = Learner::resume(&checkpoint, pictures(&config), &device, 4).unwrap();
            run(&mut going_on, usize::MAX);
            assert_eq!(outcome(&going_on), outcome(&whole), "{more} after {ticks}");
            assert_eq!(going_on.curve, whole.curve, "{more} after {ticks}");
        }
    }
}

/// On a GPU the losses of a group are waited for when the next one has been handed over, which
/// changes no bit.
#[test]
fn losses_that_are_read_late_are_the_same() {
    for more in ["", "mixup=0.4&augment=full&accumulate=3&grow=16", "opt=ranger&schedule=flat-cos"]
    {
        let config = config(more);
        let device = Engine::start().device;
        let ended = |read_every: usize, groups: usize| {
            let learner = Learner::new(config.clone(), pictures(&config), &device, read_every);
            let mut learner = learner.unwrap().with_groups_in_flight(groups);
            run(&mut learner, usize::MAX);
            (outcome(&learner), learner.curve.clone())
        };
        let at_once = ended(1, 1);
        assert_eq!(at_once.1.points.len(), 15);
        for (read_every, groups) in [(1, 2), (2, 2), (4, 2)] {
            assert_eq!(ended(read_every, groups), at_once, "{more}: {read_every} × {groups}");
        }
    }
}

#[test]
fn a_changed_rate_and_one_epoch_more_are_kept() {
    let config = config("");
    let device = Engine::start().device;
    let mut whole = Learner::new(config.clone(), pictures(&config), &device, 1).unwrap();
    run(&mut whole, 4);
    whole.scale_rate(0.1);
    let bytes = block_on(whole.checkpoint()).unwrap().write(1).unwrap();
    let mut going_on =
        Learner::resume(&Checkpoint::read(&bytes).unwrap().1, pictures(&config), &device, 1)
            .unwrap();
    for learner in [&mut whole, &mut going_on] {
        run(learner, usize::MAX);
        learner.add_epoch();
        run(learner, 2);
    }
    let bytes = block_on(going_on.checkpoint()).unwrap().write(2).unwrap();
    let mut again =
        Learner::resume(&Checkpoint::read(&bytes).unwrap().1, pictures(&config), &device, 1)
            .unwrap();
    for learner in [&mut whole, &mut again] {
        run(learner, usize::MAX);
        assert_eq!(learner.history.len(), 4);
    }
    assert_eq!(outcome(&again), outcome(&whole));
}

#[test]
fn a_damaged_file_is_refused() {
    let bytes = saved(&config(""), 7);
    assert!(bytes.len() > 10_000, "{}", bytes.len());
    for end in (0..bytes.len()).step_by(1000) {
        assert!(Checkpoint::read(&bytes[..end]).is_err(), "cut at {end}");
    }
    for at in (0..bytes.len()).step_by(997) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        assert!(Checkpoint::read(&damaged).is_err(), "changed at {at}");
    }
}

#[test]
fn a_save_cut_anywhere_gives_way_to_the_one_before() {
    let config = config("");
    let mut learner =
        Learner::new(config.clone(), pictures(&config), &Engine::start().device, 4).unwrap();
    let mut saves = [1, 2].map(|sequence| {
        run(&mut learner, 5);
        block_on(learner.checkpoint()).unwrap().write(sequence).unwrap()
    });
    // Whichever of the two slots the newer one lies in.
    for _ in 0..2 {
        let newer = saves.iter().position(|bytes| Checkpoint::read(bytes).unwrap().0 == 2).unwrap();
        let older = Checkpoint::read(&saves[1 - newer]).unwrap().1;
        let look = |end: usize| {
            let mut found = Generations::default();
            for (slot, bytes) in saves.iter().enumerate() {
                found.offer(if slot == newer { &bytes[..end] } else { bytes });
            }
            found.newest()
        };
        for end in (0..saves[newer].len()).step_by(1000) {
            let (found, damage) = look(end);
            assert_eq!(found.as_ref(), Some(&older), "cut at {end}");
            assert!(damage.is_some(), "cut at {end}");
        }
        let (whole, damage) = look(saves[newer].len());
        assert!(damage.is_none() && whole.is_some_and(|whole| whole != older));
        saves.swap(0, 1);
    }
}

#[test]
fn other_pictures_are_refused() {
    let config = config("");
    let checkpoint = Checkpoint::read(&saved(&config, 7)).unwrap().1;
    let device = Engine::start().device;
    for (more, seed) in [("train=5", 7), ("", 8)] {
        let mut other = self::config(more);
        other.seed = seed;
        let refused = Learner::resume(&checkpoint, pictures(&other), &device, 1).err().unwrap();
        assert!(matches!(refused, CheckpointError::Pictures { .. }), "{refused}");
    }
}

#[test]
fn a_file_made_up_with_good_checksums_is_refused() {
    let good = Checkpoint::read(&saved(&config(""), 7)).unwrap().1;
    let refused = |spoil: fn(&mut Checkpoint)| {
        let mut made_up = good.clone();
        spoil(&mut made_up);
        Checkpoint::read(&made_up.write(1).unwrap()).err().unwrap().to_string()
    };
    let nan = refused(|made_up| made_up.weights.values_mut().next().unwrap().values[0] = f32::NAN);
    assert!(nan.contains("not finite"), "{nan}");
    let missing = refused(|made_up| drop(made_up.weights.pop_first()));
    assert!(missing.contains("no tensor"), "{missing}");
    let wider =
        refused(|made_up| made_up.header.link = made_up.header.link.replace("width=8", "width=16"));
    assert!(wider.contains("shape"), "{wider}");
    // Averages without a step, and the other way round.
    let unasked = refused(|made_up| made_up.header.adam_steps = 0);
    assert!(unasked.contains("no place"), "{unasked}");
}

#[test]
fn time_at_the_end_counts_for_nobody() {
    let config = config("epochs=1");
    let mut learner =
        Learner::new(config.clone(), pictures(&config), &Engine::start().device, 1).unwrap();
    run(&mut learner, usize::MAX);
    assert_eq!(block_on(learner.tick()).unwrap(), Tick::Done);
    std::thread::sleep(std::time::Duration::from_millis(1500));
    learner.add_epoch();
    run(&mut learner, 2);
    learner.pause_clock();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    run(&mut learner, usize::MAX);
    let spans: Vec<f32> = learner.history.iter().map(|row| row.seconds).collect();
    assert!(spans[1] < spans[0] + 1.4, "{spans:?}");
}

/// The best epoch is kept over every break, and where a run ends early does not depend on breaks.
#[test]
fn a_continued_run_keeps_its_best_epoch() {
    let file =
        |learner: &Learner| block_on(export_model(learner)).unwrap().write(Precision::F32).unwrap();
    let device = Engine::start().device;
    for (more, epochs, best) in [
        // No epoch is better by so much.
        ("save=valid_loss&min_delta=10", 3, Some(0)),
        ("save=accuracy&stop=valid_loss&min_delta=10", 2, Some(0)),
        ("save=valid_loss&accumulate=3", 3, None),
        ("save=valid_loss&min_delta=10&accumulate=3", 3, Some(0)),
    ] {
        let config = config(more);
        let mut whole = Learner::new(config.clone(), pictures(&config), &device, 4).unwrap();
        run(&mut whole, usize::MAX);
        assert!(whole.is_done() && whole.history.len() == epochs, "{more}");
        assert!(best.is_none() || whole.kept_epoch() == best, "{more}: {:?}", whole.kept_epoch());
        let ended = (outcome(&whole), file(&whole));
        whole.add_epoch();
        run(&mut whole, usize::MAX);
        let added = (outcome(&whole), file(&whole));
        for ticks in [0, 7, 9, 13, 16, 18, 27] {
            let (_, checkpoint) = Checkpoint::read(&saved(&config, ticks)).unwrap();
            let mut going_on = Learner::resume(&checkpoint, pictures(&config), &device, 4).unwrap();
            run(&mut going_on, usize::MAX);
            assert!((outcome(&going_on), file(&going_on)) == ended, "{more} after {ticks}");
            going_on.add_epoch();
            run(&mut going_on, 5);
            let bytes = block_on(going_on.checkpoint()).unwrap().write(2).unwrap();
            let (_, checkpoint) = Checkpoint::read(&bytes).unwrap();
            let mut again = Learner::resume(&checkpoint, pictures(&config), &device, 4).unwrap();
            run(&mut again, usize::MAX);
            assert!((outcome(&again), file(&again)) == added, "{more}, added after {ticks}");
        }
    }
}

/// The tensors of the best epoch are there if the settings and the table say so, and only then.
#[test]
fn a_made_up_best_epoch_is_refused() {
    let relinked = |more: &str, from: &str, to: &str| {
        let mut made_up = Checkpoint::read(&saved(&config(more), 12)).unwrap().1;
        assert!(made_up.header.link.contains(from), "{}", made_up.header.link);
        made_up.header.link = made_up.header.link.replace(from, to);
        Checkpoint::read(&made_up.write(1).unwrap()).err().unwrap().to_string()
    };
    let extra = relinked("save=accuracy", "save=accuracy", "save=last");
    assert!(extra.contains("no place"), "{extra}");
    let missing = relinked("", "&seed=7", "&seed=7&save=accuracy");
    assert!(missing.contains("no tensor"), "{missing}");
    // A run that is said to be complete although nothing has ended it.
    let mut made_up = Checkpoint::read(&saved(&config("save=accuracy"), 9)).unwrap().1;
    made_up.header.position = EpochPosition::Done;
    assert!(made_up.write(1).is_err());
}
