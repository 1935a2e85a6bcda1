//! A whole network of the chapter.

use burn::module::{Module, Param};
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;
use resnette_spec::architecture::Plan;

use crate::model::conv_layer::ConvLayer;
use crate::model::init::Initializer;
use crate::model::res_block::ResBlock;

/// PyTorch's `Linear`: `x · weightᵀ + bias`.
#[derive(Module, Debug)]
pub struct Head {
    /// `[classes, features]`, as PyTorch stores it.
    pub weight: Param<Tensor<2>>,
    /// `[classes]`.
    pub bias: Param<Tensor<1>>,
}

impl Head {
    /// PyTorch's first weights: uniform in ±1 / √features, the bias too.
    pub fn new(features: usize, classes: usize, init: &mut Initializer<'_>) -> Self {
        let bound = 1.0 / (features as f32).sqrt();
        Self {
            weight: init.uniform([classes, features], bound),
            bias: init.uniform([classes], bound),
        }
    }

    /// # Shapes
    /// `[n, features]` to `[n, classes]`.
    pub fn forward(&self, features: Tensor<2>) -> Tensor<2> {
        features.matmul(self.weight.val().transpose()) + self.bias.val().unsqueeze()
    }
}

/// Stem, stages, average over the grid, head.
///
/// One structure holds all five networks of the chapter and ResNet-18 to 152: the plan says what is
/// in it.
#[derive(Module, Debug)]
pub struct ResNet {
    /// First layers.
    pub stem: Vec<ConvLayer>,
    /// Blocks by stage.
    pub stages: Vec<Vec<ResBlock>>,
    /// Classifier.
    pub head: Head,
    pub(super) max_pool: bool,
}

impl ResNet {
    /// Builds what `plan` lays out; `rng` alone decides the weights, whatever the device.
    pub fn new(plan: &Plan, rng: ChaCha8Rng, device: &Device) -> Self {
        let mut init = Initializer::new(rng, device);
        Self {
            stem: plan.stem.iter().map(|conv| ConvLayer::new(conv, &mut init)).collect(),
            stages: plan
                .stages
                .iter()
                .map(|blocks| blocks.iter().map(|block| ResBlock::new(block, &mut init)).collect())
                .collect(),
            head: Head::new(plan.features as usize, plan.classes as usize, &mut init),
            max_pool: plan.max_pool,
        }
    }

    /// Logits.
    ///
    /// # Shapes
    /// `[n, 3, h, w]` to `[n, classes]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<2> {
        self.classify(self.features(input))
    }

    /// The last grid, before it is averaged.
    ///
    /// # Shapes
    /// `[n, 3, h, w]` to `[n, features, h', w']`.
    pub fn features(&self, input: Tensor<4>) -> Tensor<4> {
        self.features_seen(input, |_| {})
    }

    /// The same, showing what each block puts out on the way.
    pub fn features_seen(&self, input: Tensor<4>, mut see: impl FnMut(&Tensor<4>)) -> Tensor<4> {
        let stem = self.stem(input);
        self.stages.iter().flatten().fold(stem, |x, block| {
            let x = block.forward(x);
            see(&x);
            x
        })
    }

    /// Stem and max-pool.
    ///
    /// # Shapes
    /// `[n, 3, h, w]` to `[n, stem's last channels, ⌈h / 4⌉, ⌈w / 4⌉]` for a ResNet.
    pub fn stem(&self, input: Tensor<4>) -> Tensor<4> {
        let x = self.stem.iter().fold(input, |x, conv| conv.forward(x));
        if self.max_pool { max_pool(x) } else { x }
    }

    /// Averages the grid (the chapter's `avg_pool`: the mean over dimensions 2 and 3) and
    /// classifies the vector.
    ///
    /// # Shapes
    /// `[n, features, h, w]` to `[n, classes]`.
    pub fn classify(&self, features: Tensor<4>) -> Tensor<2> {
        let [n, channels, h, w] = features.dims();
        let vector = features.reshape([n, channels, h * w]).mean_dim(2).reshape([n, channels]);
        self.head.forward(vector)
    }
}

/// `MaxPool2d(3, stride = 2, padding = 1)`.
pub(super) fn max_pool(input: Tensor<4>) -> Tensor<4> {
    if resnette_kernels::supports(&input) {
        return resnette_kernels::max_pool(input);
    }
    max_pool2d(input, MaxPoolOptions::new([3, 3]).with_stride([2, 2]).with_padding([1, 1]))
}
