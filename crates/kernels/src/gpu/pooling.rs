//! Max-pool and average pool on a GPU, as operations that are tracked by autodiff.
//!
//! The output and, for max-pool, the position of the largest value in each window are computed one
//! unit an element; see [`crate::gpu::cube::pooling`].
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

use crate::gpu::cube::pooling as kernel;
use crate::gpu::cube::pooling::PoolGeometryLaunch;
use crate::gpu::launch::{buffer, contiguous, cubes_for, dims, empty, empty_u32};
use crate::gpu::primitive::{primitive, tracked};

/// Height (or width) of a pool's output.
fn half(side: usize) -> usize {
    side.div_ceil(2)
}

/// The geometry of a pool whose input has the shape `[n, c, h, w]`.
fn geometry([batch, channels, h, w]: [usize; 4]) -> PoolGeometryLaunch {
    PoolGeometryLaunch::new(batch * channels, h, w, half(h), half(w))
}

/// Shape of the output of a pool whose input has the shape `[n, c, h, w]`.
fn output_shape([batch, channels, h, w]: [usize; 4]) -> [usize; 4] {
    [batch, channels, half(h), half(w)]
}

/// Units of a cube.
fn units() -> CubeDim {
    CubeDim::new_1d(64)
}

/// The output of max-pool, and the position (0 to 8) of the largest value in each window.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`, twice; the positions are `u32`
fn max_forward(input: &CubeTensor) -> [CubeTensor; 2] {
    let shape = dims(input);
    let found = [empty(input, output_shape(shape)), empty_u32(input, output_shape(shape))];
    let count = cubes_for(output_shape(shape).iter().product(), 64);
    // SAFETY: the kernel bounds its reads and writes by the geometry, which holds the dimensions of
    // the buffers.
    unsafe {
        let [output, argmax] = found.each_ref().map(buffer);
        kernel::max_pool::launch_unchecked(
            &input.client,
            count,
            units(),
            buffer(input),
            output,
            argmax,
            geometry(shape),
        );
    }
    found
}

/// The output of average pool.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`
fn average_forward(input: &CubeTensor) -> CubeTensor {
    let shape = dims(input);
    let output = empty(input, output_shape(shape));
    let count = cubes_for(output_shape(shape).iter().product(), 64);
    // SAFETY: the kernel bounds its reads and writes by the geometry, which holds the dimensions of
    // the buffers.
    unsafe {
        kernel::average_pool::launch_unchecked(
            &input.client,
            count,
            units(),
            buffer(input),
            buffer(&output),
            geometry(shape),
        );
    }
    output
}

/// The backward pass of max-pool. Saved for it: the shape of the input, and the positions of the
/// largest values.
#[derive(Debug)]
struct MaxPoolBackward;

impl Backward<Cube, 1> for MaxPoolBackward {
    type State = ([usize; 4], CubeTensor);

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let grad = contiguous(grads.consume::<Cube>(&ops.node));
        let (shape, argmax) = ops.state;
        let [Some(parent)] = ops.parents else { return };
        let input = empty(&grad, shape);
        let count = cubes_for(input.shape().num_elements(), 64);
        // SAFETY: the kernel bounds its reads and writes by the geometry, which holds the
        // dimensions of the buffers.
        unsafe {
            let arguments = [&grad, &argmax, &input].map(buffer);
            let [grad_buffer, argmax, output] = arguments;
            kernel::max_pool_gradient::launch_unchecked(
                &grad.client,
                count,
                units(),
                grad_buffer,
                argmax,
                output,
                geometry(shape),
            );
        }
        grads.register::<Cube>(parent.id, input);
    }
}

/// The backward pass of average pool. Saved for it: the shape of the input.
#[derive(Debug)]
struct AveragePoolBackward;

impl Backward<Cube, 1> for AveragePoolBackward {
    type State = [usize; 4];

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let grad = contiguous(grads.consume::<Cube>(&ops.node));
        let shape = ops.state;
        let [Some(parent)] = ops.parents else { return };
        let input = empty(&grad, shape);
        let count = cubes_for(input.shape().num_elements(), 64);
        // SAFETY: the kernel bounds its reads and writes by the geometry, which holds the
        // dimensions of the buffers.
        unsafe {
            kernel::average_pool_gradient::launch_unchecked(
                &grad.client,
                count,
                units(),
                buffer(&grad),
                buffer(&input),
                geometry(shape),
            );
        }
        grads.register::<Cube>(parent.id, input);
    }
}

/// PyTorch's `MaxPool2d(3, stride=2, padding=1)`.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`
pub fn max_pool(input: Tensor<4>) -> Tensor<4> {
    if !input.device().is_autodiff() {
        let [output, _] = max_forward(&primitive(input));
        return Tensor::from_primitive::<Cube>(output);
    }
    let input = tracked(input);
    let values = contiguous(input.primitive().clone());
    let shape = dims(&values);
    let [output, argmax] = max_forward(&values);
    let output =
        match MaxPoolBackward.prepare::<NoCheckpointing>([input.node()]).compute_bound().stateful()
        {
            OpsKind::Tracked(step) => step.finish((shape, argmax), output),
            OpsKind::UnTracked(step) => step.finish(output),
        };
    Tensor::from_primitive::<Autodiff<Cube>>(output)
}

/// PyTorch's `AvgPool2d(2, ceil_mode=True)`.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`
pub fn average_pool(input: Tensor<4>) -> Tensor<4> {
    if !input.device().is_autodiff() {
        return Tensor::from_primitive::<Cube>(average_forward(&primitive(input)));
    }
    let input = tracked(input);
    let values = contiguous(input.primitive().clone());
    let shape = dims(&values);
    let output = average_forward(&values);
    let output = match AveragePoolBackward
        .prepare::<NoCheckpointing>([input.node()])
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(step) => step.finish(shape, output),
        OpsKind::UnTracked(step) => step.finish(output),
    };
    Tensor::from_primitive::<Autodiff<Cube>>(output)
}
