//! Kernels for the CPU, written for the widest SIMD vectors that the processor has.
//!
//! Burn's CPU back end, Flex, multiplies matrices well, but a training step of a small ResNet
//! spends about two thirds of its time moving numbers: columns for convolutions and back,
//! transposed axes, and one pass over memory for every elementwise operation. Here a batch is
//! stored with the batch dimension innermost (the HWCN layout of [`hwcn_shape`]), so that a
//! convolution only multiplies numbers where they already are, and batch norm, the residual sum and
//! ReLU together take two passes over memory.
//!
//! - [`hwcn_shape`] and [`hwcn_tensor`] define the memory layout of feature maps, and
//!   [`contiguous_tensor`] that of weights and vectors.
//! - [`simd`] and [`parallel`] are the tools: vectors, and work in chunks on several threads.
//! - [`implicit_gemm`], [`weight_grad`], [`batch_statistics`], [`normalize`], [`norm_gradient`],
//!   [`pool_kernels`], [`add_assign`] and [`adam`] hold the arithmetic.
//! - [`conv_layer`], [`conv_layer_backward`], [`pooling`], [`mod@mish`] and [`mod@fork`] turn it
//!   into operations that are tracked by autodiff.
//!
//! To Burn the tensors stay ordinary strided Flex tensors. Every sum is made in an order that
//! depends on the shapes alone ([`parallel`]), so that a run with the same seed gives the same bits
//! however many threads there are.

mod adam;
mod add_assign;
mod batch_statistics;
mod contiguous_tensor;
mod conv_layer;
mod conv_layer_backward;
mod filter;
mod fork;
mod hwcn_shape;
mod hwcn_tensor;
mod implicit_gemm;
mod mish;
mod norm_gradient;
mod normalize;
mod parallel;
mod pool_kernels;
mod pooling;
mod primitive;
mod simd;
mod weight_grad;

pub use adam::adam_step;
use burn::backend::DispatchDevice;
pub use conv_layer::{forward_eval, forward_train};
pub use fork::fork;
pub use mish::mish;
pub use pooling::{average_pool, max_pool};

/// Whether this is a device of the CPU back end.
pub(crate) fn owns(device: &DispatchDevice) -> bool {
    matches!(device, DispatchDevice::Flex(_))
}

/// Whether these kernels take batches of this size. A single image would leave all lanes of every
/// vector but one empty; Burn's own operations are faster for it.
pub fn supports_batch_size(batch_size: usize) -> bool {
    batch_size > 1
}
