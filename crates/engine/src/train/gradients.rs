//! Gradients that were read from a file or came from other ranks, for the optimiser.

use burn::tensor::{Device, Gradients, Tensor, TensorData};

use crate::model::Network;
use crate::model::params::{ParamVisitor, visit_params};
use crate::model::weights::Weights;

/// The gradients in `named` as gradients of the parameters of `model`.
pub(super) fn to_gradients(model: &Network, named: &Weights, device: &Device) -> Gradients {
    // Burn creates `Gradients` only in a backward pass. This one is of a number that depends on no
    // parameter, so it has no gradient of any of them.
    let grads = Tensor::<1>::ones([1], &device.clone().autodiff()).require_grad().backward();
    let mut writer = GradientWriter { grads, named, device };
    visit_params(model, &mut writer);
    writer.grads
}

/// Writes gradients by parameter name into [`Gradients`].
struct GradientWriter<'a> {
    grads: Gradients,
    named: &'a Weights,
    device: &'a Device,
}

impl ParamVisitor for GradientWriter<'_> {
    fn visit<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) {
        let Some(array) = self.named.get(name) else { return };
        let grad = Tensor::<D>::from_data(
            TensorData::new(array.values.clone(), tensor.dims()),
            self.device,
        );
        tensor.grad_replace(&mut self.grads, grad);
    }
}
