//! The step of one parameter by the kernel of the CPU.

use burn::tensor::Tensor;
use resnette_kernels::AdamFactors;

use super::Averages;

/// Steps one parameter. `old` holds its averages; without any they start at 0.
///
/// # Shapes
/// `weight`, `grad` and the result have the parameter's shape, none of them tracked by autodiff.
pub(super) fn step<const D: usize>(
    weight: Tensor<D>,
    grad: Tensor<D>,
    old: Option<Averages>,
    factors: AdamFactors,
) -> (Tensor<D>, Averages) {
    let old = old.map(|averages| (averages.avg, averages.sqr));
    let (updated, avg, sqr) = resnette_kernels::adam_step(weight, grad, old, factors);
    (updated, Averages { avg, sqr })
}
