//! The optimiser's step on tensors.
#![allow(unsafe_code, reason = "a launch checks no index: the kernels bound their own reads and writes")]

use burn::backend::{Cube, TensorMetadata};
use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::CubeDim;

use super::cube::adam::{self as kernel, FactorsLaunch};
use super::launch::{buffer, empty, spread};
use super::primitive;
use super::settings::AdamFactors;

/// New weight, average and average of squares, in one dispatch. Without averages they begin at zero.
///
/// # Shapes
/// Weight and gradient `[…]`, averages `[elements]`.
pub fn adam_step<const D: usize>(
    weight: Tensor<D>,
    grad: Tensor<D>,
    averages: Option<(Tensor<1>, Tensor<1>)>,
    factors: AdamFactors,
) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
    let [weight, grad] = [weight, grad].map(primitive);
    let averages = averages.map(|(avg, sqr)| (primitive(avg), primitive(sqr)));
    let AdamFactors { mom, sqr_mom, lr, wd, epsilon, steps } = factors;
    let [next, avg, sqr] = launch(
        &weight,
        &grad,
        averages.as_ref().map(|(avg, sqr)| (avg, sqr)),
        FactorsLaunch::new(
            mom as f32,
            sqr_mom as f32,
            (lr / (1.0 - mom.powi(steps))) as f32,
            (1.0 - sqr_mom.powi(steps)) as f32,
            epsilon as f32,
            (1.0 - lr * wd) as f32,
        ),
    );
    (Tensor::from_primitive::<Cube>(next), Tensor::from_primitive::<Cube>(avg), Tensor::from_primitive::<Cube>(sqr))
}

/// One parameter's step: weight, average, average of squares.
fn launch(weight: &CubeTensor, grad: &CubeTensor, averages: Option<(&CubeTensor, &CubeTensor)>, factors: FactorsLaunch) -> [CubeTensor; 3] {
    let shape = weight.shape();
    let length = shape.num_elements();
    let [next, avg, sqr] = [empty(weight, shape), empty(weight, [length]), empty(weight, [length])];
    let (old_avg, old_sqr) = averages.unwrap_or((weight, weight));
    // Safety: the buffers are as long as the kernel is told.
    unsafe {
        kernel::adam_step::launch_unchecked(
            &weight.client,
            spread(length, 64),
            CubeDim::new_1d(64),
            buffer(weight),
            buffer(grad),
            buffer(old_avg),
            buffer(old_sqr),
            buffer(&next),
            buffer(&avg),
            buffer(&sqr),
            factors,
            averages.is_none(),
        );
    }
    [next, avg, sqr]
}
