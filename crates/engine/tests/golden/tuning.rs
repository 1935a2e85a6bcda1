//! fastai's `fine_tune`, against PyTorch with frozen parameters and a rate for each group.

use resnette_engine::model::weights::{Array, Weights};
use resnette_engine::train::adam::Adam;
use resnette_engine::train::loss::{soft_cross_entropy, targets};
use resnette_spec::fine_tune::{FineTunePhase, ParamGroup};

use super::fixture::{Case, download};
use super::networks::{Batches, network};
use super::tolerance::{Engine, gaps};
use super::training::read;

const WD: f64 = 0.01;
/// Of the way that a tensor has gone: in the first layers that is a ten-thousandth of the weights,
/// of which float32 rounds a thousandth away. A wrong rate would be off by a factor of 3 at least.
const WAY: f64 = 0.02;

#[test]
fn frozen_tensors_stay_and_each_group_goes_as_far_as_pytorchs() {
    let engine = Engine::start();
    let start = Case::load("resnet_bottleneck");
    let case = Case::load("fine_tune");
    let device = engine.device.clone().autodiff();
    let batches = Batches::load(&device);
    let (losses, per_epoch) = (case.numbers("losses"), case.number("batches"));
    let epochs = case.number("epochs") + 1;
    let lr = case.info["base_lr"].as_f64().unwrap();
    assert_eq!(losses.len() as u32, per_epoch * epochs);
    let first = start.part("before");
    let mut module = network(&start, &first, &device);
    let mut adam = Adam::new(WD);
    for step in 0..per_epoch * epochs {
        let phase = FineTunePhase::of(step / per_epoch);
        if step == per_epoch {
            frozen(&first, &read(&module));
            ways("frozen", &first, &read(&module), &case.part("frozen"));
            adam = Adam::new(WD);
        }
        let batch = step as usize % 3;
        let wanted = targets(&batches.labels[batch], 10, 0.0, None, &device);
        let loss = soft_cross_entropy(module.forward(batches.images[batch].clone()), wanted);
        engine.compare_loss(
            &case,
            step as usize,
            f64::from(download(loss.clone()).values[0]),
            losses[step as usize],
        );
        let mut grads = loss.backward();
        module = adam.step(
            module,
            &mut grads,
            phase.hyper_params(lr, step, per_epoch, epochs),
            |name| phase.lr_factor(name, 4),
        );
    }
    ways("whole", &case.part("frozen"), &read(&module), &case.part("whole"));
}

/// Convolutions of the body are the same to the bit.
fn frozen(first: &Weights, now: &Weights) {
    let convolutions: Vec<&String> =
        first.keys().filter(|name| name.ends_with("conv.weight")).collect();
    assert!(convolutions.len() > 12);
    assert!(
        convolutions
            .iter()
            .all(|name| ParamGroup::of(name, 4) != ParamGroup::Head && now[*name] == first[*name])
    );
}

/// Every parameter has gone PyTorch's way.
fn ways(what: &str, from: &Weights, found: &Weights, wanted: &Weights) {
    assert!(found.keys().eq(wanted.keys()));
    for (name, wanted) in wanted.iter().filter(|(name, _)| !name.contains("running_")) {
        let way = |to: &Array| {
            let values =
                to.values.iter().zip(&from[name].values).map(|(to, from)| to - from).collect();
            Array { shape: to.shape.clone(), values }
        };
        let (off, length, _) = gaps(&way(&found[name]), &way(wanted));
        assert!(off <= WAY * length, "{what}, {name}: off by {off:.1e} on a way of {length:.1e}");
    }
}
