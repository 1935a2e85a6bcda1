#![allow(clippy::unwrap_used)]

use futures::executor::block_on;
use rand::Rng;
use resnette_picture::drawn;
use resnette_spec::fine_tune::Group;
use resnette_spec::read_link;

use crate::model::container::Precision;
use crate::model::file::{Layout, ModelFile};
use crate::model::torchvision::{TorchvisionPlan, TorchvisionResNet};
use crate::model::weights::{Array, Weights, read_weights};
use crate::train::export::export_model;
use crate::train::learner::*;

/// One block a stage, with weights as PyTorch draws them.
fn pretrained(plan: &TorchvisionPlan) -> Weights {
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
    plan.shapes().into_iter().map(fill).collect()
}

fn drawn_set(classes: &[usize], size: u32) -> Arc<DataSet> {
    let mut set =
        DataSet { classes: classes.iter().map(usize::to_string).collect(), ..DataSet::default() };
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

fn tuned(settings: &str, network: impl Fn(&Device) -> Network, data: &Arc<DataSet>) -> Learner {
    let device = Device::flex();
    let config = read_link(settings).0.run;
    Learner::fine_tune(config, data.clone(), &device, 1, network(&device.clone().autodiff()))
        .unwrap()
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
    let plan = TorchvisionPlan { layers: [1, 1, 1, 1], bottleneck: false, classes: 1000 };
    let weights = pretrained(&plan);
    let data = drawn_set(&[0, 3, 4, 7], 32);
    let network = |device: &Device| {
        Network::Torchvision(TorchvisionResNet::load(&plan, &weights, device).unwrap())
    };
    let mut learner = tuned("size=32&epochs=3&bs=16&lr=0.01&augment=none", network, &data);
    assert_eq!((learner.shape().epochs, learner.shape().batches), (4, 4));
    let first = parameters(&learner);
    assert_eq!(first["head.weight"].shape, [4, 512]);
    let frozen = run_epoch(&mut learner);
    let after = parameters(&learner);
    assert_eq!(first.len(), after.len());
    for (name, array) in &first {
        let trains = Group::of(name, 4) == Group::Head || array.shape.len() == 1;
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
    assert_eq!(again.layout, Layout::Torchvision(TorchvisionPlan { classes: 4, ..plan }));
    assert_eq!(
        (again.info.size, &again.info.classes, again.info.history.len()),
        (32, &data.classes, 4)
    );
    assert_eq!(again.info.parameters, learner.shape().parameters);
    let images = upload(&batch::valid_batch(&data, 8, 0, 32), &Device::flex());
    let wanted = learner.model.valid().forward(images.clone());
    let found = again.build(&Device::flex()).unwrap().forward(images);
    assert!((wanted - found).abs().max().into_scalar::<f32>() < 1e-5);
}

/// A network of the chapter goes on with other classes, in the same way.
#[test]
fn a_network_of_the_chapter_can_be_tuned_too() {
    const SETTINGS: &str =
        "size=32&layers=1,1&expansion=1&width=8&stem=4,8&epochs=1&bs=8&augment=none";
    let data = drawn_set(&[1, 2], 32);
    let config = read_link(SETTINGS).0.run;
    let network = |device: &Device| {
        Network::Chapter(ResNet::new(
            &Plan::new(&config.net, 10),
            stream(2, Purpose::Init, 0),
            device,
        ))
    };
    let mut learner = tuned(SETTINGS, network, &data);
    assert_eq!(learner.shape().parameters, Plan::new(&config.net, 2).parameters());
    run_epoch(&mut learner);
    run_epoch(&mut learner);
    assert!(learner.is_done());
    assert_eq!(block_on(export_model(&learner)).unwrap().info.classes, ["1", "2"]);
}

#[test]
fn a_failed_engine_names_the_trouble_alone() {
    let chain = "An error happened during execution\nCaused by:\n  The device was lost\nBacktrace:\nNo backtrace available";
    assert_eq!(crate::train::learner::plain(chain), "The device was lost");
    assert_eq!(crate::train::learner::plain("out of memory"), "out of memory");
    assert_eq!(crate::train::learner::plain(""), "for no reason that it names");
}

#[test]
fn gradients_are_told_now_and_then_for_each_block() {
    const SETTINGS: &str =
        "size=32&layers=1,2&expansion=1&width=8&stem=4,8&epochs=3&bs=4&augment=none";
    let mut learner =
        Learner::new(read_link(SETTINGS).0.run, drawn_set(&[1, 2], 32), &Device::flex(), 1)
            .unwrap();
    let mut told = Vec::new();
    for step in 0.. {
        match block_on(learner.tick()).unwrap() {
            Tick::Trained { gradients, .. } if !gradients.is_empty() => told.push(gradients),
            Tick::Done => break,
            _ => assert!(step < 1000),
        }
    }
    // 24 steps, measured at the 4th and the 20th.
    assert_eq!(told.len(), 2);
    assert!(
        told.iter().all(|sizes| sizes.len() == 3 && sizes.iter().all(|size| size.is_finite())),
        "{told:?}"
    );
    assert_ne!(told[0], told[1]);
}
