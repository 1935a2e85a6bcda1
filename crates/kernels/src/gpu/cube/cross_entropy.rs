//! Cross-entropy over soft targets, and its gradient, in one pass over the logits.
//!
//! With `p = softmax(logits)` the gradient is `(p · Σ target − target) / n`, which is the familiar
//! `(p − target) / n` if the targets of a row sum to 1. As usual the largest logit of a row is
//! subtracted before `exp`, so that it cannot overflow.

use cubecl::prelude::*;

use crate::gpu::cube::channel_reduction::{MAX_UNITS, reduce_cube};

/// `loss = −1/n · Σ target · log softmax(logits)`, and its gradient. The targets of a row may have
/// any sum.
///
/// Launched with one cube of [`MAX_UNITS`] units; each takes every `MAX_UNITS`-th row.
///
/// # Shapes
/// Logits, targets and gradient: `[rows, classes]`; loss: `[1]`
#[cube(launch_unchecked)]
pub(crate) fn soft_cross_entropy(
    logits: &[f32],
    targets: &[f32],
    loss: &mut [f32],
    logits_grad: &mut [f32],
    rows: usize,
    classes: usize,
) {
    let inv_rows = 1.0f32 / f32::cast_from(rows);
    let mut found = 0.0f32;
    let mut row = UNIT_POS as usize;
    while row < rows {
        let start = row * classes;
        let mut largest = logits[start];
        for i in 1..classes {
            largest = f32::max(largest, logits[start + i]);
        }
        let mut sum = 0.0f32;
        let mut target_sum = 0.0f32;
        for i in 0..classes {
            sum += f32::exp(logits[start + i] - largest);
            target_sum += targets[start + i];
        }
        let log_sum = f32::ln(sum);
        for i in 0..classes {
            let log_p = logits[start + i] - largest - log_sum;
            let target = targets[start + i];
            found -= target * log_p;
            logits_grad[start + i] = (f32::exp(log_p) * target_sum - target) * inv_rows;
        }
        row += MAX_UNITS;
    }
    let whole = reduce_cube(found, MAX_UNITS);
    if UNIT_POS == 0 {
        loss[0] = whole * inv_rows;
    }
}

/// Multiplies the saved gradient by the gradient of the loss.
///
/// # Shapes
/// `logits_grad` and output: of equal length; `grad`: `[1]`
#[cube(launch_unchecked)]
pub(crate) fn scale_by_scalar(logits_grad: &[f32], grad: &[f32], output: &mut [f32]) {
    let i = ABSOLUTE_POS;
    if i < output.len() {
        output[i] = logits_grad[i] * grad[0];
    }
}
