//! Kernels for the CPU: the same operations as the GPU's, in the widest vectors that the processor
//! has.
//!
//! Burn's CPU engine multiplies matrices well but spends two thirds of a training step on moving
//! numbers: columns for convolutions and back, axes turned round, a pass over memory for every sum.
//! Here a batch lies with its pictures innermost ([`grid`]), so that a convolution is nothing but
//! multiplications of what lies there already, and batch norm, the sum with an identity path and
//! ReLU are two passes.
//!
//! Tensors stay Flex's, strided: [`batch`]. Sums are made in an order that the geometry alone
//! decides ([`parallel`]), so a seed's run is the same, bit for bit, however many threads there
//! are.

mod batch;
mod fork;
mod gather;
mod grid;
mod lanes;
mod layer;
mod norm;
mod optimizer;
mod parallel;
mod pooling;
mod pools;
mod sum;
mod weight_grad;

use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, DispatchDevice, Flex};
use burn::tensor::Tensor;
pub use fork::fork;
pub use layer::{evaluate, train};
pub use optimizer::adam_step;
pub use pooling::{average_pool, max_pool};

/// Whether a device is this back end's.
pub(crate) fn owns(device: &DispatchDevice) -> bool {
    matches!(device, DispatchDevice::Flex(_))
}

/// A tensor that is tracked by autodiff.
type Tracked = FloatTensor<Autodiff<Flex>>;

/// Whether a batch of so many pictures is for these kernels. One alone would leave all but one lane
/// of each vector empty.
pub fn fits(pictures: usize) -> bool {
    pictures > 1
}

/// Flex's tensor behind a tensor that has no tape.
///
/// # Panics
/// On another device: `kernels::takes` is asked first.
fn primitive<const D: usize>(tensor: Tensor<D>) -> FlexTensor {
    match tensor.try_into_primitive::<Flex>() {
        Ok(tensor) => tensor,
        Err(error) => unreachable!("a kernel met a tensor of another device: {error:?}"),
    }
}

/// The same for a tensor on the tape.
///
/// # Panics
/// As [`primitive`].
fn tracked<const D: usize>(tensor: Tensor<D>) -> Tracked {
    match tensor.try_into_primitive::<Autodiff<Flex>>() {
        Ok(tensor) => tensor,
        Err(error) => unreachable!("a kernel met a tensor of another device: {error:?}"),
    }
}
