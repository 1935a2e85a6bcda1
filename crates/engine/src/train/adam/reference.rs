//! The step of one parameter in Burn's operations: for devices without kernels, and as the
//! reference that tests compare the kernels with.

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
    let AdamFactors { mom, sqr_mom, lr, wd, epsilon, steps } = factors;
    let shape = weight.dims();
    let grad = grad.reshape([shape.iter().product::<usize>()]);
    let new_avg = grad.clone().mul_scalar(1.0 - mom);
    let new_sqr = grad.square().mul_scalar(1.0 - sqr_mom);
    let averages = match old {
        Some(old) => Averages {
            avg: old.avg.mul_scalar(mom) + new_avg,
            sqr: old.sqr.mul_scalar(sqr_mom) + new_sqr,
        },
        None => Averages { avg: new_avg, sqr: new_sqr },
    };
    let debias = 1.0 - mom.powi(steps);
    let debias_sqr = 1.0 - sqr_mom.powi(steps);
    let root = averages.sqr.clone().div_scalar(debias_sqr).sqrt().add_scalar(epsilon);
    let change = (averages.avg.clone() / root).mul_scalar(lr / debias).reshape(shape);
    let decayed = if wd > 0.0 { weight.mul_scalar(1.0 - lr * wd) } else { weight };
    (decayed - change, averages)
}
