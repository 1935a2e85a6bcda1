//! Convolution, batch norm, the sum with an identity path and ReLU as one operation with one node
//! on the tape.
//!
//! Eight dispatches a layer and step (three forward, five back) where the single operations of Burn
//! take about thirty.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Cube};
use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;

use crate::gpu::convolution::{Convolution, convolve, input_gradient, weight_gradient};
use crate::gpu::cube::norm::After;
use crate::gpu::launch::{dims, rows};
use crate::gpu::norm::{From, apply, norm_gradients, statistics};
use crate::gpu::{Tracked, primitive, tracked};
use crate::settings::{Inputs, Settings, Trained};

fn convolution(weight: &CubeTensor, stride: usize) -> Convolution {
    let [_, _, ks, _] = dims(weight);
    Convolution { stride, pad: (ks - 1) / 2 }
}

/// The layer with running statistics, without a tape.
pub fn evaluate(inputs: Inputs, settings: Settings) -> Tensor<4> {
    let [input, weight] = [inputs.input, inputs.weight].map(primitive);
    let [gamma, beta, mean, var] =
        [inputs.gamma, inputs.beta, inputs.running_mean, inputs.running_var].map(primitive);
    let residual = inputs.residual.map(primitive);
    let z = convolve(&input, &weight, convolution(&weight, settings.stride));
    let from = From::Running(&mean, &var, settings.epsilon);
    let output = apply(&z, from, &gamma, &beta, residual.as_ref(), settings.act);
    Tensor::from_primitive::<Cube>(output)
}

/// What the way back needs.
#[derive(Clone, Debug)]
struct Kept {
    input: CubeTensor,
    weight: CubeTensor,
    gamma: CubeTensor,
    z: CubeTensor,
    stats: CubeTensor,
    /// The output, where a ReLU hides in it which values passed.
    output: Option<CubeTensor>,
    settings: Settings,
}

/// The way back: input, weight, gamma, beta, and identity path where there is one.
#[derive(Debug)]
struct ConvNormBackward<const N: usize>;

impl<const N: usize> Backward<Cube, N> for ConvNormBackward<N> {
    type State = Kept;

    fn backward(self, ops: Ops<Kept, N>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let grad = rows(grads.consume::<Cube>(&ops.node));
        let Kept { input, weight, gamma, z, stats, output, settings } = ops.state;
        let node =
            |index: usize| ops.parents.get(index).and_then(Option::as_ref).map(|node| node.id);
        let after = After { act: settings.act, residual: node(4).is_some() };
        let norm =
            norm_gradients(&grad, output.as_ref().unwrap_or(&grad), &z, &stats, &gamma, after);
        let conv = convolution(&weight, settings.stride);
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

/// The layer with the batch's statistics, on the tape.
pub fn train(inputs: Inputs, settings: Settings) -> Trained {
    let [input, weight] = [inputs.input, inputs.weight].map(tracked);
    let [gamma, beta] = [inputs.gamma, inputs.beta].map(tracked);
    let running = [inputs.running_mean, inputs.running_var].map(primitive);
    match inputs.residual.map(tracked) {
        None => record([&input, &weight, &gamma, &beta], None, &running, settings),
        Some(residual) => {
            record([&input, &weight, &gamma, &beta, &residual], Some(&residual), &running, settings)
        }
    }
}

fn record<const N: usize>(
    parents: [&Tracked; N],
    residual: Option<&Tracked>,
    running: &[CubeTensor; 2],
    settings: Settings,
) -> Trained {
    let own = |tensor: &Tracked| rows(tensor.primitive().clone());
    let [input, weight, gamma, beta] = [0, 1, 2, 3].map(|index| own(parents[index]));
    let residual = residual.map(own);
    let z = convolve(&input, &weight, convolution(&weight, settings.stride));
    let found = statistics(&z, &running[0], &running[1], settings.epsilon, settings.momentum);
    let output =
        apply(&z, From::Batch(&found.stats), &gamma, &beta, residual.as_ref(), settings.act);
    let kept = || Kept {
        input: input.clone(),
        weight: weight.clone(),
        gamma: gamma.clone(),
        z: z.clone(),
        stats: found.stats.clone(),
        output: settings.act.then(|| output.clone()),
        settings,
    };
    let nodes = parents.map(Tracked::node);
    let output =
        match ConvNormBackward::<N>.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(kept(), output.clone()),
            OpsKind::UnTracked(step) => step.finish(output.clone()),
        };
    Trained {
        output: Tensor::from_primitive::<Autodiff<Cube>>(output),
        running_mean: Tensor::from_primitive::<Cube>(found.running_mean),
        running_var: Tensor::from_primitive::<Cube>(found.running_var),
    }
}
