#![allow(clippy::unwrap_used)]

mod best_epoch;
mod cut_skip;
mod fine_tuning;
mod late_reads;
mod single_steps;

use burn::module::Module;
use futures::executor::block_on;
use rand::Rng;
use resnette_picture::drawn;
use resnette_spec::read_run;

use crate::model::torchvision::TorchvisionResNet;
use crate::model::weights::{Array, Weights, read_weights};
use crate::train::batch_loss::upload;
use crate::train::checkpoint::{Checkpoint, CheckpointError};
use crate::train::learner::*;

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
