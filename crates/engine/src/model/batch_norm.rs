//! Batch normalization (Ioffe and Szegedy, [arXiv:1502.03167](https://arxiv.org/abs/1502.03167)),
//! with PyTorch's names and PyTorch's running variance.
//!
//! Burn's own layer keeps the *biased* batch variance in its running average; PyTorch keeps the
//! unbiased one. On the small grids at the end of a network (2×2 at batch 8: 32 values a channel)
//! the two differ by 3 %, which shows in validation. So this layer keeps the running statistics
//! itself and leaves the rest of the arithmetic to Burn.

use std::cell::Cell;

use burn::module::{Module, Param, RunningState};
use burn::tensor::module::{batch_norm, batch_norm_train};
use burn::tensor::{Device, Tensor};

use crate::model::init::Initializer;
use crate::model::params::{ParamMapper, map_params};

/// Added to the variance, as in PyTorch.
pub const EPSILON: f64 = 1e-5;
/// Weight of a new batch in the running statistics, as in PyTorch.
pub const MOMENTUM: f64 = 0.1;

thread_local! {
    /// Whether the norms of the pass under way only observe.
    static OBSERVES: Cell<bool> = const { Cell::new(false) };
}

/// Runs a pass in training mode in which each norm leaves mean and variance of its batch in the
/// place of its running statistics, so that the ranks of a team can move these together. The
/// variance is the biased one, or on a GPU with kernels the unbiased one.
pub(crate) fn observing<T>(pass: impl FnOnce() -> T) -> T {
    /// Ends the observation, also if the pass panics.
    struct End;

    impl Drop for End {
        fn drop(&mut self) {
            OBSERVES.set(false);
        }
    }

    OBSERVES.set(true);
    let _end = End;
    pass()
}

/// Whether norms only observe at the moment.
pub(super) fn observes() -> bool {
    OBSERVES.get()
}

/// `y = weight · (x − mean) / √(var + ε) + bias`, channel by channel.
///
/// On an autodiff device it normalizes with the statistics of the batch and updates the running
/// ones; on any other device it normalizes with the running ones.
#[derive(Module, Debug)]
pub struct BatchNorm {
    /// Gamma, `[channels]`.
    pub weight: Param<Tensor<1>>,
    /// Beta, `[channels]`.
    pub bias: Param<Tensor<1>>,
    /// Running mean, `[channels]`.
    pub running_mean: RunningState<Tensor<1>>,
    /// Running unbiased variance, `[channels]`.
    pub running_var: RunningState<Tensor<1>>,
}

impl BatchNorm {
    /// Gamma 1, or 0 for the last norm of a residual block (`NormType.BatchZero`); beta 1e-3
    /// (fastai's `BatchNorm`).
    pub fn new(channels: usize, zero_gamma: bool, init: &Initializer<'_>) -> Self {
        let device: &Device = init.device();
        Self {
            weight: init.constant(channels, if zero_gamma { 0.0 } else { 1.0 }),
            bias: init.constant(channels, 1e-3),
            running_mean: RunningState::new(Tensor::zeros([channels], device)),
            running_var: RunningState::new(Tensor::ones([channels], device)),
        }
    }

    /// Normalizes a batch of feature maps.
    ///
    /// # Shapes
    /// `[n, channels, h, w]` to the same.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let device = input.device();
        if !device.is_autodiff() {
            let mean = self.running_mean.value().to_device(&device);
            let var = self.running_var.value().to_device(&device);
            return batch_norm(input, self.weight.val(), self.bias.val(), mean, var, EPSILON);
        }
        let [n, _, h, w] = input.dims();
        let count = (n * h * w) as f64;
        let unbiased = count / (count - 1.0).max(1.0);
        let batch = batch_norm_train(input, self.weight.val(), self.bias.val(), EPSILON);
        if observes() {
            self.set_running(batch.mean.inner(), batch.variance.inner());
            return batch.output;
        }
        follow(&self.running_mean, batch.mean, 1.0, &device);
        follow(&self.running_var, batch.variance, unbiased, &device);
        batch.output
    }

    /// Normalizes a batch of vectors: PyTorch's `BatchNorm1d`.
    ///
    /// # Shapes
    /// `[n, channels]` to the same.
    pub fn forward_vectors(&self, input: Tensor<2>) -> Tensor<2> {
        let [n, channels] = input.dims();
        self.forward(input.reshape([n, channels, 1, 1])).reshape([n, channels])
    }

    /// Normalizes vectors with the running statistics on every device, and with gradients if they
    /// have some.
    ///
    /// # Shapes
    /// `[n, channels]` to the same.
    pub fn forward_running(&self, input: Tensor<2>) -> Tensor<2> {
        let [mean, var] = self.running(&input.device().without_autodiff());
        let scale = self.weight.val() / var.add_scalar(EPSILON).sqrt();
        let shift = self.bias.val() - mean * scale.clone();
        input * scale.unsqueeze::<2>() + shift.unsqueeze::<2>()
    }

    /// Running mean and variance on a device, not tracked by autodiff.
    ///
    /// # Shapes
    /// `[channels]` each.
    pub(crate) fn running(&self, device: &Device) -> [Tensor<1>; 2] {
        [&self.running_mean, &self.running_var].map(|running| plain_value(running, device))
    }

    /// Replaces the running statistics.
    ///
    /// # Shapes
    /// `[channels]` each.
    pub(super) fn set_running(&self, mean: Tensor<1>, var: Tensor<1>) {
        replace(&self.running_mean, mean);
        replace(&self.running_var, var);
    }
}

/// The value of a state that is not trained on a device, not tracked by autodiff.
///
/// # Shapes
/// `[channels]`.
pub(super) fn plain_value(state: &RunningState<Tensor<1>>, device: &Device) -> Tensor<1> {
    let value = state.value_sync();
    let value = if value.device().is_autodiff() { value.inner() } else { value };
    value.to_device(device)
}

/// Replaces the value of such a state in a network that is trained; `new` is not tracked by
/// autodiff.
///
/// # Shapes
/// `[channels]`.
pub(super) fn replace(state: &RunningState<Tensor<1>>, new: Tensor<1>) {
    // Not `update`: it averages over threads, which costs a division on the device for each. A
    // clone shares the value.
    map_params(state.clone(), &mut Replace(Some(Tensor::from_inner(new))));
}

/// Replaces the one tensor of a running statistic.
struct Replace(Option<Tensor<1>>);

impl ParamMapper for Replace {
    fn map<const D: usize>(&mut self, _name: &str, old: Tensor<D>) -> Tensor<D> {
        let shape = old.dims();
        self.0.take().map_or(old, |new| new.reshape(shape))
    }
}

/// Moves a running statistic a tenth of the way from its value to `scale · batch`.
///
/// # Shapes
/// `batch` is `[channels]`.
fn follow(running: &RunningState<Tensor<1>>, batch: Tensor<1>, scale: f64, device: &Device) {
    let old = running.value_sync().to_device(device);
    let new = old.mul_scalar(1.0 - MOMENTUM).add(batch.detach().mul_scalar(MOMENTUM * scale));
    running.update(new.detach());
    // Burn keeps an update back until the next one asks for it; whoever reads the network in
    // between (a saved file, a copy for the learning-rate finder) would get statistics that are
    // one step old.
    running.value_sync();
}
