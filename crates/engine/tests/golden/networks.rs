//! Small networks of all kinds: a whole training, and the four losses.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use resnette_engine::model::ResNet;
use resnette_engine::model::weights::{Weights, load_weights};
use resnette_engine::train::loss::{soft_cross_entropy, targets};
use resnette_images::mixup;
use resnette_spec::architecture::{Architecture, BlockSpec};
use resnette_spec::random::{Purpose, stream};
use resnette_spec::{Activation, Block, BlockPlace, Family, NetConfig, StemPool};

use super::fixture::{Case, download, integers, json, reals, single, tensors, upload};
use super::tolerance::Engine;
use super::training::{compare_evaluation, gradients, train};

/// The plan that a fixture's JSON describes. `widths` is for networks without a stem, whose widths
/// need not double.
pub fn plan(case: &Case) -> Architecture {
    let block = Block::from_name(case.info["kind"].as_str().unwrap()).unwrap();
    let residual = case.info["max_pool"] == true;
    let family = if residual { Family::ResNet } else { Family::FullyConvolutional };
    let layers = if residual { integers(&case.info["layers"]) } else { Vec::new() };
    let (width, expansion) =
        if residual { (case.number("width"), case.number("expansion")) } else { (4, 1) };
    let stem = integers(&case.info["stem"]);
    let act = case.info["act"].as_str().and_then(Activation::from_name).unwrap_or_default();
    let cut = case.info["cut"].as_str().map(|cut| BlockPlace::read_list(cut, 9).unwrap());
    let cut = cut.unwrap_or_default();
    let se = case.info["se"].as_u64().unwrap_or(0) as u32;
    let sa = case.info["sa"].as_u64().unwrap_or(0) as u32;
    let groups = case.info["groups"].as_u64().unwrap_or(1) as u32;
    let pool = case.info["pool"].as_str().and_then(StemPool::from_name).unwrap_or_default();
    let net = NetConfig {
        family,
        layers,
        block,
        expansion,
        width,
        stem,
        act,
        cut,
        se,
        sa,
        groups,
        pool,
        ..NetConfig::default()
    };
    let mut plan = Architecture::new(&net, case.number("classes"));
    if !residual {
        for nf in integers(&case.info["widths"]) {
            let first = BlockSpec::new(block, plan.features, nf, 2);
            let more = (1..case.number("blocks")).map(|_| BlockSpec::new(block, nf, nf, 1));
            plan.stages.push(std::iter::once(first).chain(more).collect());
            plan.features = nf;
        }
    }
    plan
}

pub fn network(case: &Case, weights: &Weights, device: &Device) -> ResNet {
    load_weights(ResNet::new(&plan(case), stream(0, Purpose::Init, 0), device), weights).unwrap()
}

/// What the network cases share.
pub struct Batches {
    pub images: Vec<Tensor<4>>,
    pub labels: Vec<Vec<u32>>,
}

impl Batches {
    pub fn load(device: &Device) -> Self {
        let (inputs, info) = (tensors("inputs"), json("inputs"));
        Self {
            images: (0..3).map(|index| upload(&inputs[&format!("batch{index}")], device)).collect(),
            labels: (0..3).map(|index| integers(&info["targets"][index])).collect(),
        }
    }
}

fn check(name: &str) {
    let engine = Engine::start();
    let case = Case::load(name);
    let device = engine.device.clone().autodiff();
    let batches = Batches::load(&device);
    let smoothing = case.info["smoothing"].as_f64().unwrap();
    let classes = case.number("classes") as usize;
    let first = network(&case, &case.part("before"), &device);
    let trained = train(&engine, &case, first, |network, step| {
        let batch = step % 3;
        let logits = network.forward(batches.images[batch].clone());
        let wanted = targets(&batches.labels[batch], classes, smoothing, None, &device);
        (download(logits.clone()), soft_cross_entropy(logits, wanted))
    });
    let output = trained.valid().forward(batches.images[0].clone().inner());
    compare_evaluation(&engine, &case, download(output));
}

#[test]
fn fcn() {
    check("fcn");
}

#[test]
fn fcn_res1() {
    check("fcn_res1");
}

#[test]
fn fcn_res2() {
    check("fcn_res2");
}

#[test]
fn resnet_bottleneck() {
    check("resnet_bottleneck");
}

#[test]
fn resnet_basic() {
    check("resnet_basic");
}

#[test]
fn resnet_plain() {
    check("resnet_plain");
}

/// `F.mish` after every norm and every sum, forward and backward.
#[test]
fn resnet_mish() {
    check("resnet_mish");
}

/// One block has no skip connection, nor the pool and the 1×1 convolution on it.
#[test]
fn resnet_cut() {
    check("resnet_cut");
}

/// Squeeze-and-excitation at the end of every residual path: forward, backward and twenty steps.
#[test]
fn resnet_se() {
    check("resnet_se");
}

/// The same without skip connections, and with Mish inside.
#[test]
fn resnet_se_mish() {
    check("resnet_se_mish");
}

/// The blurred pool behind the stem, where PyTorch has a convolution in groups.
#[test]
fn resnet_blur() {
    check("resnet_blur");
}

/// Self-attention in one block, whose weight is divided by its spectral norm: the vectors that
/// follow the weight are PyTorch's after one step, five and twenty.
#[test]
fn resnet_sa() {
    check("resnet_sa");
}

/// The same behind squeeze-and-excitation, with Mish, and with the gamma of 0 that a network begins
/// with.
#[test]
fn resnet_sa_se_mish() {
    check("resnet_sa_se_mish");
}

/// The 3×3 convolutions in four groups.
#[test]
fn resnet_groups() {
    check("resnet_groups");
}

/// With and without smoothing and Mixup, from the weights after twenty steps, in training mode on
/// the second batch.
fn check_losses(name: &str) {
    let engine = Engine::start();
    let case = Case::load(name);
    let device = engine.device.clone().autodiff();
    let batches = Batches::load(&device);
    let shared = json("inputs");
    let partners = integers(&shared["perm"][1]).into_iter().map(|partner| partner as usize);
    let mix: Vec<(usize, f32)> =
        partners.zip(reals(&shared["lam"][1]).into_iter().map(|lam| lam as f32)).collect();
    let mut mixed = tensors("inputs").remove("batch1").unwrap();
    let pixels = mixed.values.len() / mix.len();
    mixup::blend(&mut mixed.values, pixels, &mix);
    let variants = case.info["variants"].as_object().unwrap();
    assert_eq!(variants.len(), 4);
    for (variant, info) in variants {
        let mixes = info["mixup"] == true;
        let images = if mixes { upload(&mixed, &device) } else { batches.images[1].clone() };
        let smoothing = info["smoothing"].as_f64().unwrap();
        let wanted = targets(
            &batches.labels[1],
            case.number("classes") as usize,
            smoothing,
            mixes.then_some(&mix[..]),
            &device,
        );
        let network = network(&case, &case.part("step20"), &device);
        let logits = network.forward(images);
        let group = |name: &str| format!("{variant}.{name}");
        let one = |name: &str| single(name, case.one(&group(name)).clone());
        engine.compare(
            &case,
            &group("logits"),
            &single("logits", download(logits.clone())),
            &one("logits"),
        );

        let leaf = Tensor::from_inner(logits.clone().inner()).require_grad();
        let grads = soft_cross_entropy(leaf.clone(), wanted.clone()).backward();
        let grad_logits = single("grad_logits", download(leaf.grad(&grads).unwrap()));
        engine.compare(&case, &group("grad_logits"), &grad_logits, &one("grad_logits"));

        let loss = soft_cross_entropy(logits, wanted);
        engine.compare_loss(
            &case,
            20,
            f64::from(download(loss.clone()).values[0]),
            info["loss"].as_f64().unwrap(),
        );
        if variant == "mixup_smooth" {
            let grads = loss.backward();
            engine.compare(
                &case,
                "grad",
                &gradients(&network, &grads),
                &case.part("mixup_smooth.grad"),
            );
        }
    }
}

#[test]
fn losses_of_resnet_bottleneck() {
    check_losses("resnet_bottleneck");
}

#[test]
fn losses_of_resnet_basic() {
    check_losses("resnet_basic");
}
