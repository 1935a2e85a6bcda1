//! Batch norm, the sum with an identity path and ReLU: the passes over a chunk of pixels, and what
//! lies between them.
#![allow(
    unsafe_code,
    reason = "the inner loops read and write through pointers; every pass checks its buffers against the geometry first"
)]

use pulp::{Simd, WithSimd};

use crate::cpu::grid::Grid;
use crate::cpu::lanes::{load, mask, relu, store, with_vectors};

/// Mean and inverse deviation of a batch, channel by channel.
#[derive(Clone, Debug)]
pub(super) struct Statistics {
    pub mean: Vec<f32>,
    /// 1 / √(variance + ε), the biased variance.
    pub inverse: Vec<f32>,
    /// The biased variance.
    pub variance: Vec<f32>,
}

impl Statistics {
    /// From the moments of chunks of so many pixels, `[chunks][2][c]`: mean, and squared distances
    /// from it.
    pub fn gather(grid: Grid, chunk: usize, moments: &[f32], epsilon: f64) -> Self {
        let c = grid.c;
        let values = (grid.n * grid.pixels()) as f64;
        let count = |index: usize| (grid.n * chunk.min(grid.pixels() - index * chunk)) as f64;
        let mut found = Self {
            mean: Vec::with_capacity(c),
            inverse: Vec::with_capacity(c),
            variance: Vec::with_capacity(c),
        };
        for channel in 0..c {
            let parts = || {
                moments.chunks_exact(2 * c).enumerate().map(|(index, part)| (count(index), part))
            };
            let mean =
                parts().map(|(count, part)| count * f64::from(part[channel])).sum::<f64>() / values;
            let squares = parts().map(|(count, part)| {
                f64::from(part[c + channel]) + count * (f64::from(part[channel]) - mean).powi(2)
            });
            let variance = squares.sum::<f64>() / values;
            found.mean.push(mean as f32);
            found.variance.push(variance as f32);
            found.inverse.push((1.0 / (variance + epsilon).sqrt()) as f32);
        }
        found
    }
}

/// Mean and squared distances from it of each channel of a chunk: `[2][c]`.
pub(super) fn moments(grid: Grid, values: &[f32], moments: &mut [f32]) {
    with_vectors(Moments { grid, values, moments });
}

struct Moments<'a> {
    grid: Grid,
    values: &'a [f32],
    moments: &'a mut [f32],
}

impl WithSimd for Moments<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { grid, values, moments } = self;
        let lanes = grid.lanes();
        let whole = grid.n - grid.n % S::F32_LANES;
        assert!(
            values.len().is_multiple_of(grid.pixel())
                && moments.len() == 2 * grid.c
                && lanes.is_multiple_of(S::F32_LANES)
        );
        let count = (values.len() / grid.pixel() * grid.n) as f32;
        let (means, squares) = moments.split_at_mut(grid.c);
        let mut sums = vec![simd.splat_f32s(0.0); grid.c];
        // Pictures that fill the last vector are zeros, which add nothing.
        for pixel in values.chunks_exact(grid.pixel()) {
            for (channel, sum) in pixel.chunks_exact(lanes).zip(&mut sums) {
                let mut all = *sum;
                for lane in (0..lanes).step_by(S::F32_LANES) {
                    // Safety: a channel has `lanes` floats, which are whole vectors.
                    all = simd.add_f32s(all, unsafe { load(simd, channel.as_ptr().add(lane)) });
                }
                *sum = all;
            }
        }
        for (mean, sum) in means.iter_mut().zip(&mut sums) {
            *mean = simd.reduce_sum_f32s(*sum) / count;
            *sum = simd.splat_f32s(0.0);
        }
        let real = mask(simd, grid.n);
        for pixel in values.chunks_exact(grid.pixel()) {
            for ((channel, mean), sum) in pixel.chunks_exact(lanes).zip(means.iter()).zip(&mut sums)
            {
                let (mean, mut all) = (simd.splat_f32s(*mean), *sum);
                for lane in (0..lanes).step_by(S::F32_LANES) {
                    // Safety: as above.
                    let distance =
                        simd.sub_f32s(unsafe { load(simd, channel.as_ptr().add(lane)) }, mean);
                    // Zeros in the place of pictures would count here.
                    let distance =
                        if lane < whole { distance } else { simd.mul_f32s(distance, real) };
                    all = simd.mul_add_e_f32s(distance, distance, all);
                }
                *sum = all;
            }
        }
        for (squares, sum) in squares.iter_mut().zip(&sums) {
            *squares = simd.reduce_sum_f32s(*sum);
        }
    }
}

/// How a norm is applied.
#[derive(Clone, Copy, Debug)]
pub(super) struct Apply<'a> {
    /// `[c]`.
    pub mean: &'a [f32],
    /// `[c]`.
    pub scale: &'a [f32],
    /// Beta, `[c]`.
    pub shift: &'a [f32],
    /// Whether ReLU follows.
    pub act: bool,
}

impl Apply<'_> {
    /// `target ← act(scale · (values − mean) + shift + residual)` over a chunk; without `values`
    /// those in the target. The mean is taken off first: folded into the shift, it would round
    /// off digits of values that are small beside it.
    pub fn run(
        &self,
        grid: Grid,
        values: Option<&[f32]>,
        residual: Option<&[f32]>,
        target: &mut [f32],
    ) {
        with_vectors(Applied { of: *self, grid, values, residual, target });
    }
}

struct Applied<'a> {
    of: Apply<'a>,
    grid: Grid,
    values: Option<&'a [f32]>,
    residual: Option<&'a [f32]>,
    target: &'a mut [f32],
}

impl WithSimd for Applied<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { of, grid, values, residual, target } = self;
        let lanes = grid.lanes();
        let whole = grid.n - grid.n % S::F32_LANES;
        assert!(target.len().is_multiple_of(grid.pixel()) && lanes.is_multiple_of(S::F32_LANES));
        assert!([of.mean, of.scale, of.shift].iter().all(|factors| factors.len() == grid.c));
        assert!(
            [values, residual].into_iter().flatten().all(|buffer| buffer.len() == target.len())
        );
        let real = mask(simd, grid.n);
        let zero = simd.splat_f32s(0.0);
        let pixels = target.len() / grid.pixel();
        let target = target.as_mut_ptr();
        let values = values.map_or(target.cast_const(), <[f32]>::as_ptr);
        let residual = residual.map(<[f32]>::as_ptr);
        let mut at = 0;
        for _ in 0..pixels {
            for ((mean, scale), shift) in of.mean.iter().zip(of.scale).zip(of.shift) {
                let [mean, scale, shift] =
                    [mean, scale, shift].map(|factor| simd.splat_f32s(*factor));
                for lane in (0..lanes).step_by(S::F32_LANES) {
                    // Safety: all buffers are as long as the target, and `at` counts its channels.
                    unsafe {
                        let distance = simd.sub_f32s(load(simd, values.add(at + lane)), mean);
                        let mut value = simd.mul_add_e_f32s(distance, scale, shift);
                        if let Some(residual) = residual {
                            value = simd.add_f32s(value, load(simd, residual.add(at + lane)));
                        }
                        if of.act {
                            value = relu(simd, value, zero);
                        }
                        if lane >= whole {
                            value = simd.mul_f32s(value, real);
                        }
                        store(simd, target.add(at + lane), value);
                    }
                }
                at += lanes;
            }
        }
    }
}

/// The way back, first pass over a chunk: where ReLU let nothing through, `grad` becomes zero.
/// `[2][c]`: sums of the slopes, and of the slopes times the distance from the mean.
pub(super) fn slope_sums(
    grid: Grid,
    grad: &mut [f32],
    output: Option<&[f32]>,
    z: &[f32],
    mean: &[f32],
    sums: &mut [f32],
) {
    with_vectors(SlopeSums { grid, grad, output, z, mean, sums });
}

struct SlopeSums<'a> {
    grid: Grid,
    grad: &'a mut [f32],
    output: Option<&'a [f32]>,
    z: &'a [f32],
    mean: &'a [f32],
    sums: &'a mut [f32],
}

impl WithSimd for SlopeSums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { grid, grad, output, z, mean, sums } = self;
        let lanes = grid.lanes();
        assert!(
            grad.len().is_multiple_of(grid.pixel())
                && z.len() == grad.len()
                && lanes.is_multiple_of(S::F32_LANES)
        );
        assert!(
            output.is_none_or(|output| output.len() == grad.len())
                && mean.len() == grid.c
                && sums.len() == 2 * grid.c
        );
        let zero = simd.splat_f32s(0.0);
        let mut found = vec![[zero; 2]; grid.c];
        let pixels = grad.len() / grid.pixel();
        let (grad, z, output) = (grad.as_mut_ptr(), z.as_ptr(), output.map(<[f32]>::as_ptr));
        let mut at = 0;
        for _ in 0..pixels {
            for (mean, found) in mean.iter().zip(&mut found) {
                let mean = simd.splat_f32s(*mean);
                let [mut slopes, mut products] = *found;
                for lane in (0..lanes).step_by(S::F32_LANES) {
                    // Safety: all buffers are as long as the gradient, and `at` counts its
                    // channels.
                    unsafe {
                        let mut slope = load(simd, grad.add(at + lane));
                        if let Some(output) = output {
                            let passed =
                                simd.greater_than_f32s(load(simd, output.add(at + lane)), zero);
                            slope = simd.select_f32s(passed, slope, zero);
                            store(simd, grad.add(at + lane), slope);
                        }
                        slopes = simd.add_f32s(slopes, slope);
                        products = simd.mul_add_e_f32s(
                            slope,
                            simd.sub_f32s(load(simd, z.add(at + lane)), mean),
                            products,
                        );
                    }
                }
                *found = [slopes, products];
                at += lanes;
            }
        }
        let (slopes, products) = sums.split_at_mut(grid.c);
        for ((found, slope), product) in found.iter().zip(slopes).zip(products) {
            (*slope, *product) = (simd.reduce_sum_f32s(found[0]), simd.reduce_sum_f32s(found[1]));
        }
    }
}

/// Gradients of a norm's parameters, and what the second pass needs.
#[derive(Clone, Debug)]
pub(super) struct Slopes {
    /// `[c]`.
    pub gamma: Vec<f32>,
    /// `[c]`.
    pub beta: Vec<f32>,
    /// Of each channel: factor of the slope, of the distance from the mean, a constant, the mean.
    factors: Vec<[f32; 4]>,
}

impl Slopes {
    /// From the sums of all chunks, `[chunks][2][c]`.
    pub fn gather(grid: Grid, sums: &[f32], statistics: &Statistics, gamma: &[f32]) -> Self {
        let c = grid.c;
        let values = (grid.n * grid.pixels()) as f64;
        let mut found = Self {
            gamma: Vec::with_capacity(c),
            beta: Vec::with_capacity(c),
            factors: Vec::with_capacity(c),
        };
        for channel in 0..c {
            let sum = |which: usize| {
                sums.chunks_exact(2 * c)
                    .map(|part| f64::from(part[which * c + channel]))
                    .sum::<f64>()
            };
            let inverse = f64::from(statistics.inverse[channel]);
            let (slopes, products) = (sum(0), sum(1) * inverse);
            let factor = f64::from(gamma[channel]) * inverse;
            let factors =
                [factor, -factor * products * inverse / values, -factor * slopes / values];
            found.beta.push(slopes as f32);
            found.gamma.push(products as f32);
            found.factors.push([
                factors[0] as f32,
                factors[1] as f32,
                factors[2] as f32,
                statistics.mean[channel],
            ]);
        }
        found
    }

    /// The way back, second pass over a chunk: puts the gradient of what was normalised in its
    /// place.
    pub fn run(&self, grid: Grid, slopes: &[f32], z: &mut [f32]) {
        with_vectors(InputSlopes { factors: &self.factors, grid, slopes, z });
    }
}

struct InputSlopes<'a> {
    factors: &'a [[f32; 4]],
    grid: Grid,
    slopes: &'a [f32],
    z: &'a mut [f32],
}

impl WithSimd for InputSlopes<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { factors, grid, slopes, z } = self;
        let lanes = grid.lanes();
        let whole = grid.n - grid.n % S::F32_LANES;
        assert!(z.len().is_multiple_of(grid.pixel()) && lanes.is_multiple_of(S::F32_LANES));
        assert!(slopes.len() == z.len() && factors.len() == grid.c);
        let real = mask(simd, grid.n);
        let pixels = z.len() / grid.pixel();
        let (slopes, z) = (slopes.as_ptr(), z.as_mut_ptr());
        let mut at = 0;
        for _ in 0..pixels {
            for factors in factors {
                let [slope_factor, distance_factor, constant, mean] =
                    factors.map(|factor| simd.splat_f32s(factor));
                for lane in (0..lanes).step_by(S::F32_LANES) {
                    // Safety: both buffers are as long as `z`, and `at` counts its channels.
                    unsafe {
                        let distance = simd.sub_f32s(load(simd, z.add(at + lane)), mean);
                        let slope = load(simd, slopes.add(at + lane));
                        let mut value = simd.mul_add_e_f32s(distance, distance_factor, constant);
                        value = simd.mul_add_e_f32s(slope, slope_factor, value);
                        if lane >= whole {
                            value = simd.mul_f32s(value, real);
                        }
                        store(simd, z.add(at + lane), value);
                    }
                }
                at += lanes;
            }
        }
    }
}
