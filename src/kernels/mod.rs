//! Kernels of our own for the GPU, where Burn's single operations cost too many dispatches or too much arithmetic.
//!
//! They are written in CubeCL, so that they run on every GPU that Burn runs on, and keep Burn's layout (`[n, channels, h, w]`) from one
//! layer to the next without a copy. The CPU engine knows nothing of them: there the same layers are made of Burn's operations, which is
//! also what the tests hold these kernels against (`tests/golden` with `RESNETTE_GOLDEN_DEVICE=wgpu`, and `tests/kernels.rs`).
//!
//! A tensor's device decides: [`runs_on`].

mod conv_norm;
mod convolution;
mod cross_entropy;
mod cube;
mod launch;
mod norm;
mod optimizer;
mod pooling;
mod tiles;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Cube, DispatchDevice};
use burn::tensor::{Device, Tensor};
use burn_cubecl::tensor::CubeTensor;

pub use conv_norm::{Inputs, Settings, Trained, evaluate, train};
pub use cross_entropy::soft_cross_entropy;
pub use optimizer::{AdamFactors, adam_step};
pub use pooling::{average_pool, max_pool};

/// A tensor on the tape.
type Tracked = FloatTensor<Autodiff<Cube>>;

/// Whether a device's tensors can pass through these kernels: a GPU's, with or without autodiff.
pub fn runs_on(device: &Device) -> bool {
    matches!(device.clone().without_autodiff().as_dispatch(), DispatchDevice::Cube(_))
}

/// The GPU's tensor behind a tensor that has no tape.
///
/// # Panics
/// On another device than a GPU's: [`runs_on`] is asked first.
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
