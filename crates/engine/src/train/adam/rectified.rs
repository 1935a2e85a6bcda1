//! RAdam (Liu et al., "On the variance of the adaptive learning rate and beyond",
//! [arXiv:1908.03265](https://arxiv.org/abs/1908.03265)) as fastai has it: Adam whose rate is
//! lowered while the average of squares rests on few steps.
//!
//! While it rests on almost none, the step is that of the gradient's average alone,
//! `lr / (1 − momᵗ) · avg`. That is Adam's formula with an ε beside which no root counts, and a
//! rate that is larger by as much: a power of two, by which `f32` divides and multiplies without
//! rounding. So the kernels need no second formula.

use resnette_kernels::AdamFactors;

/// fastai's `eps` of `ranger`.
const EPS: f64 = 1e-6;
/// The least length of the average, in steps, from which it is used.
const LEAST_LENGTH: f64 = 5.0;
/// 2⁴⁰: a root below 2¹⁶ added to it changes no bit of an `f32`.
const LARGE: f64 = 1_099_511_627_776.0;

/// RAdam's numbers for Adam's formula. The decay, which is `lr · wd`, stays.
pub(super) fn rectified(factors: AdamFactors) -> AdamFactors {
    let (scale, epsilon) = match rectification(factors.sqr_mom, factors.steps) {
        Some(scale) => (scale, EPS),
        None => (LARGE, LARGE),
    };
    AdamFactors { lr: factors.lr * scale, wd: factors.wd / scale, epsilon, ..factors }
}

/// Factor on the rate in step number `steps`, counted from 1; `None` if the average of squares is
/// not used yet (`radam_step` in `fastai.optimizer`).
fn rectification(sqr_mom: f64, steps: i32) -> Option<f64> {
    let power = sqr_mom.powi(steps);
    let most = 2.0 / (1.0 - sqr_mom) - 1.0;
    let length = most - 2.0 * f64::from(steps) * power / (1.0 - power);
    let share = (length - 4.0) * (length - 2.0) * most;
    let of = (most - 4.0) * (most - 2.0) * length;
    (length > LEAST_LENGTH).then(|| (share / of).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of `radam_step`'s formula in Python, for `sqr_mom=0.99`.
    #[test]
    fn the_rate_is_lowered_as_in_the_paper() {
        assert_eq!([1, 4, 5].map(|steps| rectification(0.99, steps)), [None; 3]);
        for (steps, wanted) in
            [(6, 0.08167919578200449), (20, 0.2668474582436669), (1000, 0.9997763719031525)]
        {
            let found = rectification(0.99, steps).unwrap_or_default();
            assert!((found - wanted).abs() < 1e-9, "{steps}: {found}");
        }
    }

    #[test]
    fn the_decay_stays() {
        for steps in [1, 5, 6, 100] {
            let plain =
                AdamFactors { mom: 0.95, sqr_mom: 0.99, lr: 0.008, wd: 0.01, epsilon: 1e-5, steps };
            let found = rectified(plain);
            assert!((found.lr * found.wd - 8e-5).abs() < 1e-18, "{steps}");
        }
    }
}
