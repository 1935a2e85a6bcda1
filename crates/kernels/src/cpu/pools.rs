//! The two pools of the networks and the way back through them, pixel by pixel.
#![allow(
    unsafe_code,
    reason = "the inner loops read and write through pointers; every buffer is checked against the geometry first"
)]

use pulp::{Simd, WithSimd};

use crate::cpu::grid::Grid;
use crate::cpu::lanes::{load, store, with_vectors};

/// A pool whose output is half as large, rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pool {
    /// `MaxPool2d(3, stride = 2, padding = 1)`.
    Max,
    /// `AvgPool2d(2, ceil_mode=True)`.
    Average,
}

impl Pool {
    /// What comes out.
    pub fn output(self, input: Grid) -> Grid {
        Grid { h: input.h.div_ceil(2), w: input.w.div_ceil(2), ..input }
    }

    /// The input's rows (or columns) that the output's row `at` sees, and the number of the first
    /// of them in its window.
    fn window(self, at: usize, side: usize) -> (std::ops::Range<usize>, usize) {
        match self {
            Self::Max => ((2 * at).saturating_sub(1)..(2 * at + 2).min(side), usize::from(at == 0)),
            Self::Average => (2 * at..(2 * at + 2).min(side), 0),
        }
    }

    /// Fills pixels of the output from `first` on. `winners`, as long, are for the largest's number
    /// in its window, row by row.
    pub fn forward(
        self,
        input: Grid,
        values: &[f32],
        first: usize,
        target: &mut [f32],
        winners: &mut [f32],
    ) {
        with_vectors(Forward { pool: self, input, values, first, target, winners });
    }

    /// Fills pixels of the input's gradient from `first` on.
    pub fn backward(
        self,
        input: Grid,
        grad: &[f32],
        winners: &[f32],
        first: usize,
        target: &mut [f32],
    ) {
        with_vectors(Backward { pool: self, input, grad, winners, first, target });
    }
}

struct Forward<'a> {
    pool: Pool,
    input: Grid,
    values: &'a [f32],
    first: usize,
    target: &'a mut [f32],
    winners: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { pool, input, values, first, target, winners } = self;
        let output = pool.output(input);
        let floats = output.pixel();
        assert!(
            values.len() >= input.len()
                && target.len().is_multiple_of(floats)
                && floats.is_multiple_of(S::F32_LANES)
        );
        assert!(
            first * floats + target.len() <= output.len()
                && (pool == Pool::Average || winners.len() == target.len())
        );
        for (index, target) in target.chunks_exact_mut(floats).enumerate() {
            let (y, x) = ((first + index) / output.w, (first + index) % output.w);
            let ((ys, top), (xs, left)) = (pool.window(y, input.h), pool.window(x, input.w));
            let share = simd.splat_f32s(1.0 / (ys.len() * xs.len()) as f32);
            for at in (0..floats).step_by(S::F32_LANES) {
                // Safety: the window lies in the grid, `at` and its vector in a pixel, and the
                // pixel in all three buffers.
                unsafe {
                    let place =
                        |y: usize, x: usize| values.as_ptr().add((y * input.w + x) * floats + at);
                    let mut best = load(simd, place(ys.start, xs.start));
                    let mut winner = simd.splat_f32s((3 * top + left) as f32);
                    for (row, y) in ys.clone().enumerate() {
                        for (column, x) in xs.clone().enumerate() {
                            if row + column == 0 {
                                continue;
                            }
                            let value = load(simd, place(y, x));
                            if pool == Pool::Max {
                                let larger = simd.greater_than_f32s(value, best);
                                let number =
                                    simd.splat_f32s((3 * (top + row) + left + column) as f32);
                                best = simd.select_f32s(larger, value, best);
                                winner = simd.select_f32s(larger, number, winner);
                            } else {
                                best = simd.add_f32s(best, value);
                            }
                        }
                    }
                    if pool == Pool::Max {
                        store(simd, winners.as_mut_ptr().add(index * floats + at), winner);
                    } else {
                        best = simd.mul_f32s(best, share);
                    }
                    store(simd, target.as_mut_ptr().add(at), best);
                }
            }
        }
    }
}

struct Backward<'a> {
    pool: Pool,
    input: Grid,
    grad: &'a [f32],
    winners: &'a [f32],
    first: usize,
    target: &'a mut [f32],
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { pool, input, grad, winners, first, target } = self;
        let output = pool.output(input);
        let floats = input.pixel();
        assert!(
            grad.len() >= output.len()
                && target.len().is_multiple_of(floats)
                && floats.is_multiple_of(S::F32_LANES)
        );
        assert!(
            first * floats + target.len() <= input.len()
                && (pool == Pool::Average || winners.len() >= output.len())
        );
        let zero = simd.splat_f32s(0.0);
        for (index, target) in target.chunks_exact_mut(floats).enumerate() {
            let (y, x) = ((first + index) / input.w, (first + index) % input.w);
            // Windows that see this pixel: one, or two where those of the largest overlap.
            let windows = |at: usize, side: usize| match pool {
                Pool::Max => at / 2..(at.div_ceil(2) + 1).min(side),
                Pool::Average => at / 2..at / 2 + 1,
            };
            for at in (0..floats).step_by(S::F32_LANES) {
                let mut sum = zero;
                for oy in windows(y, output.h) {
                    for ox in windows(x, output.w) {
                        // Safety: the window lies in the output, and `at` and its vector in a
                        // pixel.
                        unsafe {
                            let place = (oy * output.w + ox) * floats + at;
                            let slope = load(simd, grad.as_ptr().add(place));
                            sum = if pool == Pool::Max {
                                let number =
                                    simd.splat_f32s((3 * (y + 1 - 2 * oy) + x + 1 - 2 * ox) as f32);
                                let won = simd
                                    .equal_f32s(load(simd, winners.as_ptr().add(place)), number);
                                simd.add_f32s(sum, simd.select_f32s(won, slope, zero))
                            } else {
                                let seen = pool.window(oy, input.h).0.len()
                                    * pool.window(ox, input.w).0.len();
                                simd.mul_add_e_f32s(slope, simd.splat_f32s(1.0 / seen as f32), sum)
                            };
                        }
                    }
                }
                // Safety: `at` and its vector lie in the pixel.
                unsafe { store(simd, target.as_mut_ptr().add(at), sum) };
            }
        }
    }
}
