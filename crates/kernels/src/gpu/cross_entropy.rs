//! Cross-entropy over soft targets on a GPU, as one operation that is tracked by autodiff.
//!
//! The forward pass finds the gradient of the logits along with the loss, because both need the
//! softmax. The backward pass only multiplies it by the gradient of the loss.
#![allow(
    unsafe_code,
    reason = "a launch checks no index: the kernels bound their own reads and writes"
)]

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Cube, TensorMetadata};
use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use crate::gpu::cube::channel_reduction::MAX_UNITS;
use crate::gpu::cube::cross_entropy as kernel;
use crate::gpu::launch::{buffer, contiguous, cubes, cubes_for, dims, empty};
use crate::gpu::primitive::{primitive, tracked};

/// The loss and its gradient with respect to the logits.
///
/// # Shapes
/// Logits and targets: `[n, classes]`; loss: `[1]`; gradient: `[n, classes]`
fn forward(logits: &CubeTensor, targets: &CubeTensor) -> [CubeTensor; 2] {
    let [n, classes] = dims(logits);
    let found = [empty(logits, [1]), empty(logits, [n, classes])];
    // SAFETY: `n` and `classes` are the dimensions of the buffers, by which the kernel bounds
    // itself.
    unsafe {
        let [loss, logits_grad] = found.each_ref().map(buffer);
        let units = CubeDim::new_1d(MAX_UNITS as u32);
        let (logits_buffer, targets) = (buffer(logits), buffer(targets));
        kernel::soft_cross_entropy::launch_unchecked(
            &logits.client,
            cubes(1, 1, 1),
            units,
            logits_buffer,
            targets,
            loss,
            logits_grad,
            n,
            classes,
        );
    }
    found
}

/// The backward pass. Saved for it: the gradient of the logits for a loss of weight 1.
#[derive(Debug)]
struct CrossEntropyBackward;

impl Backward<Cube, 1> for CrossEntropyBackward {
    type State = CubeTensor;

    fn backward(
        self,
        ops: Ops<CubeTensor, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let grad = contiguous(grads.consume::<Cube>(&ops.node));
        let logits_grad = ops.state;
        let [Some(parent)] = ops.parents else { return };
        let output = empty(&logits_grad, logits_grad.shape());
        let count = cubes_for(logits_grad.shape().num_elements(), 64);
        // SAFETY: the kernel stops at the end of the output, and the saved gradient is as long.
        unsafe {
            kernel::scale_by_scalar::launch_unchecked(
                &logits_grad.client,
                count,
                CubeDim::new_1d(64),
                buffer(&logits_grad),
                buffer(&grad),
                buffer(&output),
            );
        }
        grads.register::<Cube>(parent.id, output);
    }
}

/// The mean over the batch of `−Σ target · log softmax(logits)`: PyTorch's `cross_entropy` with
/// class probabilities as targets, which label smoothing and Mixup need. The targets are not
/// differentiated.
///
/// # Shapes
/// Logits and targets: `[n, classes]`; result: `[1]`
///
/// # Panics
/// If the tensors are not on a GPU: ask [`crate::runs_on_gpu`] first.
pub fn soft_cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    if !logits.device().is_autodiff() {
        let [loss, _] = forward(&primitive(logits), &primitive(targets));
        return Tensor::from_primitive::<Cube>(loss);
    }
    let logits = tracked(logits);
    let targets = contiguous(tracked(targets).into_primitive());
    let [loss, logits_grad] = forward(&contiguous(logits.primitive().clone()), &targets);
    let loss = match CrossEntropyBackward
        .prepare::<NoCheckpointing>([logits.node()])
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(step) => step.finish(logits_grad, loss),
        OpsKind::UnTracked(step) => step.finish(loss),
    };
    Tensor::from_primitive::<Autodiff<Cube>>(loss)
}
