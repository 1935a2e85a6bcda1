//! fastai's `ConvLayer` on a GPU: convolution, batch norm, residual sum and ReLU as one operation
//! with one node in the autodiff graph.
//!
//! In training this takes eight dispatches for each layer, where Burn's separate operations take
//! about thirty: three in the forward pass (convolution, statistics, normalisation with the
//! residual and the ReLU) and at most five in the backward pass (the norm's sums, its input
//! gradient, the convolution's input gradient, its weight gradient, and the sum of the latter's
//! partial sums).

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Cube};
use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;

use crate::gpu::batch_norm::{StatisticsSource, norm_gradients, normalize, statistics};
use crate::gpu::convolution::{Convolution, convolve, input_gradient, weight_gradient};
use crate::gpu::cube::batch_norm::Epilogue;
use crate::gpu::launch::{contiguous, dims};
use crate::gpu::primitive::{Tracked, primitive, tracked};
use crate::layer::{LayerConfig, LayerInputs, TrainingOutput};

/// The convolution of a layer with this weight, padded so that stride 1 keeps the size.
///
/// # Shapes
/// Weight: `[co, ci, ks, ks]`
fn convolution_of(weight: &CubeTensor, stride: usize) -> Convolution {
    let [_, _, ks, _] = dims(weight);
    Convolution { stride, pad: (ks - 1) / 2 }
}

/// The layer in evaluation mode: see [`crate::forward_eval`].
pub fn forward_eval(inputs: LayerInputs, config: LayerConfig) -> Tensor<4> {
    let [input, weight] = [inputs.input, inputs.weight].map(primitive);
    let [gamma, beta, mean, var] =
        [inputs.gamma, inputs.beta, inputs.running_mean, inputs.running_var].map(primitive);
    let residual = inputs.residual.map(primitive);
    let z = convolve(&input, &weight, convolution_of(&weight, config.stride));
    let source = StatisticsSource::Running(&mean, &var, config.epsilon);
    let output = normalize(&z, source, &gamma, &beta, residual.as_ref(), config.relu);
    Tensor::from_primitive::<Cube>(output)
}

/// Tensors saved for the backward pass.
#[derive(Clone, Debug)]
struct SavedForBackward {
    /// Input of the layer, `[n, ci, h, w]`.
    input: CubeTensor,
    /// Weight of the convolution, `[co, ci, ks, ks]`.
    weight: CubeTensor,
    /// γ of the norm, `[co]`.
    gamma: CubeTensor,
    /// The convolution's output, `[n, co, h', w']`.
    z: CubeTensor,
    /// The batch's mean and `1 / √(variance + ε)` of `z`, `[2, co]`.
    stats: CubeTensor,
    /// The layer's output if a ReLU follows, since its sign tells which values passed; `None`
    /// without a ReLU.
    output: Option<CubeTensor>,
    /// Stride and the rest.
    config: LayerConfig,
}

/// The backward pass of a layer with `N` parents: input, weight, γ, β, and the residual if there is
/// one.
#[derive(Debug)]
struct ConvLayerBackward<const N: usize>;

impl<const N: usize> Backward<Cube, N> for ConvLayerBackward<N> {
    type State = SavedForBackward;

    fn backward(
        self,
        ops: Ops<SavedForBackward, N>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let grad = contiguous(grads.consume::<Cube>(&ops.node));
        let SavedForBackward { input, weight, gamma, z, stats, output, config } = ops.state;
        let node =
            |index: usize| ops.parents.get(index).and_then(Option::as_ref).map(|node| node.id);
        let epilogue = Epilogue { relu: config.relu, residual: node(4).is_some() };
        let norm =
            norm_gradients(&grad, output.as_ref().unwrap_or(&grad), &z, &stats, &gamma, epilogue);
        let conv = convolution_of(&weight, config.stride);
        if let Some(id) = node(0) {
            grads.register::<Cube>(id, input_gradient(&norm.z, &weight, dims(&input), conv));
        }
        if let Some(id) = node(1) {
            grads.register::<Cube>(id, weight_gradient(&norm.z, &input, dims(&weight), conv));
        }
        if let Some(id) = node(2) {
            grads.register::<Cube>(id, norm.gamma);
        }
        if let Some(id) = node(3) {
            grads.register::<Cube>(id, norm.beta);
        }
        if let Some((id, residual)) = node(4).zip(norm.residual) {
            grads.register::<Cube>(id, residual);
        }
    }
}

/// The layer in training mode: see [`crate::forward_train`].
pub fn forward_train(inputs: LayerInputs, config: LayerConfig) -> TrainingOutput {
    let [input, weight] = [inputs.input, inputs.weight].map(tracked);
    let [gamma, beta] = [inputs.gamma, inputs.beta].map(tracked);
    let running = [inputs.running_mean, inputs.running_var].map(primitive);
    match inputs.residual.map(tracked) {
        None => forward_tracked([&input, &weight, &gamma, &beta], None, &running, config),
        Some(residual) => forward_tracked(
            [&input, &weight, &gamma, &beta, &residual],
            Some(&residual),
            &running,
            config,
        ),
    }
}

/// The layer in training mode, with the tensors that are differentiated as parents: input, weight,
/// γ and β, and the residual if there is one.
fn forward_tracked<const N: usize>(
    parents: [&Tracked; N],
    residual: Option<&Tracked>,
    running: &[CubeTensor; 2],
    config: LayerConfig,
) -> TrainingOutput {
    let values = |tensor: &Tracked| contiguous(tensor.primitive().clone());
    let [input, weight, gamma, beta] = [0, 1, 2, 3].map(|index| values(parents[index]));
    let residual = residual.map(values);
    let z = convolve(&input, &weight, convolution_of(&weight, config.stride));
    let momentum = if config.observes { 1.0 } else { config.momentum };
    let found = statistics(&z, &running[0], &running[1], config.epsilon, momentum);
    let output = normalize(
        &z,
        StatisticsSource::Batch(&found.stats),
        &gamma,
        &beta,
        residual.as_ref(),
        config.relu,
    );
    let saved = || SavedForBackward {
        input: input.clone(),
        weight: weight.clone(),
        gamma: gamma.clone(),
        z: z.clone(),
        stats: found.stats.clone(),
        output: config.relu.then(|| output.clone()),
        config,
    };
    let nodes = parents.map(Tracked::node);
    let output =
        match ConvLayerBackward::<N>.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(saved(), output.clone()),
            OpsKind::UnTracked(step) => step.finish(output.clone()),
        };
    TrainingOutput {
        output: Tensor::from_primitive::<Autodiff<Cube>>(output),
        running_mean: Tensor::from_primitive::<Cube>(found.running_mean),
        running_var: Tensor::from_primitive::<Cube>(found.running_var),
    }
}
