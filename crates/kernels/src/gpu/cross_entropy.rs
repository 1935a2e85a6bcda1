//! Cross-entropy over soft targets as one operation on the tape.
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

use crate::gpu::cube::loss as kernel;
use crate::gpu::cube::norm::UNITS;
use crate::gpu::launch::{buffer, cubes, dims, empty, rows, spread};
use crate::gpu::{primitive, tracked};

/// Loss `[1]` and its slope `[n, classes]`.
fn forward(logits: &CubeTensor, targets: &CubeTensor) -> [CubeTensor; 2] {
    let [n, classes] = dims(logits);
    let found = [empty(logits, [1]), empty(logits, [n, classes])];
    // Safety: rows and classes are the buffers' own.
    unsafe {
        let [loss, slope] = found.each_ref().map(buffer);
        let units = CubeDim::new_1d(UNITS as u32);
        let (logits_buffer, targets) = (buffer(logits), buffer(targets));
        kernel::cross_entropy::launch_unchecked(
            &logits.client,
            cubes(1, 1, 1),
            units,
            logits_buffer,
            targets,
            loss,
            slope,
            n,
            classes,
        );
    }
    found
}

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
        let grad = rows(grads.consume::<Cube>(&ops.node));
        let slope = ops.state;
        let [Some(parent)] = ops.parents else { return };
        let output = empty(&slope, slope.shape());
        let count = spread(slope.shape().num_elements(), 64);
        // Safety: the kernel stops at the output's end, and the slope is as long.
        unsafe {
            kernel::scale::launch_unchecked(
                &slope.client,
                count,
                CubeDim::new_1d(64),
                buffer(&slope),
                buffer(&grad),
                buffer(&output),
            );
        }
        grads.register::<Cube>(parent.id, output);
    }
}

/// `train::loss::soft_cross_entropy` on the GPU; targets are not differentiated.
///
/// # Shapes
/// Logits and targets `[n, classes]`; the loss `[1]`.
pub fn soft_cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    if !logits.device().is_autodiff() {
        let [loss, _] = forward(&primitive(logits), &primitive(targets));
        return Tensor::from_primitive::<Cube>(loss);
    }
    let logits = tracked(logits);
    let targets = rows(tracked(targets).into_primitive());
    let [loss, slope] = forward(&rows(logits.primitive().clone()), &targets);
    let loss = match CrossEntropyBackward
        .prepare::<NoCheckpointing>([logits.node()])
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(step) => step.finish(slope, loss),
        OpsKind::UnTracked(step) => step.finish(loss),
    };
    Tensor::from_primitive::<Autodiff<Cube>>(loss)
}
