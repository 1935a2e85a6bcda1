//! Kernels for GPUs, written in CubeCL, so that they run wherever Burn's WebGPU back end runs.
//!
//! They keep Burn's own layout, contiguous `[n, c, h, w]`, so that nothing is copied between one of
//! these kernels and one of Burn's operations. Neighbouring units (threads) work on neighbouring
//! columns of an image and so read neighbouring addresses.
//!
//! The kernels themselves are in [`cube`]. The other files launch them and tie them to Burn's
//! autodiff graph. How the work is cut up is chosen in [`crate::tiles`], for the GPU that
//! [`crate::chip`] knows of.

mod adam;
mod batch_norm;
mod conv_layer;
mod convolution;
mod cross_entropy;
mod cube;
mod launch;
mod matrix_product;
mod mish;
mod packed_layout;
mod param_update;
mod pooling;
mod primitive;
mod render;

pub use adam::adam_steps;
use burn::backend::DispatchDevice;
pub use conv_layer::{forward_eval, forward_train};
pub use cross_entropy::soft_cross_entropy;
pub use matrix_product::matrix_product;
pub use mish::mish;
pub use param_update::{ParamUpdate, UpdatedParam};
pub use pooling::{average_pool, max_pool};
pub use render::render;

/// Whether this is a device of the GPU back end.
pub(crate) fn owns(device: &DispatchDevice) -> bool {
    matches!(device, DispatchDevice::Cube(_))
}
