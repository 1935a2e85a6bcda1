//! fastai's Adam for several parameters in one pass.
//!
//! Weights, averages and averages of squares of a group of parameters lie in one buffer, its *room*
//! three times over, because a browser lets a kernel see only eight buffers: one old, one new, and
//! the rest are gradients.

use cubecl::prelude::*;

/// What a step multiplies with, for all parameters; `train::adam` has the formula.
#[derive(CubeType, CubeLaunch)]
pub(crate) struct Factors {
    /// Weight of the old average.
    pub mom: f32,
    /// The same for squares.
    pub sqr_mom: f32,
    /// What squares are divided by.
    pub debias_sqr: f32,
    /// Added after the root.
    pub epsilon: f32,
}

/// One parameter of a group.
#[derive(CubeType, CubeLaunch)]
pub(crate) struct Member {
    /// Where it begins in the room.
    pub start: usize,
    /// Numbers in it.
    pub length: usize,
    /// Learning rate over the average's debiasing.
    pub lr: f32,
    /// What is left of a weight after decay.
    pub keep: f32,
}

/// New weights and new averages: `old` and `next` are `[3, room]`. The `units` of the launch go
/// through one parameter after another.
#[cube(launch_unchecked)]
pub(crate) fn adam_step(
    old: &[f32],
    grads: &Sequence<Box<[f32]>>,
    next: &mut [f32],
    members: &Sequence<Member>,
    factors: &Factors,
    room: usize,
    units: usize,
) {
    #[unroll]
    for m in 0..grads.len() {
        let member = &members[m];
        let start = member.start;
        let length = member.length;
        let lr = member.lr;
        let keep = member.keep;
        let mut i = ABSOLUTE_POS;
        while i < length {
            let at = start + i;
            let g = grads[m][i];
            let a = old[room + at] * factors.mom + g * (1.0f32 - factors.mom);
            let s = old[2 * room + at] * factors.sqr_mom + g * g * (1.0f32 - factors.sqr_mom);
            let root = f32::sqrt(s / factors.debias_sqr) + factors.epsilon;
            next[at] = old[at] * keep - lr * a / root;
            next[room + at] = a;
            next[2 * room + at] = s;
            i += units;
        }
    }
}

/// Lays one parameter down in its place of `[3, room]`; with `begin` its averages are zero, and
/// their buffers are not read.
#[cube(launch_unchecked)]
pub(crate) fn pack(
    weight: &[f32],
    avg: &[f32],
    sqr: &[f32],
    whole: &mut [f32],
    start: usize,
    room: usize,
    #[comptime] begin: bool,
) {
    let i = ABSOLUTE_POS;
    if i < weight.len() {
        whole[start + i] = weight[i];
        whole[room + start + i] = if comptime!(begin) { 0.0f32.runtime() } else { avg[i] };
        whole[2 * room + start + i] = if comptime!(begin) { 0.0f32.runtime() } else { sqr[i] };
    }
}
