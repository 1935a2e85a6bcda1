//! Batch norm in training, with the ReLU and the sum of a residual block in the same passes.
//!
//! Two kernels forward (statistics, then everything that happens to a value) and two backward
//! (sums, then the gradient). Statistics take two passes over a channel, mean first, because `E[x²]
//! − E[x]²` loses half of float32's digits.

use cubecl::prelude::*;

/// Most units that share a channel, a power of 2.
pub(crate) const UNITS: usize = 256;
/// Units that gather what the others found.
const FEW: usize = 16;

/// Values that a unit fetches before it adds any of them up.
const TURN: usize = 4;

/// Sizes of what is normalised.
#[derive(CubeType, CubeLaunch)]
pub(crate) struct NormGeometry {
    /// Channels.
    pub channels: usize,
    /// Pictures.
    pub pictures: usize,
    /// Vectors a plane, for kernels that take vectors.
    pub plane: usize,
}

/// A unit's way through the values of a channel, `units` apart, without a division at each step.
#[derive(CubeType)]
struct Walk {
    picture: RuntimeCell<usize>,
    offset: RuntimeCell<usize>,
    pictures_ahead: usize,
    offset_ahead: usize,
    plane: usize,
    pictures: usize,
    channel_at: usize,
    picture_step: usize,
}

#[cube]
impl Walk {
    fn new(geometry: &NormGeometry, channel: usize, #[comptime] units: usize) -> Walk {
        let unit = if comptime!(units == 1) { 0usize.runtime() } else { UNIT_POS as usize };
        Walk {
            picture: RuntimeCell::<usize>::new(unit / geometry.plane),
            offset: RuntimeCell::<usize>::new(unit % geometry.plane),
            pictures_ahead: units / geometry.plane,
            offset_ahead: units % geometry.plane,
            plane: geometry.plane,
            pictures: geometry.pictures,
            channel_at: channel * geometry.plane,
            picture_step: geometry.channels * geometry.plane,
        }
    }

    /// Whether there is a value here.
    fn there(&self) -> bool {
        self.picture.read() < self.pictures
    }

    /// Where this value lies; past the end, where some other does.
    fn place(&self) -> usize {
        select(self.there(), self.picture.read() * self.picture_step, 0usize)
            + self.channel_at
            + self.offset.read()
    }

    fn step(&self) {
        let ahead = self.offset.read() + self.offset_ahead;
        let over = ahead >= self.plane;
        self.offset.store(select(over, ahead - self.plane, ahead));
        self.picture
            .store(self.picture.read() + self.pictures_ahead + select(over, 1usize, 0usize));
    }
}

/// The channel of a cube of `units`, or where a channel is one unit's alone, that unit's: the
/// number may be too high then.
#[cube]
fn own_channel(#[comptime] units: usize) -> usize {
    if comptime!(units == 1) { ABSOLUTE_POS_X as usize } else { CUBE_POS_X as usize }
}

/// Sum over the `units` that share a channel, for each of them.
#[cube]
fn over_channel(value: f32, #[comptime] units: usize) -> f32 {
    if comptime!(units == 1) { value } else { total(value, units) }
}

/// Sum over the `units` of a cube, for every unit: in two turns of at most 16 numbers, because a
/// barrier costs more than a sum.
#[cube]
pub(crate) fn total(value: f32, #[comptime] units: usize) -> f32 {
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

/// Mean and 1 / deviation of each channel over the batch (`stats[0..c]` and `stats[c..2c]`), and
/// the running statistics moved towards them as PyTorch moves them: the running variance is
/// unbiased.
///
/// One cube a channel, or one unit.
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
    let nominal = own_channel(units);
    let channel = select(nominal < geometry.channels, nominal, geometry.channels - 1);
    let writes = nominal < geometry.channels && (comptime!(units == 1) || UNIT_POS == 0);
    let count = f32::cast_from(geometry.pictures * geometry.plane);

    let mut sum = 0.0f32;
    let walk = Walk::new(geometry, channel, units);
    while walk.there() {
        #[unroll]
        for _ in 0..TURN {
            sum += select(walk.there(), z[walk.place()], 0.0f32);
            walk.step();
        }
    }
    let mean = over_channel(sum, units) / count;

    let mut square = 0.0f32;
    let walk = Walk::new(geometry, channel, units);
    while walk.there() {
        #[unroll]
        for _ in 0..TURN {
            let away = select(walk.there(), z[walk.place()] - mean, 0.0f32);
            square += away * away;
            walk.step();
        }
    }
    let squares = over_channel(square, units);

    if writes {
        let unbiased = squares / f32::max(count - 1.0f32, 1.0f32);
        stats[channel] = mean;
        stats[geometry.channels + channel] = 1.0f32 / f32::sqrt(squares / count + epsilon);
        next_mean[channel] = running_mean[channel] * (1.0f32 - momentum) + mean * momentum;
        next_var[channel] = running_var[channel] * (1.0f32 - momentum) + unbiased * momentum;
    }
}

/// What happens to a normalised value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct After {
    /// Whether ReLU follows.
    pub act: bool,
    /// Whether the identity path is added before the ReLU.
    pub residual: bool,
}

/// `output = relu(gamma · (z − mean) / deviation + beta + residual)`, as much of it as `after`
/// says. Where there is no residual, any buffer may stand in its place.
///
/// `mean` and `spread` are both the batch's statistics (`[2, c]`), or with `running` the running
/// mean and variance.
#[cube(launch_unchecked)]
pub(crate) fn apply<N: Size>(
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

/// Gradients of gamma and beta, and per channel what [`input_gradient`] needs: scale, mean, mean
/// gradient, slope (four rows of `c`).
///
/// One cube a channel, or one unit. Without ReLU any buffer may stand for `output`.
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
    #[comptime] act: bool,
    #[comptime] units: usize,
) {
    let nominal = own_channel(units);
    let channel = select(nominal < geometry.channels, nominal, geometry.channels - 1);
    let writes = nominal < geometry.channels && (comptime!(units == 1) || UNIT_POS == 0);
    let count = f32::cast_from(geometry.pictures * geometry.plane);
    let mean = stats[channel];
    let deviation = stats[geometry.channels + channel];

    let mut sum = 0.0f32;
    let mut along = 0.0f32;
    let walk = Walk::new(geometry, channel, units);
    while walk.there() {
        #[unroll]
        for _ in 0..TURN {
            let place = walk.place();
            let mut counts = walk.there();
            if comptime!(act) {
                counts = counts && output[place] > 0.0f32;
            }
            let g = select(counts, grad[place], 0.0f32);
            sum += g;
            along += g * (z[place] - mean);
            walk.step();
        }
    }
    let sums = over_channel(sum, units);
    let along = over_channel(along, units) * deviation;

    if writes {
        beta_grad[channel] = sums;
        gamma_grad[channel] = along;
        factors[channel] = gamma[channel] * deviation;
        factors[geometry.channels + channel] = mean;
        factors[2 * geometry.channels + channel] = sums / count;
        factors[3 * geometry.channels + channel] = along * deviation / count;
    }
}

/// `z_grad = gamma / deviation · (g − mean(g) − x̂ · mean(g · x̂))`, and `g` itself for the identity
/// path.
///
/// Where there is no residual, `residual_grad` is not written and may be any buffer of its own.
#[cube(launch_unchecked)]
pub(crate) fn input_gradient<N: Size>(
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
