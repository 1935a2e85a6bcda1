//! The optimiser's step on a GPU: all parameters in a few dispatches, where one dispatch for each
//! would cost more than its arithmetic. [`AdamFactors`] has the formula.
//!
//! A dispatch sees the old state and the new state of a group of parameters as one buffer each
//! ([`PackedLayout`]), and one buffer for each gradient; the number of buffers that a device can
//! bind limits the group. If the old state lies together, as the last step leaves it, nothing else
//! is needed. Otherwise (in the first step of a run, after a saved run was opened, or if the set of
//! frozen parameters has changed) it is first copied together.
#![allow(
    unsafe_code,
    reason = "a launch checks no index: the kernels bound their own reads and writes"
)]

use burn::backend::TensorMetadata;
use cubecl::prelude::{CubeDim, SequenceArg};

use crate::adam_factors::AdamFactors;
use crate::gpu::cube::adam::{ParamSlotLaunch, SharedFactorsLaunch, adam_step};
use crate::gpu::launch;
use crate::gpu::launch::{buffer, empty};
use crate::gpu::packed_layout::PackedLayout;
use crate::gpu::param_update::{ParamUpdate, UpdatedParam};

/// Buffers of a dispatch that hold no gradient: the old state, the new state, and CubeCL's own
/// buffer for scalars.
const NON_GRADIENT_BUFFERS: usize = 3;

/// Updates all parameters, and returns them in the order of `updates`. Their factors may differ
/// only in learning rate and weight decay.
pub fn adam_steps(updates: &[ParamUpdate]) -> Vec<UpdatedParam> {
    let Some(first) = updates.first() else { return Vec::new() };
    let max_bindings = first.weight.client.properties().hardware.max_bindings as usize;
    updates
        .chunks(max_bindings.saturating_sub(NON_GRADIENT_BUFFERS).max(1))
        .flat_map(step)
        .collect()
}

/// Updates as many parameters as one dispatch can see.
fn step(updates: &[ParamUpdate]) -> Vec<UpdatedParam> {
    let Some(ParamUpdate {
        weight: like,
        factors: AdamFactors { mom, sqr_mom, epsilon, steps, .. },
        ..
    }) = updates.first()
    else {
        return Vec::new();
    };
    let layout = PackedLayout::new(updates);
    let old = layout.find(updates).unwrap_or_else(|| layout.pack(updates, like));
    let updated = empty(like, [3 * layout.section_len]);
    let slots: SequenceArg<_> = updates
        .iter()
        .zip(&layout.starts)
        .map(|(update, start)| {
            let AdamFactors { mom, lr, wd, steps, .. } = update.factors;
            ParamSlotLaunch::new(
                *start,
                update.length(),
                (lr / (1.0 - mom.powi(steps))) as f32,
                (1.0 - lr * wd) as f32,
            )
        })
        .collect();
    // Each unit updates eight elements of the longest parameter, so that it reads what is the same
    // for all of them only once.
    let cubes = updates.iter().map(ParamUpdate::length).max().unwrap_or(0).div_ceil(8 * 64).max(1);
    // SAFETY: the slots lie inside of both buffers, and each gradient is as long as its slot.
    unsafe {
        adam_step::launch_unchecked(
            &like.client,
            launch::cubes(cubes, 1, 1),
            CubeDim::new_1d(64),
            buffer(&old),
            updates.iter().map(|update| buffer(&update.grad)).collect(),
            buffer(&updated),
            slots,
            SharedFactorsLaunch::new(
                *mom as f32,
                *sqr_mom as f32,
                (1.0 - sqr_mom.powi(*steps)) as f32,
                *epsilon as f32,
            ),
            layout.section_len,
            64 * cubes,
        );
    }
    updates
        .iter()
        .enumerate()
        .map(|(index, update)| {
            UpdatedParam::new(layout.slot(&updated, index, update.weight.shape()))
        })
        .collect()
}
