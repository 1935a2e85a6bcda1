//! The gradient of a convolution's weight: for each pair of channels and each tap, a dot product
//! over all pixels and images.
//!
//! ```text
//! gradient[row][column][tap] =
//!     Σ over pixels and images of grad[pixel][row] · input[pixel seen through the tap][column]
//! ```
//!
//! The sums are few and long, the opposite of the forward pass. A tile of 4 output channels (rows)
//! by 2 input channels (columns) keeps eight vectors of sums in registers, one sum in each lane for
//! the images of that lane; the lanes are added up at the very end. The output is gone through in
//! blocks of pixels that are small enough to stay in the first-level cache while every tap and
//! input channel takes its turn.
//!
//! The feature maps are in the HWCN layout ([`HwcnShape`]), whose padding is zero and so adds
//! nothing.
#![allow(
    unsafe_code,
    reason = "the loops use raw pointers; every buffer is checked against the shapes first"
)]

use pulp::{Simd, WithSimd};

use crate::cpu::filter::Filter;
use crate::cpu::hwcn_shape::HwcnShape;
use crate::cpu::simd::{load, with_vectors};

/// Output channels of a tile.
pub(super) const TILE_ROWS: usize = 4;
/// Input channels of a tile.
const TILE_COLUMNS: usize = 2;
/// Vectors of sums in a tile, all of them in registers.
const TILE: usize = TILE_ROWS * TILE_COLUMNS;
/// Floats of each channel in a block of pixels. A block of a tile's channels, with the rows of the
/// input around it, stays in the first-level cache.
const BLOCK_FLOATS: usize = 256;

/// The shapes of a convolution whose weight is differentiated.
#[derive(Clone, Copy, Debug)]
pub(super) struct WeightGradient {
    /// Side and stride of the filter.
    pub filter: Filter,
    /// Shape of the input.
    pub input: HwcnShape,
    /// Shape of the output, and so of its gradient.
    pub output: HwcnShape,
}

/// Neighbouring pixels in a row of the output which all see a pixel of the input through the same
/// tap.
#[derive(Clone, Copy, Debug)]
struct PixelRun {
    /// The tap, counted row by row through the filter.
    tap: usize,
    /// Offset of the first pixel in the output, in floats.
    output: usize,
    /// Offset of the input pixel that the first pixel sees, in floats.
    input: usize,
    /// Number of pixels.
    pixels: usize,
}

impl WeightGradient {
    /// Computes the gradient of up to [`TILE_ROWS`] output channels from `first` on.
    ///
    /// # Shapes
    /// `target`: `[rows, ci, ks, ks]`, where `rows` is [`TILE_ROWS`], or what is left of the output
    /// channels
    ///
    /// # Panics
    /// If a buffer does not match the shapes.
    pub fn run(&self, grad: &[f32], input: &[f32], first: usize, target: &mut [f32]) {
        with_vectors(ComputeTile { geometry: self, grad, input, first, target });
    }

    /// Collects the runs of pixels between these rows and columns of the output, ordered by tap.
    fn runs(&self, [top, bottom]: [usize; 2], [left, right]: [usize; 2], runs: &mut Vec<PixelRun>) {
        let Self { filter, input, output } = *self;
        runs.clear();
        for ky in 0..filter.ks {
            for kx in 0..filter.ks {
                let input_x = |x: usize| filter.input_index(x, kx, input.w);
                let mut inside = (left..right).filter(|&x| input_x(x).is_some());
                let Some(first) = inside.next() else { continue };
                let last = inside.next_back().unwrap_or(first);
                for y in top..bottom {
                    runs.extend(filter.input_index(y, ky, input.h).zip(input_x(first)).map(
                        |(sy, sx)| PixelRun {
                            tap: ky * filter.ks + kx,
                            output: (y * output.w + first) * output.pixel_stride(),
                            input: (sy * input.w + sx) * input.pixel_stride(),
                            pixels: last + 1 - first,
                        },
                    ));
                }
            }
        }
    }
}

/// The arguments of [`WeightGradient::run`], for pulp to call with the right vectors.
struct ComputeTile<'a> {
    geometry: &'a WeightGradient,
    grad: &'a [f32],
    input: &'a [f32],
    first: usize,
    target: &'a mut [f32],
}

impl WithSimd for ComputeTile<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let WeightGradient { filter, input: from, output: to } = *self.geometry;
        let (taps, padded_n) = (filter.ks * filter.ks, from.padded_n());
        assert!(
            self.grad.len() >= to.len()
                && self.input.len() >= from.len()
                && padded_n == to.padded_n()
                && self.first < to.c
        );
        assert!(
            padded_n.is_multiple_of(S::F32_LANES)
                && self.target.len() == TILE_ROWS.min(to.c - self.first) * from.c * taps
        );
        // Where fewer channels are left than a tile has, the tile computes the last channel several
        // times and throws the copies away: a tile of a fixed size stays in registers.
        let rows: [usize; TILE_ROWS] =
            std::array::from_fn(|row| (self.first + row).min(to.c - 1) * padded_n);
        let mut sums = vec![[simd.splat_f32s(0.0); TILE]; from.c.div_ceil(TILE_COLUMNS) * taps];
        let pixels = BLOCK_FLOATS.div_ceil(padded_n);
        let (block_h, block_w) = ((pixels / to.w).clamp(1, to.h), pixels.min(to.w));
        let strides = [to.pixel_stride(), from.pixel_stride() * filter.stride];
        let mut runs = Vec::new();
        for top in (0..to.h).step_by(block_h) {
            for left in (0..to.w).step_by(block_w) {
                self.geometry.runs(
                    [top, (top + block_h).min(to.h)],
                    [left, (left + block_w).min(to.w)],
                    &mut runs,
                );
                for (block, sums) in sums.chunks_exact_mut(taps).enumerate() {
                    let columns: [usize; TILE_COLUMNS] = std::array::from_fn(|column| {
                        (block * TILE_COLUMNS + column).min(from.c - 1) * padded_n
                    });
                    for runs in runs.chunk_by(|one, other| one.tap == other.tap) {
                        let sums = &mut sums[runs[0].tap];
                        // SAFETY: the assertions above guarantee that the pixels of a run lie in
                        // both buffers, and `rows` and `columns` are channels of those pixels.
                        *sums = unsafe {
                            accumulate_tap(
                                simd, self.grad, self.input, runs, strides, padded_n, rows,
                                columns, *sums,
                            )
                        };
                    }
                }
            }
        }
        for (index, sums) in sums.iter().enumerate() {
            let (block, tap) = (index / taps, index % taps);
            for (position, sum) in sums.iter().enumerate() {
                let (row, column) =
                    (position / TILE_COLUMNS, block * TILE_COLUMNS + position % TILE_COLUMNS);
                if column < from.c
                    && let Some(target) = self.target.get_mut((row * from.c + column) * taps + tap)
                {
                    *target = simd.reduce_sum_f32s(*sum);
                }
            }
        }
    }
}

/// Adds the products of one tap, over all its runs of pixels, to a tile of sums.
///
/// # Safety
/// The pixels of the runs, `strides` floats apart, must lie in `grad` and `input`, with `padded_n`
/// readable floats at each of the offsets `rows` and `columns` of a pixel.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "all of it changes from call to call")]
unsafe fn accumulate_tap<S: Simd>(
    simd: S,
    grad: &[f32],
    input: &[f32],
    runs: &[PixelRun],
    strides: [usize; 2],
    padded_n: usize,
    rows: [usize; TILE_ROWS],
    columns: [usize; TILE_COLUMNS],
    mut sums: [S::f32s; TILE],
) -> [S::f32s; TILE] {
    for run in runs {
        // SAFETY: this is what the caller guarantees for every run.
        unsafe {
            let (mut grad, mut input) =
                (grad.as_ptr().add(run.output), input.as_ptr().add(run.input));
            for pixel in 0..run.pixels {
                if pixel > 0 {
                    (grad, input) = (grad.add(strides[0]), input.add(strides[1]));
                }
                for lane in (0..padded_n).step_by(S::F32_LANES) {
                    let values: [S::f32s; TILE_COLUMNS] =
                        std::array::from_fn(|column| load(simd, input.add(columns[column] + lane)));
                    for (row, sums) in rows.iter().zip(sums.chunks_exact_mut(TILE_COLUMNS)) {
                        let grad_value = load(simd, grad.add(row + lane));
                        for (sum, value) in sums.iter_mut().zip(values) {
                            *sum = simd.mul_add_e_f32s(grad_value, value, *sum);
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
            let input = HwcnShape { n, c: 1, h, w };
            let output = HwcnShape { h: filter.output_side(h), w: filter.output_side(w), ..input };
            let gradient = WeightGradient { filter, input, output };
            let mut runs = Vec::new();
            let mut pairs = Vec::new();
            for left in 0..output.w {
                gradient.runs([0, output.h], [left, left + 1], &mut runs);
                pairs.extend(runs.iter().map(|run| {
                    (
                        run.tap,
                        run.output / output.pixel_stride(),
                        run.input / input.pixel_stride(),
                        run.pixels,
                    )
                }));
            }
            let mut wanted = Vec::new();
            for (y, x) in (0..output.h).flat_map(|y| (0..output.w).map(move |x| (y, x))) {
                for (ky, kx) in (0..ks).flat_map(|ky| (0..ks).map(move |kx| (ky, kx))) {
                    if let Some((sy, sx)) =
                        filter.input_index(y, ky, h).zip(filter.input_index(x, kx, w))
                    {
                        wanted.push((ky * ks + kx, y * output.w + x, sy * w + sx, 1));
                    }
                }
            }
            pairs.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(pairs, wanted);
            // Runs over whole rows hold the same number of pairs.
            gradient.runs([0, output.h], [0, output.w], &mut runs);
            assert_eq!(runs.iter().map(|run| run.pixels).sum::<usize>(), wanted.len());
        }
    }
}
