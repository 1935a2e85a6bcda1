//! The evidence for a class in each cell of a stage's grid.
//!
//! The head reads the last grid. If it is linear, each of the cells has a score of its own, and the
//! network's score is their mean ([`last_stage`]). An earlier grid has more cells, and blocks
//! between it and the head; there, and where fastai's head reads the last grid, the evidence of a
//! cell is what its activations contribute to the score to first order: activation times gradient,
//! summed over the channels ([`earlier_stage`]). ReLU and max-pool are linear around any one input,
//! so that the contributions of all cells and the shifts of the norms behind them add up to the
//! score. Mish and squeeze-and-excitation bend a little, so that there they add up to about the
//! score; self-attention, a product of three grids, bends more.
//!
//! Source: Draelos and Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations of
//! convolutional neural networks", [arXiv:2011.08891](https://arxiv.org/abs/2011.08891).

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};
use resnette_spec::architecture::{Architecture, BlockSpec, ConvSpec};

use crate::model::batch_norm::EPSILON;
use crate::model::conv_layer::{ConvLayer, activate};
use crate::model::{ResBlock, ResNet};

/// The network's linear layer applied to every cell of the last grid. The network averages the
/// cells first and applies the linear layer then. Both are linear, so their order does not matter,
/// and the mean of a class's evidence is its score. The bias is part of both, since the mean of
/// equal numbers is that number. `None` if the head is not linear.
///
/// # Shapes
/// `features` is `[1, features, h, w]`, the result `[classes, h · w]`.
pub fn last_stage(model: &ResNet, features: Tensor<4>) -> Option<Tensor<2>> {
    let [_, channels, h, w] = features.dims();
    let grid = features.reshape([channels, h * w]);
    let bias = model.head.bias.as_ref()?.val();
    let classes = bias.dims()[0];
    Some(model.head.weight.val().matmul(grid) + bias.reshape([classes, 1]))
}

/// The contribution of every cell of a stage's output to the scores of some classes, times the
/// number of cells: the mean of the cells is what all of them contribute together. `None` if the
/// device kept no gradient.
///
/// # Shapes
/// `output` is `[1, channels, h, w]`, the output of stage number `stage`, on a plain device; the
/// result is `[classes.len(), h · w]`.
pub fn earlier_stage(
    model: &ResNet,
    architecture: &Architecture,
    output: Tensor<4>,
    stage: usize,
    classes: &[usize],
) -> Option<Tensor<2>> {
    let [_, channels, h, w] = output.dims();
    let device: Device = output.device();
    let count = classes.len();
    let leaf = output.repeat_dim(0, count).autodiff().require_grad();
    let scores = scores_from(model, architecture, leaf.clone(), stage);
    let total = scores.dims()[1];
    let mut chosen = vec![0.0f32; count * total];
    for (row, &class) in chosen.chunks_exact_mut(total).zip(classes) {
        if let Some(cell) = row.get_mut(class) {
            *cell = 1.0;
        }
    }
    let chosen =
        Tensor::<2>::from_data(TensorData::new(chosen, [count, total]), &device.autodiff());
    let grads = (scores * chosen).sum().backward();
    let gradient = leaf.grad(&grads)?;
    let contributions = (leaf.inner() * gradient).reshape([count, channels, h * w]).sum_dim(1);
    Some(contributions.reshape([count, h * w]) * ((h * w) as f32))
}

/// The scores that follow from the output of stage number `stage`, in evaluation mode and
/// differentiable: on an autodiff device the network's own layers would normalise with the
/// statistics of the batch, so here each norm is folded into its convolution.
///
/// # Shapes
/// `[n, channels, h, w]`, on an autodiff device, to `[n, classes]`.
pub fn scores_from(
    model: &ResNet,
    architecture: &Architecture,
    output: Tensor<4>,
    stage: usize,
) -> Tensor<2> {
    let blocks = model.stages.iter().skip(stage + 1).flatten();
    let specs = architecture.stages.iter().skip(stage + 1).flatten();
    let features = blocks.zip(specs).fold(output, |x, (block, spec)| evaluated(block, spec, x));
    model.head.forward_evaluated(model.head.pool(features))
}

/// A block in evaluation mode.
///
/// # Shapes
/// `[n, ni, h, w]` to `[n, nf, ⌈h / stride⌉, ⌈w / stride⌉]`.
fn evaluated(block: &ResBlock, spec: &BlockSpec, input: Tensor<4>) -> Tensor<4> {
    let layers = block.convs.iter().zip(&spec.convs);
    let residual = layers.fold(input.clone(), |x, (layer, spec)| folded(layer, spec, x));
    let residual = block.finished_evaluated(residual);
    if !spec.skip {
        return activate(residual, spec.act);
    }
    let pooled = block.pooled(input);
    let identity = match (&block.idconv, &spec.projection) {
        (Some(layer), Some(spec)) => folded(layer, spec, pooled),
        _ => pooled,
    };
    activate(residual + identity, spec.act)
}

/// A layer in evaluation mode, its norm folded into the convolution's weights and a bias.
///
/// # Shapes
/// `[n, ni, h, w]` to `[n, nf, ⌈h / stride⌉, ⌈w / stride⌉]`.
fn folded(layer: &ConvLayer, spec: &ConvSpec, input: Tensor<4>) -> Tensor<4> {
    let weight = layer.dense_weight();
    let [mean, variance] = layer.norm.running(&weight.device());
    let scale = layer.norm.weight.val() / (variance + EPSILON).sqrt();
    let bias = layer.norm.bias.val() - mean * scale.clone();
    let [nf, _, ks, _] = weight.dims();
    let weight = weight * scale.reshape([nf, 1, 1, 1]);
    let [stride, pad] = [spec.stride as usize, (ks - 1) / 2];
    let options = ConvOptions::new([stride; 2], [pad; 2], [1; 2], 1);
    let output = conv2d(input, weight.autodiff(), Some(bias.autodiff()), options);
    match spec.act {
        Some(act) => activate(output, act),
        None => output,
    }
}
