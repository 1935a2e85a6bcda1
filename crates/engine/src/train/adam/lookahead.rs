//! Lookahead (Zhang et al., [arXiv:1907.08610](https://arxiv.org/abs/1907.08610)): a slow copy of
//! the weights, to which the fast ones return half-way every few steps; fastai's `Lookahead`.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Tensor;
use resnette_spec::architecture::is_trained;

use crate::model::params::{ParamMapper, flat_params, map_params};

/// fastai's `k`: steps of the fast weights for one of the slow ones.
const EVERY: u32 = 6;
/// fastai's `alpha`: how far the slow weights go towards the fast ones.
const SHARE: f64 = 0.5;

/// Slow weights by the name of their parameter, flattened to `[elements]`.
pub(super) type SlowWeights = BTreeMap<String, Tensor<1>>;

/// The slow weights before the first step: those of the network.
pub(super) fn copy<M: Module>(module: &M) -> SlowWeights {
    let params = flat_params(module).into_iter();
    let own = params.filter(|param| is_trained(&param.name));
    own.map(|param| (param.name, param.tensor)).collect()
}

/// Whether the slow weights move after step number `steps`, counted from 1.
pub(super) fn is_due(steps: u32) -> bool {
    steps.is_multiple_of(EVERY)
}

/// Moves the slow weights half-way to the fast ones, which go on from there:
/// `slow ← slow + ½ (fast − slow)`, `fast ← slow`.
pub(super) fn meet<M: Module>(module: M, slow: &mut SlowWeights) -> M {
    map_params(module, &mut Meet(slow))
}

struct Meet<'a>(&'a mut SlowWeights);

impl ParamMapper for Meet<'_> {
    fn map<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) -> Tensor<D> {
        // Running statistics have no slow copy.
        let Some(slow) = self.0.get_mut(name) else { return tensor };
        let shape = tensor.dims();
        let fast = tensor.inner().reshape([shape.iter().product::<usize>()]);
        *slow = slow.clone() + (fast - slow.clone()).mul_scalar(SHARE);
        Tensor::from_inner(slow.clone().reshape(shape)).require_grad()
    }
}
