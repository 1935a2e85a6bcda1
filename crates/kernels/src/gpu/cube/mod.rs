//! The code that runs on the GPU: one file for each kind of work, every kernel a function of
//! buffers and sizes.
//!
//! The kernels have a folder of their own because CubeCL's prelude and Burn's both have a `Tensor`
//! and a `Float`. They are launched unchecked, so that each must bound its own reads and writes.
//!
//! CubeCL's terms: a *unit* is a thread (WebGPU: an invocation), a *cube* is a workgroup. What is
//! marked `comptime` is known when the kernel is compiled for the GPU, so that loops over it are
//! unrolled.
#![allow(clippy::too_many_arguments, reason = "buffers and sizes are all that a kernel has")]
#![allow(
    unsafe_code,
    reason = "the launch functions that the macro writes are unsafe: they check no index"
)]

pub(super) mod adam;
pub(super) mod batch_norm;
pub(super) mod channel_reduction;
pub(super) mod cross_entropy;
pub(super) mod gemm_shape;
pub(super) mod implicit_gemm;
pub(super) mod matrix_product;
pub(super) mod mish;
pub(super) mod norm_gradient;
pub(super) mod pooling;
pub(super) mod render;
pub(super) mod weight_grad;
