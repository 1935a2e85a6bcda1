//! fastai's `ranger` under `fit_flat_cos`, against PyTorch.

use resnette_engine::train::adam::Adam;
use resnette_engine::train::loss::{soft_cross_entropy, targets};
use resnette_spec::{read_run, schedule};

use super::fixture::{Case, download};
use super::networks::{Batches, network};
use super::tolerance::Engine;
use super::training::{STEPS, parameters, read, running};

/// The step without the average of squares, the first with it, the meetings with the slow weights
/// and the schedule's fall.
#[test]
fn twenty_steps_of_ranger_are_pytorchs() {
    let engine = Engine::start();
    let start = Case::load("resnet_bottleneck");
    let case = Case::load("ranger");
    let device = engine.device.clone().autodiff();
    let batches = Batches::load(&device);
    let losses = case.numbers("losses");
    let mut recipe = read_run("opt=ranger&schedule=flat-cos").0.recipe;
    recipe.lr = case.info["lr"].as_f64().unwrap();
    recipe.wd = case.info["wd"].as_f64().unwrap();
    let mut module = network(&start, &start.part("before"), &device);
    let mut ranger = Adam::of(&recipe);
    let mut kept = 0;
    for (step, &wanted_loss) in losses.iter().enumerate() {
        let wanted = targets(&batches.labels[step % 3], 10, 0.0, None, &device);
        let loss = soft_cross_entropy(module.forward(batches.images[step % 3].clone()), wanted);
        engine.compare_loss(&case, step, f64::from(download(loss.clone()).values[0]), wanted_loss);
        let mut grads = loss.backward();
        let hyper = schedule::of_recipe(&recipe, step as f64 / STEPS as f64);
        module = ranger.step(module, &mut grads, hyper, |_| 1.0);
        let group = format!("step{}", step + 1);
        let wanted = case.part(&group);
        if !wanted.is_empty() {
            kept += 1;
            let found = read(&module);
            engine.compare(&case, &group, &parameters(&found), &parameters(&wanted));
            engine.compare(&case, &format!("{group}.running"), &running(&found), &running(&wanted));
        }
    }
    assert_eq!((losses.len(), kept), (STEPS, 2));
}
