//! In place of the CPU's kernels in a build without them: no device is theirs, so nothing here is
//! ever called.

use burn::backend::DispatchDevice;
use burn::tensor::Tensor;

use crate::settings::{AdamFactors, Inputs, Settings, Trained};

pub(crate) fn owns(_device: &DispatchDevice) -> bool {
    false
}

pub(crate) fn fits(_batch_size: usize) -> bool {
    false
}

fn absent() -> ! {
    unreachable!("this build has no kernels for the CPU: ask `supports` first")
}

pub(crate) fn evaluate(_inputs: Inputs, _settings: Settings) -> Tensor<4> {
    absent()
}

pub(crate) fn train(_inputs: Inputs, _settings: Settings) -> Trained {
    absent()
}

pub(crate) fn max_pool(_input: Tensor<4>) -> Tensor<4> {
    absent()
}

pub(crate) fn average_pool(_input: Tensor<4>) -> Tensor<4> {
    absent()
}

pub(crate) fn fork(_input: Tensor<4>) -> [Tensor<4>; 2] {
    absent()
}

/// Never called: [`crate::runs_on_cpu`] answers no in this build.
pub fn adam_step<const D: usize>(
    _weight: Tensor<D>,
    _grad: Tensor<D>,
    _averages: Option<(Tensor<1>, Tensor<1>)>,
    _factors: AdamFactors,
) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
    absent()
}
