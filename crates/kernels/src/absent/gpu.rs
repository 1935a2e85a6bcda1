//! Stands in for the kernels for GPUs in a build without them: it supports no device, so that none
//! of its other functions is ever called.

use burn::backend::DispatchDevice;
use burn::tensor::{Device, Tensor};

use crate::adam_factors::AdamFactors;
use crate::layer::{LayerConfig, LayerInputs, TrainingOutput};
use crate::sampled_picture::SampledPicture;

/// No device has kernels of this back end.
pub(crate) fn owns(_device: &DispatchDevice) -> bool {
    false
}

/// Every function that needs a device of this back end ends here, which callers prevent.
fn absent() -> ! {
    unreachable!("this build has no kernels for GPUs: ask `runs_on_gpu` first")
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

/// Never called: [`crate::runs_on_gpu`] is false for every device in this build.
pub fn soft_cross_entropy(_logits: Tensor<2>, _targets: Tensor<2>) -> Tensor<1> {
    absent()
}

/// Never called: [`crate::runs_on_gpu`] is false for every device in this build.
pub fn matrix_product(_left: Tensor<2>, _right: Tensor<2>) -> Tensor<2> {
    absent()
}

/// Never called: [`crate::runs_on_gpu`] is false for every device in this build.
pub fn render(
    _pictures: &[SampledPicture<'_>],
    _size: u32,
    _mean: [f32; 3],
    _std: [f32; 3],
    _device: &Device,
) -> Tensor<4> {
    absent()
}

/// One parameter that is to be updated on a GPU. This build has no values of this type.
#[derive(Clone, Debug)]
pub struct ParamUpdate(());

impl ParamUpdate {
    /// Never called: [`crate::runs_on_gpu`] is false for every device in this build.
    pub fn new<const D: usize>(
        _weight: Tensor<D>,
        _grad: Tensor<D>,
        _averages: Option<(Tensor<1>, Tensor<1>)>,
        _factors: AdamFactors,
    ) -> Self {
        absent()
    }
}

/// One parameter after a step on a GPU. This build has no values of this type.
#[derive(Clone, Debug)]
pub struct UpdatedParam(());

impl UpdatedParam {
    /// Never called: this build has no values of this type.
    pub fn into_tensors<const D: usize>(self) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
        absent()
    }
}

/// Returns nothing, since this build has no [`ParamUpdate`].
pub fn adam_steps(_updates: &[ParamUpdate]) -> Vec<UpdatedParam> {
    Vec::new()
}
