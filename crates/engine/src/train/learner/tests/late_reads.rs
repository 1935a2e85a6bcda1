//! Losses that are read late: the run is the one whose losses are read at once, and the device is
//! not waited for before it has more to do.

use resnette_spec::BlockPlace;
use resnette_spec::epoch::{EpochRow, Step};

use super::*;
use crate::train::export::export_model;
use crate::train::learner::readback::slow_copies::counts;

/// Eight batches an epoch, and four of validation.
const RUN: &str = "size=32&layers=1,1&block=basic&expansion=1&width=8&stem=8&bs=4&seed=3";

/// A run whose losses are read so many at a time, of so many groups at once.
fn begun(more: &str, read_every: usize, groups: usize) -> Learner {
    let (config, problems) = read_run(&format!("{RUN}&{more}"));
    assert!(problems.is_empty(), "{problems:?}");
    let learner = Learner::new(config, drawn_set(&[0, 1], 32), &Device::flex(), read_every);
    learner.unwrap().with_groups_in_flight(groups)
}

/// What the ticks of a run told.
#[derive(Debug, Default, PartialEq)]
struct Told {
    /// All of them, without what had been read.
    ticks: Vec<Tick>,
    steps: Vec<Step>,
    gradients: Vec<Vec<f32>>,
}

/// Ticks to the end.
fn told(learner: &mut Learner) -> Told {
    let mut told = Told::default();
    loop {
        let mut tick = block_on(learner.tick()).unwrap();
        match &mut tick {
            Tick::Trained { steps, gradients, .. } => {
                told.steps.append(steps);
                if !gradients.is_empty() {
                    told.gradients.push(std::mem::take(gradients));
                }
            }
            Tick::Validated { epoch, .. } => {
                let all = (*epoch + 1) * learner.batches();
                assert!(told.steps.last().is_none_or(|last| last.step + 1 == all), "{epoch}");
            }
            Tick::Epoch(row) => row.seconds = 0.0,
            Tick::Done => {}
        }
        let is_done = tick == Tick::Done;
        told.ticks.push(tick);
        if is_done {
            return told;
        }
    }
}

/// Table, weights and curve of a run.
fn outcome(learner: &Learner) -> (Vec<EpochRow>, Weights, LossCurve) {
    let rows = learner.history.iter().map(|row| EpochRow { seconds: 0.0, ..*row }).collect();
    (rows, block_on(read_weights(&learner.model)).unwrap(), learner.curve.clone())
}

fn tick(learner: &mut Learner, times: usize) {
    (0..times).for_each(|_| drop(block_on(learner.tick()).unwrap()));
}

#[test]
fn a_run_whose_losses_are_read_late_is_the_same_run() {
    for more in [
        "epochs=3",
        "epochs=2&accumulate=3&opt=ranger",
        "epochs=2&mixup=0.4&augment=full&schedule=flat-cos",
        "epochs=4&stop=valid_loss&min_delta=10&patience=1&save=valid_loss",
    ] {
        let mut at_once = begun(more, 1, 1);
        let (wanted, answers) = (told(&mut at_once), outcome(&at_once));
        assert!(!wanted.gradients.is_empty() && wanted.steps.len() > 8);
        for (read_every, groups) in [(3, 1), (1, 2), (2, 2), (4, 3), (100, 2)] {
            let mut late = begun(more, read_every, groups);
            assert_eq!(told(&mut late), wanted, "{more}, {read_every} × {groups}");
            assert_eq!(outcome(&late), answers, "{more}, {read_every} × {groups}");
            assert_eq!((&late.scored, late.kept_epoch()), (&at_once.scored, at_once.kept_epoch()));
        }
    }
}

/// The second fit of a fine-tuning begins with a running loss of its own.
#[test]
fn a_fine_tuning_whose_losses_are_read_late_is_the_same_too() {
    let settings = format!("{RUN}&epochs=2&augment=none");
    let net = read_run(&settings).0.net;
    let network = |device: &Device| {
        let rng = stream(2, Purpose::Init, 0);
        Network::Chapter(ResNet::new(&Architecture::new(&net, 10), rng, device))
    };
    let data = drawn_set(&[1, 2], 32);
    let mut at_once = tuned(&settings, network, &data);
    let mut late = tuned(&settings, network, &data).with_groups_in_flight(2);
    late.read_every = 3;
    assert_eq!(told(&mut late), told(&mut at_once));
    assert_eq!(outcome(&late), outcome(&at_once));
}

/// For each training batch: how many groups the device was asked for, how many of them were waited
/// for, and the steps that were told.
fn reads(groups: usize) -> Vec<(usize, usize, Vec<u32>)> {
    let mut learner = begun("epochs=2", 2, groups);
    let before = counts();
    let mut reads = Vec::new();
    loop {
        match block_on(learner.tick()).unwrap() {
            Tick::Trained { steps, .. } => {
                let (asked, come) = counts();
                let steps = steps.iter().map(|step| step.step).collect();
                reads.push((asked - before.0, come - before.1, steps));
            }
            Tick::Done => return reads,
            Tick::Validated { .. } | Tick::Epoch(_) => {}
        }
    }
}

/// But for the first steps and the last of an epoch, a group is waited for when the next one has
/// been handed over and asked for, and not before.
#[test]
fn a_group_is_waited_for_when_the_next_one_is_on_the_device() {
    let wanted: [(usize, usize, &[u32]); 16] = [
        (1, 1, &[0]),
        (2, 2, &[1]),
        (3, 3, &[2]),
        (3, 3, &[]),
        (4, 3, &[]),
        (4, 3, &[]),
        (5, 4, &[3, 4]),
        (6, 6, &[5, 6, 7]),
        (6, 6, &[]),
        (7, 6, &[]),
        (7, 6, &[]),
        (8, 7, &[8, 9]),
        (8, 7, &[]),
        (9, 8, &[10, 11]),
        (9, 8, &[]),
        (10, 10, &[12, 13, 14, 15]),
    ];
    let found = reads(2);
    assert_eq!(found.len(), wanted.len());
    for (batch, ((asked, come, steps), wanted)) in found.iter().zip(wanted).enumerate() {
        assert_eq!((*asked, *come, &steps[..]), wanted, "batch {batch}");
    }
    // With one group the device is waited for as soon as it is asked.
    assert!(reads(1).iter().all(|(asked, come, _)| asked == come));
}

/// A tick trains one batch, so that Stop takes effect within a step, and what is on its way then is
/// told once.
#[test]
fn wherever_a_run_is_stopped_its_losses_are_told_once() {
    let wanted = told(&mut begun("epochs=2", 1, 1)).steps;
    for ticks in 0..=9 {
        let mut late = begun("epochs=2", 2, 2);
        let mut steps = Vec::new();
        for _ in 0..ticks {
            if let Tick::Trained { steps: more, .. } = block_on(late.tick()).unwrap() {
                steps.extend(more);
            }
        }
        let trained = late.steps() as usize;
        assert_eq!(trained, ticks.min(8));
        block_on(late.read_losses()).unwrap();
        match late.unreported() {
            Some(Tick::Trained { epoch, batch, steps: more, .. }) => {
                assert_eq!((epoch, batch as usize + 1), (0, trained));
                assert!(!more.is_empty());
                steps.extend(more);
            }
            other => assert_eq!(other, None),
        }
        assert_eq!(steps, wanted[..trained], "after {ticks} ticks");
        assert_eq!(late.unreported(), None);
        steps.extend(told(&mut late).steps);
        assert_eq!(steps, wanted, "after {ticks} ticks");
    }
}

/// A checkpoint has all that was trained, whatever was on its way, and the run goes on from it, or
/// without it, as if it had not been taken.
#[test]
fn a_checkpoint_between_two_groups_holds_what_was_trained() {
    for more in ["epochs=2", "epochs=2&accumulate=3&mixup=0.4"] {
        let mut whole = begun(more, 1, 1);
        told(&mut whole);
        let wanted = outcome(&whole);
        let mut at_once = begun(more, 1, 1);
        for ticks in 0..=9 {
            let mut late = begun(more, 2, 2);
            tick(&mut late, ticks);
            let [saved, same] = [&mut late, &mut at_once].map(|learner| {
                let mut saved = block_on(learner.checkpoint()).unwrap();
                saved.header.seconds = 0.0;
                saved
            });
            assert_eq!(saved, same, "{more} after {ticks} ticks");
            tick(&mut at_once, 1);
            let read = Checkpoint::read(&saved.write(1).unwrap()).unwrap().1;
            let resumed = Learner::resume(&read, late.data.clone(), &Device::flex(), 2);
            for mut learner in [late, resumed.unwrap().with_groups_in_flight(2)] {
                told(&mut learner);
                assert_eq!(outcome(&learner), wanted, "{more} after {ticks} ticks");
            }
        }
    }
}

/// With this factor on the rate the next step leaves weights that are no numbers.
const TOO_MUCH: f64 = 1e300;

/// It is noticed a group later, and told as it would be told at once: the same step, and the losses
/// before it. Nothing of it can be saved.
#[test]
fn a_loss_that_is_no_number_ends_the_run() {
    let broken = |read_every: usize, groups: usize| {
        let mut learner = begun("epochs=2", read_every, groups);
        let mut steps = Vec::new();
        let error = loop {
            if learner.steps() == 4 {
                learner.scale_rate(TOO_MUCH);
            }
            match block_on(learner.tick()) {
                Ok(Tick::Trained { steps: more, .. }) => steps.extend(more),
                Ok(tick) => panic!("{tick:?}"),
                Err(error) => break error,
            }
        };
        let noticed = learner.steps();
        if let Some(Tick::Trained { steps: more, .. }) = learner.unreported() {
            steps.extend(more);
        }
        assert!(matches!(error, LearnerError::Diverged(_, 5)), "{error}");
        assert!(learner.is_broken() && learner.history.is_empty());
        assert!(learner.pending.is_empty() && learner.reading.is_empty());
        for _ in 0..2 {
            assert!(matches!(block_on(learner.checkpoint()), Err(CheckpointError::Broken)));
        }
        assert!(block_on(export_model(&learner)).is_err());
        assert_eq!(block_on(learner.tick()).unwrap(), Tick::Done);
        learner.add_epoch();
        assert!(learner.is_done(), "a broken run went on");
        (noticed, (error.to_string(), steps))
    };
    let (at_once, wanted) = broken(1, 1);
    assert_eq!((at_once, wanted.1.len()), (6, 5));
    for (read_every, groups, late) in [(1, 2, 7), (2, 1, 7), (2, 2, 8), (100, 2, 8)] {
        assert_eq!(broken(read_every, groups), (late, wanted.clone()), "{read_every} × {groups}");
    }
}

/// A checkpoint finds it before a tick does.
#[test]
fn a_checkpoint_is_not_taken_of_a_loss_that_is_no_number() {
    let mut learner = begun("epochs=2", 2, 2);
    tick(&mut learner, 4);
    learner.scale_rate(TOO_MUCH);
    tick(&mut learner, 3);
    assert!(!learner.is_done() && learner.reading.len() == 1);
    let refused = block_on(learner.checkpoint());
    assert!(matches!(refused, Err(CheckpointError::Learner(LearnerError::Diverged(_, 5)))));
    assert!(learner.is_broken() && learner.reading.is_empty());
    assert!(matches!(block_on(learner.checkpoint()), Err(CheckpointError::Broken)));
    assert_eq!(block_on(learner.tick()).unwrap(), Tick::Done);
}

#[test]
fn the_other_network_of_a_race_reads_as_the_run_does() {
    let mut whole = begun("epochs=2", 1, 1);
    told(&mut whole);
    let mut with = begun("epochs=2", 2, 2);
    tick(&mut with, 5);
    let mut without = block_on(with.without_skip(BlockPlace::read("2.1").unwrap())).unwrap();
    assert_eq!((without.read_every, without.groups_in_flight), (2, 2));
    assert!(without.unreported().is_none() && with.reading.is_empty());
    told(&mut with);
    assert_eq!(outcome(&with), outcome(&whole));
    let steps = told(&mut without).steps;
    assert_eq!(steps.iter().map(|step| step.step).collect::<Vec<_>>(), (5..16).collect::<Vec<_>>());
}
