//! In place of the GPU's kernels in a build without them: no device is theirs, so nothing here is
//! ever called.

use burn::backend::DispatchDevice;
use burn::tensor::{Device, Tensor};

use crate::sampled_picture::SampledPicture;
use crate::settings::{AdamFactors, Inputs, Settings, Trained};

pub(crate) fn owns(_device: &DispatchDevice) -> bool {
    false
}

fn absent() -> ! {
    unreachable!("this build has no kernels for GPUs: ask `runs_on_gpu` first")
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

/// Never called: [`crate::runs_on_gpu`] answers no in this build.
pub fn soft_cross_entropy(_logits: Tensor<2>, _targets: Tensor<2>) -> Tensor<1> {
    absent()
}

/// Never called: [`crate::runs_on_gpu`] answers no in this build.
pub fn render(
    _pictures: &[SampledPicture<'_>],
    _size: u32,
    _mean: [f32; 3],
    _std: [f32; 3],
    _device: &Device,
) -> Tensor<4> {
    absent()
}

/// A parameter's part of an optimizer step on a GPU; there is none in this build.
#[derive(Clone, Debug)]
pub struct ParamUpdate(());

impl ParamUpdate {
    /// Never called: [`crate::runs_on_gpu`] answers no in this build.
    pub fn new<const D: usize>(
        _weight: Tensor<D>,
        _grad: Tensor<D>,
        _averages: Option<(Tensor<1>, Tensor<1>)>,
        _factors: AdamFactors,
    ) -> Self {
        absent()
    }
}

/// A parameter after an optimizer step on a GPU; there is none in this build.
#[derive(Clone, Debug)]
pub struct UpdatedParam(());

impl UpdatedParam {
    /// Never called, since no step makes one in this build.
    pub fn into_tensors<const D: usize>(self) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
        absent()
    }
}

/// No updates: nothing makes a [`ParamUpdate`] in this build.
pub fn adam_steps(_updates: &[ParamUpdate]) -> Vec<UpdatedParam> {
    Vec::new()
}
