//! Mish on the CPU (Misra, [arXiv:1908.08681](https://arxiv.org/abs/1908.08681)), as one operation
//! that is tracked by autodiff and saves nothing but its input.
//!
//! With `e = eˣ` and `n = e · (e + 2)`, `tanh(ln(1 + e))` is `n / (n + 2)`, so that one exponential
//! is enough for the value, and one for the derivative `n / (n + 2) + x · 4e(1 + e) / (n + 2)²`.
//! Beyond 20 the function is `x` to the last bit, as in PyTorch, and nothing overflows.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Flex};
use burn::tensor::Tensor;

use crate::cpu::hwcn_tensor::HwcnTensor;
use crate::cpu::parallel::for_each;
use crate::cpu::primitive::{primitive, tracked};

/// Floats that a thread computes at a time.
const CHUNK_FLOATS: usize = 16_384;
/// Where the function is its input.
const LINEAR_FROM: f32 = 20.0;

/// `x · tanh(ln(1 + eˣ))`.
fn mish_of(x: f32) -> f32 {
    if x > LINEAR_FROM {
        return x;
    }
    let e = x.exp();
    let n = e * (e + 2.0);
    x * (n / (n + 2.0))
}

/// Its derivative.
fn derivative_of(x: f32) -> f32 {
    if x > LINEAR_FROM {
        return 1.0;
    }
    let e = x.exp();
    let n = e * (e + 2.0);
    let m = n + 2.0;
    n / m + x * (4.0 * e * (1.0 + e) / (m * m))
}

/// The function of each number. Padding is 0, and stays 0.
fn forward(input: &HwcnTensor) -> HwcnTensor {
    let mut output = vec![0.0; input.shape.len()];
    for_each(
        output.chunks_mut(CHUNK_FLOATS).zip(input.values().chunks(CHUNK_FLOATS)),
        |_, (output, input)| {
            output.iter_mut().zip(input).for_each(|(y, &x)| *y = mish_of(x));
        },
    );
    HwcnTensor::from_values(input.shape, output)
}

/// The backward pass. Saved for it: the input.
#[derive(Debug)]
struct MishBackward;

impl Backward<Flex, 1> for MishBackward {
    type State = HwcnTensor;

    fn backward(
        self,
        ops: Ops<HwcnTensor, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let mut grad = HwcnTensor::from_tensor(grads.consume::<Flex>(&ops.node));
        let input = ops.state;
        let [Some(parent)] = ops.parents else { return };
        for_each(
            grad.values_mut().chunks_mut(CHUNK_FLOATS).zip(input.values().chunks(CHUNK_FLOATS)),
            |_, (grad, input)| {
                grad.iter_mut().zip(input).for_each(|(grad, &x)| *grad *= derivative_of(x));
            },
        );
        grads.register::<Flex>(parent.id, grad.into_tensor());
    }
}

/// Mish: see [`crate::mish`].
pub fn mish(input: Tensor<4>) -> Tensor<4> {
    if !input.device().is_autodiff() {
        let output = forward(&HwcnTensor::from_tensor(primitive(input)));
        return Tensor::from_primitive::<Flex>(output.into_tensor());
    }
    let input = tracked(input);
    let values = HwcnTensor::from_tensor(input.primitive().clone());
    let output = forward(&values).into_tensor();
    let output =
        match MishBackward.prepare::<NoCheckpointing>([input.node()]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(values, output),
            OpsKind::UnTracked(step) => step.finish(output),
        };
    Tensor::from_primitive::<Autodiff<Flex>>(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In `f64`, by the definition.
    fn exact(x: f64) -> f64 {
        x * x.exp().ln_1p().tanh()
    }

    #[test]
    fn values_and_derivatives_are_those_of_the_definition() {
        for step in -4000..=4000 {
            let x = step as f32 * 0.01;
            let (wanted, near) = (exact(f64::from(x)), 1e-4);
            let slope = (exact(f64::from(x) + near) - exact(f64::from(x) - near)) / (2.0 * near);
            let off = (f64::from(mish_of(x)) - wanted).abs();
            assert!(off <= 1e-6 * wanted.abs(), "{x}: {off:e}");
            assert!((f64::from(derivative_of(x)) - slope).abs() < 2e-6, "{x}");
        }
        for x in [-1e30f32, -200.0, 20.0, 21.0, 1e30] {
            assert!(mish_of(x).is_finite() && derivative_of(x).is_finite(), "{x}");
        }
        assert_eq!((mish_of(0.0), mish_of(100.0), derivative_of(100.0)), (0.0, 100.0, 1.0));
    }
}
