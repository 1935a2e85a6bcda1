//! fastai's `ConvLayer`: convolution, batch norm, ReLU.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;

use super::batch_norm::BatchNorm;
use super::init::Initializer;
use super::summary::ConvPlan;

/// A convolution's weight, without bias: the norm that follows has one.
#[derive(Module, Debug)]
pub struct Conv {
    /// `[nf, ni, ks, ks]`.
    pub weight: Param<Tensor<4>>,
}

/// `Conv2d(ni, nf, ks, stride, padding = (ks − 1) / 2, bias = False)`, `BatchNorm2d`, then ReLU unless `act` is off
/// (`fastai.layers.ConvLayer`).
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
        let weight = self.conv.weight.val();
        let pad = (weight.dims()[2] - 1) / 2;
        let options = ConvOptions::new([self.stride; 2], [pad; 2], [1; 2], 1);
        let output = self.norm.forward(conv2d(input, weight, None, options));
        if self.act { relu(output) } else { output }
    }
}
