//! SIMD vectors: which ones the processor has, and how the kernels read and write them.
//!
//! The kernels are generic over [`Simd`], pulp's description of a processor's vectors, and are
//! compiled once for every kind: AVX2 with fused multiply-add (pulp's `V3`) on x86-64, NEON on
//! AArch64, SIMD128 in WebAssembly, and scalars elsewhere.
#![allow(
    unsafe_code,
    reason = "vectors are read and written through pointers; callers check the lengths first"
)]

use pulp::{Simd, WithSimd};

/// Lanes of the widest vector in use: 256 bits (AVX) on x86, 128 bits elsewhere. The batch is
/// padded to a multiple of this, so that every narrower vector divides it too.
pub(super) const MAX_LANES: usize =
    if cfg!(any(target_arch = "x86_64", target_arch = "x86")) { 8 } else { 4 };

/// Runs an operation with the widest vectors that this processor has.
pub(super) fn with_vectors<Op: WithSimd>(operation: Op) -> Op::Output {
    #[cfg(any(target_arch = "x86_64", target_arch = "x86"))]
    if let Some(simd) = pulp::x86::V3::try_new() {
        return Simd::vectorize(simd, operation);
    }
    pulp::Arch::new().dispatch(operation)
}

/// Reads the vector at `at`, which need not be aligned to more than a float.
///
/// # Safety
/// `S::F32_LANES` floats must be readable at `at`.
#[inline(always)]
pub(super) unsafe fn load<S: Simd>(_simd: S, at: *const f32) -> S::f32s {
    // SAFETY: the caller guarantees that a whole vector lies at `at`.
    unsafe { at.cast::<S::f32s>().read_unaligned() }
}

/// Writes a vector to `at`, which need not be aligned to more than a float.
///
/// # Safety
/// `S::F32_LANES` floats must be writable at `at`.
#[inline(always)]
pub(super) unsafe fn store<S: Simd>(_simd: S, at: *mut f32, vector: S::f32s) {
    // SAFETY: the caller guarantees that a whole vector lies at `at`.
    unsafe { at.cast::<S::f32s>().write_unaligned(vector) }
}

/// A mask for the padded part of a channel: 1 in the lanes that hold images and 0 in the lanes that
/// are padding. Callers multiply with it behind the last vector that is full of images.
///
/// Every kind of vector in use has either [`MAX_LANES`] lanes, so that at most one vector of a
/// channel is partly filled, or a single lane, so that each is an image or padding; the mask is 0
/// for the latter.
#[inline(always)]
pub(super) fn valid_lanes<S: Simd>(simd: S, batch_size: usize) -> S::f32s {
    const ONES: [f32; 2 * MAX_LANES] = {
        let mut ones = [0.0; 2 * MAX_LANES];
        let mut index = 0;
        while index < MAX_LANES {
            ones[index] = 1.0;
            index += 1;
        }
        ones
    };
    // SAFETY: the offset is at most `MAX_LANES` and a vector has at most `MAX_LANES` floats, so
    // that all of it lies inside `ONES`.
    unsafe { load(simd, ONES.as_ptr().add(MAX_LANES - batch_size % S::F32_LANES)) }
}

/// ReLU: zero where the value is negative. It is not written as `max(value, 0)`, which would turn a
/// NaN into 0: a run that has diverged must not look healthy.
#[inline(always)]
pub(super) fn relu<S: Simd>(simd: S, value: S::f32s, zero: S::f32s) -> S::f32s {
    simd.select_f32s(simd.less_than_f32s(value, zero), zero, value)
}
