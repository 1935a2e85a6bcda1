//! Convolution as an implicit matrix product: the forward pass, and the gradient of the input.
//!
//! A convolution is the product of the weights, as a matrix `[rows, taps · inner]`, with the matrix
//! of everything that the taps see, `[taps · inner, pixels · n]`. An explicit implementation
//! (im2col) writes that second matrix to memory first; an *implicit GEMM* computes where its
//! elements lie instead (Chetlur et al. 2014, "cuDNN: Efficient Primitives for Deep Learning",
//! arXiv:1410.0759). In the HWCN layout ([`HwcnShape`]) they already lie as the product needs them:
//! for each pixel and tap, `inner` channels of `padded_n` images.
//!
//! In the forward pass the rows are output channels and `inner` counts input channels. For the
//! gradient of the input it is the other way round, and [`Filter::output_index`] takes the place of
//! [`Filter::input_index`].
//!
//! The weights are packed by block of rows, tap, inner channel and row, which is the order in which
//! the inner loop reads them. As in Goto and van de Geijn's "Anatomy of High-Performance Matrix
//! Multiplication" (2008), a [`microkernel`] keeps a small tile of sums in registers: for each
//! inner channel it loads one or two vectors of images and multiplies them by 8 or 4 weights.
#![allow(
    unsafe_code,
    reason = "the loops use raw pointers; every buffer is checked against the shapes first"
)]

use pulp::{Simd, WithSimd};

use crate::cpu::filter::Filter;
use crate::cpu::hwcn_shape::HwcnShape;
use crate::cpu::parallel::for_each;
use crate::cpu::simd::{MAX_LANES, load, store, with_vectors};

/// A product that is ready to run: `target[pixel][row] = Σ over taps and inner of
/// weight[row][tap][inner] · source[pixel seen through the tap][inner]`, for all images at once.
#[derive(Clone, Debug)]
pub(super) struct ImplicitGemm {
    filter: Filter,
    /// Whether this is the gradient of the input: the source is the gradient of the output then.
    transposed: bool,
    source: HwcnShape,
    target: HwcnShape,
    /// The weights, ordered by block of rows, tap, inner channel and row within the block.
    packed: Vec<f32>,
}

/// Rows of a block if vectors of images are taken one at a time. With one vector and with two there
/// are eight vectors of sums, which fit in the registers of every supported processor.
const ROWS_ONE_VECTOR: usize = 8;
/// Rows of a block if vectors of images are taken two at a time.
const ROWS_TWO_VECTORS: usize = 4;

impl ImplicitGemm {
    /// The forward pass of a convolution with `channels` output channels.
    ///
    /// # Shapes
    /// Weight: `[channels, source.c, ks, ks]`
    ///
    /// # Panics
    /// If the weight has another number of elements.
    pub fn forward(weight: &[f32], filter: Filter, source: HwcnShape, channels: usize) -> Self {
        let target = HwcnShape {
            c: channels,
            h: filter.output_side(source.h),
            w: filter.output_side(source.w),
            ..source
        };
        Self::new(weight, filter, source, target, false)
    }

    /// The gradient of the input of [`Self::forward`]. `source` is the shape of the output's
    /// gradient, and `target` that of the input.
    ///
    /// # Shapes
    /// Weight: `[source.c, target.c, ks, ks]`
    ///
    /// # Panics
    /// If the weight has another number of elements.
    pub fn input_gradient(
        weight: &[f32],
        filter: Filter,
        source: HwcnShape,
        target: HwcnShape,
    ) -> Self {
        Self::new(weight, filter, source, target, true)
    }

    /// Packs the weights for a product from `source` to `target`.
    fn new(
        weight: &[f32],
        filter: Filter,
        source: HwcnShape,
        target: HwcnShape,
        transposed: bool,
    ) -> Self {
        let taps = filter.ks * filter.ks;
        let (rows, inner) = (target.c, source.c);
        assert_eq!(weight.len(), rows * inner * taps);
        let block = if (source.padded_n() / MAX_LANES).is_multiple_of(2) {
            ROWS_TWO_VECTORS
        } else {
            ROWS_ONE_VECTOR
        };
        let mut packed = vec![0.0; rows.next_multiple_of(block) * inner * taps];
        for_each(packed.chunks_mut(block * inner * taps), |index, packed| {
            let first = index * block;
            for inner_index in 0..inner {
                for row in first..rows.min(first + block) {
                    let pair = if transposed {
                        inner_index * rows + row
                    } else {
                        row * inner + inner_index
                    };
                    let slots = packed[inner_index * block + row - first..]
                        .iter_mut()
                        .step_by(inner * block);
                    for (packed, weight) in slots.zip(&weight[pair * taps..(pair + 1) * taps]) {
                        *packed = *weight;
                    }
                }
            }
        });
        Self { filter, transposed, source, target, packed }
    }

    /// The shape of what the product computes.
    pub fn target(&self) -> HwcnShape {
        self.target
    }

    /// Computes the pixels from `first` on, as many as `target` has room for.
    ///
    /// # Panics
    /// If a buffer does not match the shapes.
    pub fn run(&self, source: &[f32], first: usize, target: &mut [f32]) {
        with_vectors(ComputePixels { gemm: self, source, first, target });
    }

    /// Collects the taps through which a pixel of the target sees a pixel of the source: the offset
    /// of that pixel in the source, and the offset of the tap's weights in a block of packed
    /// weights.
    fn visible_taps(&self, pixel: usize, block: usize, taps: &mut Vec<(usize, usize)>) {
        let Self { filter, transposed, source, target, .. } = *self;
        let (y, x) = (pixel / target.w, pixel % target.w);
        taps.clear();
        let source_index = |at, tap, side| {
            if transposed {
                filter.output_index(at, tap, side)
            } else {
                filter.input_index(at, tap, side)
            }
        };
        for ky in 0..filter.ks {
            let Some(sy) = source_index(y, ky, source.h) else { continue };
            for kx in 0..filter.ks {
                let Some(sx) = source_index(x, kx, source.w) else { continue };
                taps.push((
                    (sy * source.w + sx) * source.pixel_stride(),
                    (ky * filter.ks + kx) * source.c * block,
                ));
            }
        }
    }
}

/// The arguments of [`ImplicitGemm::run`], for pulp to call with the right vectors.
struct ComputePixels<'a> {
    gemm: &'a ImplicitGemm,
    source: &'a [f32],
    first: usize,
    target: &'a mut [f32],
}

impl WithSimd for ComputePixels<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if (self.gemm.source.padded_n() / MAX_LANES).is_multiple_of(2) {
            compute_pixels::<S, ROWS_TWO_VECTORS, 2>(simd, self)
        } else {
            compute_pixels::<S, ROWS_ONE_VECTOR, 1>(simd, self)
        }
    }
}

/// Computes pixels in blocks of `R` rows by `K` vectors of images.
///
/// # Panics
/// If a buffer does not match the shapes; the unsafe code below relies on these checks.
#[inline(always)]
fn compute_pixels<S: Simd, const R: usize, const K: usize>(
    simd: S,
    ComputePixels { gemm, source, first, target }: ComputePixels<'_>,
) {
    let (from, to) = (gemm.source, gemm.target);
    let (inner, rows, padded_n) = (from.c, to.c, from.padded_n());
    let block_floats = gemm.filter.ks * gemm.filter.ks * inner * R;
    assert!(
        source.len() >= from.len()
            && from.padded_n() == to.padded_n()
            && target.len().is_multiple_of(to.pixel_stride())
    );
    assert!(
        first * to.pixel_stride() + target.len() <= to.len()
            && gemm.packed.len() >= rows.div_ceil(R) * block_floats
    );
    assert!(padded_n.is_multiple_of(K * S::F32_LANES));
    let mut taps = Vec::with_capacity(gemm.filter.ks * gemm.filter.ks);
    for (pixel, target) in target.chunks_exact_mut(to.pixel_stride()).enumerate() {
        gemm.visible_taps(first + pixel, R, &mut taps);
        for lane in (0..padded_n).step_by(K * S::F32_LANES) {
            for (block, target) in target.chunks_mut(R * padded_n).enumerate() {
                // SAFETY: the assertions above guarantee that a tap's pixel lies in the source and
                // its weights in `packed`. `lane` and the `K` vectors from there on lie within the
                // images of one channel, and so within each row of `target`.
                unsafe {
                    let weights = gemm.packed.as_ptr().add(block * block_floats);
                    let sums = microkernel::<S, R, K>(
                        simd,
                        source.as_ptr().add(lane),
                        weights,
                        &taps,
                        inner,
                        padded_n,
                    );
                    for (row, sums) in target.chunks_exact_mut(padded_n).zip(sums) {
                        for (k, sum) in sums.into_iter().enumerate() {
                            store(simd, row.as_mut_ptr().add(lane + k * S::F32_LANES), sum);
                        }
                    }
                }
            }
        }
    }
}

/// A tile of `R` rows by `K` vectors of images: the products of all taps and inner channels, summed
/// in registers.
///
/// # Safety
/// At each tap's offset in `source`, a whole tile of `K` vectors must be readable for `inner`
/// channels that lie `padded_n` floats apart. At its offset in `weights`, `inner · R` floats must
/// be readable.
#[inline(always)]
unsafe fn microkernel<S: Simd, const R: usize, const K: usize>(
    simd: S,
    source: *const f32,
    weights: *const f32,
    taps: &[(usize, usize)],
    inner: usize,
    padded_n: usize,
) -> [[S::f32s; K]; R] {
    let mut sums = [[simd.splat_f32s(0.0); K]; R];
    for &(source_offset, weight_offset) in taps {
        // SAFETY: this is what the caller guarantees for every tap.
        unsafe {
            let (mut source, mut weights) = (source.add(source_offset), weights.add(weight_offset));
            for _ in 0..inner {
                let values: [S::f32s; K] =
                    std::array::from_fn(|k| load(simd, source.add(k * S::F32_LANES)));
                for (row, sums) in sums.iter_mut().enumerate() {
                    let weight = simd.splat_f32s(*weights.add(row));
                    for (sum, value) in sums.iter_mut().zip(values) {
                        *sum = simd.mul_add_e_f32s(weight, value, *sum);
                    }
                }
                source = source.add(padded_n);
                weights = weights.add(R);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The padding is wider than some processors' vectors. Whatever the vectors' length, the result
    /// is the same: this compares the widest ones with scalars.
    #[test]
    fn a_processor_without_vectors_computes_the_same() {
        for n in [2, 8, 16] {
            let filter = Filter { ks: 3, stride: 2 };
            let source = HwcnShape { n, c: 3, h: 5, w: 4 };
            let numbers = |length: usize| {
                (0..length).map(|at| ((at * 7919) % 17) as f32 - 8.0).collect::<Vec<f32>>()
            };
            let gemm = ImplicitGemm::forward(&numbers(5 * 3 * 9), filter, source, 5);
            let values = numbers(source.len());
            let [mut found, mut wanted] = [(); 2].map(|()| vec![0.0; gemm.target().len()]);
            gemm.run(&values, 0, &mut wanted);
            ComputePixels { gemm: &gemm, source: &values, first: 0, target: &mut found }
                .with_simd(pulp::Scalar);
            assert_eq!(found, wanted, "batch size {n}");
        }
    }
}
