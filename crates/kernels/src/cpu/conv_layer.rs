//! fastai's `ConvLayer` on the CPU: convolution, batch norm, residual sum and ReLU as one operation
//! with one node in the autodiff graph.
//!
//! In evaluation the output is computed chunk by chunk: the convolution writes a chunk, and the
//! norm with its running statistics overwrites it while it is still in the cache. In training there
//! are two passes over memory, because the batch's statistics must be known before anything can be
//! normalised: the first computes the convolution `z` and the statistics of each chunk, the second
//! normalises, adds the residual and applies the ReLU.
//!
//! Feature maps are in the HWCN layout ([`crate::cpu::hwcn_shape`]).

use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::ops::{Backward, OpsKind};
use burn::backend::{Autodiff, Flex};
use burn::tensor::Tensor;

use crate::cpu::batch_statistics::{Statistics, moments};
use crate::cpu::contiguous_tensor::ContiguousTensor;
use crate::cpu::conv_layer_backward::{ConvLayerBackward, SavedForBackward};
use crate::cpu::filter::Filter;
use crate::cpu::hwcn_shape::HwcnShape;
use crate::cpu::hwcn_tensor::HwcnTensor;
use crate::cpu::implicit_gemm::ImplicitGemm;
use crate::cpu::normalize::Normalize;
use crate::cpu::parallel::{chunk_count, for_each, pixels_per_chunk};
use crate::cpu::primitive::{Tracked, primitive, tracked};
use crate::layer::{LayerConfig, LayerInputs, TrainingOutput};

/// The product that computes a layer's convolution.
///
/// # Shapes
/// Input: `[n, ci, h, w]`; weight: `[co, ci, ks, ks]`
fn forward_gemm(input: &HwcnTensor, weight: &ContiguousTensor, stride: usize) -> ImplicitGemm {
    let [channels, _, _, _] = weight.dims();
    ImplicitGemm::forward(
        weight.values(),
        Filter::of_weight(weight.dims(), stride),
        input.shape,
        channels,
    )
}

/// The layer in evaluation mode: see [`crate::forward_eval`].
pub fn forward_eval(inputs: LayerInputs, config: LayerConfig) -> Tensor<4> {
    let input = HwcnTensor::from_tensor(primitive(inputs.input));
    let weight = ContiguousTensor::from_tensor(primitive(inputs.weight));
    let vectors = [inputs.gamma, inputs.beta, inputs.running_mean, inputs.running_var];
    let [gamma, beta, mean, var] =
        vectors.map(|vector| ContiguousTensor::from_tensor(primitive(vector)));
    let residual = inputs.residual.map(|residual| HwcnTensor::from_tensor(primitive(residual)));
    let scale = |(gamma, var): (&f32, &f32)| {
        (f64::from(*gamma) / (f64::from(*var) + config.epsilon).sqrt()) as f32
    };
    let scale: Vec<f32> = gamma.values().iter().zip(var.values()).map(scale).collect();
    let normalize =
        Normalize { mean: mean.values(), scale: &scale, shift: beta.values(), relu: config.relu };
    let gemm = forward_gemm(&input, &weight, config.stride);
    let shape = gemm.target();
    let pixels = pixels_per_chunk(shape);
    let size = pixels * shape.pixel_stride();
    let mut output = vec![0.0; shape.len()];
    for_each(output.chunks_mut(size), |index, output| {
        gemm.run(input.values(), index * pixels, output);
        normalize.run(
            shape,
            None,
            residual.as_ref().map(|residual| residual.chunk(index * size, output.len())),
            output,
        );
    });
    Tensor::from_primitive::<Flex>(HwcnTensor::from_values(shape, output).into_tensor())
}

/// The layer in training mode: see [`crate::forward_train`].
pub fn forward_train(inputs: LayerInputs, config: LayerConfig) -> TrainingOutput {
    let [input, weight] = [inputs.input, inputs.weight].map(tracked);
    let [gamma, beta] = [inputs.gamma, inputs.beta].map(tracked);
    let running = [inputs.running_mean, inputs.running_var]
        .map(|vector| ContiguousTensor::from_tensor(primitive(vector)));
    match inputs.residual.map(tracked) {
        None => forward_tracked([&input, &weight, &gamma, &beta], None, running, config),
        Some(residual) => forward_tracked(
            [&input, &weight, &gamma, &beta, &residual],
            Some(&residual),
            running,
            config,
        ),
    }
}

/// The layer in training mode, with the tensors that are differentiated as parents: input, weight,
/// γ and β, and the residual if there is one.
fn forward_tracked<const N: usize>(
    parents: [&Tracked; N],
    residual: Option<&Tracked>,
    running: [ContiguousTensor; 2],
    config: LayerConfig,
) -> TrainingOutput {
    let batch = |tensor: &Tracked| HwcnTensor::from_tensor(tensor.primitive().clone());
    let input = batch(parents[0]);
    let [weight, gamma, beta] =
        [1, 2, 3].map(|index| ContiguousTensor::from_tensor(parents[index].primitive().clone()));
    let residual = residual.map(batch);
    let gemm = forward_gemm(&input, &weight, config.stride);
    let shape = gemm.target();
    let pixels = pixels_per_chunk(shape);
    let size = pixels * shape.pixel_stride();
    let (mut z, mut output) = (vec![0.0; shape.len()], vec![0.0; shape.len()]);
    let mut chunk_moments = vec![0.0; chunk_count(shape) * 2 * shape.c];
    for_each(
        z.chunks_mut(size).zip(chunk_moments.chunks_mut(2 * shape.c)),
        |index, (z, chunk_moments)| {
            gemm.run(input.values(), index * pixels, z);
            moments(shape, z, chunk_moments);
        },
    );
    let statistics = Statistics::combine(shape, pixels, &chunk_moments, config.epsilon);
    let scale: Vec<f32> = gamma
        .values()
        .iter()
        .zip(&statistics.inv_std)
        .map(|(gamma, inv_std)| gamma * inv_std)
        .collect();
    let normalize = Normalize {
        mean: &statistics.mean,
        scale: &scale,
        shift: beta.values(),
        relu: config.relu,
    };
    for_each(output.chunks_mut(size).zip(z.chunks(size)), |index, (output, z)| {
        normalize.run(
            shape,
            Some(z),
            residual.as_ref().map(|residual| residual.chunk(index * size, output.len())),
            output,
        );
    });
    let (z, output) = (HwcnTensor::from_values(shape, z), HwcnTensor::from_values(shape, output));
    let [running_mean, running_var] = update_running(running, &statistics, shape, config);
    let saved = || SavedForBackward {
        input: input.clone(),
        weight: weight.clone(),
        gamma: gamma.clone(),
        z: z.clone(),
        statistics: statistics.clone(),
        output: config.relu.then(|| output.clone()),
        config,
    };
    let nodes = parents.map(Tracked::node);
    let output =
        match ConvLayerBackward::<N>.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(saved(), output.clone().into_tensor()),
            OpsKind::UnTracked(step) => step.finish(output.clone().into_tensor()),
        };
    TrainingOutput {
        output: Tensor::from_primitive::<Autodiff<Flex>>(output),
        running_mean,
        running_var,
    }
}

/// Moves the running mean and variance a step of size [`LayerConfig::momentum`] towards the
/// batch's. The running variance follows the unbiased variance of the batch, as in PyTorch's
/// `BatchNorm2d`. A layer that only observes returns mean and biased variance of the batch.
///
/// # Shapes
/// `[c]`, twice
fn update_running(
    running: [ContiguousTensor; 2],
    batch: &Statistics,
    shape: HwcnShape,
    config: LayerConfig,
) -> [Tensor<1>; 2] {
    let momentum = config.momentum;
    let count = (shape.n * shape.pixels()) as f64;
    let unbiased = count / (count - 1.0).max(1.0);
    let [mean, var] = running;
    [(mean, &batch.mean, 1.0), (var, &batch.variance, unbiased)].map(
        |(mut running, batch, scale)| {
            if config.observes {
                running.values_mut().copy_from_slice(batch);
                return Tensor::from_primitive::<Flex>(running.into_tensor());
            }
            for (running, batch) in running.values_mut().iter_mut().zip(batch) {
                *running = (f64::from(*running) * (1.0 - momentum)
                    + f64::from(*batch) * momentum * scale) as f32;
            }
            Tensor::from_primitive::<Flex>(running.into_tensor())
        },
    )
}
