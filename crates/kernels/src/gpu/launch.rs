//! Helpers for launching kernels: shapes, output tensors, arguments, and numbers of cubes.

use burn::backend::TensorMetadata;
use burn::tensor::{DType, Shape};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// The dimensions of a tensor whose rank is known.
pub(super) fn dims<const D: usize>(tensor: &CubeTensor) -> [usize; D] {
    let shape = tensor.shape();
    std::array::from_fn(|axis| shape[axis])
}

/// An uninitialised contiguous tensor of this shape, on the device and of the dtype of `like`.
pub(super) fn empty(like: &CubeTensor, shape: impl Into<Shape>) -> CubeTensor {
    empty_device_contiguous_dtype(
        like.client.clone(),
        like.device.clone(),
        shape.into(),
        like.dtype,
    )
}

/// The same with the dtype `u32`.
pub(super) fn empty_u32(like: &CubeTensor, shape: impl Into<Shape>) -> CubeTensor {
    empty_device_contiguous_dtype(
        like.client.clone(),
        like.device.clone(),
        shape.into(),
        DType::U32,
    )
}

/// The tensor in row-major order, copied only if it is not so already.
pub(super) fn contiguous(tensor: CubeTensor) -> CubeTensor {
    into_contiguous(tensor)
}

/// A tensor as the argument of a kernel.
pub(super) fn buffer(tensor: &CubeTensor) -> BufferArg {
    tensor.clone().into_buffer_arg()
}

/// So many cubes (workgroups) along each axis.
pub(super) fn cubes(x: usize, y: usize, z: usize) -> CubeCount {
    CubeCount::Static(x as u32, y as u32, z as u32)
}

/// The cubes of `units` units each that cover `count` items, laid out in two dimensions where one
/// would exceed WebGPU's limit for a dispatch.
pub(super) fn cubes_for(count: usize, units: usize) -> CubeCount {
    let needed = count.div_ceil(units);
    let y = needed.div_ceil(32_768).max(1);
    cubes(needed.div_ceil(y), y, 1)
}

/// The cubes of `units` units each that cover `count` items in each of `rows` rows. All units of a
/// cube have the same row, which is the cube's second number; where there would be too many cubes
/// along the first axis, they go on along the third.
pub(super) fn cubes_by_row(count: usize, rows: usize, units: usize) -> CubeCount {
    let needed = count.div_ceil(units);
    let z = needed.div_ceil(32_768).max(1);
    cubes(needed.div_ceil(z), rows, z)
}
