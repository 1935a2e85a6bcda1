//! The step on a GPU: all parameters of a network in a few dispatches.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::{Gradients, Tensor};
use resnette_kernels::{ParamUpdate, UpdatedParam};
use resnette_spec::schedule::StepHyperParams;

use super::{Adam, Averages};
use crate::model::params::{ParamVisitor, visit_params};

/// Steps every parameter that is on a GPU and has a gradient. Returns them by name; their gradients
/// and averages are removed from `grads` and `adam`.
pub(super) fn step<M: Module>(
    adam: &mut Adam,
    module: &M,
    grads: &mut Gradients,
    hyper: StepHyperParams,
    rate: &impl Fn(&str) -> f64,
) -> BTreeMap<String, UpdatedParam> {
    let (names, updates) = (Vec::new(), Vec::new());
    let mut collector = Collector { adam, grads, hyper, rate, names, updates };
    visit_params(module, &mut collector);
    let Collector { names, updates, .. } = collector;
    names.into_iter().zip(resnette_kernels::adam_steps(&updates)).collect()
}

/// A parameter after its step, and its averages.
///
/// # Shapes
/// The parameter's own, not tracked by autodiff.
pub(super) fn into_tensors<const D: usize>(updated: UpdatedParam) -> (Tensor<D>, Averages) {
    let (weight, avg, sqr) = updated.into_tensors::<D>();
    (weight, Averages { avg, sqr })
}

/// Collects the updates of everything that is on a GPU.
struct Collector<'a, F> {
    adam: &'a mut Adam,
    grads: &'a mut Gradients,
    hyper: StepHyperParams,
    rate: &'a F,
    names: Vec<String>,
    updates: Vec<ParamUpdate>,
}

impl<F: Fn(&str) -> f64> ParamVisitor for Collector<'_, F> {
    fn visit<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) {
        if !resnette_kernels::runs_on_gpu(&tensor.device()) {
            return;
        }
        let Some(grad) = tensor.grad_remove(self.grads) else { return };
        let old = self.adam.state.remove(name).map(|averages| (averages.avg, averages.sqr));
        let factors = self.adam.factors(D, self.hyper, (self.rate)(name));
        self.updates.push(ParamUpdate::new(tensor.inner(), grad, old, factors));
        self.names.push(name.into());
    }
}
