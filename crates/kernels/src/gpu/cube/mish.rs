//! Mish and its gradient: `x · n / (n + 2)` with `n = e · (e + 2)` and `e = eˣ`.
//!
//! Beyond 20 the function is its input. The exponent is bounded there, so that nothing overflows.

use cubecl::prelude::*;

/// `x · tanh(ln(1 + eˣ))` of each number.
///
/// # Shapes
/// Input and output: of equal length
#[cube(launch_unchecked)]
pub(crate) fn mish_forward(input: &[f32], output: &mut [f32]) {
    let i = ABSOLUTE_POS;
    if i < output.len() {
        let x = input[i];
        let e = f32::exp(select(x > 20.0f32, 20.0f32, x));
        let n = e * (e + 2.0f32);
        output[i] = x * (n / (n + 2.0f32));
    }
}

/// The gradient of the input: that of the output times the derivative.
///
/// # Shapes
/// Input, gradient and output: of equal length
#[cube(launch_unchecked)]
pub(crate) fn mish_gradient(input: &[f32], grad: &[f32], output: &mut [f32]) {
    let i = ABSOLUTE_POS;
    if i < output.len() {
        let x = select(input[i] > 20.0f32, 20.0f32, input[i]);
        let e = f32::exp(x);
        let n = e * (e + 2.0f32);
        let m = n + 2.0f32;
        // The quotients one after the other: the square of m is beyond what some GPUs hold.
        let slope = n / m + x * (4.0f32 * e / m) * ((1.0f32 + e) / m);
        output[i] = grad[i] * slope;
    }
}
