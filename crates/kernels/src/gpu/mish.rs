//! Mish on a GPU, as one operation that is tracked by autodiff and saves nothing but its input.
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

use crate::gpu::cube::mish as kernel;
use crate::gpu::launch::{buffer, contiguous, cubes_for, empty};
use crate::gpu::primitive::{primitive, tracked};

/// Units of a cube; each takes one number.
const UNITS: usize = 64;

/// The function of each number.
fn forward(input: &CubeTensor) -> CubeTensor {
    let output = empty(input, input.shape());
    let count = cubes_for(input.shape().num_elements(), UNITS);
    // SAFETY: the kernel stops at the end of the output, and the input is as long.
    unsafe {
        kernel::mish_forward::launch_unchecked(
            &input.client,
            count,
            CubeDim::new_1d(UNITS as u32),
            buffer(input),
            buffer(&output),
        );
    }
    output
}

/// The backward pass. Saved for it: the input.
#[derive(Debug)]
struct MishBackward;

impl Backward<Cube, 1> for MishBackward {
    type State = CubeTensor;

    fn backward(
        self,
        ops: Ops<CubeTensor, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let grad = contiguous(grads.consume::<Cube>(&ops.node));
        let input = ops.state;
        let [Some(parent)] = ops.parents else { return };
        let output = empty(&input, input.shape());
        let count = cubes_for(input.shape().num_elements(), UNITS);
        // SAFETY: the kernel stops at the end of the output, and input and gradient are as long.
        unsafe {
            kernel::mish_gradient::launch_unchecked(
                &input.client,
                count,
                CubeDim::new_1d(UNITS as u32),
                buffer(&input),
                buffer(&grad),
                buffer(&output),
            );
        }
        grads.register::<Cube>(parent.id, output);
    }
}

/// Mish: see [`crate::mish`].
pub fn mish(input: Tensor<4>) -> Tensor<4> {
    if !input.device().is_autodiff() {
        return Tensor::from_primitive::<Cube>(forward(&primitive(input)));
    }
    let input = tracked(input);
    let values = contiguous(input.primitive().clone());
    let output = forward(&values);
    let output =
        match MishBackward.prepare::<NoCheckpointing>([input.node()]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(values, output),
            OpsKind::UnTracked(step) => step.finish(output),
        };
    Tensor::from_primitive::<Autodiff<Cube>>(output)
}
