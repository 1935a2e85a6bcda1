//! Max-pool and average pool as operations on the tape.
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

use crate::gpu::cube::pool as kernel;
use crate::gpu::cube::pool::PoolGeometryLaunch;
use crate::gpu::launch::{buffer, dims, empty, empty_whole, rows, spread};
use crate::gpu::{primitive, tracked};

/// Side of both pools' output.
fn half(side: usize) -> usize {
    side.div_ceil(2)
}

fn geometry([pictures, channels, h, w]: [usize; 4]) -> PoolGeometryLaunch {
    PoolGeometryLaunch::new(pictures * channels, h, w, half(h), half(w))
}

fn halved([pictures, channels, h, w]: [usize; 4]) -> [usize; 4] {
    [pictures, channels, half(h), half(w)]
}

fn units() -> CubeDim {
    CubeDim::new_1d(64)
}

/// The largest and which it was.
fn max_forward(input: &CubeTensor) -> [CubeTensor; 2] {
    let shape = dims(input);
    let found = [empty(input, halved(shape)), empty_whole(input, halved(shape))];
    let count = spread(halved(shape).iter().product(), 64);
    // Safety: the kernel bounds its reads by the geometry, which is the buffers' own.
    unsafe {
        let [output, winner] = found.each_ref().map(buffer);
        kernel::max_pool::launch_unchecked(
            &input.client,
            count,
            units(),
            buffer(input),
            output,
            winner,
            geometry(shape),
        );
    }
    found
}

fn average_forward(input: &CubeTensor) -> CubeTensor {
    let shape = dims(input);
    let output = empty(input, halved(shape));
    let count = spread(halved(shape).iter().product(), 64);
    // Safety: as in `max_forward`.
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
        let grad = rows(grads.consume::<Cube>(&ops.node));
        let (shape, winner) = ops.state;
        let [Some(parent)] = ops.parents else { return };
        let input = empty(&grad, shape);
        let count = spread(input.shape().num_elements(), 64);
        // Safety: as in `max_forward`.
        unsafe {
            let arguments = [&grad, &winner, &input].map(buffer);
            let [grad_buffer, winner, output] = arguments;
            kernel::max_pool_gradient::launch_unchecked(
                &grad.client,
                count,
                units(),
                grad_buffer,
                winner,
                output,
                geometry(shape),
            );
        }
        grads.register::<Cube>(parent.id, input);
    }
}

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
        let grad = rows(grads.consume::<Cube>(&ops.node));
        let shape = ops.state;
        let [Some(parent)] = ops.parents else { return };
        let input = empty(&grad, shape);
        let count = spread(input.shape().num_elements(), 64);
        // Safety: as in `max_forward`.
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

/// `MaxPool2d(3, stride = 2, padding = 1)`.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`.
pub fn max_pool(input: Tensor<4>) -> Tensor<4> {
    if !input.device().is_autodiff() {
        let [output, _] = max_forward(&primitive(input));
        return Tensor::from_primitive::<Cube>(output);
    }
    let input = tracked(input);
    let values = rows(input.primitive().clone());
    let shape = dims(&values);
    let [output, winner] = max_forward(&values);
    let output =
        match MaxPoolBackward.prepare::<NoCheckpointing>([input.node()]).compute_bound().stateful()
        {
            OpsKind::Tracked(step) => step.finish((shape, winner), output),
            OpsKind::UnTracked(step) => step.finish(output),
        };
    Tensor::from_primitive::<Autodiff<Cube>>(output)
}

/// `AvgPool2d(2, ceil_mode=True)`.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`.
pub fn average_pool(input: Tensor<4>) -> Tensor<4> {
    if !input.device().is_autodiff() {
        return Tensor::from_primitive::<Cube>(average_forward(&primitive(input)));
    }
    let input = tracked(input);
    let values = rows(input.primitive().clone());
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
