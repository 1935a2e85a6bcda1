//! Vectors: as wide as the processor has them, and how the kernels read and write them.
#![allow(
    unsafe_code,
    reason = "a vector is read and written through a pointer; every kernel checks its buffers' lengths before its loops"
)]

use pulp::{Simd, WithSimd};

/// Pictures are padded to a multiple of this many, the widest vector in use: AVX's on x86-64, 128
/// bits elsewhere.
pub(super) const WIDTH: usize =
    if cfg!(any(target_arch = "x86_64", target_arch = "x86")) { 8 } else { 4 };

/// Runs an operation with the widest vectors that this processor has.
pub(super) fn with_vectors<Op: WithSimd>(operation: Op) -> Op::Output {
    #[cfg(any(target_arch = "x86_64", target_arch = "x86"))]
    if let Some(simd) = pulp::x86::V3::try_new() {
        return Simd::vectorize(simd, operation);
    }
    pulp::Arch::new().dispatch(operation)
}

/// The vector at `at`, which may lie at any float.
///
/// # Safety
/// `S::F32_LANES` floats can be read there.
#[inline(always)]
pub(super) unsafe fn load<S: Simd>(_simd: S, at: *const f32) -> S::f32s {
    // Safety: the caller's word.
    unsafe { at.cast::<S::f32s>().read_unaligned() }
}

/// Puts a vector at `at`, which may be any float's place.
///
/// # Safety
/// `S::F32_LANES` floats can be written there.
#[inline(always)]
pub(super) unsafe fn store<S: Simd>(_simd: S, at: *mut f32, vector: S::f32s) {
    // Safety: the caller's word.
    unsafe { at.cast::<S::f32s>().write_unaligned(vector) }
}

/// Ones where the last vector holds pictures, zeros where it is only filled up.
#[inline(always)]
pub(super) fn mask<S: Simd>(simd: S, pictures: usize) -> S::f32s {
    const ONES: [f32; 2 * WIDTH] = {
        let mut ones = [0.0; 2 * WIDTH];
        let mut index = 0;
        while index < WIDTH {
            ones[index] = 1.0;
            index += 1;
        }
        ones
    };
    // Safety: a vector has at most `WIDTH` floats, and what is left over of the pictures fewer than
    // that.
    unsafe { load(simd, ONES.as_ptr().add(WIDTH - pictures % S::F32_LANES)) }
}

/// The positive part. Not `max`: a number that is none must stay so, or a run that broke would look
/// healthy.
#[inline(always)]
pub(super) fn relu<S: Simd>(simd: S, value: S::f32s, zero: S::f32s) -> S::f32s {
    simd.select_f32s(simd.less_than_f32s(value, zero), zero, value)
}
