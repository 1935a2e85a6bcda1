//! Batch norm's second pass, with the residual sum and ReLU in the same loop:
//!
//! ```text
//! target = relu(scale · (values − mean) + shift + residual)
//! ```
//!
//! `scale` is γ / √(variance + ε) and `shift` is β (Ioffe and Szegedy 2015, arXiv:1502.03167). The
//! feature maps are in the HWCN layout ([`HwcnShape`]), so that a channel's factors are the same
//! for a whole row of vectors.
#![allow(
    unsafe_code,
    reason = "the loops use raw pointers; every buffer is checked against the shapes first"
)]

use pulp::{Simd, WithSimd};

use crate::cpu::hwcn_shape::HwcnShape;
use crate::cpu::simd::{load, relu, store, valid_lanes, with_vectors};

/// A normalisation with given statistics. The mean is subtracted first and not folded into the
/// shift, where it would round off digits of values that are small beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Normalize<'a> {
    /// Mean by channel: the batch's in training, the running mean in evaluation.
    ///
    /// # Shapes
    /// `[c]`
    pub mean: &'a [f32],
    /// Factor by channel.
    ///
    /// # Shapes
    /// `[c]`
    pub scale: &'a [f32],
    /// β, added after the factor.
    ///
    /// # Shapes
    /// `[c]`
    pub shift: &'a [f32],
    /// Whether a ReLU follows.
    pub relu: bool,
}

impl Normalize<'_> {
    /// Normalises a chunk of pixels from `values` into `target`, or in place if `values` is `None`.
    /// The padding of the target becomes zero.
    ///
    /// # Panics
    /// If a buffer does not match the shape or the length of the target.
    pub fn run(
        &self,
        shape: HwcnShape,
        values: Option<&[f32]>,
        residual: Option<&[f32]>,
        target: &mut [f32],
    ) {
        with_vectors(RunNormalize { normalize: *self, shape, values, residual, target });
    }
}

/// The arguments of [`Normalize::run`], for pulp to call with the right vectors.
struct RunNormalize<'a> {
    normalize: Normalize<'a>,
    shape: HwcnShape,
    values: Option<&'a [f32]>,
    residual: Option<&'a [f32]>,
    target: &'a mut [f32],
}

impl WithSimd for RunNormalize<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { normalize, shape, values, residual, target } = self;
        let padded_n = shape.padded_n();
        let full = shape.n - shape.n % S::F32_LANES;
        assert!(
            target.len().is_multiple_of(shape.pixel_stride())
                && padded_n.is_multiple_of(S::F32_LANES)
        );
        assert!(
            [normalize.mean, normalize.scale, normalize.shift]
                .iter()
                .all(|factors| factors.len() == shape.c)
        );
        assert!(
            [values, residual].into_iter().flatten().all(|buffer| buffer.len() == target.len())
        );
        let valid = valid_lanes(simd, shape.n);
        let zero = simd.splat_f32s(0.0);
        let pixels = target.len() / shape.pixel_stride();
        let target = target.as_mut_ptr();
        let values = values.map_or(target.cast_const(), <[f32]>::as_ptr);
        let residual = residual.map(<[f32]>::as_ptr);
        let mut at = 0;
        for _ in 0..pixels {
            for ((mean, scale), shift) in
                normalize.mean.iter().zip(normalize.scale).zip(normalize.shift)
            {
                let [mean, scale, shift] =
                    [mean, scale, shift].map(|factor| simd.splat_f32s(*factor));
                for lane in (0..padded_n).step_by(S::F32_LANES) {
                    // SAFETY: all buffers are as long as the target, `at` is the offset of one of
                    // its channels, and a channel has `padded_n` floats, which
                    // are whole vectors.
                    unsafe {
                        let centered = simd.sub_f32s(load(simd, values.add(at + lane)), mean);
                        let mut value = simd.mul_add_e_f32s(centered, scale, shift);
                        if let Some(residual) = residual {
                            value = simd.add_f32s(value, load(simd, residual.add(at + lane)));
                        }
                        if normalize.relu {
                            value = relu(simd, value, zero);
                        }
                        if lane >= full {
                            value = simd.mul_f32s(value, valid);
                        }
                        store(simd, target.add(at + lane), value);
                    }
                }
                at += padded_n;
            }
        }
    }
}
