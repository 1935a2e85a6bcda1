//! fastai's `ConvLayer`: convolution, batch norm, ReLU or Mish.

use burn::module::{Module, Param};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Tensor, TensorData, activation};
use resnette_kernels::{LayerConfig, LayerInputs, forward_eval, forward_train};
use resnette_spec::Activation;
use resnette_spec::architecture::ConvSpec;

use crate::model::batch_norm::{self, BatchNorm, EPSILON, MOMENTUM};
use crate::model::init::Initializer;

/// The weight of a convolution without bias: the norm that follows has one.
#[derive(Module, Debug)]
pub struct Conv {
    /// `[nf, ni / groups, ks, ks]`.
    pub weight: Param<Tensor<4>>,
}

/// `Conv2d(ni, nf, ks, stride, padding = (ks − 1) / 2, groups = groups, bias = False)`,
/// `BatchNorm2d`, then ReLU or Mish unless the layer is built without (`fastai.layers.ConvLayer`).
///
/// Kernels know convolutions in one group only: one in several is computed with zeros between them.
/// That is no faster than an ordinary one, but right on every engine.
#[derive(Module, Debug)]
pub struct ConvLayer {
    /// The convolution.
    pub conv: Conv,
    /// The batch norm behind it.
    pub norm: BatchNorm,
    stride: usize,
    groups: usize,
    acts: bool,
    mish: bool,
}

impl ConvLayer {
    /// Builds the layer with fastai's first weights, which are the same for ReLU and Mish.
    pub fn new(spec: &ConvSpec, init: &mut Initializer<'_>) -> Self {
        let [ni, nf, ks] = [spec.ni, spec.nf, spec.ks].map(|number| number as usize);
        let groups = spec.groups.max(1) as usize;
        let shape = [nf, ni / groups, ks, ks];
        Self {
            conv: Conv { weight: init.conv(shape, spec.act.is_some()) },
            norm: BatchNorm::new(nf, spec.zero_gamma, init),
            stride: spec.stride as usize,
            groups,
            acts: spec.act.is_some(),
            mish: spec.act == Some(Activation::Mish),
        }
    }

    /// The weight as that of a convolution in one group, with zeros between the groups.
    ///
    /// # Shapes
    /// `[nf, ni, ks, ks]`.
    pub(crate) fn dense_weight(&self) -> Tensor<4> {
        let weight = self.conv.weight.val();
        let groups = self.groups;
        if groups == 1 {
            return weight;
        }
        let [nf, inputs, ks, _] = weight.dims();
        let is_own = |at: usize| if at / groups == at % groups { 1.0 } else { 0.0 };
        let own: Vec<f32> = (0..groups * groups).map(is_own).collect();
        let own = Tensor::<5>::from_data(
            TensorData::new(own, [groups, 1, groups, 1, 1]),
            &weight.device().without_autodiff(),
        );
        let apart = weight.reshape([groups, nf / groups, 1, inputs, ks * ks]) * own;
        apart.reshape([nf, groups * inputs, ks, ks])
    }

    /// The output of the layer.
    ///
    /// # Shapes
    /// `[n, ni, h, w]` to `[n, nf, ⌈h / stride⌉, ⌈w / stride⌉]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let act = match (self.acts, self.mish) {
            (false, _) => None,
            (true, false) => Some(Activation::Relu),
            (true, true) => Some(Activation::Mish),
        };
        self.forward_with_residual(input, None, act)
    }

    /// The layer as a residual block ends with it: `residual` is added after the norm, and `act`
    /// takes the place of the layer's own activation.
    ///
    /// # Shapes
    /// As [`Self::forward`]; `residual` has the output's shape.
    pub fn forward_with_residual(
        &self,
        input: Tensor<4>,
        residual: Option<Tensor<4>>,
        act: Option<Activation>,
    ) -> Tensor<4> {
        if resnette_kernels::supports(&input) {
            return self.forward_fused(input, residual, act);
        }
        self.forward_reference(input, residual, act)
    }

    /// The layer composed of Burn's operations: for devices without kernels, and as the reference
    /// that tests compare the kernels with.
    ///
    /// # Shapes
    /// As [`Self::forward_with_residual`].
    pub fn forward_reference(
        &self,
        input: Tensor<4>,
        residual: Option<Tensor<4>>,
        act: Option<Activation>,
    ) -> Tensor<4> {
        let weight = self.conv.weight.val();
        let pad = (weight.dims()[2] - 1) / 2;
        let options = ConvOptions::new([self.stride; 2], [pad; 2], [1; 2], self.groups);
        let normed = self.norm.forward(conv2d(input, weight, None, options));
        let output = match residual {
            Some(residual) => normed + residual,
            None => normed,
        };
        match act {
            Some(Activation::Relu) => activation::relu(output),
            Some(Activation::Mish) => activation::mish(output),
            None => output,
        }
    }

    /// The layer as one operation, on a device with kernels; Mish is another.
    ///
    /// # Shapes
    /// As [`Self::forward_with_residual`].
    fn forward_fused(
        &self,
        input: Tensor<4>,
        residual: Option<Tensor<4>>,
        act: Option<Activation>,
    ) -> Tensor<4> {
        let device = input.device();
        let [running_mean, running_var] = self.norm.running(&device.clone().without_autodiff());
        let inputs = LayerInputs {
            input,
            weight: self.dense_weight(),
            gamma: self.norm.weight.val(),
            beta: self.norm.bias.val(),
            running_mean,
            running_var,
            residual,
        };
        let config = LayerConfig {
            stride: self.stride,
            relu: act == Some(Activation::Relu),
            epsilon: EPSILON,
            momentum: MOMENTUM,
            observes: batch_norm::observes(),
        };
        let output = if device.is_autodiff() {
            let trained = forward_train(inputs, config);
            self.norm.set_running(trained.running_mean, trained.running_var);
            trained.output
        } else {
            forward_eval(inputs, config)
        };
        if act == Some(Activation::Mish) { resnette_kernels::mish(output) } else { output }
    }
}

/// The activation in Burn's operations, except for Mish where there is a kernel: Burn's is composed
/// of eight operations, each of which would keep its input for the backward pass.
///
/// # Shapes
/// `[n, c, h, w]` to the same.
pub(crate) fn activate(input: Tensor<4>, act: Activation) -> Tensor<4> {
    match act {
        Activation::Relu => activation::relu(input),
        Activation::Mish if resnette_kernels::supports(&input) => resnette_kernels::mish(input),
        Activation::Mish => activation::mish(input),
    }
}
