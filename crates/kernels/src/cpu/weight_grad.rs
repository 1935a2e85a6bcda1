//! The gradient of a convolution's weight: dot products over pixels and pictures.
#![allow(
    unsafe_code,
    reason = "the inner loops read through pointers; every buffer is checked against the geometry first"
)]

use pulp::{Simd, WithSimd};

use crate::cpu::gather::Filter;
use crate::cpu::grid::Grid;
use crate::cpu::lanes::{load, with_vectors};

/// Output channels of a block.
pub(super) const ROWS: usize = 4;
/// Input channels of a block.
const COLUMNS: usize = 2;
/// Sums of a block, all in registers.
const SUMS: usize = ROWS * COLUMNS;
/// Floats of a channel that are gone through before the next block: those of a block's channels,
/// and the input's rows around them, stay in the first cache meanwhile.
const PART: usize = 256;

/// `[co, ci, ks, ks]` from the gradient of the output and the input.
#[derive(Clone, Copy, Debug)]
pub(super) struct WeightGradient {
    /// The convolution.
    pub filter: Filter,
    /// The input's grid.
    pub input: Grid,
    /// The output's.
    pub output: Grid,
}

/// Neighbouring pixels of a row of the output, and those of the input that they see through one
/// tap.
#[derive(Clone, Copy, Debug)]
struct Run {
    tap: usize,
    /// Place of the first pixel in the output.
    output: usize,
    /// Place of what it sees in the input.
    input: usize,
    pixels: usize,
}

impl WeightGradient {
    /// Output channels from `first` on, [`ROWS`] at most: `target` holds their `[ci, ks, ks]`, one
    /// after another.
    pub fn run(&self, grad: &[f32], input: &[f32], first: usize, target: &mut [f32]) {
        with_vectors(Block { of: self, grad, input, first, target });
    }

    /// The runs of the pixels in these rows and columns of the output, tap by tap.
    fn runs(&self, [top, bottom]: [usize; 2], [left, right]: [usize; 2], runs: &mut Vec<Run>) {
        let Self { filter, input, output } = *self;
        runs.clear();
        for ky in 0..filter.ks {
            for kx in 0..filter.ks {
                let seen = |x: usize| filter.seen(x, kx, input.w);
                let mut inside = (left..right).filter(|&x| seen(x).is_some());
                let Some(first) = inside.next() else { continue };
                let last = inside.next_back().unwrap_or(first);
                for y in top..bottom {
                    runs.extend(filter.seen(y, ky, input.h).zip(seen(first)).map(|(sy, sx)| Run {
                        tap: ky * filter.ks + kx,
                        output: (y * output.w + first) * output.pixel(),
                        input: (sy * input.w + sx) * input.pixel(),
                        pixels: last + 1 - first,
                    }));
                }
            }
        }
    }
}

struct Block<'a> {
    of: &'a WeightGradient,
    grad: &'a [f32],
    input: &'a [f32],
    first: usize,
    target: &'a mut [f32],
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let WeightGradient { filter, input: from, output: to } = *self.of;
        let (taps, lanes) = (filter.ks * filter.ks, from.lanes());
        assert!(
            self.grad.len() >= to.len()
                && self.input.len() >= from.len()
                && lanes == to.lanes()
                && self.first < to.c
        );
        assert!(
            lanes.is_multiple_of(S::F32_LANES)
                && self.target.len() == ROWS.min(to.c - self.first) * from.c * taps
        );
        // A channel too many is the last one again, and thrown away.
        let rows: [usize; ROWS] =
            std::array::from_fn(|row| (self.first + row).min(to.c - 1) * lanes);
        let mut sums = vec![[simd.splat_f32s(0.0); SUMS]; from.c.div_ceil(COLUMNS) * taps];
        let pixels = PART.div_ceil(lanes);
        let (high, wide) = ((pixels / to.w).clamp(1, to.h), pixels.min(to.w));
        let steps = [to.pixel(), from.pixel() * filter.stride];
        let mut runs = Vec::new();
        for top in (0..to.h).step_by(high) {
            for left in (0..to.w).step_by(wide) {
                self.of.runs(
                    [top, (top + high).min(to.h)],
                    [left, (left + wide).min(to.w)],
                    &mut runs,
                );
                for (block, sums) in sums.chunks_exact_mut(taps).enumerate() {
                    let columns: [usize; COLUMNS] = std::array::from_fn(|column| {
                        (block * COLUMNS + column).min(from.c - 1) * lanes
                    });
                    for runs in runs.chunk_by(|one, other| one.tap == other.tap) {
                        let sums = &mut sums[runs[0].tap];
                        // Safety: a run's pixels lie in both buffers (asserted above), and rows and
                        // columns in their pixels.
                        *sums = unsafe {
                            products(
                                simd, self.grad, self.input, runs, steps, lanes, rows, columns,
                                *sums,
                            )
                        };
                    }
                }
            }
        }
        for (index, sums) in sums.iter().enumerate() {
            let (block, tap) = (index / taps, index % taps);
            for (place, sum) in sums.iter().enumerate() {
                let (row, column) = (place / COLUMNS, block * COLUMNS + place % COLUMNS);
                if column < from.c
                    && let Some(target) = self.target.get_mut((row * from.c + column) * taps + tap)
                {
                    *target = simd.reduce_sum_f32s(*sum);
                }
            }
        }
    }
}

/// Adds a tap's products to its sums.
///
/// # Safety
/// The runs' pixels, `steps` apart, must lie in `grad` and `input` with `lanes` floats at each of
/// their rows and columns.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "all of it changes from call to call")]
unsafe fn products<S: Simd>(
    simd: S,
    grad: &[f32],
    input: &[f32],
    runs: &[Run],
    steps: [usize; 2],
    lanes: usize,
    rows: [usize; ROWS],
    columns: [usize; COLUMNS],
    mut sums: [S::f32s; SUMS],
) -> [S::f32s; SUMS] {
    for run in runs {
        // Safety: the caller's word.
        unsafe {
            let (mut grad, mut input) =
                (grad.as_ptr().add(run.output), input.as_ptr().add(run.input));
            for pixel in 0..run.pixels {
                if pixel > 0 {
                    (grad, input) = (grad.add(steps[0]), input.add(steps[1]));
                }
                for lane in (0..lanes).step_by(S::F32_LANES) {
                    let values: [S::f32s; COLUMNS] =
                        std::array::from_fn(|column| load(simd, input.add(columns[column] + lane)));
                    for (row, sums) in rows.iter().zip(sums.chunks_exact_mut(COLUMNS)) {
                        let slope = load(simd, grad.add(row + lane));
                        for (sum, value) in sums.iter_mut().zip(values) {
                            *sum = simd.mul_add_e_f32s(slope, value, *sum);
                        }
                    }
                }
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_hold_every_pair_of_pixels_once() {
        for (ks, stride, h, w, n) in [
            (3, 1, 5, 7, 2),
            (3, 2, 6, 5, 64),
            (1, 2, 3, 3, 8),
            (7, 1, 2, 3, 300),
            (5, 2, 9, 1, 16),
        ] {
            let filter = Filter { ks, stride };
            let input = Grid { n, c: 1, h, w };
            let output = Grid { h: filter.output(h), w: filter.output(w), ..input };
            let of = WeightGradient { filter, input, output };
            let mut runs = Vec::new();
            let mut pairs = Vec::new();
            for left in 0..output.w {
                of.runs([0, output.h], [left, left + 1], &mut runs);
                pairs.extend(runs.iter().map(|run| {
                    (run.tap, run.output / output.pixel(), run.input / input.pixel(), run.pixels)
                }));
            }
            let mut wanted = Vec::new();
            for (y, x) in (0..output.h).flat_map(|y| (0..output.w).map(move |x| (y, x))) {
                for (ky, kx) in (0..ks).flat_map(|ky| (0..ks).map(move |kx| (ky, kx))) {
                    if let Some((sy, sx)) = filter.seen(y, ky, h).zip(filter.seen(x, kx, w)) {
                        wanted.push((ky * ks + kx, y * output.w + x, sy * w + sx, 1));
                    }
                }
            }
            pairs.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(pairs, wanted);
            // Whole rows hold as many, in fewer runs.
            of.runs([0, output.h], [0, output.w], &mut runs);
            assert_eq!(runs.iter().map(|run| run.pixels).sum::<usize>(), wanted.len());
        }
    }
}
