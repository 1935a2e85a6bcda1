//! fastai's Adam: decoupled weight decay, debiased and dampened averages, and a momentum that the
//! schedule moves.
//!
//! Burn's own AdamW fixes the momentum when it is built. The state is kept by parameter name, so a
//! saved state reads like the weights beside it.
//!
//! `opt=ranger` is RAdam by the same formula with other numbers (`rectified`), inside Lookahead
//! (`lookahead`).
//!
//! Three paths compute the same step: `gpu` that of all parameters of a network together, `cpu`
//! that of one parameter in the processor's vectors, and `reference` that of one parameter in
//! Burn's operations, for every other device.
//!
//! Sources: Kingma and Ba, "Adam", [arXiv:1412.6980](https://arxiv.org/abs/1412.6980); Loshchilov
//! and Hutter, "Decoupled weight decay regularization",
//! [arXiv:1711.05101](https://arxiv.org/abs/1711.05101); `fastai.optimizer`.

mod cpu;
mod gpu;
mod lookahead;
mod rectified;
mod reference;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::{Gradients, Tensor};
use resnette_kernels::{AdamFactors, UpdatedParam};
use resnette_spec::schedule::StepHyperParams;
use resnette_spec::{Optimizer, Recipe};

use crate::model::params::{ParamMapper, map_params};

/// Weight of the old average of squares (fastai's `sqr_mom`, beta 2).
const SQR_MOM: f64 = 0.99;
/// Added to the root of the average of squares, so that it can be divided by.
const EPS: f64 = 1e-5;

/// Running averages of one parameter's gradient, flattened to `[elements]`.
#[derive(Clone, Debug)]
pub struct Averages {
    /// The average of the gradient.
    pub avg: Tensor<1>,
    /// The average of its square.
    pub sqr: Tensor<1>,
}

/// The optimizer with its state.
#[derive(Clone, Debug, Default)]
pub struct Adam {
    /// Weight decay, which is multiplied by the learning rate.
    pub wd: f64,
    /// Number of steps taken.
    pub steps: u32,
    /// The averages of each parameter that has had a gradient, by its name.
    pub state: BTreeMap<String, Averages>,
    /// Whether it is Adam itself.
    pub optimizer: Optimizer,
    /// Ranger's slow weights of each parameter by its name, flattened to `[elements]`; empty before
    /// the first step, and always for Adam.
    pub slow: BTreeMap<String, Tensor<1>>,
}

impl Adam {
    /// An optimizer before its first step.
    pub fn new(wd: f64) -> Self {
        Self { wd, ..Self::default() }
    }

    /// The optimizer of a recipe before its first step.
    pub fn of(recipe: &Recipe) -> Self {
        Self { optimizer: recipe.opt, ..Self::new(recipe.wd) }
    }

    /// The factor that corrects the averages of squares for their start at 0: `1 / (1 − sqr_momᵗ)`.
    pub fn debias_sqr(&self) -> f64 {
        1.0 / (1.0 - SQR_MOM.powi(self.steps.max(1) as i32))
    }

    /// One step (`fastai.optimizer.adam_step` after `weight_decay`, `average_grad` and
    /// `average_sqr_grad`):
    ///
    /// `p ← p · (1 − lr·wd)`, `p ← p − lr / (1 − momᵗ) · avg / (√(sqr / (1 − sqr_momᵗ)) + ε)`.
    ///
    /// Norms and biases, which are the parameters of rank 1, get no decay (fastai's
    /// `wd_bn_bias=False`). A parameter without a gradient (frozen) stays as it is. `rate`
    /// multiplies the learning rate of the parameter with a name, for discriminative rates.
    pub fn step<M: Module>(
        &mut self,
        module: M,
        grads: &mut Gradients,
        hyper: StepHyperParams,
        rate: impl Fn(&str) -> f64,
    ) -> M {
        let looks_ahead = self.optimizer == Optimizer::Ranger;
        if looks_ahead && self.slow.is_empty() {
            self.slow = lookahead::copy(&module);
        }
        self.steps += 1;
        let updated_on_gpu = gpu::step(self, &module, grads, hyper, &rate);
        let module =
            map_params(module, &mut Step { adam: self, grads, hyper, rate, updated_on_gpu });
        match looks_ahead && lookahead::is_due(self.steps) {
            true => lookahead::meet(module, &mut self.slow),
            false => module,
        }
    }

    /// Has Lookahead go on from `module`, which takes the place of the network that was trained:
    /// the slow weights of that one would pull it back. Averages and steps stay.
    pub fn return_to<M: Module>(&mut self, module: &M) {
        // Without any, the next step copies them.
        if !self.slow.is_empty() {
            self.slow = lookahead::copy(module);
        }
    }

    /// The numbers of a step for a parameter of rank `rank` whose learning rate is multiplied by
    /// `rate`.
    fn factors(&self, rank: usize, hyper: StepHyperParams, rate: f64) -> AdamFactors {
        let wd = if rank > 1 { self.wd } else { 0.0 };
        let factors = AdamFactors {
            mom: hyper.mom,
            sqr_mom: SQR_MOM,
            lr: hyper.lr * rate,
            wd,
            epsilon: EPS,
            steps: self.steps as i32,
        };
        match self.optimizer {
            Optimizer::Adam => factors,
            Optimizer::Ranger => rectified::rectified(factors),
        }
    }
}

/// Replaces every parameter by its value after the step.
struct Step<'a, F> {
    adam: &'a mut Adam,
    grads: &'a mut Gradients,
    hyper: StepHyperParams,
    rate: F,
    updated_on_gpu: BTreeMap<String, UpdatedParam>,
}

impl<F: Fn(&str) -> f64> ParamMapper for Step<'_, F> {
    fn map<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) -> Tensor<D> {
        let (updated, averages) = match self.updated_on_gpu.remove(name) {
            Some(updated) => gpu::into_tensors(updated),
            None => {
                // Running statistics come here too; they have no gradient.
                let Some(grad) = tensor.grad_remove(self.grads) else { return tensor };
                let factors = self.adam.factors(D, self.hyper, (self.rate)(name));
                let old = self.adam.state.remove(name);
                let weight = tensor.inner();
                if resnette_kernels::runs_on_cpu(&grad.device()) {
                    cpu::step(weight, grad, old, factors)
                } else {
                    reference::step(weight, grad, old, factors)
                }
            }
        };
        self.adam.state.insert(name.into(), averages);
        Tensor::from_inner(updated).require_grad()
    }
}
