//! Gradient accumulation: a step for every few batches, for a large batch in little memory.
//!
//! As `fastai.callback.training.GradientAccumulation` does it: gradients are averaged over the
//! batches, the schedule moves with every batch, batches that are left at the end of an epoch count
//! towards the next epoch's first step, and what is left at the end of the run is dropped. Batch
//! norm still sees one batch at a time.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor};

/// Gradients of the batches since the last step.
pub struct Accumulator {
    every: u32,
    pub(super) count: u32,
    pub(super) mean: Option<Gradients>,
}

impl Accumulator {
    /// Gives gradients back at every `every`-th batch; 0 counts as 1.
    pub fn new(every: u32) -> Self {
        Self { every: every.max(1), count: 0, mean: None }
    }

    /// Takes in the gradients of a batch, and returns the mean when a step is due. `module` must be
    /// the same since the last step: gradients belong to its parameters.
    pub fn push<M: Module>(&mut self, module: &M, grads: Gradients) -> Option<Gradients> {
        if self.every == 1 {
            return Some(grads);
        }
        let mut adder =
            Adder { grads, before: self.mean.take(), share: 1.0 / f64::from(self.every) };
        module.visit(&mut adder);
        self.count += 1;
        if self.count < self.every {
            self.mean = Some(adder.grads);
            return None;
        }
        self.count = 0;
        Some(adder.grads)
    }
}

/// `grads ← before + share · grads`
struct Adder {
    grads: Gradients,
    before: Option<Gradients>,
    share: f64,
}

impl ModuleVisitor for Adder {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
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
