//! The elementwise sum of two buffers, in place.

use pulp::{Simd, WithSimd};

use crate::cpu::simd::with_vectors;

/// Adds `other` to `sum`, element by element. Both must have the same length.
pub(super) fn add_assign(sum: &mut [f32], other: &[f32]) {
    with_vectors(Add { sum, other });
}

struct Add<'a> {
    sum: &'a mut [f32],
    other: &'a [f32],
}

impl WithSimd for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (sums, sum_rest) = S::as_mut_simd_f32s(self.sum);
        let (others, rest) = S::as_simd_f32s(self.other);
        for (sum, other) in sums.iter_mut().zip(others) {
            *sum = simd.add_f32s(*sum, *other);
        }
        for (sum, other) in sum_rest.iter_mut().zip(rest) {
            *sum += other;
        }
    }
}
