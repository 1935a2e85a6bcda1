//! Batch norm's forward pass (Ioffe and Szegedy 2015, "Batch Normalization", arXiv:1502.03167),
//! with the residual sum and the ReLU of a residual block in the same pass.
//!
//! There are two kernels: [`statistics`] reduces each channel to its mean and variance, and
//! [`normalize`] does everything that happens to a single value. The statistics take two passes
//! over a channel, the mean first, because the shorter way, `E[x²] − E[x]²`, would lose about half
//! of the digits of a float to cancellation. Tensors are contiguous, `[n, c, h, w]`.

use cubecl::prelude::*;

use crate::gpu::cube::channel_reduction::{
    ChannelCursor, NormGeometry, UNROLL, channel_of_unit, reduce_channel,
};

/// Finds the mean and `1 / √(variance + ε)` of each channel over the batch, and moves the running
/// statistics towards the batch's. As in PyTorch, the running variance is the unbiased one.
///
/// Launched with one cube for each channel, or if `units` is 1 with one unit for each channel.
///
/// # Shapes
/// `z`: `[n, c, h, w]`; `stats`: `[2, c]`; running statistics, old and next: `[c]`
#[cube(launch_unchecked)]
pub(crate) fn statistics(
    z: &[f32],
    running_mean: &[f32],
    running_var: &[f32],
    stats: &mut [f32],
    next_mean: &mut [f32],
    next_var: &mut [f32],
    geometry: &NormGeometry,
    epsilon: f32,
    momentum: f32,
    #[comptime] units: usize,
) {
    let unclamped = channel_of_unit(units);
    let channel = select(unclamped < geometry.channels, unclamped, geometry.channels - 1);
    let writes = unclamped < geometry.channels && (comptime!(units == 1) || UNIT_POS == 0);
    let count = f32::cast_from(geometry.batch * geometry.plane);

    let mut sum = 0.0f32;
    let cursor = ChannelCursor::new(geometry, channel, units);
    while cursor.in_bounds() {
        #[unroll]
        for _ in 0..UNROLL {
            sum += select(cursor.in_bounds(), z[cursor.index()], 0.0f32);
            cursor.advance();
        }
    }
    let mean = reduce_channel(sum, units) / count;

    let mut square = 0.0f32;
    let cursor = ChannelCursor::new(geometry, channel, units);
    while cursor.in_bounds() {
        #[unroll]
        for _ in 0..UNROLL {
            let centered = select(cursor.in_bounds(), z[cursor.index()] - mean, 0.0f32);
            square += centered * centered;
            cursor.advance();
        }
    }
    let squares = reduce_channel(square, units);

    if writes {
        let unbiased = squares / f32::max(count - 1.0f32, 1.0f32);
        stats[channel] = mean;
        stats[geometry.channels + channel] = 1.0f32 / f32::sqrt(squares / count + epsilon);
        next_mean[channel] = running_mean[channel] * (1.0f32 - momentum) + mean * momentum;
        next_var[channel] = running_var[channel] * (1.0f32 - momentum) + unbiased * momentum;
    }
}

/// What happens to a value after it has been normalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Epilogue {
    /// Whether a ReLU follows.
    pub relu: bool,
    /// Whether a residual is added in front of the ReLU.
    pub residual: bool,
}

/// `output = relu(γ · (z − mean) / √(variance + ε) + β +
/// residual)`, with the residual and the ReLU only if `epilogue` says so. Without a residual any
/// buffer may stand for it.
///
/// If `running`, `mean` and `spread` are the running mean and variance; otherwise both are the
/// `stats` of [`statistics`]. One unit for each vector of `N` values.
///
/// # Shapes
/// `z`, residual and output: `[n, c, h, w]`; `mean` and `spread`: `[c]` if `running`, otherwise
/// `[2, c]`; γ and β: `[c]`
#[cube(launch_unchecked)]
pub(crate) fn normalize<N: Size>(
    z: &[Vector<f32, N>],
    mean: &[f32],
    spread: &[f32],
    gamma: &[f32],
    beta: &[f32],
    residual: &[Vector<f32, N>],
    output: &mut [Vector<f32, N>],
    geometry: &NormGeometry,
    epsilon: f32,
    #[comptime] running: bool,
    #[comptime] epilogue: Epilogue,
) {
    let i = ABSOLUTE_POS;
    if i < geometry.batch * geometry.channels * geometry.plane {
        let channel = i / geometry.plane % geometry.channels;
        let mut scale = gamma[channel];
        if comptime!(running) {
            scale /= f32::sqrt(spread[channel] + epsilon);
        } else {
            scale *= spread[geometry.channels + channel];
        }
        let centered = z[i] - Vector::<f32, N>::new(mean[channel]);
        let mut y = centered * Vector::<f32, N>::new(scale) + Vector::<f32, N>::new(beta[channel]);
        if comptime!(epilogue.residual) {
            y += residual[i];
        }
        if comptime!(epilogue.relu) {
            y = max(y, Vector::<f32, N>::new(0.0f32));
        }
        output[i] = y;
    }
}
