//! Cross-entropy over soft targets and its gradient, in one pass.

use cubecl::prelude::*;

use crate::gpu::cube::norm::{UNITS, total};

/// `loss[0] = −1/n Σ target · log softmax(logits)` and `slope = ∂loss / ∂logits`, for targets that
/// each sum to whatever they sum to.
///
/// One cube; a unit takes every 256th row.
#[cube(launch_unchecked)]
pub(crate) fn cross_entropy(
    logits: &[f32],
    targets: &[f32],
    loss: &mut [f32],
    slope: &mut [f32],
    rows: usize,
    classes: usize,
) {
    let share = 1.0f32 / f32::cast_from(rows);
    let mut found = 0.0f32;
    let mut row = UNIT_POS as usize;
    while row < rows {
        let start = row * classes;
        let mut largest = logits[start];
        for i in 1..classes {
            largest = f32::max(largest, logits[start + i]);
        }
        let mut sum = 0.0f32;
        let mut mass = 0.0f32;
        for i in 0..classes {
            sum += f32::exp(logits[start + i] - largest);
            mass += targets[start + i];
        }
        let log_sum = f32::ln(sum);
        for i in 0..classes {
            let log_p = logits[start + i] - largest - log_sum;
            let target = targets[start + i];
            found -= target * log_p;
            slope[start + i] = (f32::exp(log_p) * mass - target) * share;
        }
        row += UNITS;
    }
    let whole = total(found, UNITS);
    if UNIT_POS == 0 {
        loss[0] = whole * share;
    }
}

/// `output = slope · grad[0]`.
#[cube(launch_unchecked)]
pub(crate) fn scale(slope: &[f32], grad: &[f32], output: &mut [f32]) {
    let i = ABSOLUTE_POS;
    if i < output.len() {
        output[i] = slope[i] * grad[0];
    }
}
