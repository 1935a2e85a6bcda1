//! fastai's head by itself, against PyTorch with the same dropout masks.

use burn::tensor::Tensor;
use resnette_engine::model::Head;
use resnette_engine::model::init::Initializer;
use resnette_engine::model::weights::load_weights;
use resnette_engine::train::loss::{soft_cross_entropy, targets};
use resnette_spec::HeadKind;
use resnette_spec::random::{Purpose, stream};

use super::fixture::{Case, download, integers, single, upload};
use super::tolerance::Engine;
use super::training::{compare_evaluation, train};

fn head(case: &Case, engine: &Engine) -> Head {
    let device = engine.device.clone().autodiff();
    let (features, classes) = (case.number("features"), case.number("classes"));
    let mut init = Initializer::new(stream(0, Purpose::Init, 0), &device);
    let head = Head::new(HeadKind::Fastai, features as usize, classes as usize, &mut init);
    load_weights(head, &case.part("before")).unwrap()
}

#[test]
fn twenty_steps_of_fastais_head_are_pytorchs() {
    let engine = Engine::start();
    let case = Case::load("fastai_head");
    let device = engine.device.clone().autodiff();
    let (classes, smoothing) =
        (case.number("classes") as usize, case.info["smoothing"].as_f64().unwrap());
    let grids: Vec<Tensor<4>> =
        (0..3).map(|batch| upload(case.one(&format!("grid{batch}")), &device)).collect();
    let forward = |head: &Head, grid: Tensor<4>, batch: usize| {
        head.forward_dropped(head.pool(grid), |place, vectors| {
            let mask = case.one(&format!("mask{}_{batch}", place + 1));
            vectors * upload::<2>(mask, &device)
        })
    };
    let loss = |logits: Tensor<2>, batch: usize| {
        let labels = integers(&case.info["targets"][batch]);
        soft_cross_entropy(logits, targets(&labels, classes, smoothing, None, &device))
    };

    let tracked = grids[0].clone().require_grad();
    let grads = loss(forward(&head(&case, &engine), tracked.clone(), 0), 0).backward();
    let grad_input = single("input", download(tracked.grad(&grads).unwrap()));
    let wanted = single("input", case.one("grad_input").clone());
    engine.compare(&case, "grad_input", &grad_input, &wanted);

    let trained = train(&engine, &case, head(&case, &engine), |head, step| {
        let logits = forward(head, grids[step % 3].clone(), step % 3);
        (download(logits.clone()), loss(logits, step % 3))
    });
    let trained = burn::module::Module::valid(&trained);
    let vectors = trained.pool(grids[0].clone().inner());
    compare_evaluation(&engine, &case, download(trained.forward(vectors.clone())));
    compare_evaluation(&engine, &case, download(trained.forward_evaluated(vectors)));
}
