//! The kernels of `resnette-kernels` against the same layers composed of Burn's operations on Flex,
//! over shapes that fit no tile.
//!
//! The feature `cpu` tests the kernels for the CPU. The feature `gpu` tests those for GPUs as well,
//! on any GPU that wgpu finds; Vulkan's software driver will do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use burn::tensor::module::{avg_pool2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;
use resnette_engine::model::conv_layer::ConvLayer;
use resnette_engine::model::init::Initializer;
#[cfg(feature = "gpu")]
use resnette_engine::train::batch_loss::render_on_gpu;
#[cfg(feature = "gpu")]
use resnette_engine::train::loss::soft_cross_entropy;
use resnette_kernels as kernels;
use resnette_spec::Activation;
use resnette_spec::architecture::ConvSpec;
use resnette_spec::random::{Purpose, stream};

/// The largest allowed difference, relative to the largest value, or to 1 if that is larger: where
/// sums cancel to nearly nothing, a relative error says little.
const TOLERANCE: f32 = 2e-5;

/// The devices that have kernels.
fn devices() -> Vec<Device> {
    #[cfg(feature = "gpu")]
    {
        // A device can be initialised once in a process.
        static DEVICE: std::sync::LazyLock<Device> = std::sync::LazyLock::new(|| {
            futures::executor::block_on(Device::wgpu_options().init_async()).unwrap()
        });
        vec![Device::flex(), DEVICE.clone()]
    }
    #[cfg(not(feature = "gpu"))]
    vec![Device::flex()]
}

fn noise<const D: usize>(shape: [usize; D], seed: u32, device: &Device) -> Tensor<D> {
    let mut rng = stream(7, Purpose::Order, seed.into());
    let values: Vec<f32> =
        (0..shape.iter().product::<usize>()).map(|_| rng.random_range(-1.0..1.0)).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

#[track_caller]
fn same(what: &str, found: &[f32], wanted: &[f32]) {
    assert_eq!(found.len(), wanted.len(), "{what}");
    let scale = wanted.iter().fold(1.0f32, |most, value| most.max(value.abs()));
    let gap = found.iter().zip(wanted).fold(0.0f32, |most, (a, b)| {
        if (a - b).is_nan() { f32::INFINITY } else { most.max((a - b).abs()) }
    });
    assert!(gap <= TOLERANCE * scale, "{what}: {gap:e} off, largest value {scale:e}");
}

/// The outputs, gradients and running statistics of a layer, composed of Burn's operations if
/// `reference`, or from the kernels.
fn layer(
    plan: &ConvSpec,
    [n, h, w]: [usize; 3],
    identity: bool,
    device: &Device,
    reference: bool,
) -> Vec<(&'static str, Vec<f32>)> {
    let device = device.clone().autodiff();
    let forward =
        if reference { ConvLayer::forward_reference } else { ConvLayer::forward_with_residual };
    let [ni, nf, stride] = [plan.ni, plan.nf, plan.stride].map(|number| number as usize);
    let layer = ConvLayer::new(plan, &mut Initializer::new(stream(3, Purpose::Init, 0), &device));
    let output_shape = [n, nf, h.div_ceil(stride), w.div_ceil(stride)];
    let input = noise([n, ni, h, w], 1, &device).require_grad();
    let residual = identity.then(|| noise(output_shape, 2, &device).require_grad());
    let output = forward(&layer, input.clone(), residual.clone(), plan.act);
    let grads = (output.clone() * noise(output_shape, 3, &device)).sum().backward();
    let mut found = vec![
        ("output", values(output)),
        ("input's gradient", values(input.grad(&grads).unwrap())),
        ("weight's gradient", values(layer.conv.weight.val().grad(&grads).unwrap())),
        ("gamma's gradient", values(layer.norm.weight.val().grad(&grads).unwrap())),
        ("beta's gradient", values(layer.norm.bias.val().grad(&grads).unwrap())),
        ("running mean", values(layer.norm.running_mean.value())),
        ("running variance", values(layer.norm.running_var.value())),
    ];
    if let Some(residual) = residual {
        found.push(("identity's gradient", values(residual.grad(&grads).unwrap())));
    }
    let evaluated = burn::module::Module::valid(&layer);
    let inner = device.without_autodiff();
    let identity = identity.then(|| noise(output_shape, 2, &inner));
    found.push((
        "evaluation",
        values(forward(&evaluated, noise([n, ni, h, w], 4, &inner), identity, plan.act)),
    ));
    found
}

#[test]
fn layers_are_as_on_flex() {
    // Batch size, height, width; input channels, output channels, side of the filter, stride.
    let cases: [([usize; 3], [u32; 4]); 28] = [
        ([2, 4, 4], [1, 1, 3, 1]),
        ([1, 2, 1], [2, 3, 3, 1]),
        ([2, 9, 11], [3, 8, 3, 2]),
        ([3, 7, 5], [5, 7, 3, 1]),
        ([2, 4, 4], [8, 16, 1, 1]),
        ([1, 6, 5], [17, 33, 3, 2]),
        ([4, 2, 2], [64, 128, 3, 1]),
        ([2, 13, 8], [40, 70, 3, 2]),
        ([2, 8, 8], [3, 5, 5, 1]),
        ([2, 7, 7], [6, 9, 1, 2]),
        ([5, 32, 32], [3, 8, 3, 2]),
        ([2, 16, 16], [16, 16, 3, 1]),
        ([3, 8, 8], [16, 32, 3, 2]),
        ([70, 3, 3], [4, 12, 3, 1]),
        ([2, 14, 10], [5, 20, 7, 2]),
        ([2, 15, 17], [7, 18, 5, 2]),
        ([2, 33, 9], [9, 6, 3, 1]),
        ([1, 5, 1], [3, 130, 1, 1]),
        ([3, 12, 9], [3, 6, 7, 2]),
        ([2, 3, 2], [2, 3, 7, 1]),
        ([8, 1, 1], [5, 4, 3, 1]),
        ([9, 1, 33], [3, 5, 3, 2]),
        ([16, 33, 2], [7, 40, 3, 1]),
        ([17, 5, 5], [40, 2, 1, 2]),
        ([24, 6, 6], [9, 10, 5, 2]),
        ([64, 2, 2], [32, 36, 3, 1]),
        ([300, 2, 3], [3, 5, 3, 1]),
        ([520, 1, 1], [4, 3, 1, 1]),
    ];
    for (grid, [ni, nf, ks, stride]) in cases {
        let acts = [Some(Activation::Relu), Some(Activation::Mish), None];
        for (act, identity) in acts.into_iter().flat_map(|act| [(act, false), (act, true)]) {
            let plan = ConvSpec { ni, nf, ks, stride, groups: 1, act, zero_gamma: false };
            let wanted = layer(&plan, grid, identity, &Device::flex(), true);
            for device in devices() {
                // Every GPU's tiles. They cut the convolution, which knows nothing of what follows,
                // so that one kind of layer is enough for all but the first row.
                let is_told = act == Some(Activation::Relu) && identity;
                let rows =
                    if kernels::runs_on_gpu(&device) && is_told { kernels::CHIPS.len() } else { 1 };
                for chip in kernels::CHIPS.into_iter().take(rows) {
                    kernels::use_chip(chip);
                    let found = layer(&plan, grid, identity, &device, false);
                    for ((what, found), (_, wanted)) in found.iter().zip(&wanted) {
                        let place = format!("{device:?}, tiles for {chip}, {grid:?} {plan:?}");
                        same(&format!("{place} identity {identity}: {what}"), found, wanted);
                    }
                }
                kernels::use_chip(kernels::SOFTWARE);
            }
        }
    }
}

/// A convolution in groups, which the kernels are given with zeros between the groups, is Burn's.
#[test]
fn groups_are_as_on_flex() {
    for (grid, ni, nf, groups, stride) in
        [([3, 7, 5], 8, 12, 4, 1), ([9, 6, 6], 6, 6, 6, 2), ([2, 5, 8], 4, 6, 2, 2)]
    {
        let plan = ConvSpec { groups, ..ConvSpec::new(ni, nf, 3, stride) };
        let wanted = layer(&plan, grid, true, &Device::flex(), true);
        for device in devices() {
            let found = layer(&plan, grid, true, &device, false);
            for ((what, found), (_, wanted)) in found.iter().zip(&wanted) {
                same(&format!("{device:?}, {grid:?} {plan:?}: {what}"), found, wanted);
            }
        }
    }
}

/// What training steps are measured against must be a product of matrices, whatever its size.
#[cfg(feature = "gpu")]
#[test]
fn matrix_products_are_as_on_flex() {
    let gpu = devices().pop().unwrap();
    for side in [8, 24, 64, 136] {
        let factors = |device: &Device| [10, 11].map(|seed| noise([side, side], seed, device));
        let [left, right] = factors(&gpu);
        let found = values(kernels::matrix_product(left, right));
        let [left, right] = factors(&Device::flex());
        same(&format!("side {side}"), &found, &values(left.matmul(right)));
    }
}

/// The gradients of both paths of a block reach its input, and Burn's operations can read what its
/// layers leave in the kernels' memory layout.
#[test]
fn forks_are_as_on_flex() {
    for device in devices() {
        let device = device.autodiff();
        for n in [1, 2, 9, 64] {
            let shape = [n, 3, 4, 5];
            let plan = ConvSpec::new(3, 3, 3, 1);
            let layer =
                ConvLayer::new(&plan, &mut Initializer::new(stream(3, Purpose::Init, 0), &device));
            let back = |split: bool| {
                let input = noise(shape, 1, &device).require_grad();
                let start = layer.forward(input.clone());
                let [one, other] =
                    if split { kernels::fork(start) } else { [start.clone(), start] };
                let output = layer.forward_with_residual(one, Some(other), plan.act);
                let grads = (output * noise(shape, 2, &device)).sum().backward();
                values(input.grad(&grads).unwrap())
            };
            same(&format!("batch size {n}"), &back(true), &back(false));
        }
    }
}

/// The size of a chunk depends on the shapes alone, and each sum is finished within its chunk.
#[cfg(feature = "native")]
#[test]
fn threads_change_no_bit() {
    let plan = ConvSpec::new(5, 12, 3, 1);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| layer(&plan, [20, 19, 23], true, &Device::flex(), false))
    };
    let one = with(1);
    for threads in [2, 3, 7] {
        for ((what, found), (_, wanted)) in with(threads).iter().zip(&one) {
            let bits =
                |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(found), bits(wanted), "{threads} threads: {what}");
        }
    }
}

#[test]
fn pools_are_as_on_flex() {
    let pool = |device: &Device, own: bool, shape: [usize; 4], largest: bool| {
        let device = device.clone().autodiff();
        // Clipped, so that many values are equal and the first of equals must win.
        let input = noise(shape, 5, &device).clamp_min(0.0).require_grad();
        let output = match (largest, own) {
            (true, true) => kernels::max_pool(input.clone()),
            (true, false) => max_pool2d(
                input.clone(),
                MaxPoolOptions::new([3, 3]).with_stride([2, 2]).with_padding([1, 1]),
            ),
            (false, true) => kernels::average_pool(input.clone()),
            (false, false) => {
                let options = AvgPoolOptions::new([2, 2])
                    .with_stride([2, 2])
                    .with_count_include_pad(false)
                    .with_ceil_mode(true);
                avg_pool2d(input.clone(), options)
            }
        };
        let weight = noise(output.dims(), 6, &device);
        let grads = (output.clone() * weight).sum().backward();
        (values(output), values(input.grad(&grads).unwrap()))
    };
    for device in devices() {
        for shape in [
            [1, 1, 1, 1],
            [2, 3, 5, 7],
            [1, 4, 8, 8],
            [3, 2, 9, 4],
            [9, 3, 2, 2],
            [64, 5, 7, 6],
            [16, 1, 1, 33],
        ] {
            for largest in [true, false] {
                let (output, grad) = pool(&device, true, shape, largest);
                let (wanted, wanted_grad) = pool(&Device::flex(), false, shape, largest);
                same(&format!("{device:?} {shape:?} largest {largest}"), &output, &wanted);
                same(
                    &format!("{device:?} {shape:?} largest {largest}: gradient"),
                    &grad,
                    &wanted_grad,
                );
            }
        }
    }
}

#[cfg(feature = "gpu")]
#[test]
fn losses_are_as_on_flex() {
    let gpu = devices().pop().unwrap();
    let loss = |device: &Device, n: usize, classes: usize| {
        let device = device.clone().autodiff();
        let logits = noise([n, classes], 8, &device).mul_scalar(20.0).require_grad();
        let loss = soft_cross_entropy(logits.clone(), noise([n, classes], 9, &device).abs());
        let grads = loss.clone().mul_scalar(3.0).backward();
        (values(loss), values(logits.grad(&grads).unwrap()))
    };
    for (n, classes) in [(1, 2), (5, 3), (64, 10), (300, 7)] {
        let (found, grad) = loss(&gpu, n, classes);
        let (wanted, wanted_grad) = loss(&Device::flex(), n, classes);
        same("loss", &found, &wanted);
        same("gradient", &grad, &wanted_grad);
    }
}

/// Pictures of odd sizes with every kind of augmentation, mixed in either way and not, erased and
/// not.
#[cfg(feature = "gpu")]
#[test]
fn pictures_are_as_on_the_cpu() {
    use std::borrow::Cow;

    use resnette_images::augment::BatchCrop;
    use resnette_images::batch::{Mix, PlannedBatch};
    use resnette_images::cutmix::Cut;
    use resnette_images::erase::Erased;
    use resnette_images::mixup;
    use resnette_images::view::View;
    use resnette_picture::Picture;
    use resnette_spec::{Augment, Recipe};

    let kinds =
        [Augment::None, Augment::CropFlip, Augment::Full, Augment::CropFlipV1, Augment::FullV1];
    for (kind, size, mixed) in kinds
        .into_iter()
        .flat_map(|kind| [(kind, 24, "not"), (kind, 33, "by Mixup"), (kind, 24, "by CutMix")])
    {
        let mut rng = stream(5, Purpose::Order, 1);
        let sides: [(u32, u32); 7] =
            [(40, 31), (24, 24), (17, 64), (1, 1), (33, 50), (5, 2), (90, 70)];
        let pictures: Vec<Picture> = sides
            .into_iter()
            .map(|(width, height)| {
                // Smooth, as photos are: in noise a ten-thousandth of a pixel is already something.
                let rgb = (0..width * height * 3).map(|i| {
                    (127.0 + 120.0 * (f64::from(i / 3 % width) * 0.2 + f64::from(i % 3)).sin())
                        as u8
                });
                Picture { width, height, rgb: rgb.collect() }
            })
            .collect();
        let crop = BatchCrop::random(&mut rng);
        let recipe = Recipe { augment: kind, ..Recipe::default() };
        let (sampled, transforms): (Vec<Cow<'_, Picture>>, Vec<_>) = pictures
            .iter()
            .map(|picture| View::random(&recipe, picture, size, crop, &mut rng))
            .map(|view| (view.picture, view.transform))
            .unzip();
        let views = PlannedBatch {
            transforms,
            labels: vec![0; pictures.len()],
            erased: if kind == Augment::Full { Erased::random(1.0, size, &mut rng) } else { None },
            mix: match mixed {
                "by Mixup" => {
                    Some(Mix::Blend(mixup::random_partners(pictures.len(), 0.4, &mut rng)))
                }
                "by CutMix" => Some(Mix::Cut(Cut::random(pictures.len(), size, 1.0, &mut rng))),
                _ => None,
            },
            pictures: sampled,
            size,
        };
        let found = values(render_on_gpu(&views, &devices()[1]));
        let wanted = views.render().images;
        let worst = found.iter().zip(&wanted).fold(0.0f32, |most, (a, b)| {
            if (a - b).is_nan() { f32::INFINITY } else { most.max((a - b).abs()) }
        });
        // Values are about ±2; a GPU's `exp` and `ln` are good to a few millionths.
        assert!(
            found.len() == wanted.len() && worst < 1e-3,
            "{kind:?} {size}, mixed {mixed}: {worst:e} off"
        );
    }
}
