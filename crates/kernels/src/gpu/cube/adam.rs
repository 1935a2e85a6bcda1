//! The Adam step of several parameters in one dispatch.
//!
//! Weights, averages of gradients and averages of squared gradients of a group of parameters lie in
//! one buffer `[3, section_len]` ([`crate::gpu::packed_layout`]), because a browser lets a kernel
//! see only eight buffers: one is the old state, one the new state, and the others are gradients.

use cubecl::prelude::*;

/// The factors that all parameters of a step share; [`crate::AdamFactors`] has the formula.
#[derive(CubeType, CubeLaunch)]
pub(crate) struct SharedFactors {
    /// Decay of the average of gradients.
    pub mom: f32,
    /// Decay of the average of squared gradients.
    pub sqr_mom: f32,
    /// `1 − sqr_momᵗ`, by which the average of squared gradients is divided.
    pub debias_sqr: f32,
    /// ε, which is added to the square root.
    pub epsilon: f32,
}

/// One parameter of the group.
#[derive(CubeType, CubeLaunch)]
pub(crate) struct ParamSlot {
    /// Offset of the parameter in each section.
    pub start: usize,
    /// Number of elements.
    pub length: usize,
    /// Learning rate, divided by `1 − momᵗ`.
    pub lr: f32,
    /// `1 − lr · wd`, by which the weight is multiplied.
    pub decay: f32,
}

/// Computes the new weights and averages of all parameters in `slots`. The `units` of the launch go
/// through one parameter after another.
///
/// # Shapes
/// `old` and `updated`: `[3, section_len]`; each gradient: `[length]`
#[cube(launch_unchecked)]
pub(crate) fn adam_step(
    old: &[f32],
    grads: &Sequence<Box<[f32]>>,
    updated: &mut [f32],
    slots: &Sequence<ParamSlot>,
    factors: &SharedFactors,
    section_len: usize,
    units: usize,
) {
    #[unroll]
    for m in 0..grads.len() {
        let slot = &slots[m];
        let start = slot.start;
        let length = slot.length;
        let lr = slot.lr;
        let decay = slot.decay;
        let mut i = ABSOLUTE_POS;
        while i < length {
            let at = start + i;
            let g = grads[m][i];
            let a = old[section_len + at] * factors.mom + g * (1.0f32 - factors.mom);
            let s =
                old[2 * section_len + at] * factors.sqr_mom + g * g * (1.0f32 - factors.sqr_mom);
            let root = f32::sqrt(s / factors.debias_sqr) + factors.epsilon;
            updated[at] = old[at] * decay - lr * a / root;
            updated[section_len + at] = a;
            updated[2 * section_len + at] = s;
            i += units;
        }
    }
}

/// Copies one parameter into its slot of the shared buffer. With `zero_averages` its averages start
/// at zero, and the buffers of the old ones are not read.
///
/// # Shapes
/// `packed`: `[3, section_len]`; the others: `[length]`
#[cube(launch_unchecked)]
pub(crate) fn pack(
    weight: &[f32],
    avg: &[f32],
    sqr: &[f32],
    packed: &mut [f32],
    start: usize,
    section_len: usize,
    #[comptime] zero_averages: bool,
) {
    let i = ABSOLUTE_POS;
    if i < weight.len() {
        packed[start + i] = weight[i];
        packed[section_len + start + i] =
            if comptime!(zero_averages) { 0.0f32.runtime() } else { avg[i] };
        packed[2 * section_len + start + i] =
            if comptime!(zero_averages) { 0.0f32.runtime() } else { sqr[i] };
    }
}
