//! What runs on the GPU: one file a kind of work, every kernel a function of buffers and sizes.
//!
//! In a folder of their own because CubeCL's prelude and Burn's both have a `Tensor` and a `Float`.
//! Kernels are launched unchecked: each bounds its own reads and writes.
#![allow(clippy::too_many_arguments, reason = "buffers and sizes are all that a kernel has")]
#![allow(
    unsafe_code,
    reason = "the launch functions that the macro writes are unsafe: they check no index"
)]

pub(super) mod adam;
pub(super) mod gather;
pub(super) mod loss;
pub(super) mod norm;
pub(super) mod pictures;
pub(super) mod pool;
pub(super) mod weight_grad;
