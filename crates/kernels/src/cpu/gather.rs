//! The product behind a convolution and the gradient of its input: each pixel gathers what its taps
//! see.
#![allow(
    unsafe_code,
    reason = "the inner loops read through pointers; `run` checks every buffer against the geometry first"
)]

use pulp::{Simd, WithSimd};

use crate::cpu::grid::Grid;
use crate::cpu::lanes::{WIDTH, load, store, with_vectors};
use crate::cpu::parallel::each;

/// A square filter, zeros around the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    /// Side.
    pub ks: usize,
    /// Steps.
    pub stride: usize,
}

impl Filter {
    /// Zeros around the input.
    fn pad(self) -> usize {
        (self.ks - 1) / 2
    }

    /// Side of the output.
    pub fn output(self, side: usize) -> usize {
        (side + 2 * self.pad()).saturating_sub(self.ks) / self.stride + 1
    }

    /// The input's row (or column) that tap `tap` of the output's row `at` sees.
    pub fn seen(self, at: usize, tap: usize, side: usize) -> Option<usize> {
        (at * self.stride + tap).checked_sub(self.pad()).filter(|&seen| seen < side)
    }

    /// The output's row (or column) that sees the input's row `at` through tap `tap`.
    fn seeing(self, at: usize, tap: usize, side: usize) -> Option<usize> {
        let seeing = (at + self.pad()).checked_sub(tap)?;
        (seeing.is_multiple_of(self.stride) && seeing / self.stride < side)
            .then_some(seeing / self.stride)
    }
}

/// A product: `target[pixel][row] = Σ weight[row][tap][inner] · source[tap's pixel][inner]`.
#[derive(Clone, Debug)]
pub(super) struct Gather {
    filter: Filter,
    /// Whether this is the gradient of the input.
    transposed: bool,
    source: Grid,
    target: Grid,
    /// By block of rows, tap, inner channel, row in the block.
    packed: Vec<f32>,
}

/// Rows of a block where a vector of pictures comes alone, and where two come together: eight sums
/// in registers both times.
const TALL: usize = 8;
const WIDE: usize = 4;

impl Gather {
    /// `[co, ci, ks, ks]` over grids of `ci` channels.
    pub fn forward(weight: &[f32], filter: Filter, source: Grid, channels: usize) -> Self {
        let target =
            Grid { c: channels, h: filter.output(source.h), w: filter.output(source.w), ..source };
        Self::new(weight, filter, source, target, false)
    }

    /// The gradient of [`Self::forward`]'s source.
    pub fn backward(weight: &[f32], filter: Filter, source: Grid, target: Grid) -> Self {
        Self::new(weight, filter, source, target, true)
    }

    fn new(weight: &[f32], filter: Filter, source: Grid, target: Grid, transposed: bool) -> Self {
        let taps = filter.ks * filter.ks;
        let (rows, inner) = (target.c, source.c);
        assert_eq!(weight.len(), rows * inner * taps);
        let block = if (source.lanes() / WIDTH).is_multiple_of(2) { WIDE } else { TALL };
        let mut packed = vec![0.0; rows.next_multiple_of(block) * inner * taps];
        each(packed.chunks_mut(block * inner * taps), |index, packed| {
            let first = index * block;
            for inner_index in 0..inner {
                for row in first..rows.min(first + block) {
                    let pair = if transposed {
                        inner_index * rows + row
                    } else {
                        row * inner + inner_index
                    };
                    let places = packed[inner_index * block + row - first..]
                        .iter_mut()
                        .step_by(inner * block);
                    for (packed, weight) in places.zip(&weight[pair * taps..(pair + 1) * taps]) {
                        *packed = *weight;
                    }
                }
            }
        });
        Self { filter, transposed, source, target, packed }
    }

    /// What it fills.
    pub fn target(&self) -> Grid {
        self.target
    }

    /// Fills the pixels from `first` on, as many as `target` holds.
    pub fn run(&self, source: &[f32], first: usize, target: &mut [f32]) {
        with_vectors(Pixels { gather: self, source, first, target });
    }

    /// What the taps of a pixel see: places in the source and in the packed weights.
    fn taps(&self, pixel: usize, block: usize, taps: &mut Vec<(usize, usize)>) {
        let Self { filter, transposed, source, target, .. } = *self;
        let (y, x) = (pixel / target.w, pixel % target.w);
        taps.clear();
        let see = |at, tap, side| {
            if transposed { filter.seeing(at, tap, side) } else { filter.seen(at, tap, side) }
        };
        for ky in 0..filter.ks {
            let Some(sy) = see(y, ky, source.h) else { continue };
            for kx in 0..filter.ks {
                let Some(sx) = see(x, kx, source.w) else { continue };
                taps.push((
                    (sy * source.w + sx) * source.pixel(),
                    (ky * filter.ks + kx) * source.c * block,
                ));
            }
        }
    }
}

struct Pixels<'a> {
    gather: &'a Gather,
    source: &'a [f32],
    first: usize,
    target: &'a mut [f32],
}

impl WithSimd for Pixels<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if (self.gather.source.lanes() / WIDTH).is_multiple_of(2) {
            pixels::<S, WIDE, 2>(simd, self)
        } else {
            pixels::<S, TALL, 1>(simd, self)
        }
    }
}

/// Blocks of `R` rows and `K` vectors of pictures.
#[inline(always)]
fn pixels<S: Simd, const R: usize, const K: usize>(
    simd: S,
    Pixels { gather, source, first, target }: Pixels<'_>,
) {
    let (from, to) = (gather.source, gather.target);
    let (inner, rows, lanes) = (from.c, to.c, from.lanes());
    let taps_of_block = gather.filter.ks * gather.filter.ks * inner * R;
    assert!(
        source.len() >= from.len()
            && from.lanes() == to.lanes()
            && target.len().is_multiple_of(to.pixel())
    );
    assert!(
        first * to.pixel() + target.len() <= to.len()
            && gather.packed.len() >= rows.div_ceil(R) * taps_of_block
    );
    assert!(lanes.is_multiple_of(K * S::F32_LANES));
    let mut taps = Vec::with_capacity(gather.filter.ks * gather.filter.ks);
    for (pixel, target) in target.chunks_exact_mut(to.pixel()).enumerate() {
        gather.taps(first + pixel, R, &mut taps);
        for lane in (0..lanes).step_by(K * S::F32_LANES) {
            for (block, target) in target.chunks_mut(R * lanes).enumerate() {
                // Safety: a tap's pixel lies in the source and its weights in `packed` (asserted
                // above); `lane` and the `K` vectors behind it lie within a
                // channel's pictures, and so within each row of `target`.
                unsafe {
                    let weights = gather.packed.as_ptr().add(block * taps_of_block);
                    let sums = tile::<S, R, K>(
                        simd,
                        source.as_ptr().add(lane),
                        weights,
                        &taps,
                        inner,
                        lanes,
                    );
                    for (row, sums) in target.chunks_exact_mut(lanes).zip(sums) {
                        for (k, sum) in sums.into_iter().enumerate() {
                            store(simd, row.as_mut_ptr().add(lane + k * S::F32_LANES), sum);
                        }
                    }
                }
            }
        }
    }
}

/// `R` rows of `K` vectors.
///
/// # Safety
/// At every tap's place in `source`, `inner` channels `lanes` apart can be read; at its place in
/// `weights`, `inner · R` floats.
#[inline(always)]
unsafe fn tile<S: Simd, const R: usize, const K: usize>(
    simd: S,
    source: *const f32,
    weights: *const f32,
    taps: &[(usize, usize)],
    inner: usize,
    lanes: usize,
) -> [[S::f32s; K]; R] {
    let mut sums = [[simd.splat_f32s(0.0); K]; R];
    for &(place, weight) in taps {
        // Safety: the caller's word.
        unsafe {
            let (mut source, mut weights) = (source.add(place), weights.add(weight));
            for _ in 0..inner {
                let values: [S::f32s; K] =
                    std::array::from_fn(|k| load(simd, source.add(k * S::F32_LANES)));
                for (row, sums) in sums.iter_mut().enumerate() {
                    let weight = simd.splat_f32s(*weights.add(row));
                    for (sum, value) in sums.iter_mut().zip(values) {
                        *sum = simd.mul_add_e_f32s(weight, value, *sum);
                    }
                }
                source = source.add(lanes);
                weights = weights.add(R);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tap_sees_is_seen_by_it() {
        for ks in [1, 3, 5, 7] {
            for stride in [1, 2] {
                let filter = Filter { ks, stride };
                for side in 1..12 {
                    let output = filter.output(side);
                    assert_eq!(output, side.div_ceil(stride), "{filter:?} on {side}");
                    for (at, tap) in (0..output).flat_map(|at| (0..ks).map(move |tap| (at, tap))) {
                        if let Some(seen) = filter.seen(at, tap, side) {
                            assert_eq!(filter.seeing(seen, tap, output), Some(at));
                        }
                    }
                    let forth = (0..output)
                        .flat_map(|at| (0..ks).filter_map(move |tap| filter.seen(at, tap, side)));
                    let back = (0..side).flat_map(|at| {
                        (0..ks).filter_map(move |tap| filter.seeing(at, tap, output))
                    });
                    assert_eq!(forth.count(), back.count());
                }
            }
        }
    }

    /// Processors without AVX, and browsers' neighbours of x86-64 with vectors of another length,
    /// compute the same.
    #[test]
    fn a_processor_without_vectors_computes_the_same() {
        for n in [2, 8, 16] {
            let filter = Filter { ks: 3, stride: 2 };
            let source = Grid { n, c: 3, h: 5, w: 4 };
            let numbers = |length: usize| {
                (0..length).map(|at| ((at * 7919) % 17) as f32 - 8.0).collect::<Vec<f32>>()
            };
            let gather = Gather::forward(&numbers(5 * 3 * 9), filter, source, 5);
            let values = numbers(source.len());
            let [mut found, mut wanted] = [(); 2].map(|()| vec![0.0; gather.target().len()]);
            gather.run(&values, 0, &mut wanted);
            Pixels { gather: &gather, source: &values, first: 0, target: &mut found }
                .with_simd(pulp::Scalar);
            assert_eq!(found, wanted, "{n} pictures");
        }
    }
}
