//! The way from a tensor of Burn's to the CubeCL tensor inside it.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Cube};
use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;

use crate::gpu::launch::contiguous;

/// A CubeCL tensor that is tracked by autodiff.
pub(super) type Tracked = FloatTensor<Autodiff<Cube>>;

/// The CubeCL tensor, made contiguous, inside a tensor that is not tracked by autodiff.
///
/// # Panics
/// If the tensor is not on a GPU: callers ask [`crate::supports`] or [`crate::runs_on_gpu`] first.
pub(super) fn primitive<const D: usize>(tensor: Tensor<D>) -> CubeTensor {
    match tensor.try_into_primitive::<Cube>() {
        Ok(tensor) => contiguous(tensor),
        Err(error) => unreachable!("a kernel got a tensor of another device: {error:?}"),
    }
}

/// The CubeCL tensor, with its node in the autodiff graph, inside a tensor that is tracked by
/// autodiff.
///
/// # Panics
/// If the tensor is not on a GPU: callers ask [`crate::supports`] or [`crate::runs_on_gpu`] first.
pub(super) fn tracked<const D: usize>(tensor: Tensor<D>) -> Tracked {
    match tensor.try_into_primitive::<Autodiff<Cube>>() {
        Ok(tensor) => tensor,
        Err(error) => unreachable!("a kernel got a tensor of another device: {error:?}"),
    }
}
