//! Max-pool and average pool on the CPU, as operations that are tracked by autodiff.
//!
//! [`crate::cpu::pool_kernels`] holds the arithmetic; this file cuts the output into chunks for the
//! threads and ties the backward pass to the autodiff graph.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Flex};
use burn::tensor::Tensor;

use crate::cpu::hwcn_shape::HwcnShape;
use crate::cpu::hwcn_tensor::HwcnTensor;
use crate::cpu::parallel::{for_each, pixels_per_chunk};
use crate::cpu::pool_kernels::PoolKind;
use crate::cpu::primitive::{primitive, tracked};

/// The output of a pool, and for max-pool the position of the largest value in each window (empty
/// otherwise).
fn forward(pool: PoolKind, input: &HwcnTensor) -> (HwcnTensor, Vec<f32>) {
    let shape = pool.output_shape(input.shape);
    let pixels = pixels_per_chunk(shape);
    let size = pixels * shape.pixel_stride();
    let mut output = vec![0.0; shape.len()];
    let mut argmax = vec![0.0; if pool == PoolKind::Max { shape.len() } else { 0 }];
    let mut argmax_chunks = argmax.chunks_mut(size);
    let chunks =
        output.chunks_mut(size).map(|output| (output, argmax_chunks.next().unwrap_or_default()));
    for_each(chunks.collect::<Vec<_>>(), |index, (output, argmax)| {
        pool.forward(input.shape, input.values(), index * pixels, output, argmax)
    });
    (HwcnTensor::from_values(shape, output), argmax)
}

/// The backward pass of a pool. Saved for it: the kind of pool, the shape of its input, and
/// max-pool's positions.
#[derive(Debug)]
struct PoolBackward;

impl Backward<Flex, 1> for PoolBackward {
    type State = (PoolKind, HwcnShape, Vec<f32>);

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let grad = HwcnTensor::from_tensor(grads.consume::<Flex>(&ops.node));
        let (pool, shape, argmax) = ops.state;
        let [Some(parent)] = ops.parents else { return };
        let pixels = pixels_per_chunk(shape);
        let mut target = vec![0.0; shape.len()];
        for_each(target.chunks_mut(pixels * shape.pixel_stride()), |index, target| {
            pool.backward(shape, grad.values(), &argmax, index * pixels, target);
        });
        grads.register::<Flex>(parent.id, HwcnTensor::from_values(shape, target).into_tensor());
    }
}

/// Runs a pool, tracked by autodiff if its input is.
fn pool(pool: PoolKind, input: Tensor<4>) -> Tensor<4> {
    if !input.device().is_autodiff() {
        let (output, _) = forward(pool, &HwcnTensor::from_tensor(primitive(input)));
        return Tensor::from_primitive::<Flex>(output.into_tensor());
    }
    let input = tracked(input);
    let values = HwcnTensor::from_tensor(input.primitive().clone());
    let (output, argmax) = forward(pool, &values);
    let output =
        match PoolBackward.prepare::<NoCheckpointing>([input.node()]).compute_bound().stateful() {
            OpsKind::Tracked(step) => {
                step.finish((pool, values.shape, argmax), output.into_tensor())
            }
            OpsKind::UnTracked(step) => step.finish(output.into_tensor()),
        };
    Tensor::from_primitive::<Autodiff<Flex>>(output)
}

/// PyTorch's `MaxPool2d(3, stride=2, padding=1)`.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`
pub fn max_pool(input: Tensor<4>) -> Tensor<4> {
    pool(PoolKind::Max, input)
}

/// PyTorch's `AvgPool2d(2, ceil_mode=True)`.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`
pub fn average_pool(input: Tensor<4>) -> Tensor<4> {
    pool(PoolKind::Average, input)
}
