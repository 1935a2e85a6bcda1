//! Kernels for GPUs, written in CubeCL, so that they run on every GPU that Burn runs on. They keep
//! Burn's layout (`[n, channels, h, w]`) from one layer to the next without a copy.
//!
//! [`cube`] is what runs on the GPU; the other files choose sizes, launch it, and put it on Burn's
//! tape.

mod conv_norm;
mod convolution;
mod cross_entropy;
mod cube;
mod launch;
mod norm;
mod optimizer;
mod pictures;
mod pooling;
mod tiles;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Cube, DispatchDevice};
use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;
pub use conv_norm::{evaluate, train};
pub use cross_entropy::soft_cross_entropy;
pub use optimizer::{ParamUpdate, UpdatedParam, adam_steps};
pub use pictures::render;
pub use pooling::{average_pool, max_pool};

/// Whether a device is a GPU of this back end.
pub(crate) fn owns(device: &DispatchDevice) -> bool {
    matches!(device, DispatchDevice::Cube(_))
}

/// A tensor that is tracked by autodiff.
type Tracked = FloatTensor<Autodiff<Cube>>;

/// The GPU's tensor behind a tensor that has no tape.
///
/// # Panics
/// On another device than a GPU's: `kernels::takes` and `kernels::runs_on_gpu` are asked first.
fn primitive<const D: usize>(tensor: Tensor<D>) -> CubeTensor {
    match tensor.try_into_primitive::<Cube>() {
        Ok(tensor) => launch::rows(tensor),
        Err(error) => unreachable!("a kernel met a tensor of another device: {error:?}"),
    }
}

/// The same for a tensor on the tape.
///
/// # Panics
/// As [`primitive`].
fn tracked<const D: usize>(tensor: Tensor<D>) -> Tracked {
    match tensor.try_into_primitive::<Autodiff<Cube>>() {
        Ok(tensor) => tensor,
        Err(error) => unreachable!("a kernel met a tensor of another device: {error:?}"),
    }
}
