//! The backward pass through ReLU and batch norm.
//!
//! With `g` the gradient of the normalised value (zero where the ReLU let nothing through),
//! `x̂ = (z − mean) / σ` and means over the batch, the gradients in closed form are (Ioffe and
//! Szegedy 2015, "Batch Normalization", arXiv:1502.03167, section 3)
//!
//! ```text
//! ∂/∂β = Σ g        ∂/∂γ = Σ g · x̂        ∂/∂z = γ / σ · (g − mean(g) − x̂ · mean(g · x̂))
//! ```
//!
//! [`gradient_sums`] reduces each channel to the two sums; [`input_gradient`] does the rest, value
//! by value. Tensors are contiguous, `[n, c, h, w]`.

use cubecl::prelude::*;

use crate::gpu::cube::batch_norm::Epilogue;
use crate::gpu::cube::channel_reduction::{
    ChannelCursor, NormGeometry, UNROLL, channel_of_unit, reduce_channel,
};

/// The gradient in front of a ReLU: zero where its output is not positive.
#[cube]
fn through_relu<N: Size>(grad: Vector<f32, N>, output: Vector<f32, N>) -> Vector<f32, N> {
    let mut passed = Vector::<f32, N>::new(0.0f32);
    #[unroll]
    for i in 0..N::value() {
        passed.insert(i, select(output.extract(i) > 0.0f32, grad.extract(i), 0.0f32));
    }
    passed
}

/// Finds the gradients of γ and β, and the factors that [`input_gradient`] needs for each channel:
/// `γ / σ`, the mean, `mean(g)`, and `mean(g · x̂) / σ`.
///
/// Launched with one cube for each channel, or if `units` is 1 with one unit for each channel.
/// Without a ReLU any buffer may stand for `output`.
///
/// # Shapes
/// Gradient, output and `z`: `[n, c, h, w]`; `stats`: `[2, c]`; γ and both gradients: `[c]`;
/// factors: `[4, c]`
#[cube(launch_unchecked)]
pub(crate) fn gradient_sums(
    grad: &[f32],
    output: &[f32],
    z: &[f32],
    stats: &[f32],
    gamma: &[f32],
    gamma_grad: &mut [f32],
    beta_grad: &mut [f32],
    factors: &mut [f32],
    geometry: &NormGeometry,
    #[comptime] relu: bool,
    #[comptime] units: usize,
) {
    let unclamped = channel_of_unit(units);
    let channel = select(unclamped < geometry.channels, unclamped, geometry.channels - 1);
    let writes = unclamped < geometry.channels && (comptime!(units == 1) || UNIT_POS == 0);
    let count = f32::cast_from(geometry.batch * geometry.plane);
    let mean = stats[channel];
    let inv_std = stats[geometry.channels + channel];

    let mut sum = 0.0f32;
    let mut dot = 0.0f32;
    let cursor = ChannelCursor::new(geometry, channel, units);
    while cursor.in_bounds() {
        #[unroll]
        for _ in 0..UNROLL {
            let index = cursor.index();
            let mut passes = cursor.in_bounds();
            if comptime!(relu) {
                passes = passes && output[index] > 0.0f32;
            }
            let g = select(passes, grad[index], 0.0f32);
            sum += g;
            dot += g * (z[index] - mean);
            cursor.advance();
        }
    }
    let sums = reduce_channel(sum, units);
    let dot = reduce_channel(dot, units) * inv_std;

    if writes {
        beta_grad[channel] = sums;
        gamma_grad[channel] = dot;
        factors[channel] = gamma[channel] * inv_std;
        factors[geometry.channels + channel] = mean;
        factors[2 * geometry.channels + channel] = sums / count;
        factors[3 * geometry.channels + channel] = dot * inv_std / count;
    }
}

/// The gradient of `z`, and for the residual `g` itself. If `epilogue` has no residual, its
/// gradient is not written, but must still be a buffer that is bound only once. One unit for each
/// vector of `N` values.
///
/// # Shapes
/// Factors: `[4, c]`; all others: `[n, c, h, w]`
#[cube(launch_unchecked)]
pub(crate) fn input_gradient<N: Size>(
    grad: &[Vector<f32, N>],
    output: &[Vector<f32, N>],
    z: &[Vector<f32, N>],
    factors: &[f32],
    z_grad: &mut [Vector<f32, N>],
    residual_grad: &mut [Vector<f32, N>],
    geometry: &NormGeometry,
    #[comptime] epilogue: Epilogue,
) {
    let i = ABSOLUTE_POS;
    if i < geometry.batch * geometry.channels * geometry.plane {
        let channels = geometry.channels;
        let channel = i / geometry.plane % channels;
        let mut g = grad[i];
        if comptime!(epilogue.relu) {
            g = through_relu::<N>(g, output[i]);
        }
        let centered = z[i] - Vector::<f32, N>::new(factors[channels + channel]);
        let shifted = g - Vector::<f32, N>::new(factors[2 * channels + channel]);
        let projected = shifted - centered * Vector::<f32, N>::new(factors[3 * channels + channel]);
        z_grad[i] = projected * Vector::<f32, N>::new(factors[channel]);
        if comptime!(epilogue.residual) {
            residual_grad[i] = g;
        }
    }
}
