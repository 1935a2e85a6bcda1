//! The chapter's `ResBlock`: plain, basic or bottleneck.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::AvgPoolOptions;
use resnette_spec::Activation;
use resnette_spec::architecture::BlockSpec;

use crate::model::attention::SelfAttention;
use crate::model::conv_layer::{ConvLayer, activate};
use crate::model::init::Initializer;
use crate::model::squeeze::SqueezeExcite;

/// `relu(convs(x) + idconv(pool(x)))`, chapter 14, "A State-of-the-Art ResNet".
///
/// Without a skip connection (`plain`) it is `relu(convs(x))`: the same convolutions, for
/// comparison. A network with Mish has that in the place of each ReLU, and one with
/// squeeze-and-excitation `se(convs(x))` in the place of `convs(x)`. A block with self-attention
/// has `sa(…)` around that.
#[derive(Module, Debug)]
pub struct ResBlock {
    /// The residual path.
    pub convs: Vec<ConvLayer>,
    /// What follows the convolutions on the residual path, if anything.
    pub se: Option<SqueezeExcite>,
    /// What the residual path ends with, if anything.
    pub sa: Option<SelfAttention>,
    /// 1×1 on the identity path where the number of channels changes.
    pub idconv: Option<ConvLayer>,
    pool: bool,
    skip: bool,
    mish: bool,
}

impl ResBlock {
    /// Builds the block with fastai's first weights. The last gamma of a block with a skip
    /// connection is 0, so that the block starts as the identity.
    pub fn new(spec: &BlockSpec, init: &mut Initializer<'_>) -> Self {
        Self {
            convs: spec.convs.iter().map(|conv| ConvLayer::new(conv, init)).collect(),
            se: spec.squeeze.map(|squeeze| SqueezeExcite::new(squeeze, spec.act, init)),
            sa: spec.attention.map(|attention| SelfAttention::new(attention, init)),
            idconv: spec.projection.as_ref().map(|conv| ConvLayer::new(conv, init)),
            pool: spec.pool,
            skip: spec.skip,
            mish: spec.act == Activation::Mish,
        }
    }

    /// The output of the block.
    ///
    /// # Shapes
    /// `[n, ni, h, w]` to `[n, nf, ⌈h / stride⌉, ⌈w / stride⌉]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        // Without convolutions one path alone would be differentiated, which `fork` does not allow.
        let (input, identity) = match self.skip && !self.convs.is_empty() {
            true => {
                let [input, same] = fork(input);
                (input, Some(self.identity(same)))
            }
            false => (input.clone(), self.skip.then(|| self.identity(input))),
        };
        match self.convs.split_last() {
            Some((last, before)) => {
                let x = before.iter().fold(input, |x, conv| conv.forward(x));
                if self.se.is_none() && self.sa.is_none() {
                    return last.forward_with_residual(x, identity, Some(self.act()));
                }
                let x = self.finished(last.forward(x));
                let sum = match identity {
                    Some(identity) => x + identity,
                    None => x,
                };
                activate(sum, self.act())
            }
            None => activate(identity.unwrap_or(input), self.act()),
        }
    }

    /// The function after the sum.
    pub fn act(&self) -> Activation {
        if self.mish { Activation::Mish } else { Activation::Relu }
    }

    /// What the residual path adds to the input.
    ///
    /// # Shapes
    /// `[n, ni, h, w]` to `[n, nf, ⌈h / stride⌉, ⌈w / stride⌉]`.
    pub fn residual(&self, input: Tensor<4>) -> Tensor<4> {
        self.finished(self.convolved(input))
    }

    /// What the convolutions of the residual path put out.
    ///
    /// # Shapes
    /// As [`Self::residual`].
    pub(super) fn convolved(&self, input: Tensor<4>) -> Tensor<4> {
        self.convs.iter().fold(input, |x, conv| conv.forward(x))
    }

    /// What follows on the residual path what its convolutions put out.
    ///
    /// # Shapes
    /// `[n, nf, h, w]` to the same.
    fn finished(&self, output: Tensor<4>) -> Tensor<4> {
        let excited = self.excited(output);
        match &self.sa {
            Some(sa) => sa.forward(excited),
            None => excited,
        }
    }

    /// The same in evaluation mode on every device.
    ///
    /// # Shapes
    /// `[n, nf, h, w]` to the same.
    pub fn finished_evaluated(&self, output: Tensor<4>) -> Tensor<4> {
        let excited = self.excited(output);
        match &self.sa {
            Some(sa) => sa.forward_evaluated(excited),
            None => excited,
        }
    }

    /// What squeeze-and-excitation makes of what the convolutions put out; without it the same.
    ///
    /// # Shapes
    /// `[n, nf, h, w]` to the same.
    pub fn excited(&self, output: Tensor<4>) -> Tensor<4> {
        match &self.se {
            Some(se) => se.forward(output),
            None => output,
        }
    }

    /// The input as the identity path begins: averaged 2×2 if the block halves the grid (PyTorch's
    /// `AvgPool2d(2, ceil_mode=True)`), unchanged otherwise.
    ///
    /// # Shapes
    /// `[n, ni, h, w]` to `[n, ni, ⌈h / stride⌉, ⌈w / stride⌉]`.
    pub fn pooled(&self, input: Tensor<4>) -> Tensor<4> {
        if self.pool { avg_pool_ceil(input) } else { input }
    }

    /// The identity path: [`Self::pooled`], then a 1×1 convolution if the number of channels
    /// changes.
    ///
    /// # Shapes
    /// `[n, ni, h, w]` to `[n, nf, ⌈h / stride⌉, ⌈w / stride⌉]`.
    pub fn identity(&self, input: Tensor<4>) -> Tensor<4> {
        let pooled = self.pooled(input);
        match &self.idconv {
            Some(idconv) => idconv.forward(pooled),
            None => pooled,
        }
    }
}

/// The input for both paths of a block.
///
/// # Shapes
/// `[n, c, h, w]`, twice.
fn fork(input: Tensor<4>) -> [Tensor<4>; 2] {
    resnette_kernels::fork(input)
}

/// `AvgPool2d(2, ceil_mode=True)`: on an odd grid the last window holds one row or column, and its
/// average is over the cells that it holds.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`.
fn avg_pool_ceil(input: Tensor<4>) -> Tensor<4> {
    if resnette_kernels::supports(&input) {
        return resnette_kernels::average_pool(input);
    }
    let options = AvgPoolOptions::new([2, 2])
        .with_stride([2, 2])
        .with_count_include_pad(false)
        .with_ceil_mode(true);
    avg_pool2d(input, options)
}
