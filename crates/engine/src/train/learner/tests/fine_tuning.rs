//! Fine-tunings: a frozen body and then the whole network, with either head.

use resnette_spec::HeadKind;
use resnette_spec::fine_tune::ParamGroup;

use super::*;
use crate::model::file::ModelFile;
use crate::model::safetensors::Precision;
use crate::train::export::export_model;
use crate::train::lr_find::{LrFind, LrTick};

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

/// fastai's `lr_find` after `vision_learner`: the body is frozen but for its norms, and head and
/// norms have the one rate that is tried.
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

/// A network of the chapter with ten classes.
fn of_the_chapter(config: &RunConfig) -> impl Fn(&Device) -> Network {
    let architecture = Architecture::new(&config.net, 10);
    move |device| Network::Chapter(ResNet::new(&architecture, stream(2, Purpose::Init, 0), device))
}

/// A network of the chapter can be fine-tuned for other classes in the same way.
#[test]
fn a_network_of_the_chapter_can_be_fine_tuned_too() {
    const SETTINGS: &str =
        "size=32&layers=1,1&expansion=1&width=8&stem=4,8&epochs=1&bs=8&augment=none&head=linear";
    let data = drawn_set(&[1, 2], 32);
    let config = read_run(SETTINGS).0;
    let mut learner = tuned(SETTINGS, of_the_chapter(&config), &data);
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

/// fastai's head on torchvision's network: it learns from the frozen epoch on, answers the same
/// from its file, and its metadata name it. A file of a version that had the linear head alone
/// keeps it.
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

/// fastai's `fine_tune` is two fits, and `Recorder.before_fit` resets `smooth_loss` before each;
/// the average itself is held against fastai's numbers in `tests/golden/recipe.rs`.
#[test]
fn the_running_loss_starts_anew_with_the_whole_network() {
    const SETTINGS: &str =
        "size=32&layers=1,1&expansion=1&width=8&stem=4,8&epochs=2&bs=8&augment=none&lr=0.01";
    let data = drawn_set(&[1, 2], 32);
    let config = read_run(SETTINGS).0;
    let mut learner = tuned(SETTINGS, of_the_chapter(&config), &data);
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
