//! What every launch needs: shapes, empty outputs, buffers, numbers of cubes.

use burn::backend::TensorMetadata;
use burn::tensor::{DType, Shape};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// Shape of a tensor whose rank is known.
pub(super) fn dims<const D: usize>(tensor: &CubeTensor) -> [usize; D] {
    let shape = tensor.shape();
    std::array::from_fn(|axis| shape[axis])
}

/// A tensor like `like`, of another shape, that holds nothing yet.
pub(super) fn empty(like: &CubeTensor, shape: impl Into<Shape>) -> CubeTensor {
    empty_device_contiguous_dtype(
        like.client.clone(),
        like.device.clone(),
        shape.into(),
        like.dtype,
    )
}

/// The same for whole numbers.
pub(super) fn empty_whole(like: &CubeTensor, shape: impl Into<Shape>) -> CubeTensor {
    empty_device_contiguous_dtype(
        like.client.clone(),
        like.device.clone(),
        shape.into(),
        DType::U32,
    )
}

/// Rows one after another.
pub(super) fn rows(tensor: CubeTensor) -> CubeTensor {
    into_contiguous(tensor)
}

/// A tensor as a kernel's argument.
pub(super) fn buffer(tensor: &CubeTensor) -> BufferArg {
    tensor.clone().into_buffer_arg()
}

/// So many cubes along each axis.
pub(super) fn cubes(x: usize, y: usize, z: usize) -> CubeCount {
    CubeCount::Static(x as u32, y as u32, z as u32)
}

/// Cubes of `units` over `count` things, in two dimensions where one would be too long for WebGPU.
pub(super) fn spread(count: usize, units: usize) -> CubeCount {
    let needed = count.div_ceil(units);
    let y = needed.div_ceil(32_768).max(1);
    cubes(needed.div_ceil(y), y, 1)
}
