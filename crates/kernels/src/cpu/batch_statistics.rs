//! Batch norm's statistics: mean and variance of each channel over a batch (Ioffe and Szegedy 2015,
//! "Batch Normalization", arXiv:1502.03167).
//!
//! Each chunk of pixels finds its own mean, and then the sum of squared distances from that mean,
//! while the chunk is still in the cache. The chunks' results are merged in double precision with
//! the formula of Chan, Golub and LeVeque ("Updating Formulae and a Pairwise Algorithm for
//! Computing Sample Variances", 1979). The shorter way, `E[x²] − E[x]²` in one pass, would lose
//! about half of the digits of a float to cancellation.
//!
//! The feature maps are in the HWCN layout ([`HwcnShape`]).
#![allow(
    unsafe_code,
    reason = "the loops use raw pointers; every buffer is checked against the shapes first"
)]

use pulp::{Simd, WithSimd};

use crate::cpu::hwcn_shape::HwcnShape;
use crate::cpu::simd::{load, valid_lanes, with_vectors};

/// Mean and variance of a batch, by channel.
#[derive(Clone, Debug)]
pub(super) struct Statistics {
    /// Mean.
    ///
    /// # Shapes
    /// `[c]`
    pub mean: Vec<f32>,
    /// `1 / √(variance + ε)`, with the biased variance.
    ///
    /// # Shapes
    /// `[c]`
    pub inv_std: Vec<f32>,
    /// Biased variance: the mean squared distance from the mean.
    ///
    /// # Shapes
    /// `[c]`
    pub variance: Vec<f32>,
}

impl Statistics {
    /// Merges the moments of chunks of `chunk` pixels each, in the order of the chunks.
    ///
    /// # Shapes
    /// `moments`: `[chunks, 2, c]`, each as [`moments`] computes it
    pub fn combine(shape: HwcnShape, chunk: usize, moments: &[f32], epsilon: f64) -> Self {
        let c = shape.c;
        let values = (shape.n * shape.pixels()) as f64;
        let count = |index: usize| (shape.n * chunk.min(shape.pixels() - index * chunk)) as f64;
        let mut found = Self {
            mean: Vec::with_capacity(c),
            inv_std: Vec::with_capacity(c),
            variance: Vec::with_capacity(c),
        };
        for channel in 0..c {
            let chunks = || {
                moments
                    .chunks_exact(2 * c)
                    .enumerate()
                    .map(|(index, chunk_moments)| (count(index), chunk_moments))
            };
            let mean = chunks()
                .map(|(count, chunk_moments)| count * f64::from(chunk_moments[channel]))
                .sum::<f64>()
                / values;
            let squares = chunks().map(|(count, chunk_moments)| {
                f64::from(chunk_moments[c + channel])
                    + count * (f64::from(chunk_moments[channel]) - mean).powi(2)
            });
            let variance = squares.sum::<f64>() / values;
            found.mean.push(mean as f32);
            found.variance.push(variance as f32);
            found.inv_std.push((1.0 / (variance + epsilon).sqrt()) as f32);
        }
        found
    }
}

/// Finds the mean of each channel over a chunk of pixels, and the sum of the squared distances from
/// it.
///
/// # Shapes
/// `moments`: `[2, c]`, the means first
///
/// # Panics
/// If a buffer does not match the shape.
pub(super) fn moments(shape: HwcnShape, values: &[f32], moments: &mut [f32]) {
    with_vectors(Moments { shape, values, moments });
}

/// The arguments of [`moments`], for pulp to call with the right vectors.
struct Moments<'a> {
    shape: HwcnShape,
    values: &'a [f32],
    moments: &'a mut [f32],
}

impl WithSimd for Moments<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { shape, values, moments } = self;
        let padded_n = shape.padded_n();
        let full = shape.n - shape.n % S::F32_LANES;
        assert!(
            values.len().is_multiple_of(shape.pixel_stride())
                && moments.len() == 2 * shape.c
                && padded_n.is_multiple_of(S::F32_LANES)
        );
        let count = (values.len() / shape.pixel_stride() * shape.n) as f32;
        let (means, squares) = moments.split_at_mut(shape.c);
        let mut sums = vec![simd.splat_f32s(0.0); shape.c];
        // The images that pad the last vector are zeros, which add nothing to a sum.
        for pixel in values.chunks_exact(shape.pixel_stride()) {
            for (channel, sum) in pixel.chunks_exact(padded_n).zip(&mut sums) {
                let mut all = *sum;
                for lane in (0..padded_n).step_by(S::F32_LANES) {
                    // SAFETY: each channel has `padded_n` floats, which are whole vectors.
                    all = simd.add_f32s(all, unsafe { load(simd, channel.as_ptr().add(lane)) });
                }
                *sum = all;
            }
        }
        for (mean, sum) in means.iter_mut().zip(&mut sums) {
            *mean = simd.reduce_sum_f32s(*sum) / count;
            *sum = simd.splat_f32s(0.0);
        }
        let valid = valid_lanes(simd, shape.n);
        for pixel in values.chunks_exact(shape.pixel_stride()) {
            for ((channel, mean), sum) in
                pixel.chunks_exact(padded_n).zip(means.iter()).zip(&mut sums)
            {
                let (mean, mut all) = (simd.splat_f32s(*mean), *sum);
                for lane in (0..padded_n).step_by(S::F32_LANES) {
                    // SAFETY: each channel has `padded_n` floats, which are whole vectors.
                    let centered =
                        simd.sub_f32s(unsafe { load(simd, channel.as_ptr().add(lane)) }, mean);
                    // The padding is 0, but its distance from the mean is not, and has to be left
                    // out.
                    let centered =
                        if lane < full { centered } else { simd.mul_f32s(centered, valid) };
                    all = simd.mul_add_e_f32s(centered, centered, all);
                }
                *sum = all;
            }
        }
        for (squares, sum) in squares.iter_mut().zip(&sums) {
            *squares = simd.reduce_sum_f32s(*sum);
        }
    }
}
