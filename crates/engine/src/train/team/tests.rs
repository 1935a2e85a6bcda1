//! Whole runs: a team of threads against a process alone.
#![allow(clippy::unwrap_used)]

mod streamed;

use std::sync::Arc;

use burn::tensor::Device;
use futures::executor::block_on;
use resnette_images::dataset::Dataset;
use resnette_picture::drawn;
use resnette_spec::epoch::EpochRow;
use resnette_spec::read_run;

use super::threads::in_team;
use super::{MOST_IN_ORDER, Team, TeamError};
use crate::model::weights::{Weights, read_weights};
use crate::train::checkpoint::Checkpoint;
use crate::train::learner::{Learner, LearnerError, Tick};

/// An epoch of five batches, which no step of two, three or four batches ends with; Mixup, full
/// augmentation and dropout draw numbers for every batch.
const SETTINGS: &str = "size=32&layers=1,1&expansion=1&width=8&stem=4,8&epochs=3&bs=6&lr=0.01\
                        &augment=full&mixup=0.4&dropout=0.2&seed=5";

/// 20 and 12 training pictures of two classes, 4 and 12 for validation.
fn pictures() -> Arc<Dataset> {
    let mut set = Dataset { classes: vec!["1".into(), "2".into()], ..Dataset::default() };
    for index in 0..24 {
        for (label, (class, train)) in [(1, 20), (2, 12)].into_iter().enumerate() {
            let picture = drawn::draw(class, index, 1, 32);
            match index < train {
                true => set.push_train(&picture, label as u32, 32),
                false => set.push_valid(&picture, label as u32, 32),
            }
        }
    }
    Arc::new(set)
}

fn begun(more: &str, data: &Arc<Dataset>) -> Learner {
    let (config, problems) = read_run(&format!("{SETTINGS}&{more}"));
    assert!(problems.is_empty(), "{problems:?}");
    Learner::new(config, data.clone(), &Device::flex(), 1).unwrap()
}

/// What a run has come to.
struct Outcome {
    weights: Weights,
    rows: Vec<EpochRow>,
    losses: Vec<f32>,
    logits: Vec<f32>,
    /// A saved run: Adam's averages and what waits for a step are in it too.
    saved: Checkpoint,
    /// The run as it is saved after the second of three epochs: there its best epoch is in it too.
    under_way: Checkpoint,
}

fn trained(learner: &mut Learner) -> Outcome {
    let (mut losses, mut under_way) = (Vec::new(), None);
    loop {
        match block_on(learner.tick()).unwrap() {
            Tick::Trained { steps, .. } => losses.extend(steps.iter().map(|step| step.loss)),
            Tick::Epoch(row) if row.epoch == 1 => {
                under_way = Some(block_on(learner.checkpoint()).unwrap());
            }
            Tick::Done => break,
            Tick::Validated { .. } | Tick::Epoch(_) => {}
        }
    }
    let logits = learner.scored.iter().flat_map(|picture| picture.logits.clone());
    Outcome {
        weights: block_on(read_weights(&learner.model)).unwrap(),
        rows: learner.history.clone(),
        losses,
        logits: logits.collect(),
        saved: block_on(learner.checkpoint()).unwrap(),
        under_way: under_way.unwrap(),
    }
}

fn alone(more: &str) -> Outcome {
    trained(&mut begun(more, &pictures()))
}

/// The same weights and running statistics, losses, answers and saved runs to the last bit, and the
/// same rows to the last printed digit.
fn assert_same(found: &Outcome, wanted: &Outcome, case: &str) {
    let cells = |rows: &[EpochRow]| -> Vec<Vec<String>> {
        rows.iter().map(|row| row.cells()[..4].to_vec()).collect()
    };
    assert_eq!(cells(&found.rows), cells(&wanted.rows), "{case}");
    assert_eq!(found.losses, wanted.losses, "{case}");
    assert_same_weights(&found.weights, &wanted.weights, case);
    assert!(found.logits == wanted.logits && !wanted.logits.is_empty(), "{case}: logits");
    assert_same_saved(&found.saved, &wanted.saved, case);
    assert_same_saved(&found.under_way, &wanted.under_way, &format!("{case}, under way"));
}

fn assert_same_weights(found: &Weights, wanted: &Weights, case: &str) {
    assert_eq!(found.len(), wanted.len(), "{case}");
    for (name, array) in wanted {
        assert!(found[name] == *array, "{case}: {name}");
    }
}

fn assert_same_saved(found: &Checkpoint, wanted: &Checkpoint, case: &str) {
    assert_same_weights(&found.weights, &wanted.weights, case);
    assert!(found.averages == wanted.averages && found.squares == wanted.squares, "{case}");
    assert!(found.gradients == wanted.gradients, "{case}: what waits for a step");
    assert!(found.slow == wanted.slow, "{case}: slow weights");
    assert!(found.best == wanted.best, "{case}: the best epoch");
    assert_eq!(found.header.accumulated, wanted.header.accumulated, "{case}");
    assert_eq!(found.header.unordered_ranks, None, "{case}");
}

/// Two, three and four ranks, also where they do not divide the batches of a step.
#[test]
fn a_team_trains_as_a_process_alone_does() {
    let data = pictures();
    for (accumulate, teams) in [(2, &[2][..]), (3, &[2, 3]), (4, &[3, 4])] {
        let more = format!("accumulate={accumulate}");
        let wanted = alone(&more);
        assert!(wanted.rows.len() == 3 && wanted.losses.len() == 15);
        for &ranks in teams {
            let outcomes = in_team(ranks, |team| {
                let mut learner = begun(&more, &data);
                block_on(learner.join(Box::new(team))).unwrap();
                trained(&mut learner)
            });
            for (rank, found) in outcomes.iter().enumerate() {
                assert_same(found, &wanted, &format!("{more}, rank {rank} of {ranks}"));
            }
        }
    }
}

/// What changes a batch, a step, the network or the end of a run changes it in a team as alone.
/// With a difference that no epoch reaches, the first epoch stays the best one; Lookahead meets its
/// slow weights at the sixth of seven steps.
#[test]
fn a_team_trains_as_a_process_alone_does_whatever_the_recipe() {
    let data = pictures();
    for (ranks, more) in [
        (2, "accumulate=2&opt=ranger"),
        (2, "accumulate=2&opt=ranger&save=valid_loss&min_delta=10"),
        (3, "accumulate=3&save=accuracy"),
        (2, "accumulate=3&mixup=0&cutmix=1&erase=0.5"),
        (2, "accumulate=2&weights=balanced"),
        (3, "accumulate=4&act=mish"),
        (2, "accumulate=2&grow=24"),
        (3, "accumulate=4&sa=1&se=2&opt=ranger"),
        (2, "accumulate=2&groups=2"),
    ] {
        let wanted = alone(more);
        assert_eq!(wanted.under_way.slow.is_empty(), !more.contains("ranger"), "{more}");
        assert_eq!(wanted.under_way.best.is_empty(), !more.contains("save"), "{more}");
        let outcomes = in_team(ranks, |team| {
            let mut learner = begun(more, &data);
            block_on(learner.join(Box::new(team))).unwrap();
            trained(&mut learner)
        });
        for (rank, found) in outcomes.iter().enumerate() {
            assert_same(found, &wanted, &format!("{more}, rank {rank} of {ranks}"));
        }
    }
}

/// Two ranks stop in an epoch; the run goes on alone, with two ranks and with three, and so does
/// one that a process alone has saved within a step.
#[test]
fn a_run_goes_on_with_another_number_of_ranks() {
    let (data, more) = (pictures(), "accumulate=3");
    let wanted = alone(more);
    let in_a_team = in_team(2, |team| {
        let mut learner = begun(more, &data);
        let is_asked = team.rank() == 1;
        block_on(learner.join(Box::new(team))).unwrap();
        let mut ticks = 0;
        // In the second epoch: the first has 5 batches, 3 of validation and its end.
        while !learner.stops(is_asked && ticks > 9) {
            block_on(learner.tick()).unwrap();
            ticks += 1;
        }
        (ticks, block_on(learner.checkpoint()).unwrap().write(1).unwrap())
    });
    assert_eq!(in_a_team[0].0, in_a_team[1].0, "they stopped at different points");
    let mut within_a_step = begun(more, &data);
    (0..4).for_each(|_| assert!(block_on(within_a_step.tick()).is_ok()));
    let within_a_step = block_on(within_a_step.checkpoint()).unwrap().write(1).unwrap();
    // Both stopped within a step: after 8 batches, of which two ranks have exchanged two since the
    // last step, and after 4.
    for (saved, place) in [(&in_a_team[0].1, (8, 2)), (&within_a_step, (4, 1))] {
        let (_, checkpoint) = Checkpoint::read(saved).unwrap();
        let done = checkpoint.header.step as usize;
        assert_eq!((checkpoint.header.step, checkpoint.header.accumulated), place);
        for ranks in [1, 2, 3] {
            let outcomes = in_team(ranks, |team| {
                let device = Device::flex();
                let mut learner = Learner::resume(&checkpoint, data.clone(), &device, 1).unwrap();
                block_on(learner.join(Box::new(team))).unwrap();
                let outcome = trained(&mut learner);
                let losses = [&wanted.losses[..done], &outcome.losses[..]].concat();
                Outcome { losses, ..outcome }
            });
            for found in &outcomes {
                assert_same(found, &wanted, &format!("{done} steps, then {ranks} ranks"));
            }
        }
    }
}

/// A validation may be long, so the ranks do not wait for its end. It starts over when the run goes
/// on.
#[test]
fn a_team_stops_within_a_validation() {
    let (data, more) = (pictures(), "accumulate=3");
    let wanted = alone(more);
    let stopped = in_team(2, |team| {
        let mut learner = begun(more, &data);
        let is_asked = team.rank() == 1;
        block_on(learner.join(Box::new(team))).unwrap();
        let mut validated = 0;
        while !learner.stops(is_asked && validated > 0) {
            if let Tick::Validated { .. } = block_on(learner.tick()).unwrap() {
                validated += 1;
            }
        }
        // One batch each, of three, and no row of the table.
        assert_eq!((validated, learner.history.len()), (2, 0));
        block_on(learner.checkpoint()).unwrap().write(1).unwrap()
    });
    let (_, checkpoint) = Checkpoint::read(&stopped[0]).unwrap();
    let done = checkpoint.header.step as usize;
    for ranks in [1, 2] {
        let outcomes = in_team(ranks, |team| {
            let device = Device::flex();
            let mut learner = Learner::resume(&checkpoint, data.clone(), &device, 1).unwrap();
            block_on(learner.join(Box::new(team))).unwrap();
            let outcome = trained(&mut learner);
            let losses = [&wanted.losses[..done], &outcome.losses[..]].concat();
            Outcome { losses, ..outcome }
        });
        for found in &outcomes {
            assert_same(found, &wanted, &format!("stopped in a validation, then {ranks} ranks"));
        }
    }
}

/// More than eight ranks sum in no fixed order, and the saved run says so ever after.
#[test]
fn a_large_team_has_the_same_losses_within_roundings_and_says_so() {
    let (data, more) = (pictures(), "accumulate=9&bs=3");
    let ranks = MOST_IN_ORDER + 1;
    let wanted = alone(more);
    let outcomes = in_team(ranks, |team| {
        let mut learner = begun(more, &data);
        block_on(learner.join(Box::new(team))).unwrap();
        trained(&mut learner)
    });
    for found in &outcomes {
        assert!(found.weights == outcomes[0].weights, "the ranks have different networks");
        for (found, wanted) in found.losses.iter().zip(&wanted.losses) {
            assert!((found - wanted).abs() < 1e-3, "{found} {wanted}");
        }
        assert_eq!(found.saved.header.unordered_ranks, Some(ranks));
    }
    let saved = outcomes[0].saved.write(1).unwrap();
    let (_, checkpoint) = Checkpoint::read(&saved).unwrap();
    let learner = Learner::resume(&checkpoint, data, &Device::flex(), 1).unwrap();
    assert_eq!(learner.unordered_ranks(), Some(ranks));
}

/// What cannot be shared out, or is not the same everywhere, is refused on every rank.
#[test]
fn ranks_that_cannot_train_together_are_refused() {
    let data = pictures();
    let refused = |ranks: u32, settings: &(dyn Fn(u32) -> &'static str + Sync)| {
        let told = in_team(ranks, |team| {
            let mut learner = begun(settings(team.rank()), &data);
            match block_on(learner.join(Box::new(team))) {
                Err(LearnerError::Team(error)) => error,
                other => panic!("{other:?}"),
            }
        });
        assert!(told.iter().all(|error| *error == told[0]), "{told:?}");
        told[0].clone()
    };
    let many = refused(3, &|_| "accumulate=2");
    assert_eq!(many, TeamError::TooManyRanks { ranks: 3, accumulate: 2 });
    assert!(many.to_string().contains("set accumulate=3"), "{many}");
    assert_eq!(refused(2, &|_| "accumulate=2&head=fastai"), TeamError::FastaiHead);
    let other = |rank: u32| if rank == 1 { "accumulate=2&lr=0.02" } else { "accumulate=2" };
    let told = refused(2, &other);
    assert_eq!(told, TeamError::Differs { what: "settings", rank: 1 });
    // The number of threads changes no result.
    let joined = in_team(2, |team| {
        let threads = if team.rank() == 1 { "&threads=2" } else { "" };
        let mut learner = begun(&format!("accumulate=2{threads}"), &data);
        block_on(learner.join(Box::new(team))).is_ok()
    });
    assert_eq!(joined, [true, true]);
    // Other pictures of the same number.
    let told = in_team(2, |team| {
        let mut set = Dataset::clone(&data);
        if team.rank() == 1 {
            set.train.reverse();
        }
        let mut learner = begun("accumulate=2", &Arc::new(set));
        block_on(learner.join(Box::new(team))).unwrap_err().to_string()
    });
    assert!(told.iter().all(|told| told.contains("set of pictures of rank 1")), "{told:?}");
}

/// A loss that is no number ends the run on every rank, and between two exchanges nothing is saved.
#[test]
fn a_run_that_breaks_breaks_on_all_ranks() {
    let data = pictures();
    let told = in_team(2, |team| {
        let mut learner = begun("accumulate=2&lr=10&schedule=flat-cos", &data);
        learner.scale_rate(1e6);
        block_on(learner.join(Box::new(team))).unwrap();
        assert!(block_on(learner.tick()).is_ok());
        let saved = block_on(learner.checkpoint());
        assert!(
            saved.is_err_and(|error| error.to_string().contains("save the run after the step"))
        );
        loop {
            match block_on(learner.tick()) {
                Ok(Tick::Done) => panic!("it did not break"),
                Ok(_) => {}
                Err(error) => return (error.to_string(), learner.is_broken()),
            }
        }
    });
    assert_eq!(told[0], told[1]);
    assert!(told[0].1 && told[0].0.contains("learning rate is too high"), "{told:?}");
}
