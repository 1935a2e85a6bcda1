//! fastai's `ConvLayer`: convolution, batch norm, ReLU.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use resnette_spec::architecture::ConvPlan;

use crate::model::batch_norm::BatchNorm;
use crate::model::init::Initializer;

/// A convolution's weight, without bias: the norm that follows has one.
#[derive(Module, Debug)]
pub struct Conv {
    /// `[nf, ni, ks, ks]`.
    pub weight: Param<Tensor<4>>,
}

/// `Conv2d(ni, nf, ks, stride, padding = (ks − 1) / 2, bias = False)`, `BatchNorm2d`, then ReLU
/// unless `act` is off (`fastai.layers.ConvLayer`).
#[derive(Module, Debug)]
pub struct ConvLayer {
    /// Convolution.
    pub conv: Conv,
    /// Norm.
    pub norm: BatchNorm,
    stride: usize,
    act: bool,
}

impl ConvLayer {
    /// Builds the layer with fastai's first weights.
    pub fn new(plan: &ConvPlan, init: &mut Initializer<'_>) -> Self {
        let [ni, nf, ks] = [plan.ni, plan.nf, plan.ks].map(|number| number as usize);
        Self {
            conv: Conv { weight: init.conv([nf, ni, ks, ks], plan.act) },
            norm: BatchNorm::new(nf, plan.zero_gamma, init),
            stride: plan.stride as usize,
            act: plan.act,
        }
    }

    /// # Shapes
    /// `[n, ni, h, w]` to `[n, nf, ⌈h / stride⌉, ⌈w / stride⌉]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        self.forward_onto(input, None, self.act)
    }

    /// The layer with an identity path that is added after the norm, and with or without ReLU
    /// whatever the layer's own habit is: how a residual block ends.
    ///
    /// # Shapes
    /// As [`Self::forward`]; the identity path has the output's.
    pub fn forward_onto(
        &self,
        input: Tensor<4>,
        identity: Option<Tensor<4>>,
        act: bool,
    ) -> Tensor<4> {
        if resnette_kernels::supports(&input) {
            return self.forward_at_once(input, identity, act);
        }
        self.forward_by_steps(input, identity, act)
    }

    /// The layer made of Burn's operations: where there are no kernels, and what tests hold the
    /// kernels against.
    ///
    /// # Shapes
    /// As [`Self::forward_onto`].
    pub fn forward_by_steps(
        &self,
        input: Tensor<4>,
        identity: Option<Tensor<4>>,
        act: bool,
    ) -> Tensor<4> {
        let weight = self.conv.weight.val();
        let pad = (weight.dims()[2] - 1) / 2;
        let options = ConvOptions::new([self.stride; 2], [pad; 2], [1; 2], 1);
        let normed = self.norm.forward(conv2d(input, weight, None, options));
        let output = match identity {
            Some(identity) => normed + identity,
            None => normed,
        };
        if act { relu(output) } else { output }
    }

    /// The layer as one operation.
    fn forward_at_once(
        &self,
        input: Tensor<4>,
        identity: Option<Tensor<4>>,
        act: bool,
    ) -> Tensor<4> {
        use resnette_kernels::{LayerConfig, LayerInputs, forward_eval, forward_train};

        use super::batch_norm::{EPSILON, MOMENTUM};

        let device = input.device();
        let [running_mean, running_var] = self.norm.running(&device.clone().without_autodiff());
        let inputs = LayerInputs {
            input,
            weight: self.conv.weight.val(),
            gamma: self.norm.weight.val(),
            beta: self.norm.bias.val(),
            running_mean,
            running_var,
            residual: identity,
        };
        let config = LayerConfig {
            stride: self.stride,
            relu: act,
            epsilon: EPSILON,
            momentum: MOMENTUM,
        };
        if !device.is_autodiff() {
            return forward_eval(inputs, config);
        }
        let trained = forward_train(inputs, config);
        self.norm.set_running(trained.running_mean, trained.running_var);
        trained.output
    }
}
