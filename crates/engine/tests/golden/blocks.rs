//! Each kind of block by itself, on odd grids, with gammas that are not zero.

use burn::tensor::Tensor;
use resnette_engine::model::ResBlock;
use resnette_engine::model::init::Initializer;
use resnette_engine::model::weights::load_weights;
use resnette_spec::Block;
use resnette_spec::architecture::BlockSpec;
use resnette_spec::random::{Purpose, stream};

use super::fixture::{Case, download, single, upload};
use super::tolerance::Engine;
use super::training::{compare_evaluation, train};

fn block(case: &Case, engine: &Engine) -> ResBlock {
    let kind = Block::from_name(case.info["kind"].as_str().unwrap()).unwrap();
    let plan = BlockSpec::new(kind, case.number("ni"), case.number("nf"), case.number("stride"));
    let device = engine.device.clone().autodiff();
    let block = ResBlock::new(&plan, &mut Initializer::new(stream(0, Purpose::Init, 0), &device));
    load_weights(block, &case.part("before")).unwrap()
}

fn check(name: &str) {
    let engine = Engine::start();
    let case = Case::load(&format!("block_{name}"));
    let device = engine.device.clone().autodiff();
    let input: Tensor<4> = upload(case.one("input"), &device);
    let weight: Tensor<4> = upload(case.one("r"), &device);

    let tracked = input.clone().require_grad();
    let grads = (block(&case, &engine).forward(tracked.clone()) * weight.clone()).mean().backward();
    let grad_input = single("input", download(tracked.grad(&grads).unwrap()));
    engine.compare(
        &case,
        "grad_input",
        &grad_input,
        &single("input", case.one("grad_input").clone()),
    );

    let trained = train(&engine, &case, block(&case, &engine), |block, _| {
        let output = block.forward(input.clone());
        (download(output.clone()), (output * weight.clone()).mean())
    });
    let output = burn::module::Module::valid(&trained).forward(input.inner());
    compare_evaluation(&engine, &case, download(output));
}

macro_rules! blocks {
    ($($name:ident),+) => { $(#[test] fn $name() { check(stringify!($name)); })+ };
}

blocks!(
    plain_s1,
    plain_s2,
    basic_s1,
    basic_s1_wider,
    basic_s2,
    basic_s2_same,
    bottleneck_s1,
    bottleneck_s1_wider,
    bottleneck_s2,
    bottleneck_s2_same
);
