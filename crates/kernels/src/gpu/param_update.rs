//! What the optimiser's step on a GPU takes and returns for one parameter.

use burn::backend::{Cube, TensorMetadata};
use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;

use crate::adam_factors::AdamFactors;
use crate::gpu::primitive::primitive;

/// One parameter that is to be updated: its weight, its gradient, its running averages and the
/// step's factors.
#[derive(Clone, Debug)]
pub struct ParamUpdate {
    pub(super) weight: CubeTensor,
    pub(super) grad: CubeTensor,
    pub(super) averages: Option<[CubeTensor; 2]>,
    pub(super) factors: AdamFactors,
}

impl ParamUpdate {
    /// A weight that is not tracked by autodiff, its gradient, its running averages of gradients
    /// and of squared gradients (if `None`, they start at zero), and the factors of the step.
    ///
    /// # Shapes
    /// Weight and gradient: `[…]`, of any rank; averages: `[elements]`
    ///
    /// # Panics
    /// If a tensor is not on a GPU: ask [`crate::runs_on_gpu`] first.
    pub fn new<const D: usize>(
        weight: Tensor<D>,
        grad: Tensor<D>,
        averages: Option<(Tensor<1>, Tensor<1>)>,
        factors: AdamFactors,
    ) -> Self {
        let averages = averages.map(|(avg, sqr)| [avg, sqr].map(primitive));
        Self { weight: primitive(weight), grad: primitive(grad), averages, factors }
    }

    /// Number of elements.
    pub(super) fn length(&self) -> usize {
        self.weight.shape().num_elements()
    }
}

/// One parameter after a step: its weight and its two running averages.
#[derive(Clone, Debug)]
pub struct UpdatedParam([CubeTensor; 3]);

impl UpdatedParam {
    /// The updated weight and its two running averages.
    pub(super) fn new(tensors: [CubeTensor; 3]) -> Self {
        Self(tensors)
    }

    /// The weight, the running average of gradients, and that of squared gradients.
    ///
    /// # Shapes
    /// Weight: `[…]`; averages: `[elements]`
    pub fn into_tensors<const D: usize>(self) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
        let [weight, avg, sqr] = self.0;
        (
            Tensor::from_primitive::<Cube>(weight),
            Tensor::from_primitive::<Cube>(avg),
            Tensor::from_primitive::<Cube>(sqr),
        )
    }
}
