//! Stands in for the kernels for the CPU in a build without them: it supports no device, so that
//! none of its other functions is ever called.

use burn::backend::DispatchDevice;
use burn::tensor::Tensor;

use crate::adam_factors::AdamFactors;
use crate::layer::{LayerConfig, LayerInputs, TrainingOutput};

/// No device has kernels of this back end.
pub(crate) fn owns(_device: &DispatchDevice) -> bool {
    false
}

/// No batch size is supported.
pub(crate) fn supports_batch_size(_batch_size: usize) -> bool {
    false
}

/// Every function that needs a device of this back end ends here, which callers prevent.
fn absent() -> ! {
    unreachable!("this build has no kernels for the CPU: ask `supports` first")
}

pub(crate) fn forward_eval(_inputs: LayerInputs, _config: LayerConfig) -> Tensor<4> {
    absent()
}

pub(crate) fn forward_train(_inputs: LayerInputs, _config: LayerConfig) -> TrainingOutput {
    absent()
}

pub(crate) fn max_pool(_input: Tensor<4>) -> Tensor<4> {
    absent()
}

pub(crate) fn average_pool(_input: Tensor<4>) -> Tensor<4> {
    absent()
}

pub(crate) fn mish(_input: Tensor<4>) -> Tensor<4> {
    absent()
}

pub(crate) fn fork(_input: Tensor<4>) -> [Tensor<4>; 2] {
    absent()
}

/// Never called: [`crate::runs_on_cpu`] is false for every device in this build.
pub fn adam_step<const D: usize>(
    _weight: Tensor<D>,
    _grad: Tensor<D>,
    _averages: Option<(Tensor<1>, Tensor<1>)>,
    _factors: AdamFactors,
) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
    absent()
}
