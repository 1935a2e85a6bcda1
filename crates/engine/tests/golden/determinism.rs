//! The same seed, the same run: bit for bit on the CPU.

use std::sync::Arc;

use burn::module::Module;
use futures::executor::block_on;
use resnette_engine::model::weights::{Weights, read_weights};
use resnette_engine::train::learner::{Learner, Tick};
use resnette_engine::train::lr_find::{LrFind, LrTick};
use resnette_engine::train::metrics::{ScoredPicture, metrics};
use resnette_engine::train::tta::{BETA, PASSES, Tta, TtaTick};
use resnette_images::batch::Mix;
use resnette_images::dataset::Dataset;
use resnette_images::load::{LoadObserver, load_drawn};
use resnette_images::rectangle::Rectangle;
use resnette_images::resize::shrink;
use resnette_images::{batch, mixup};
use resnette_picture::report::LoadProgress;
use resnette_spec::epoch::EpochRow;
use resnette_spec::short_run::full_batches;
use resnette_spec::{Augment, Keep, RunConfig, read_run};

use super::tolerance::Engine;

pub struct Silent;

impl LoadObserver for Silent {
    async fn on_progress(&mut self, _progress: &LoadProgress) -> bool {
        true
    }
}

fn config(more: &str) -> RunConfig {
    let tiny = "source=drawn&train=4&valid=2&size=32&layers=1,1&width=8&stem=4,8&epochs=2\
                &bs=8&lr=0.006&seed=7";
    let (run, problems) = read_run(&format!("{tiny}&{more}"));
    assert_eq!(problems, []);
    run
}

fn pictures(config: &RunConfig) -> Arc<Dataset> {
    Arc::new(block_on(load_drawn(&config.pictures(), config.seed, &mut Silent)).unwrap())
}

fn learner(config: &RunConfig) -> Learner {
    Learner::new(config.clone(), pictures(config), &Engine::start().device, 1).unwrap()
}

fn finish(learner: &mut Learner) {
    while block_on(learner.tick()).unwrap() != Tick::Done {}
}

/// Weights and rows, without the time that they took.
fn outcome(learner: &Learner) -> (Weights, Vec<EpochRow>) {
    let rows = learner.history.iter().map(|row| EpochRow { seconds: 0.0, ..*row }).collect();
    (block_on(read_weights(&learner.model)).unwrap(), rows)
}

fn run(config: &RunConfig) -> (Weights, Vec<EpochRow>) {
    let mut learner = learner(config);
    finish(&mut learner);
    outcome(&learner)
}

#[test]
fn one_seed_is_one_run() {
    for more in ["", "augment=crop-flip-v1", "mixup=0.4&augment=full&accumulate=2"] {
        let config = config(more);
        let (first, second) = (run(&config), run(&config));
        assert_eq!(first.1.len(), 2);
        // Equal as floats is equal as bits here: nothing is NaN or −0.
        assert_eq!(first, second, "{more}");
        assert_ne!(run(&RunConfig { seed: 8, ..config }).0, first.0, "{more}");
    }
}

#[test]
fn going_on_is_the_same_however_it_comes_about() {
    let config = config("");
    let continued = |looks: bool| {
        let mut learner = learner(&config);
        loop {
            // Looking at the network between two steps, as Predict and the learning-rate finder do,
            // changes nothing.
            if looks {
                block_on(read_weights(&learner.model.valid())).unwrap();
                let mut finder = LrFind::of(&learner);
                block_on(finder.tick()).unwrap();
            }
            if block_on(learner.tick()).unwrap() == Tick::Done {
                break;
            }
        }
        learner.add_epoch();
        assert!(!learner.is_done());
        finish(&mut learner);
        outcome(&learner)
    };
    let (first, second) = (continued(false), continued(true));
    assert_eq!(first.1.len(), 3);
    assert_eq!(first, second);
}

#[test]
fn mixup_leaves_order_and_crops_alone() {
    for augment in ["crop-flip", "full", "crop-flip-v1", "full-v1"] {
        let (plain, mixed) = (
            config(&format!("augment={augment}")),
            config(&format!("augment={augment}&mixup=0.4")),
        );
        let set = pictures(&plain);
        let order = batch::epoch_order(set.train.len(), plain.seed, 1);
        for index in 0..full_batches(set.train.len(), plain.recipe.bs) {
            let mut one = batch::train_batch(&set, &plain, &order, 1, index, 32);
            let other = batch::train_batch(&set, &mixed, &order, 1, index, 32);
            assert_eq!(one.labels, other.labels);
            assert!(one.mix.is_none());
            let mix = other.mix.clone().unwrap();
            assert!(mix.iter().any(|&(_, lam)| lam < 0.99));
            assert_ne!(one.images, other.images);
            mixup::blend(&mut one.images, 3 * 32 * 32, &mix);
            assert_eq!(one.images, other.images);
        }
    }
}

#[test]
fn erasing_and_cutmix_leave_order_and_crops_alone() {
    let (plain, changed) = (config(""), config("erase=1&cutmix=1"));
    let set = pictures(&plain);
    let order = batch::epoch_order(set.train.len(), plain.seed, 1);
    let mut changes = 0;
    for index in 0..full_batches(set.train.len(), plain.recipe.bs) {
        let one = batch::train_batch(&set, &plain, &order, 1, index, 32);
        let other = batch::train_batch(&set, &changed, &order, 1, index, 32);
        assert_eq!(other, batch::train_batch(&set, &changed, &order, 1, index, 32));
        assert_eq!(one.labels, other.labels);
        let views = batch::plan_train_batch(&set, &changed, &order, 1, index, 32);
        let (erased, mix) = (views.erased.unwrap(), views.mix.unwrap());
        let Mix::Cut(cut) = &mix else { panic!("no box") };
        assert_eq!(other.mix.as_deref(), Some(mix.shares()));
        // What is neither erased nor cut out is the same number.
        for (at, (a, b)) in one.images.iter().zip(&other.images).enumerate() {
            let (row, column) = (at / 32 % 32, at % 32);
            let inside =
                |part: &Rectangle| part.rows.contains(&row) && part.columns.contains(&column);
            if inside(&erased.rectangle) || inside(&cut.rectangle) {
                changes += usize::from(a != b);
            } else {
                assert_eq!(a, b);
            }
        }
    }
    assert!(changes > 1000, "{changes}");
}

#[test]
fn epochs_and_batches_see_pictures_differently() {
    let config = config("");
    let set = pictures(&config);
    assert_ne!(batch::epoch_order(40, 7, 0), batch::epoch_order(40, 7, 1));
    let order: Vec<usize> = (0..40).collect();
    let seen = |epoch| batch::train_batch(&set, &config, &order, epoch, 0, 32).images;
    assert_ne!(seen(0), seen(1));
    assert_eq!(seen(1), seen(1));
}

/// With accumulation, half the batch twice is the batch once, but for the norms' statistics; so the
/// network here sees the same half twice, for which the mean of the gradients is the gradient.
#[test]
fn gradients_are_averaged_and_leftovers_wait() {
    let steps = |more: &str, batches: usize| {
        let mut learner = learner(&config(more));
        (0..batches).for_each(|_| drop(block_on(learner.tick()).unwrap()));
        block_on(read_weights(&learner.model)).unwrap()
    };
    let parameters = |weights: &Weights| {
        let own = weights.iter().filter(|(name, _)| !name.contains("running_"));
        own.map(|(name, array)| (name.clone(), array.clone())).collect::<Weights>()
    };
    let first = parameters(&steps("", 0));
    // 40 pictures in batches of 8: five an epoch. Every third batch steps; the fifth is left for
    // the next epoch.
    let after: Vec<_> =
        [1, 2, 3, 5].map(|batches| parameters(&steps("accumulate=3", batches))).into();
    assert_eq!(after[0], first);
    assert_eq!(after[1], first);
    assert_ne!(after[2], first);
    assert_eq!(after[3], after[2]);
    // Five training ticks, three validation ticks, the row, then the sixth batch.
    assert_ne!(parameters(&steps("accumulate=3", 5 + 3 + 1 + 1)), after[2]);
    // Running statistics move with every batch.
    assert_ne!(steps("accumulate=3", 1), steps("", 0));
}

#[test]
fn accumulated_gradients_are_their_mean() {
    use burn::tensor::{Distribution, Tensor};
    use resnette_engine::train::accumulate::Accumulator;

    let device = Engine::start().device.autodiff();
    let learner = learner(&config(""));
    let batches: Vec<Tensor<4>> =
        (0..3).map(|_| Tensor::random([4, 3, 32, 32], Distribution::Default, &device)).collect();
    let gradients =
        |batch: &Tensor<4>| learner.model.forward(batch.clone()).square().mean().backward();
    let mut accumulator = Accumulator::new(3);
    assert!(accumulator.push(&learner.model, gradients(&batches[0])).is_none());
    assert!(accumulator.push(&learner.model, gradients(&batches[1])).is_none());
    let mean = accumulator.push(&learner.model, gradients(&batches[2])).unwrap();
    assert!(
        accumulator.push(&learner.model, gradients(&batches[0])).is_none(),
        "the count starts over"
    );
    let found = super::training::gradients(&learner.model, &mean);
    let each: Vec<Weights> = batches
        .iter()
        .map(|batch| super::training::gradients(&learner.model, &gradients(batch)))
        .collect();
    assert_eq!(found.len(), each[0].len());
    for (name, array) in &found {
        for (index, value) in array.values.iter().enumerate() {
            let wanted = each.iter().map(|grads| grads[name].values[index]).sum::<f32>() / 3.0;
            assert!(
                (value - wanted).abs() <= 1e-5 * wanted.abs() + 1e-9,
                "{name}: {value} {wanted}"
            );
        }
    }
}

#[test]
fn pictures_grow_over_the_run() {
    for augment in ["crop-flip-v1", "full-v1", "none", "full"] {
        pictures_grow(augment);
    }
    // A crop is cut to the small size at once, without a step between.
    let config = config("size=48&grow=24&augment=crop-flip");
    let (set, order) = (pictures(&config), [0, 1, 2, 3, 4, 5, 6, 7]);
    let views = batch::plan_train_batch(&set, &config, &order, 0, 0, 24);
    assert!(views.pictures.iter().all(|picture| (picture.width, picture.height) == (24, 24)));
}

fn pictures_grow(augment: &str) {
    let config = config(&format!("size=48&grow=24,32&epochs=6&augment={augment}"));
    let mut learner = learner(&config);
    let mut sizes = Vec::new();
    loop {
        let size = learner.size();
        match block_on(learner.tick()).unwrap() {
            Tick::Trained { batch: 0, .. } => sizes.push(size),
            Tick::Done => break,
            _ => {}
        }
    }
    assert_eq!(sizes, [24, 24, 32, 32, 48, 48]);
    assert_eq!(learner.history.len(), 6);
    // A small picture is what a set for that size would hold, so that nothing is skipped over in
    // sampling.
    let set = pictures(&config);
    let order: Vec<usize> = (0..set.train.len()).collect();
    let mut shrunk = (*set).clone();
    for sample in &mut shrunk.train {
        sample.picture = shrink(&sample.picture, Keep::SQUARE.train_side(24));
    }
    let mut small = config.clone();
    small.data.size = 24;
    let found = batch::train_batch(&set, &config, &order, 0, 1, 24);
    assert_eq!(found, batch::train_batch(&shrunk, &small, &order, 0, 1, 24));
    assert_eq!(found.images.len(), 8 * 3 * 24 * 24);
}

#[test]
fn looking_again_mixes_probabilities() {
    let look = |learner: &Learner, n, beta| {
        let mut tta = Tta::of(learner, n, beta);
        let mut looks = 0;
        loop {
            match block_on(tta.tick()).unwrap() {
                TtaTick::Predicted { passes, .. } => {
                    assert_eq!(passes, n + 1);
                    looks += 1;
                }
                TtaTick::Done(scored) => break (scored, looks),
            }
        }
    };
    let close = |a: &[ScoredPicture], b: &[ScoredPicture]| {
        a.len() == b.len()
            && a.iter().zip(b).all(|(a, b)| {
                a.label == b.label
                    && a.probabilities()
                        .iter()
                        .zip(b.probabilities())
                        .all(|(a, b)| (a - b).abs() < 1e-6)
            })
    };
    for augment in ["full", "crop-flip", "crop-flip-v1"] {
        let mut run = learner(&config(&format!("augment={augment}")));
        finish(&mut run);
        // The plain look is validation.
        let (plain, looks) = look(&run, 0, BETA);
        assert_eq!(looks, 3);
        assert!(close(&plain, &run.scored));
        assert!((metrics(&plain, 0.1).loss - f64::from(run.history[1].valid_loss)).abs() < 1e-5);
        let (mixed, looks) = look(&run, PASSES, BETA);
        assert_eq!(looks, 5 * 3);
        assert!(!close(&mixed, &plain));
        assert_eq!(look(&run, PASSES, BETA).0, mixed);
        // fastai's lerp: a quarter of the plain look, three quarters of the mean of the others.
        let (others, _) = look(&run, PASSES, 0.0);
        for ((mixed, plain), others) in mixed.iter().zip(&plain).zip(&others) {
            for ((mixed, plain), others) in
                mixed.probabilities().iter().zip(plain.probabilities()).zip(others.probabilities())
            {
                assert!((mixed - (0.25 * plain + 0.75 * others)).abs() < 1e-6);
            }
        }
        // Without augmentation there is nothing else to see.
        run.config.recipe.augment = Augment::None;
        assert!(close(&look(&run, PASSES, BETA).0, &plain));
    }
}

#[test]
fn the_finder_stops_suggests_and_leaves_the_run_alone() {
    let mut run = learner(&config("augment=none"));
    block_on(run.tick()).unwrap();
    let before = outcome(&run);
    let mut finder = LrFind::of(&run);
    let mut tried = 0;
    let suggestion = loop {
        match block_on(finder.tick()).unwrap() {
            LrTick::Tried(point) => {
                assert_eq!(finder.search().points()[tried], point);
                tried += 1;
            }
            LrTick::Done(suggestion) => break suggestion.unwrap(),
        }
    };
    assert!((20..=100).contains(&tried), "{tried}");
    assert!((1e-6..1.0).contains(&suggestion.valley), "{suggestion:?}");
    assert_eq!(outcome(&run), before);
    // The first loss is the first loss of a run with the same weights and order.
    let fresh = LrFind::new(run.config.clone(), run.data.clone(), &Engine::start().device);
    let mut fresh = fresh.unwrap();
    let LrTick::Tried(point) = block_on(fresh.tick()).unwrap() else {
        panic!("one batch is no search")
    };
    let Tick::Trained { steps, .. } = block_on(learner(&run.config).tick()).unwrap() else {
        panic!("no step")
    };
    assert_eq!(point.loss as f32, steps[0].loss);
}
