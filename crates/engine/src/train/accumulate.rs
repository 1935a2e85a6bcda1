//! Gradient accumulation: one optimiser step for several batches, which has the effect of a larger
//! batch in less memory.
//!
//! As in `fastai.callback.training.GradientAccumulation`, the schedule moves with every batch,
//! batches left over at the end of an epoch count towards the first step of the next epoch, and
//! those left over at the end of the run are dropped. The gradients are averaged over the batches.
//! Batch norm still sees one batch at a time.

use burn::module::Module;
use burn::tensor::{Gradients, Tensor};

use crate::model::params::{ParamVisitor, visit_params};

/// Collects the gradients of the batches since the last step.
pub struct Accumulator {
    /// Batches for one step.
    every: u32,
    /// Batches since the last step.
    pub(super) count: u32,
    /// The sum of their gradients divided by `every`; `None` if there are none.
    pub(super) mean: Option<Gradients>,
}

impl Accumulator {
    /// An accumulator that makes a step due after every `every` batches; 0 counts as 1.
    pub fn new(every: u32) -> Self {
        Self { every: every.max(1), count: 0, mean: None }
    }

    /// Adds the gradients of a batch. Returns the mean over all batches since the last step if a
    /// step is due, and `None` otherwise. `module` must have the same parameters since the last
    /// step, because the gradients are those of its parameters.
    pub fn push<M: Module>(&mut self, module: &M, grads: Gradients) -> Option<Gradients> {
        if self.every == 1 {
            return Some(grads);
        }
        let mut adder = Adder { grads, before: self.mean.take(), share: self.share() };
        visit_params(module, &mut adder);
        self.count += 1;
        if self.count < self.every {
            self.mean = Some(adder.grads);
            return None;
        }
        self.count = 0;
        Some(adder.grads)
    }

    /// Batches for one step.
    pub(super) fn every(&self) -> u32 {
        self.every
    }

    /// The factor of a batch's gradients in their mean.
    pub(super) fn share(&self) -> f64 {
        1.0 / f64::from(self.every)
    }

    /// Takes `mean`, into which the ranks of a team have summed the first `count` batches since the
    /// last step. Returns it if a step is due, as [`Self::push`] does.
    pub(super) fn put(&mut self, mean: Gradients, count: u32) -> Option<Gradients> {
        if count < self.every {
            (self.count, self.mean) = (count, Some(mean));
            return None;
        }
        (self.count, self.mean) = (0, None);
        Some(mean)
    }
}

/// Computes `grads ← before + share · grads` for every parameter.
struct Adder {
    grads: Gradients,
    before: Option<Gradients>,
    share: f64,
}

impl ParamVisitor for Adder {
    fn visit<const D: usize>(&mut self, _name: &str, tensor: Tensor<D>) {
        // Running statistics and frozen parameters have no gradient.
        let Some(grad) = tensor.grad(&self.grads) else { return };
        let share = grad.mul_scalar(self.share);
        let sum = match self.before.as_mut().and_then(|before| tensor.grad_remove(before)) {
            Some(before) => before + share,
            None => share,
        };
        tensor.grad_replace(&mut self.grads, sum);
    }
}
