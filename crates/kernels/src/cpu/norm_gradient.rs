//! The backward pass through ReLU and batch norm, in two passes over memory.
//!
//! With `g` the gradient of the normalised value (zero where the ReLU let nothing through),
//! `x̂ = (z − mean) / σ` and means over the batch, the gradients in closed form are (Ioffe and
//! Szegedy 2015, "Batch Normalization", arXiv:1502.03167, section 3)
//!
//! ```text
//! ∂/∂β = Σ g        ∂/∂γ = Σ g · x̂        ∂/∂z = γ / σ · (g − mean(g) − x̂ · mean(g · x̂))
//! ```
//!
//! The first pass ([`gradient_sums`]) finds both sums chunk by chunk and stores `g` over the
//! gradient that came in; [`NormBackward::combine`] adds the chunks up in double precision; the
//! second pass ([`NormBackward::run`]) overwrites `z` with its gradient. The feature maps are in
//! the HWCN layout ([`HwcnShape`]).
#![allow(
    unsafe_code,
    reason = "the loops use raw pointers; every buffer is checked against the shapes first"
)]

use pulp::{Simd, WithSimd};

use crate::cpu::batch_statistics::Statistics;
use crate::cpu::hwcn_shape::HwcnShape;
use crate::cpu::simd::{load, store, valid_lanes, with_vectors};

/// The first pass over a chunk of pixels. If there was a ReLU, `output` is what it put out, and
/// `grad` becomes zero wherever that is not positive.
///
/// # Shapes
/// `sums`: `[2, c]`, first `Σ g`, then `Σ g · (z − mean)`
///
/// # Panics
/// If a buffer does not match the shape or the length of the gradient.
pub(super) fn gradient_sums(
    shape: HwcnShape,
    grad: &mut [f32],
    output: Option<&[f32]>,
    z: &[f32],
    mean: &[f32],
    sums: &mut [f32],
) {
    with_vectors(GradientSums { shape, grad, output, z, mean, sums });
}

/// The arguments of [`gradient_sums`], for pulp to call with the right vectors.
struct GradientSums<'a> {
    shape: HwcnShape,
    grad: &'a mut [f32],
    output: Option<&'a [f32]>,
    z: &'a [f32],
    mean: &'a [f32],
    sums: &'a mut [f32],
}

impl WithSimd for GradientSums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { shape, grad, output, z, mean, sums } = self;
        let padded_n = shape.padded_n();
        assert!(
            grad.len().is_multiple_of(shape.pixel_stride())
                && z.len() == grad.len()
                && padded_n.is_multiple_of(S::F32_LANES)
        );
        assert!(
            output.is_none_or(|output| output.len() == grad.len())
                && mean.len() == shape.c
                && sums.len() == 2 * shape.c
        );
        let zero = simd.splat_f32s(0.0);
        let mut found = vec![[zero; 2]; shape.c];
        let pixels = grad.len() / shape.pixel_stride();
        let (grad, z, output) = (grad.as_mut_ptr(), z.as_ptr(), output.map(<[f32]>::as_ptr));
        let mut at = 0;
        for _ in 0..pixels {
            for (mean, found) in mean.iter().zip(&mut found) {
                let mean = simd.splat_f32s(*mean);
                let [mut grad_sum, mut product_sum] = *found;
                for lane in (0..padded_n).step_by(S::F32_LANES) {
                    // SAFETY: all buffers are as long as the gradient, `at` is the offset of one of
                    // its channels, and a channel has `padded_n` floats, which
                    // are whole vectors.
                    unsafe {
                        let mut grad_value = load(simd, grad.add(at + lane));
                        if let Some(output) = output {
                            let passed =
                                simd.greater_than_f32s(load(simd, output.add(at + lane)), zero);
                            grad_value = simd.select_f32s(passed, grad_value, zero);
                            store(simd, grad.add(at + lane), grad_value);
                        }
                        grad_sum = simd.add_f32s(grad_sum, grad_value);
                        product_sum = simd.mul_add_e_f32s(
                            grad_value,
                            simd.sub_f32s(load(simd, z.add(at + lane)), mean),
                            product_sum,
                        );
                    }
                }
                *found = [grad_sum, product_sum];
                at += padded_n;
            }
        }
        let (grad_sums, product_sums) = sums.split_at_mut(shape.c);
        for ((found, grad_sum), product_sum) in found.iter().zip(grad_sums).zip(product_sums) {
            (*grad_sum, *product_sum) =
                (simd.reduce_sum_f32s(found[0]), simd.reduce_sum_f32s(found[1]));
        }
    }
}

/// The gradients of a norm's parameters, and the factors of the second pass.
#[derive(Clone, Debug)]
pub(super) struct NormBackward {
    /// Gradient of γ.
    ///
    /// # Shapes
    /// `[c]`
    pub gamma: Vec<f32>,
    /// Gradient of β.
    ///
    /// # Shapes
    /// `[c]`
    pub beta: Vec<f32>,
    /// By channel: the factor of the gradient, the factor of `z − mean`, a constant, and the mean.
    factors: Vec<[f32; 4]>,
}

impl NormBackward {
    /// Adds up the sums of all chunks, in the order of the chunks.
    ///
    /// # Shapes
    /// `sums`: `[chunks, 2, c]`, each as [`gradient_sums`] computes it
    pub fn combine(shape: HwcnShape, sums: &[f32], statistics: &Statistics, gamma: &[f32]) -> Self {
        let c = shape.c;
        let values = (shape.n * shape.pixels()) as f64;
        let mut found = Self {
            gamma: Vec::with_capacity(c),
            beta: Vec::with_capacity(c),
            factors: Vec::with_capacity(c),
        };
        for channel in 0..c {
            let sum = |which: usize| {
                sums.chunks_exact(2 * c)
                    .map(|chunk_sums| f64::from(chunk_sums[which * c + channel]))
                    .sum::<f64>()
            };
            let inv_std = f64::from(statistics.inv_std[channel]);
            let (grad_sum, product_sum) = (sum(0), sum(1) * inv_std);
            let factor = f64::from(gamma[channel]) * inv_std;
            let factors =
                [factor, -factor * product_sum * inv_std / values, -factor * grad_sum / values];
            found.beta.push(grad_sum as f32);
            found.gamma.push(product_sum as f32);
            found.factors.push([
                factors[0] as f32,
                factors[1] as f32,
                factors[2] as f32,
                statistics.mean[channel],
            ]);
        }
        found
    }

    /// The second pass over a chunk of pixels: overwrites `z` with its gradient. The padding
    /// becomes zero.
    ///
    /// # Panics
    /// If a buffer does not match the shape.
    pub fn run(&self, shape: HwcnShape, grads: &[f32], z: &mut [f32]) {
        with_vectors(InputGradient { factors: &self.factors, shape, grads, z });
    }
}

/// The arguments of [`NormBackward::run`], for pulp to call with the right vectors.
struct InputGradient<'a> {
    factors: &'a [[f32; 4]],
    shape: HwcnShape,
    grads: &'a [f32],
    z: &'a mut [f32],
}

impl WithSimd for InputGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { factors, shape, grads, z } = self;
        let padded_n = shape.padded_n();
        let full = shape.n - shape.n % S::F32_LANES;
        assert!(
            z.len().is_multiple_of(shape.pixel_stride()) && padded_n.is_multiple_of(S::F32_LANES)
        );
        assert!(grads.len() == z.len() && factors.len() == shape.c);
        let valid = valid_lanes(simd, shape.n);
        let pixels = z.len() / shape.pixel_stride();
        let (grads, z) = (grads.as_ptr(), z.as_mut_ptr());
        let mut at = 0;
        for _ in 0..pixels {
            for factors in factors {
                let [grad_factor, centered_factor, constant, mean] =
                    factors.map(|factor| simd.splat_f32s(factor));
                for lane in (0..padded_n).step_by(S::F32_LANES) {
                    // SAFETY: both buffers are as long as `z`, `at` is the offset of one of its
                    // channels, and a channel has `padded_n` floats, which are
                    // whole vectors.
                    unsafe {
                        let centered = simd.sub_f32s(load(simd, z.add(at + lane)), mean);
                        let grad_value = load(simd, grads.add(at + lane));
                        let mut value = simd.mul_add_e_f32s(centered, centered_factor, constant);
                        value = simd.mul_add_e_f32s(grad_value, grad_factor, value);
                        if lane >= full {
                            value = simd.mul_f32s(value, valid);
                        }
                        store(simd, z.add(at + lane), value);
                    }
                }
                at += padded_n;
            }
        }
    }
}
