//! The optimiser's step on the CPU: one pass over the weight, the gradient and both running
//! averages, in place.
//!
//! [`AdamFactors`] has the formula. All four tensors are contiguous, so that the order of a
//! parameter's elements does not matter and vectors run straight through memory.

use burn::backend::Flex;
use burn::tensor::Tensor;
use pulp::{Simd, WithSimd};

use crate::adam_factors::AdamFactors;
use crate::cpu::contiguous_tensor::ContiguousTensor;
use crate::cpu::parallel::for_each;
use crate::cpu::primitive::primitive;
use crate::cpu::simd::with_vectors;

/// Floats that a thread updates at a time.
const CHUNK_FLOATS: usize = 32_768;

/// Updates one parameter and returns the new weight, average of gradients and average of squared
/// gradients. If `averages` is `None`, both averages start at zero.
///
/// # Shapes
/// Weight and gradient: `[…]`, of any rank; averages: `[elements]`
///
/// # Panics
/// If a tensor is not on the CPU: ask [`crate::runs_on_cpu`] first.
pub fn adam_step<const D: usize>(
    weight: Tensor<D>,
    grad: Tensor<D>,
    averages: Option<(Tensor<1>, Tensor<1>)>,
    factors: AdamFactors,
) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
    let [mut weight, grad] =
        [weight, grad].map(|tensor| ContiguousTensor::from_tensor(primitive(tensor)));
    let length = grad.values().len();
    let zeros = || ContiguousTensor::from_values(vec![0.0; length], [length]);
    let (mut avg, mut sqr) = match averages {
        Some((avg, sqr)) => (
            ContiguousTensor::from_tensor(primitive(avg)),
            ContiguousTensor::from_tensor(primitive(sqr)),
        ),
        None => (zeros(), zeros()),
    };
    let state =
        avg.values_mut().chunks_mut(CHUNK_FLOATS).zip(sqr.values_mut().chunks_mut(CHUNK_FLOATS));
    for_each(
        weight
            .values_mut()
            .chunks_mut(CHUNK_FLOATS)
            .zip(grad.values().chunks(CHUNK_FLOATS))
            .zip(state),
        |_, ((weight, grad), (avg, sqr))| {
            with_vectors(StepChunk { weight, grad, avg, sqr, factors });
        },
    );
    let vector = |plain: ContiguousTensor| Tensor::from_primitive::<Flex>(plain.into_tensor());
    (Tensor::from_primitive::<Flex>(weight.into_tensor()), vector(avg), vector(sqr))
}

/// The step of one chunk of a parameter, for pulp to call with the right vectors.
struct StepChunk<'a> {
    weight: &'a mut [f32],
    grad: &'a [f32],
    avg: &'a mut [f32],
    sqr: &'a mut [f32],
    factors: AdamFactors,
}

impl WithSimd for StepChunk<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let AdamFactors { mom, sqr_mom, lr, wd, epsilon, steps } = self.factors;
        let factors = [
            mom,
            1.0 - mom,
            sqr_mom,
            1.0 - sqr_mom,
            -lr / (1.0 - mom.powi(steps)),
            1.0 - sqr_mom.powi(steps),
            epsilon,
            1.0 - lr * wd,
        ];
        let [mom, new, sqr_mom, new_sqr, rate, debias, epsilon, decay] =
            factors.map(|factor| simd.splat_f32s(factor as f32));
        let step = |weight, grad, avg, sqr| {
            let avg = simd.mul_add_e_f32s(grad, new, simd.mul_f32s(avg, mom));
            let sqr = simd.mul_add_e_f32s(
                simd.mul_f32s(grad, grad),
                new_sqr,
                simd.mul_f32s(sqr, sqr_mom),
            );
            let root = simd.add_f32s(simd.sqrt_f32s(simd.div_f32s(sqr, debias)), epsilon);
            let change = simd.mul_f32s(simd.div_f32s(avg, root), rate);
            (simd.mul_add_e_f32s(weight, decay, change), avg, sqr)
        };
        let (weights, weight_rest) = S::as_mut_simd_f32s(self.weight);
        let (grads, grad_rest) = S::as_simd_f32s(self.grad);
        let (avgs, avg_rest) = S::as_mut_simd_f32s(self.avg);
        let (sqrs, sqr_rest) = S::as_mut_simd_f32s(self.sqr);
        for (((weight, grad), avg), sqr) in weights.iter_mut().zip(grads).zip(avgs).zip(sqrs) {
            (*weight, *avg, *sqr) = step(*weight, *grad, *avg, *sqr);
        }
        let [weight, grad, avg, sqr] = [&*weight_rest, grad_rest, &*avg_rest, &*sqr_rest]
            .map(|rest| simd.partial_load_f32s(rest));
        let (weight, avg, sqr) = step(weight, grad, avg, sqr);
        simd.partial_store_f32s(weight_rest, weight);
        simd.partial_store_f32s(avg_rest, avg);
        simd.partial_store_f32s(sqr_rest, sqr);
    }
}
