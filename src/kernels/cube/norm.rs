//! Batch norm in training, with the ReLU and the sum of a residual block in the same passes.
//!
//! Two kernels forward (statistics, then everything that happens to a value) and two backward (sums, then the gradient). Statistics
//! take two passes over a channel, mean first, because `E[x²] − E[x]²` loses half of float32's digits.

use cubecl::prelude::*;

/// Most units that share a channel, a power of 2.
pub(in crate::kernels) const UNITS: usize = 256;
/// Units that gather what the others found.
const FEW: usize = 16;

/// Sizes of what is normalised, in vectors of `N`.
#[derive(CubeType, CubeLaunch)]
pub(in crate::kernels) struct NormGeometry {
    /// Channels.
    pub channels: usize,
    /// Pictures.
    pub pictures: usize,
    /// Vectors a plane.
    pub plane: usize,
}

/// Sum over the `units` of a cube, for every unit: in two turns of at most 16 numbers, because a barrier costs more than a sum.
#[cube]
pub(in crate::kernels) fn total(value: f32, #[comptime] units: usize) -> f32 {
    let mut all = Shared::<[f32]>::new_slice(units);
    let mut few = Shared::<[f32]>::new_slice(FEW);
    all[UNIT_POS as usize] = value;
    sync_cube();
    if UNIT_POS < 16 {
        let mut sum = 0.0f32;
        #[unroll]
        for i in 0..comptime!(units / FEW) {
            sum += all[UNIT_POS as usize + i * FEW];
        }
        few[UNIT_POS as usize] = sum;
    }
    sync_cube();
    let mut sum = 0.0f32;
    #[unroll]
    for i in 0..FEW {
        sum += few[i];
    }
    sum
}

/// Sum of the numbers in a vector.
#[cube]
fn across<N: Size>(vector: Vector<f32, N>) -> f32 {
    let mut sum = 0.0f32;
    #[unroll]
    for i in 0..N::value() {
        sum += vector.extract(i);
    }
    sum
}

/// Mean and 1 / deviation of each channel over the batch (`stats[0..c]` and `stats[c..2c]`), and the running statistics moved
/// towards them as PyTorch moves them: the running variance is unbiased.
///
/// One cube a channel.
#[cube(launch_unchecked)]
pub(in crate::kernels) fn statistics<N: Size>(
    z: &[Vector<f32, N>],
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
    let channel = CUBE_POS_X as usize;
    let length = geometry.pictures * geometry.plane;
    let count = f32::cast_from(length * N::value());

    let mut sum = Vector::<f32, N>::new(0.0f32);
    let mut i = UNIT_POS as usize;
    while i < length {
        let picture = i / geometry.plane;
        sum += z[(picture * geometry.channels + channel) * geometry.plane + i - picture * geometry.plane];
        i += units;
    }
    let mean = total(across::<N>(sum), units) / count;

    let mut square = Vector::<f32, N>::new(0.0f32);
    let mut i = UNIT_POS as usize;
    while i < length {
        let picture = i / geometry.plane;
        let value = z[(picture * geometry.channels + channel) * geometry.plane + i - picture * geometry.plane];
        let away = value - Vector::<f32, N>::new(mean);
        square += away * away;
        i += units;
    }
    let squares = total(across::<N>(square), units);

    if UNIT_POS == 0 {
        let unbiased = squares / f32::max(count - 1.0f32, 1.0f32);
        stats[channel] = mean;
        stats[geometry.channels + channel] = 1.0f32 / f32::sqrt(squares / count + epsilon);
        next_mean[channel] = running_mean[channel] * (1.0f32 - momentum) + mean * momentum;
        next_var[channel] = running_var[channel] * (1.0f32 - momentum) + unbiased * momentum;
    }
}

/// What happens to a normalised value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::kernels) struct After {
    /// Whether ReLU follows.
    pub act: bool,
    /// Whether the identity path is added before the ReLU.
    pub residual: bool,
}

/// `output = relu(gamma · (z − mean) / deviation + beta + residual)`, as much of it as `after` says. Where there is no residual, any
/// buffer may stand in its place.
///
/// `mean` and `spread` are both the batch's statistics (`[2, c]`), or with `running` the running mean and variance.
#[cube(launch_unchecked)]
pub(in crate::kernels) fn apply<N: Size>(
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
    #[comptime] after: After,
) {
    let i = ABSOLUTE_POS;
    if i < geometry.pictures * geometry.channels * geometry.plane {
        let channel = i / geometry.plane % geometry.channels;
        let mut scale = gamma[channel];
        if comptime!(running) {
            scale /= f32::sqrt(spread[channel] + epsilon);
        } else {
            scale *= spread[geometry.channels + channel];
        }
        let away = z[i] - Vector::<f32, N>::new(mean[channel]);
        let mut y = away * Vector::<f32, N>::new(scale) + Vector::<f32, N>::new(beta[channel]);
        if comptime!(after.residual) {
            y += residual[i];
        }
        if comptime!(after.act) {
            y = max(y, Vector::<f32, N>::new(0.0f32));
        }
        output[i] = y;
    }
}

/// The gradient where the output is above zero.
#[cube]
fn through_relu<N: Size>(grad: Vector<f32, N>, output: Vector<f32, N>) -> Vector<f32, N> {
    let mut passed = Vector::<f32, N>::new(0.0f32);
    #[unroll]
    for i in 0..N::value() {
        passed.insert(i, select(output.extract(i) > 0.0f32, grad.extract(i), 0.0f32));
    }
    passed
}

/// Gradients of gamma and beta, and per channel what [`input_gradient`] needs: scale, mean, mean gradient, slope (four rows of `c`).
///
/// One cube a channel. Without ReLU any buffer may stand for `output`.
#[cube(launch_unchecked)]
pub(in crate::kernels) fn gradient_sums<N: Size>(
    grad: &[Vector<f32, N>],
    output: &[Vector<f32, N>],
    z: &[Vector<f32, N>],
    stats: &[f32],
    gamma: &[f32],
    gamma_grad: &mut [f32],
    beta_grad: &mut [f32],
    factors: &mut [f32],
    geometry: &NormGeometry,
    #[comptime] act: bool,
    #[comptime] units: usize,
) {
    let channel = CUBE_POS_X as usize;
    let length = geometry.pictures * geometry.plane;
    let count = f32::cast_from(length * N::value());
    let mean = stats[channel];
    let deviation = stats[geometry.channels + channel];

    let mut sum = Vector::<f32, N>::new(0.0f32);
    let mut along = Vector::<f32, N>::new(0.0f32);
    let mut i = UNIT_POS as usize;
    while i < length {
        let picture = i / geometry.plane;
        let place = (picture * geometry.channels + channel) * geometry.plane + i - picture * geometry.plane;
        let mut g = grad[place];
        if comptime!(act) {
            g = through_relu::<N>(g, output[place]);
        }
        sum += g;
        along += g * (z[place] - Vector::<f32, N>::new(mean));
        i += units;
    }
    let sums = total(across::<N>(sum), units);
    let along = total(across::<N>(along), units) * deviation;

    if UNIT_POS == 0 {
        beta_grad[channel] = sums;
        gamma_grad[channel] = along;
        factors[channel] = gamma[channel] * deviation;
        factors[geometry.channels + channel] = mean;
        factors[2 * geometry.channels + channel] = sums / count;
        factors[3 * geometry.channels + channel] = along * deviation / count;
    }
}

/// `z_grad = gamma / deviation · (g − mean(g) − x̂ · mean(g · x̂))`, and `g` itself for the identity path.
///
/// Where there is no residual, `residual_grad` is not written and may be any buffer of its own.
#[cube(launch_unchecked)]
pub(in crate::kernels) fn input_gradient<N: Size>(
    grad: &[Vector<f32, N>],
    output: &[Vector<f32, N>],
    z: &[Vector<f32, N>],
    factors: &[f32],
    z_grad: &mut [Vector<f32, N>],
    residual_grad: &mut [Vector<f32, N>],
    geometry: &NormGeometry,
    #[comptime] after: After,
) {
    let i = ABSOLUTE_POS;
    if i < geometry.pictures * geometry.channels * geometry.plane {
        let channels = geometry.channels;
        let channel = i / geometry.plane % channels;
        let mut g = grad[i];
        if comptime!(after.act) {
            g = through_relu::<N>(g, output[i]);
        }
        let away = z[i] - Vector::<f32, N>::new(factors[channels + channel]);
        let shifted = g - Vector::<f32, N>::new(factors[2 * channels + channel]);
        let tilted = shifted - away * Vector::<f32, N>::new(factors[3 * channels + channel]);
        z_grad[i] = tilted * Vector::<f32, N>::new(factors[channel]);
        if comptime!(after.residual) {
            residual_grad[i] = g;
        }
    }
}
