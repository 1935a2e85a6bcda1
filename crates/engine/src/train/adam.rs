//! fastai's Adam: decoupled weight decay, debiased and dampened averages, a momentum that the
//! schedule moves.
//!
//! Burn's own AdamW fixes the momentum when it is built. State is kept by parameter name, so a
//! saved state reads like the weights beside it.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor};
use resnette_spec::schedule::Hyper;

use crate::model::path::Path;

/// Second beta (fastai's `sqr_mom`).
const SQR_MOM: f64 = 0.99;
/// Added after the square root.
const EPS: f64 = 1e-5;

/// Averages of one parameter, flattened.
#[derive(Clone, Debug)]
pub struct Averages {
    /// Of the gradient.
    pub avg: Tensor<1>,
    /// Of its square.
    pub sqr: Tensor<1>,
}

/// The optimiser.
#[derive(Clone, Debug, Default)]
pub struct Adam {
    /// Weight decay, multiplied with the learning rate.
    pub wd: f64,
    /// Steps taken.
    pub steps: u32,
    /// By parameter name.
    pub state: BTreeMap<String, Averages>,
}

impl Adam {
    /// An optimiser that has seen nothing.
    pub fn new(wd: f64) -> Self {
        Self { wd, ..Self::default() }
    }

    /// What the running means of squares are multiplied with to undo their start at 0: `1 / (1 −
    /// sqr_momᵗ)`.
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
    /// scales the learning rate by name, for discriminative rates.
    pub fn step<M: Module>(
        &mut self,
        module: M,
        grads: &mut Gradients,
        hyper: Hyper,
        rate: impl Fn(&str) -> f64,
    ) -> M {
        self.steps += 1;
        let stepped = self.step_together(&module, grads, hyper, &rate);
        module.map(&mut Stepper { adam: self, grads, hyper, rate, path: Path::default(), stepped })
    }

    /// Numbers of a step for a parameter of rank `rank`.
    fn factors(&self, rank: usize, hyper: Hyper, rate: f64) -> resnette_kernels::AdamFactors {
        let wd = if rank > 1 { self.wd } else { 0.0 };
        resnette_kernels::AdamFactors {
            mom: hyper.mom,
            sqr_mom: SQR_MOM,
            lr: hyper.lr * rate,
            wd,
            epsilon: EPS,
            steps: self.steps as i32,
        }
    }

    /// The step of everything that lies on a GPU, by name: there all parameters step in a few
    /// dispatches.
    fn step_together<M: Module>(
        &mut self,
        module: &M,
        grads: &mut Gradients,
        hyper: Hyper,
        rate: &impl Fn(&str) -> f64,
    ) -> BTreeMap<String, resnette_kernels::UpdatedParam> {
        let mut gatherer = Gatherer {
            adam: self,
            grads,
            hyper,
            rate,
            path: Path::default(),
            names: Vec::new(),
            updates: Vec::new(),
        };
        module.visit(&mut gatherer);
        gatherer.names.into_iter().zip(resnette_kernels::adam_steps(&gatherer.updates)).collect()
    }
}

/// Takes the gradients and averages of everything that lies on a GPU.
struct Gatherer<'a, F> {
    adam: &'a mut Adam,
    grads: &'a mut Gradients,
    hyper: Hyper,
    rate: &'a F,
    path: Path,
    names: Vec<String>,
    updates: Vec<resnette_kernels::ParamUpdate>,
}

impl<F: Fn(&str) -> f64> ModuleVisitor for Gatherer<'_, F> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        if !resnette_kernels::runs_on_gpu(&tensor.device()) {
            return;
        }
        let Some(grad) = tensor.grad_remove(self.grads) else { return };
        let name = self.path.name();
        let old = self.adam.state.remove(&name).map(|averages| (averages.avg, averages.sqr));
        let factors = self.adam.factors(D, self.hyper, (self.rate)(&name));
        self.updates.push(resnette_kernels::ParamUpdate::new(tensor.inner(), grad, old, factors));
        self.names.push(name);
    }
}

struct Stepper<'a, F> {
    adam: &'a mut Adam,
    grads: &'a mut Gradients,
    hyper: Hyper,
    rate: F,
    path: Path,
    stepped: BTreeMap<String, resnette_kernels::UpdatedParam>,
}

impl<F: Fn(&str) -> f64> ModuleMapper for Stepper<'_, F> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        let name = self.path.name();
        if let Some(stepped) = self.stepped.remove(&name) {
            let (updated, avg, sqr) = stepped.into_tensors::<D>();
            self.adam.state.insert(name, Averages { avg, sqr });
            return Param::from_mapped_value(
                id,
                Tensor::from_inner(updated).require_grad(),
                mapper,
            );
        }
        // Running statistics pass here too; they have no gradient.
        let Some(grad) = tensor.grad_remove(self.grads) else {
            return Param::from_mapped_value(id, tensor, mapper);
        };
        let mom = self.hyper.mom;
        let rate = (self.rate)(&name);
        if resnette_kernels::runs_on_cpu(&grad.device()) {
            let factors = self.adam.factors(D, self.hyper, rate);
            let old = self.adam.state.remove(&name).map(|averages| (averages.avg, averages.sqr));
            let (updated, avg, sqr) =
                resnette_kernels::adam_step(tensor.inner(), grad, old, factors);
            self.adam.state.insert(name, Averages { avg, sqr });
            return Param::from_mapped_value(
                id,
                Tensor::from_inner(updated).require_grad(),
                mapper,
            );
        }
        let lr = self.hyper.lr * rate;
        let shape = tensor.dims();
        let length = [shape.iter().product::<usize>()];
        let grad = grad.reshape(length);
        let new_avg = grad.clone().mul_scalar(1.0 - mom);
        let new_sqr = grad.square().mul_scalar(1.0 - SQR_MOM);
        let averages = match self.adam.state.remove(&name) {
            Some(old) => Averages {
                avg: old.avg.mul_scalar(mom) + new_avg,
                sqr: old.sqr.mul_scalar(SQR_MOM) + new_sqr,
            },
            None => Averages { avg: new_avg, sqr: new_sqr },
        };
        let steps = self.adam.steps as i32;
        let debias = 1.0 - mom.powi(steps);
        let debias_sqr = 1.0 - SQR_MOM.powi(steps);
        let root = averages.sqr.clone().div_scalar(debias_sqr).sqrt().add_scalar(EPS);
        let change = (averages.avg.clone() / root).mul_scalar(lr / debias).reshape(shape);
        let old = tensor.inner();
        let decayed =
            if D > 1 && self.adam.wd > 0.0 { old.mul_scalar(1.0 - lr * self.adam.wd) } else { old };
        self.adam.state.insert(name, averages);
        let updated = Tensor::from_inner(decayed - change).require_grad();
        Param::from_mapped_value(id, updated, mapper)
    }
}
