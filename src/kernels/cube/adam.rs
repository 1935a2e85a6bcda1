//! fastai's Adam for one parameter in one pass.

use cubecl::prelude::*;

/// What a step multiplies with; `train::adam` has the formula.
#[derive(CubeType, CubeLaunch)]
pub(in crate::kernels) struct Factors {
    /// Weight of the old average.
    pub mom: f32,
    /// Weight of the old average of squares.
    pub sqr_mom: f32,
    /// Learning rate over the average's debiasing.
    pub lr: f32,
    /// What squares are divided by.
    pub debias_sqr: f32,
    /// Added after the root.
    pub epsilon: f32,
    /// What is left of a weight after decay.
    pub keep: f32,
}

/// New weight and new averages; with `begin` there are no old averages, and their buffers are not read.
#[cube(launch_unchecked)]
pub(in crate::kernels) fn adam_step(
    weight: &[f32],
    grad: &[f32],
    avg: &[f32],
    sqr: &[f32],
    next_weight: &mut [f32],
    next_avg: &mut [f32],
    next_sqr: &mut [f32],
    factors: &Factors,
    #[comptime] begin: bool,
) {
    let i = ABSOLUTE_POS;
    if i < next_weight.len() {
        let g = grad[i];
        let mut a = g * (1.0f32 - factors.mom);
        let mut s = g * g * (1.0f32 - factors.sqr_mom);
        if comptime!(!begin) {
            a += avg[i] * factors.mom;
            s += sqr[i] * factors.sqr_mom;
        }
        let root = f32::sqrt(s / factors.debias_sqr) + factors.epsilon;
        next_weight[i] = weight[i] * factors.keep - factors.lr * a / root;
        next_avg[i] = a;
        next_sqr[i] = s;
    }
}
