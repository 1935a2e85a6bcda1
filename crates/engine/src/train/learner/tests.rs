#![allow(clippy::unwrap_used)]

mod cut_skip;
mod late_reads;
mod single_steps;

use burn::module::Module;
use futures::executor::block_on;
use rand::Rng;
use resnette_picture::drawn;
use resnette_spec::fine_tune::ParamGroup;
use resnette_spec::{HeadKind, read_run};

use crate::model::file::ModelFile;
use crate::model::safetensors::Precision;
use crate::model::torchvision::TorchvisionResNet;
use crate::model::weights::{Array, Weights, read_weights};
use crate::train::batch_loss::upload;
use crate::train::checkpoint::{Checkpoint, CheckpointError};
use crate::train::export::{export_model, learner_info};
use crate::train::learner::*;
use crate::train::lr_find::{LrFind, LrTick};

/// One block a stage, with weights as PyTorch draws them.
fn pretrained(architecture: &Architecture) -> Weights {
    let mut rng = stream(1, Purpose::Init, 0);
    let fill = |(name, shape): (String, Vec<usize>)| {
        let count: usize = shape.iter().product();
        let bound = (6.0 / shape[1..].iter().product::<usize>() as f32).sqrt();
        let values = match name.rsplit('.').next() {
            _ if shape.len() > 1 => (0..count).map(|_| rng.random_range(-bound..bound)).collect(),
            Some("weight" | "running_var") => vec![1.0; count],
            _ => vec![0.0; count],
        };
        (name, Array { shape, values })
    };
    architecture.tensors().into_iter().map(fill).collect()
}

fn drawn_set(classes: &[usize], size: u32) -> Arc<Dataset> {
    let mut set =
        Dataset { classes: classes.iter().map(usize::to_string).collect(), ..Dataset::default() };
    for index in 0..24 {
        for (label, &class) in classes.iter().enumerate() {
            let picture = drawn::draw(class, index, 1, size);
            match index < 16 {
                true => set.push_train(&picture, label as u32, size),
                false => set.push_valid(&picture, label as u32, size),
            }
        }
    }
    Arc::new(set)
}

fn pretrained_as(network: Network) -> Pretrained {
    let base = BaseModel { name: "base.safetensors".into(), crc32: "01234567".into() };
    Pretrained { network, net: None, base }
}

fn tuned(settings: &str, network: impl Fn(&Device) -> Network, data: &Arc<Dataset>) -> Learner {
    let device = Device::flex();
    let config = read_run(settings).0;
    let network = pretrained_as(network(&device.clone().autodiff()));
    Learner::fine_tune(config, data.clone(), &device, 1, network).unwrap()
}

fn run_epoch(learner: &mut Learner) -> EpochRow {
    loop {
        if let Tick::Epoch(row) = block_on(learner.tick()).unwrap() {
            return row;
        }
    }
}

/// What a step of Adam could move: running statistics follow the batches in a frozen body too, as
/// in fastai.
fn parameters(learner: &Learner) -> Weights {
    let mut weights = block_on(read_weights(&learner.model)).unwrap();
    weights.retain(|name, _| !name.contains(".running_"));
    weights
}

#[test]
fn a_frozen_body_stays_and_then_learns_and_the_file_is_torchvisions() {
    let architecture = Architecture::torchvision([1, 1, 1, 1], false, 1000);
    let weights = pretrained(&architecture);
    let data = drawn_set(&[0, 3, 4, 7], 32);
    let network = |device: &Device| {
        Network::Torchvision(TorchvisionResNet::load(&architecture, &weights, device).unwrap())
    };
    let settings = "size=32&epochs=3&bs=16&lr=0.01&augment=none&head=linear";
    let mut learner = tuned(settings, network, &data);
    assert_eq!((learner.shape().epochs, learner.shape().batches), (4, 4));
    let first = parameters(&learner);
    assert_eq!(first["head.weight"].shape, [4, 512]);
    let frozen = run_epoch(&mut learner);
    let after = parameters(&learner);
    assert_eq!(first.len(), after.len());
    for (name, array) in &first {
        let trains = ParamGroup::of(name, 4) == ParamGroup::Head || array.shape.len() == 1;
        assert_eq!(*array != after[name], trains, "{name}");
    }
    let last = (0..3).map(|_| run_epoch(&mut learner)).last().unwrap();
    assert!(learner.is_done());
    let whole = parameters(&learner);
    assert!(
        after.iter().all(|(name, array)| *array != whole[name]),
        "after unfreezing everything learns"
    );
    assert!(
        last.accuracy > frozen.accuracy + 0.1 && last.valid_loss < frozen.valid_loss - 0.2,
        "{frozen:?} {last:?}"
    );

    let file = block_on(export_model(&learner)).unwrap();
    let bytes = file.write(Precision::F32).unwrap();
    let again = ModelFile::read("tuned", &bytes, &RunConfig::default()).unwrap();
    assert_eq!(again.architecture, Architecture { classes: 4, ..architecture });
    // Its link is what was asked for, so that fine-tuning the same network with it repeats the run;
    // the frozen epoch stands in the table.
    assert_eq!((again.config.recipe.epochs, again.info.history.len()), (3, 4));
    assert_eq!(again.info.fine_tuned_from, learner.base);
    assert!(learner.base.as_ref().is_some_and(|base| base.name == "base.safetensors"));
    assert_eq!(
        (again.info.size, &again.info.classes, again.info.history.len()),
        (32, &data.classes, 4)
    );
    assert_eq!(again.info.parameters, learner.shape().parameters);
    let images = upload(batch::valid_batch(&data, 8, 0, 32), &Device::flex());
    let wanted = learner.model.valid().forward(images.clone());
    let found = again.build(&Device::flex()).unwrap().forward(images);
    assert!((wanted - found).abs().max().into_scalar::<f32>() < 1e-5);
}

/// fastai's `lr_find` after `vision_learner`: the body is frozen but for its norms, and head and norms
/// have the one rate that is tried.
#[test]
fn the_rate_of_a_fine_tuning_is_searched_with_a_frozen_body() {
    let architecture = Architecture::torchvision([1, 1, 1, 1], false, 1000);
    let weights = pretrained(&architecture);
    let data = drawn_set(&[0, 3], 32);
    let device = Device::flex();
    let config = read_run("size=32&epochs=3&bs=8&augment=none&head=linear").0;
    let network = TorchvisionResNet::load(&architecture, &weights, &device.clone().autodiff());
    let network = pretrained_as(Network::Torchvision(network.unwrap()));
    let learner =
        Learner::fine_tune(config.clone(), data.clone(), &device, 1, network.clone()).unwrap();
    let before = parameters(&learner);
    let mut finder = LrFind::fine_tune(config, data, &device, network).unwrap();
    let first = block_on(finder.tick()).unwrap();
    // 20 steps multiply the rate by 40.
    (0..20).for_each(|_| assert!(block_on(finder.tick()).is_ok()));
    let after = block_on(read_weights(finder.model())).unwrap();
    for (name, array) in &before {
        let learns = ParamGroup::of(name, 4) == ParamGroup::Head || array.shape.len() == 1;
        assert_eq!(*array != after[name], learns, "{name}");
    }
    // Adam's steps are as long as the rate, whatever the gradient: the norms go as far as the head.
    let way = |name: &str| {
        let pairs = before[name].values.iter().zip(&after[name].values);
        pairs.map(|(from, to)| (to - from).abs()).fold(0.0, f32::max)
    };
    let (head, norm) = (way("head.bias"), way("bn1.bias"));
    assert!(norm > 0.3 * head && norm < 3.0 * head, "{norm} {head}");
    // The first loss is that of a fine-tuning's first step.
    let mut run = learner;
    let Tick::Trained { steps, .. } = block_on(run.tick()).unwrap() else { panic!("no step") };
    assert!(matches!(first, LrTick::Tried(point) if point.loss as f32 == steps[0].loss));
}

/// A network of the chapter can be fine-tuned for other classes in the same way.
#[test]
fn a_network_of_the_chapter_can_be_fine_tuned_too() {
    const SETTINGS: &str =
        "size=32&layers=1,1&expansion=1&width=8&stem=4,8&epochs=1&bs=8&augment=none&head=linear";
    let data = drawn_set(&[1, 2], 32);
    let config = read_run(SETTINGS).0;
    let network = |device: &Device| {
        Network::Chapter(ResNet::new(
            &Architecture::new(&config.net, 10),
            stream(2, Purpose::Init, 0),
            device,
        ))
    };
    let mut learner = tuned(SETTINGS, network, &data);
    assert_eq!(learner.shape().parameters, Architecture::new(&config.net, 2).parameters());
    run_epoch(&mut learner);
    run_epoch(&mut learner);
    assert!(learner.is_done());
    let file = block_on(export_model(&learner)).unwrap();
    assert_eq!(file.info.classes, ["1", "2"]);
    assert_eq!((file.config.recipe.epochs, &file.info.fine_tuned_from), (1, &learner.base));
    // From its file it is fine-tuned again, with its own layers whatever the settings say.
    let again = Pretrained::new(&file, &Device::flex()).unwrap();
    assert_eq!(again.base, file.as_base());
    let other = read_run("size=32&layers=2&width=4&epochs=1&bs=8&augment=none").0;
    let mut learner = Learner::fine_tune(other, data, &Device::flex(), 1, again).unwrap();
    let net = resnette_spec::NetConfig { head: HeadKind::Fastai, ..config.net.clone() };
    assert_eq!(learner.config.net, net, "and with fastai's head, unless another is chosen");
    // Its file opens with that head, and can be fine-tuned for other classes and heads in turn.
    run_epoch(&mut learner);
    let file = block_on(export_model(&learner)).unwrap();
    let bytes = file.write(Precision::F32).unwrap();
    let read = ModelFile::read("tuned", &bytes, &RunConfig::default()).unwrap();
    assert_eq!((read.config.net.head, read.architecture.pooled()), (HeadKind::Fastai, 32));
    let again = Pretrained::new(&read, &Device::flex()).unwrap();
    let linear = read_run("size=32&epochs=1&bs=8&augment=none&head=linear").0;
    let learner =
        Learner::fine_tune(linear, drawn_set(&[1, 2, 3], 32), &Device::flex(), 1, again).unwrap();
    assert_eq!(parameters(&learner)["head.weight"].shape, [3, 16]);
}

/// fastai's head on torchvision's network: it learns from the frozen epoch on, answers the same from
/// its file, and its metadata name it. A file of a version that had the linear head alone keeps it.
#[test]
fn a_fine_tuning_has_fastais_head() {
    let architecture = Architecture::torchvision([1, 1, 1, 1], false, 1000);
    let weights = pretrained(&architecture);
    let data = drawn_set(&[0, 3, 4, 7], 32);
    let network = |device: &Device| {
        Network::Torchvision(TorchvisionResNet::load(&architecture, &weights, device).unwrap())
    };
    let mut learner = tuned("size=32&epochs=3&bs=16&lr=0.01&augment=none", network, &data);
    let first = parameters(&learner);
    assert_eq!(first["head.hidden.linear.weight"].shape, [512, 1024]);
    assert_eq!(
        (&first["head.weight"].shape[..], first.contains_key("head.bias")),
        (&[4, 512][..], false)
    );
    let frozen = run_epoch(&mut learner);
    let after = parameters(&learner);
    for (name, array) in &first {
        let learns = ParamGroup::of(name, 4) == ParamGroup::Head || array.shape.len() == 1;
        assert_eq!(*array != after[name], learns, "{name}");
    }
    let last = (0..3).map(|_| run_epoch(&mut learner)).last().unwrap();
    assert!(last.valid_loss < frozen.valid_loss, "{frozen:?} {last:?}");

    let file = block_on(export_model(&learner)).unwrap();
    let bytes = file.write(Precision::F32).unwrap();
    let again = ModelFile::read("tuned", &bytes, &RunConfig::default()).unwrap();
    let wanted = Architecture { classes: 4, ..architecture.clone() }.with_head(HeadKind::Fastai);
    assert_eq!((&again.architecture, again.config.net.head), (&wanted, HeadKind::Fastai));
    assert!(again.weights.contains_key("fc.hidden.norm1.running_var"));
    assert_eq!(again.info.parameters, learner.shape().parameters);
    let images = upload(batch::valid_batch(&data, 8, 0, 32), &Device::flex());
    let wanted = learner.model.valid().forward(images.clone());
    let found = again.build(&Device::flex()).unwrap().forward(images);
    assert!((wanted - found).abs().max().into_scalar::<f32>() < 1e-4);

    let linear = tuned("size=32&epochs=1&bs=16&augment=none&head=linear", network, &data);
    let mut old = block_on(export_model(&linear)).unwrap();
    old.config.net.head = HeadKind::Auto;
    let bytes = old.write(Precision::F32).unwrap();
    let old = ModelFile::read("old", &bytes, &RunConfig::default()).unwrap();
    assert_eq!((old.config.net.head, old.architecture.pooled()), (HeadKind::Linear, 512));
}

/// A run from first weights may have fastai's head too; saved within an epoch, it goes on with the
/// same bits.
#[test]
fn a_run_with_fastais_head_is_resumed_bit_for_bit() {
    const SETTINGS: &str =
        "size=32&layers=1,1&expansion=1&width=8&stem=4,8&epochs=2&bs=8&augment=none&head=fastai";
    let data = drawn_set(&[1, 2], 32);
    let device = Device::flex();
    let mut whole = Learner::new(read_run(SETTINGS).0, data.clone(), &device, 1).unwrap();
    for _ in 0..whole.batches() / 2 {
        block_on(whole.tick()).unwrap();
    }
    let saved = block_on(whole.checkpoint()).unwrap().write(1).unwrap();
    assert!(whole.file_sizes().run as usize > saved.len());
    let (_, checkpoint) = Checkpoint::read(&saved).unwrap();
    let mut resumed = Learner::resume(&checkpoint, data, &device, 1).unwrap();
    run_epoch(&mut whole);
    run_epoch(&mut resumed);
    let all = |learner: &Learner| block_on(read_weights(&learner.model)).unwrap();
    assert_eq!(all(&resumed), all(&whole));
}

/// fastai's `fine_tune` is two fits, and `Recorder.before_fit` resets `smooth_loss` before each; the
/// average itself is held against fastai's numbers in `tests/golden/recipe.rs`.
#[test]
fn the_running_loss_starts_anew_with_the_whole_network() {
    const SETTINGS: &str =
        "size=32&layers=1,1&expansion=1&width=8&stem=4,8&epochs=2&bs=8&augment=none&lr=0.01";
    let data = drawn_set(&[1, 2], 32);
    let config = read_run(SETTINGS).0;
    let network = |device: &Device| {
        Network::Chapter(ResNet::new(
            &Architecture::new(&config.net, 10),
            stream(2, Purpose::Init, 0),
            device,
        ))
    };
    let mut learner = tuned(SETTINGS, network, &data);
    let mut smooth = SmoothedLoss::default();
    let mut through = SmoothedLoss::default();
    for epoch in 0..3 {
        if epoch == 1 {
            smooth = SmoothedLoss::default();
        }
        loop {
            match block_on(learner.tick()).unwrap() {
                Tick::Trained { steps, .. } => {
                    for step in steps {
                        through.push(f64::from(step.loss));
                        assert_eq!(step.smooth, smooth.push(f64::from(step.loss)) as f32);
                    }
                }
                Tick::Epoch(row) => {
                    assert_eq!(row.train_loss, smooth.value() as f32, "epoch {epoch}");
                    break;
                }
                _ => {}
            }
        }
    }
    assert_ne!(smooth.value(), through.value());
}

#[test]
fn a_failed_engine_names_the_trouble_alone() {
    let chain = "An error happened during execution\nCaused by:\n  The device was lost\n\
                         Backtrace:\nNo backtrace available";
    assert_eq!(error::root_cause(chain), "The device was lost");
    assert_eq!(error::root_cause("out of memory"), "out of memory");
    assert_eq!(error::root_cause(""), "for no reason that it names");
}

#[test]
fn gradients_are_reported_now_and_then_for_each_block() {
    const SETTINGS: &str =
        "size=32&layers=1,2&expansion=1&width=8&stem=4,8&epochs=3&bs=4&augment=none";
    let mut learner =
        Learner::new(read_run(SETTINGS).0, drawn_set(&[1, 2], 32), &Device::flex(), 1).unwrap();
    let mut measured = Vec::new();
    for step in 0.. {
        match block_on(learner.tick()).unwrap() {
            Tick::Trained { gradients, .. } if !gradients.is_empty() => measured.push(gradients),
            Tick::Done => break,
            _ => assert!(step < 1000),
        }
    }
    // 24 steps, measured at the 4th and the 20th.
    assert_eq!(measured.len(), 2);
    assert!(
        measured.iter().all(|sizes| sizes.len() == 3 && sizes.iter().all(|size| size.is_finite())),
        "{measured:?}"
    );
    assert_ne!(measured[0], measured[1]);
}

/// The side of the pictures in training and in validation, one pair an epoch; `more` epochs are
/// added at the end, one by one.
fn sizes(settings: &str, more: u32) -> Vec<[u32; 2]> {
    const TINY: &str = "size=32&layers=1&expansion=1&width=4&stem=4&bs=8&augment=none";
    let run = read_run(&format!("{TINY}&{settings}")).0;
    let mut learner = Learner::new(run, drawn_set(&[1, 2], 32), &Device::flex(), 8).unwrap();
    let mut sizes = Vec::new();
    let mut more = more;
    loop {
        let size = learner.size();
        match block_on(learner.tick()).unwrap() {
            Tick::Trained { batch: 0, .. } => sizes.push([size, 0]),
            Tick::Validated { batch: 0, .. } => sizes.last_mut().unwrap()[1] = size,
            Tick::Done if more > 0 => {
                more -= 1;
                learner.add_epoch();
            }
            Tick::Done => return sizes,
            _ => {}
        }
    }
}

#[test]
fn the_last_epoch_is_always_at_the_full_size() {
    assert_eq!(sizes("epochs=1&grow=16", 0), [[32, 32]]);
    assert_eq!(sizes("epochs=2&grow=16,20,24,28", 0), [[28, 28], [32, 32]]);
    assert_eq!(sizes("epochs=2&grow=28,16,24", 0), [[28, 28], [32, 32]]);
}

#[test]
fn an_added_epoch_is_at_the_full_size() {
    assert_eq!(sizes("epochs=1&grow=16,20,24,28", 2), [[32, 32]; 3]);
    assert_eq!(sizes("epochs=3&grow=16,24", 1), [[16, 16], [24, 24], [32, 32], [32, 32]]);
}

#[test]
fn no_epoch_is_above_the_full_size() {
    assert_eq!(sizes("epochs=3&grow=16,64", 0), [[16, 16], [32, 32], [32, 32]]);
    assert_eq!(sizes("epochs=2&grow=48", 0), [[32, 32]; 2]);
}

#[test]
fn epochs_are_shared_out_evenly_among_the_sizes() {
    let side =
        |settings| sizes(settings, 0).into_iter().map(|[train, _]| train).collect::<Vec<_>>();
    assert_eq!(side("epochs=5&grow=16,24"), [16, 16, 24, 24, 32]);
    assert_eq!(side("epochs=4&grow=16,24"), [16, 16, 24, 32]);
    assert_eq!(side("epochs=3&grow=24,16"), [24, 16, 32]);
}

/// With a difference that no epoch reaches, the first epoch stays the best one.
#[test]
fn a_run_ends_early_with_the_network_of_its_best_epoch() {
    const TINY: &str = "size=32&layers=1,1&expansion=1&width=8&stem=4,8&epochs=5&bs=8&augment=none";
    let data = drawn_set(&[1, 2], 32);
    let begun = |settings: &str| {
        let run = read_run(&format!("{TINY}&{settings}")).0;
        Learner::new(run, data.clone(), &Device::flex(), 1).unwrap()
    };
    let all = |learner: &Learner| block_on(read_weights(&learner.model)).unwrap();
    let mut plain = begun("");
    let rows: Vec<EpochRow> = (0..3).map(|_| run_epoch(&mut plain)).collect();
    let mut first = begun("");
    run_epoch(&mut first);
    let (after_first, scored) = (all(&first), first.scored.clone());

    let mut learner = begun("save=valid_loss&stop=valid_loss&min_delta=10&patience=2");
    assert_eq!(run_epoch(&mut learner).valid_loss, rows[0].valid_loss);
    // Under way, the network that is saved is the best one, and the one that answers is not.
    run_epoch(&mut learner);
    assert_eq!((learner.best_so_far(), learner.kept_epoch()), (Some(0), None));
    assert_ne!(all(&learner), after_first);
    let file = block_on(export_model(&learner)).unwrap();
    assert_eq!((&file.weights, file.info.best), (&after_first, Some(0)));
    assert_eq!((learner.ending(), learner.is_done()), (None, false));
    let last = run_epoch(&mut learner);
    assert_eq!(EpochRow { seconds: 0.0, ..last }, EpochRow { seconds: 0.0, ..rows[2] });

    assert_eq!(
        (learner.is_done(), learner.history.len(), learner.kept_epoch()),
        (true, 3, Some(0))
    );
    assert_eq!((all(&learner), &learner.scored), (after_first.clone(), &scored));
    assert_eq!(
        learner.ending().as_deref(),
        Some(
            "stopped early, no better valid_loss since epoch 0; the network is that of epoch 0, the \
             best by valid_loss"
        )
    );
    assert_eq!(learner_info(&learner).name, "the network of this run, after epoch 0, its best");
    let file = block_on(export_model(&learner)).unwrap();
    let bytes = file.write(Precision::F32).unwrap();
    let again = ModelFile::read("kept", &bytes, &RunConfig::default()).unwrap();
    assert_eq!((again.info.best, again.info.history.len()), (Some(0), 3));
    assert_eq!(again.weights, after_first);

    // One epoch more begins with that network, and is no better by as much either.
    learner.add_epoch();
    run_epoch(&mut learner);
    assert_eq!(
        (learner.is_done(), learner.history.len(), learner.kept_epoch()),
        (true, 4, Some(0))
    );
    assert_eq!(all(&learner), after_first);
}

/// Lookahead meets its slow weights at the sixth step, in the second epoch, and at the twelfth, in
/// the one that is added. The first epoch stays the best one.
#[test]
fn slow_weights_return_to_the_best_epoch_with_the_network() {
    const RANGER: &str = "size=32&layers=1,1&expansion=1&width=8&stem=4,8&epochs=2&bs=8&\
                          augment=none&opt=ranger&save=valid_loss&min_delta=10";
    let (run, problems) = read_run(RANGER);
    assert!(problems.is_empty(), "{problems:?}");
    let mut learner = Learner::new(run, drawn_set(&[1, 2], 32), &Device::flex(), 1).unwrap();
    let slow = |learner: &mut Learner| {
        let saved = block_on(learner.checkpoint()).unwrap().write(1).unwrap();
        let slow = Checkpoint::read(&saved).unwrap().1.slow;
        slow.into_iter().map(|(name, array)| (name, array.values)).collect::<Vec<_>>()
    };
    let own = |weights: &Weights| {
        let own = weights.iter().map(|(name, array)| (name.clone(), array.values.clone()));
        own.collect::<Vec<_>>()
    };
    run_epoch(&mut learner);
    let first = parameters(&learner);
    // Lookahead has not met them yet.
    assert_ne!(slow(&mut learner), own(&first));
    for epochs in [2, 3] {
        run_epoch(&mut learner);
        assert_eq!((learner.history.len(), learner.kept_epoch()), (epochs, Some(0)));
        assert_eq!(parameters(&learner), first);
        assert_eq!(slow(&mut learner), own(&first), "after {epochs} epochs");
        learner.add_epoch();
    }
}

/// The frozen epoch and those of the whole network are two fits, each with a best epoch of its own.
#[test]
fn a_fine_tuning_keeps_the_best_epoch_of_the_whole_network() {
    let architecture = Architecture::torchvision([1, 1, 1, 1], false, 10);
    let weights = pretrained(&architecture);
    let network = |device: &Device| {
        Network::Torchvision(TorchvisionResNet::load(&architecture, &weights, device).unwrap())
    };
    let data = drawn_set(&[1, 2], 32);
    let settings = "size=32&epochs=3&bs=16&augment=none&save=accuracy&stop=accuracy&min_delta=1";
    let mut learner = tuned(settings, network, &data);
    run_epoch(&mut learner);
    assert_eq!((learner.is_done(), learner.best_so_far()), (false, None));
    run_epoch(&mut learner);
    let second = parameters(&learner);
    assert_eq!((learner.is_done(), learner.best_so_far()), (false, Some(1)));
    run_epoch(&mut learner);
    assert_eq!((learner.is_done(), learner.kept_epoch()), (true, Some(1)));
    assert_eq!(parameters(&learner), second);
    let name = learner_info(&learner).name;
    assert!(name.ends_with("blocks, fine-tuned, after epoch 1, its best"), "{name}");
    let told = learner.ending().unwrap();
    assert!(told.starts_with("stopped early, no better accuracy since epoch 1;"), "{told}");
    let file = block_on(export_model(&learner)).unwrap();
    assert_eq!((file.info.best, file.info.history.len()), (Some(1), 3));
    let images = upload(batch::valid_batch(&data, 8, 0, 32), &Device::flex());
    let wanted = learner.model.valid().forward(images.clone());
    let found = file.build(&Device::flex()).unwrap().forward(images);
    assert!((wanted - found).abs().max().into_scalar::<f32>() < 1e-5);
}

/// Dropout changes what is learned, at rate 0 not a bit of it, and validation never drops anything.
#[test]
fn dropout_acts_in_training_only() {
    const TINY: &str = "size=32&layers=1,1&expansion=1&width=8&stem=4,8&epochs=1&bs=8&augment=none";
    let data = drawn_set(&[1, 2], 32);
    let trained = |settings: &str| {
        let run = read_run(&format!("{TINY}&{settings}")).0;
        let mut learner = Learner::new(run, data.clone(), &Device::flex(), 1).unwrap();
        run_epoch(&mut learner);
        learner
    };
    let without = parameters(&trained(""));
    assert_eq!(parameters(&trained("dropout=0")), without);
    let learner = trained("dropout=0.5");
    assert_ne!(parameters(&learner), without);
    assert_eq!(parameters(&learner), parameters(&trained("dropout=0.5")));

    let images = upload(batch::valid_batch(&data, 8, 0, 32), &Device::flex());
    let logits = learner.model.valid().forward(images).into_data();
    let scored = learner.scored.iter().take(8).flat_map(|picture| picture.logits.iter().copied());
    assert_eq!(logits.iter::<f32>().collect::<Vec<_>>(), scored.collect::<Vec<_>>());
}

/// A run that is saved within an epoch and resumed drops the same numbers as the run that never
/// stopped.
#[test]
fn a_resumed_run_repeats_its_dropout() {
    const SETTINGS: &str =
        "size=32&layers=1,1&expansion=1&width=8&stem=4,8&epochs=2&bs=8&augment=none&dropout=0.4";
    let data = drawn_set(&[1, 2], 32);
    let device = Device::flex();
    let mut whole = Learner::new(read_run(SETTINGS).0, data.clone(), &device, 1).unwrap();
    for _ in 0..whole.batches() / 2 {
        block_on(whole.tick()).unwrap();
    }
    let saved = block_on(whole.checkpoint()).unwrap().write(1).unwrap();
    let (_, checkpoint) = Checkpoint::read(&saved).unwrap();
    let mut resumed = Learner::resume(&checkpoint, data, &device, 1).unwrap();
    run_epoch(&mut whole);
    run_epoch(&mut resumed);
    assert_eq!(parameters(&resumed), parameters(&whole));
}

/// A validation whose loss is not finite ends the run as a training loss does: the row could be
/// written neither into a saved run nor into the list of runs.
#[test]
fn a_validation_loss_that_is_not_finite_ends_the_run() {
    let settings = "size=16&layers=2&block=plain&expansion=1&width=4&stem=1&lr=10&wd=0&epochs=2\
                    &smoothing=0&augment=none&schedule=flat-cos";
    let (config, problems) = read_run(settings);
    assert!(problems.is_empty(), "{problems:?}");
    let mut learner = Learner::new(config, drawn_set(&[1, 2], 16), &Device::flex(), 1).unwrap();
    learner.scale_rate(1e3);
    let error = loop {
        match block_on(learner.tick()) {
            Ok(Tick::Epoch(row)) => panic!("{row:?}"),
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(matches!(error, LearnerError::DivergedInValidation(..)), "{error}");
    assert!(learner.history.is_empty() && learner.is_broken());
    assert!(matches!(block_on(learner.checkpoint()), Err(CheckpointError::Broken)));
    learner.add_epoch();
    assert!(learner.is_done(), "a broken run went on");
}

/// Dropout acts before torchvision's head too, in the same way in every run. A fine-tuning cannot
/// be saved, so there is nothing to resume.
#[test]
fn a_fine_tuning_repeats_its_dropout() {
    let architecture = Architecture::torchvision([1, 1, 1, 1], false, 10);
    let weights = pretrained(&architecture);
    let network = |device: &Device| {
        Network::Torchvision(TorchvisionResNet::load(&architecture, &weights, device).unwrap())
    };
    let data = drawn_set(&[1, 2], 32);
    let trained = |dropout: &str| {
        let settings = format!("size=32&epochs=1&bs=8&augment=none&dropout={dropout}");
        let mut learner = tuned(&settings, network, &data);
        run_epoch(&mut learner);
        assert!(matches!(block_on(learner.checkpoint()), Err(CheckpointError::FineTuning)));
        parameters(&learner)
    };
    let dropped = trained("0.4");
    assert_eq!(dropped, trained("0.4"));
    assert_ne!(dropped, trained("0"));
}
