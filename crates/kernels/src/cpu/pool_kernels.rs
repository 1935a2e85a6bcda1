//! The arithmetic of the networks' two pools, forward and backward, pixel by pixel.
//!
//! Both halve the feature map, rounded up. A vector holds one channel of one pixel of several
//! images (HWCN, [`HwcnShape`]), so that every image of a vector has the same window and edges need
//! no masks.
//!
//! Max-pool's forward pass stores which of its window's nine positions was the largest, counted row
//! by row from 0 to 8 and kept as a float so that it can be compared in the same vectors. The
//! backward pass visits each input pixel once and collects the gradients of the windows that it
//! won, so that no two threads write to the same pixel.
#![allow(
    unsafe_code,
    reason = "the loops use raw pointers; every buffer is checked against the shapes first"
)]

use pulp::{Simd, WithSimd};

use crate::cpu::hwcn_shape::HwcnShape;
use crate::cpu::simd::{load, store, with_vectors};

/// A pool whose output has half the height and width of its input, rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PoolKind {
    /// PyTorch's `MaxPool2d(3, stride=2, padding=1)`.
    Max,
    /// PyTorch's `AvgPool2d(2, ceil_mode=True)`: a window over an odd edge is divided by what it
    /// holds.
    Average,
}

impl PoolKind {
    /// Shape of the output.
    pub fn output_shape(self, input: HwcnShape) -> HwcnShape {
        HwcnShape { h: input.h.div_ceil(2), w: input.w.div_ceil(2), ..input }
    }

    /// The input's rows (or columns) that the output's row `at` sees in an input of height `side`,
    /// and the position of the first of them within the window.
    fn window(self, at: usize, side: usize) -> (std::ops::Range<usize>, usize) {
        match self {
            Self::Max => ((2 * at).saturating_sub(1)..(2 * at + 2).min(side), usize::from(at == 0)),
            Self::Average => (2 * at..(2 * at + 2).min(side), 0),
        }
    }

    /// Computes pixels of the output from `first` on. For max-pool, `argmax` must be as long as
    /// `target` and receives the position of the largest value in its window; the first of equals
    /// counts, as in PyTorch.
    ///
    /// # Panics
    /// If a buffer does not match the shapes.
    pub fn forward(
        self,
        input: HwcnShape,
        values: &[f32],
        first: usize,
        target: &mut [f32],
        argmax: &mut [f32],
    ) {
        with_vectors(ComputeOutput { pool: self, input, values, first, target, argmax });
    }

    /// Computes pixels of the input's gradient from `first` on.
    ///
    /// # Panics
    /// If a buffer does not match the shapes.
    pub fn backward(
        self,
        input: HwcnShape,
        grad: &[f32],
        argmax: &[f32],
        first: usize,
        target: &mut [f32],
    ) {
        with_vectors(ComputeInputGradient { pool: self, input, grad, argmax, first, target });
    }
}

/// The arguments of [`PoolKind::forward`], for pulp to call with the right vectors.
struct ComputeOutput<'a> {
    pool: PoolKind,
    input: HwcnShape,
    values: &'a [f32],
    first: usize,
    target: &'a mut [f32],
    argmax: &'a mut [f32],
}

impl WithSimd for ComputeOutput<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { pool, input, values, first, target, argmax } = self;
        let output = pool.output_shape(input);
        let pixel_stride = output.pixel_stride();
        assert!(
            values.len() >= input.len()
                && target.len().is_multiple_of(pixel_stride)
                && pixel_stride.is_multiple_of(S::F32_LANES)
        );
        assert!(
            first * pixel_stride + target.len() <= output.len()
                && (pool == PoolKind::Average || argmax.len() == target.len())
        );
        for (index, target) in target.chunks_exact_mut(pixel_stride).enumerate() {
            let (y, x) = ((first + index) / output.w, (first + index) % output.w);
            let ((ys, top), (xs, left)) = (pool.window(y, input.h), pool.window(x, input.w));
            let inverse_count = simd.splat_f32s(1.0 / (ys.len() * xs.len()) as f32);
            for at in (0..pixel_stride).step_by(S::F32_LANES) {
                // SAFETY: the window lies in the input, `at` and its vector lie in a pixel, and the
                // assertions above guarantee that the pixel lies in all three buffers.
                unsafe {
                    let address = |y: usize, x: usize| {
                        values.as_ptr().add((y * input.w + x) * pixel_stride + at)
                    };
                    let mut best = load(simd, address(ys.start, xs.start));
                    let mut best_position = simd.splat_f32s((3 * top + left) as f32);
                    for (row, y) in ys.clone().enumerate() {
                        for (column, x) in xs.clone().enumerate() {
                            if row + column == 0 {
                                continue;
                            }
                            let value = load(simd, address(y, x));
                            if pool == PoolKind::Max {
                                let larger = simd.greater_than_f32s(value, best);
                                let position =
                                    simd.splat_f32s((3 * (top + row) + left + column) as f32);
                                best = simd.select_f32s(larger, value, best);
                                best_position = simd.select_f32s(larger, position, best_position);
                            } else {
                                best = simd.add_f32s(best, value);
                            }
                        }
                    }
                    if pool == PoolKind::Max {
                        store(
                            simd,
                            argmax.as_mut_ptr().add(index * pixel_stride + at),
                            best_position,
                        );
                    } else {
                        best = simd.mul_f32s(best, inverse_count);
                    }
                    store(simd, target.as_mut_ptr().add(at), best);
                }
            }
        }
    }
}

/// The arguments of [`PoolKind::backward`], for pulp to call with the right vectors.
struct ComputeInputGradient<'a> {
    pool: PoolKind,
    input: HwcnShape,
    grad: &'a [f32],
    argmax: &'a [f32],
    first: usize,
    target: &'a mut [f32],
}

impl WithSimd for ComputeInputGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { pool, input, grad, argmax, first, target } = self;
        let output = pool.output_shape(input);
        let pixel_stride = input.pixel_stride();
        assert!(
            grad.len() >= output.len()
                && target.len().is_multiple_of(pixel_stride)
                && pixel_stride.is_multiple_of(S::F32_LANES)
        );
        assert!(
            first * pixel_stride + target.len() <= input.len()
                && (pool == PoolKind::Average || argmax.len() >= output.len())
        );
        let zero = simd.splat_f32s(0.0);
        for (index, target) in target.chunks_exact_mut(pixel_stride).enumerate() {
            let (y, x) = ((first + index) / input.w, (first + index) % input.w);
            // Windows that see this pixel: one, or two where the windows of max-pool overlap.
            let windows = |at: usize, side: usize| match pool {
                PoolKind::Max => at / 2..(at.div_ceil(2) + 1).min(side),
                PoolKind::Average => at / 2..at / 2 + 1,
            };
            for at in (0..pixel_stride).step_by(S::F32_LANES) {
                let mut sum = zero;
                for oy in windows(y, output.h) {
                    for ox in windows(x, output.w) {
                        // SAFETY: the window lies in the output, and `at` and its vector lie in a
                        // pixel.
                        unsafe {
                            let address = (oy * output.w + ox) * pixel_stride + at;
                            let grad_value = load(simd, grad.as_ptr().add(address));
                            sum = if pool == PoolKind::Max {
                                let position =
                                    simd.splat_f32s((3 * (y + 1 - 2 * oy) + x + 1 - 2 * ox) as f32);
                                let is_max = simd
                                    .equal_f32s(load(simd, argmax.as_ptr().add(address)), position);
                                simd.add_f32s(sum, simd.select_f32s(is_max, grad_value, zero))
                            } else {
                                let count = pool.window(oy, input.h).0.len()
                                    * pool.window(ox, input.w).0.len();
                                simd.mul_add_e_f32s(
                                    grad_value,
                                    simd.splat_f32s(1.0 / count as f32),
                                    sum,
                                )
                            };
                        }
                    }
                }
                // SAFETY: `at` and its vector lie in the pixel.
                unsafe { store(simd, target.as_mut_ptr().add(at), sum) };
            }
        }
    }
}
