//! The backward pass of the CPU's convolution layer.
//!
//! The order is the reverse of the forward pass: ReLU and batch norm
//! ([`crate::cpu::norm_gradient`]), whose masked gradient is also the gradient of the residual;
//! then the convolution, whose input gradient is an implicit GEMM
//! ([`ImplicitGemm::input_gradient`]) and whose weight gradient is a dot product over all pixels
//! ([`WeightGradient`]). Each is computed only if its parent is tracked.
//!
//! Buffers are reused: the gradient that comes in is masked in place, and the gradient of `z`
//! overwrites `z`, unless another tensor still shares the memory.

use burn::backend::Flex;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};

use crate::cpu::batch_statistics::Statistics;
use crate::cpu::contiguous_tensor::ContiguousTensor;
use crate::cpu::filter::Filter;
use crate::cpu::hwcn_shape::HwcnShape;
use crate::cpu::hwcn_tensor::HwcnTensor;
use crate::cpu::implicit_gemm::ImplicitGemm;
use crate::cpu::norm_gradient::{NormBackward, gradient_sums};
use crate::cpu::parallel::{chunk_count, for_each, pixels_per_chunk};
use crate::cpu::weight_grad::{TILE_ROWS, WeightGradient};
use crate::layer::LayerConfig;

/// Tensors saved for the backward pass.
#[derive(Clone, Debug)]
pub(super) struct SavedForBackward {
    /// Input of the layer, `[n, ci, h, w]`.
    pub input: HwcnTensor,
    /// Weight of the convolution, `[co, ci, ks, ks]`.
    pub weight: ContiguousTensor,
    /// γ of the norm, `[co]`.
    pub gamma: ContiguousTensor,
    /// The convolution's output, `[n, co, h', w']`.
    pub z: HwcnTensor,
    /// The batch's statistics of `z`.
    pub statistics: Statistics,
    /// The layer's output if a ReLU follows, since its sign tells which values passed; `None`
    /// without a ReLU.
    pub output: Option<HwcnTensor>,
    /// Stride and the rest.
    pub config: LayerConfig,
}

/// The backward pass of a layer with `N` parents: input, weight, γ, β, and the residual if there is
/// one.
#[derive(Debug)]
pub(super) struct ConvLayerBackward<const N: usize>;

impl<const N: usize> Backward<Flex, N> for ConvLayerBackward<N> {
    type State = SavedForBackward;

    fn backward(
        self,
        ops: Ops<SavedForBackward, N>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let grad = HwcnTensor::from_tensor(grads.consume::<Flex>(&ops.node));
        let SavedForBackward { input, weight, gamma, z, statistics, output, config } = ops.state;
        let node =
            |index: usize| ops.parents.get(index).and_then(Option::as_ref).map(|node| node.id);
        let NormGradients { z, gamma, beta, output } =
            norm_gradients(grad, output, z, &statistics, &gamma);
        match node(4) {
            Some(id) => grads.register::<Flex>(id, output.into_tensor()),
            None => drop(output),
        }
        let filter = Filter::of_weight(weight.dims(), config.stride);
        if let Some(id) = node(0) {
            grads.register::<Flex>(
                id,
                input_gradient(&z, &weight, filter, input.shape).into_tensor(),
            );
        }
        if let Some(id) = node(1) {
            grads.register::<Flex>(
                id,
                weight_gradient(&z, &input, weight.dims(), filter).into_tensor(),
            );
        }
        for (index, vector) in [(2, gamma), (3, beta)] {
            if let Some(id) = node(index) {
                let length = [vector.len()];
                grads.register::<Flex>(
                    id,
                    ContiguousTensor::from_values(vector, length).into_tensor(),
                );
            }
        }
    }
}

/// Gradients of the norm with its ReLU.
struct NormGradients {
    /// Gradient of the convolution's output.
    z: HwcnTensor,
    /// Gradient of γ.
    gamma: Vec<f32>,
    /// Gradient of β.
    beta: Vec<f32>,
    /// Gradient of the norm's output in front of the ReLU, which is the residual's gradient too.
    output: HwcnTensor,
}

/// Goes backward through the ReLU, if `output` is there, and through the norm.
fn norm_gradients(
    mut grad: HwcnTensor,
    output: Option<HwcnTensor>,
    mut z: HwcnTensor,
    statistics: &Statistics,
    gamma: &ContiguousTensor,
) -> NormGradients {
    let shape = z.shape;
    let size = pixels_per_chunk(shape) * shape.pixel_stride();
    let mut sums = vec![0.0; chunk_count(shape) * 2 * shape.c];
    for_each(
        grad.values_mut().chunks_mut(size).zip(sums.chunks_mut(2 * shape.c)),
        |index, (grad, sums)| {
            let (from, length) = (index * size, grad.len());
            let output = output.as_ref().map(|output| output.chunk(from, length));
            gradient_sums(shape, grad, output, z.chunk(from, length), &statistics.mean, sums);
        },
    );
    let norm = NormBackward::combine(shape, &sums, statistics, gamma.values());
    for_each(z.values_mut().chunks_mut(size).zip(grad.values().chunks(size)), |_, (z, grad)| {
        norm.run(shape, grad, z)
    });
    NormGradients { z, gamma: norm.gamma, beta: norm.beta, output: grad }
}

/// The gradient of a convolution's input.
///
/// # Shapes
/// Gradient: `[n, co, h', w']`; weight: `[co, ci, ks, ks]`; result: `[n, ci, h, w]`
fn input_gradient(
    grad: &HwcnTensor,
    weight: &ContiguousTensor,
    filter: Filter,
    input: HwcnShape,
) -> HwcnTensor {
    let gemm = ImplicitGemm::input_gradient(weight.values(), filter, grad.shape, input);
    let pixels = pixels_per_chunk(input);
    let mut target = vec![0.0; input.len()];
    for_each(target.chunks_mut(pixels * input.pixel_stride()), |index, target| {
        gemm.run(grad.values(), index * pixels, target)
    });
    HwcnTensor::from_values(input, target)
}

/// The gradient of a convolution's weight.
///
/// # Shapes
/// Gradient: `[n, co, h', w']`; input: `[n, ci, h, w]`; result: `[co, ci, ks, ks]`
fn weight_gradient(
    grad: &HwcnTensor,
    input: &HwcnTensor,
    [co, ci, ks, _]: [usize; 4],
    filter: Filter,
) -> ContiguousTensor {
    let gradient = WeightGradient { filter, input: input.shape, output: grad.shape };
    let mut target = vec![0.0; co * ci * ks * ks];
    for_each(target.chunks_mut(TILE_ROWS * ci * ks * ks), |index, target| {
        gradient.run(grad.values(), input.values(), index * TILE_ROWS, target)
    });
    ContiguousTensor::from_values(target, [co, ci, ks, ks])
}
