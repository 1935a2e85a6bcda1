//! A network of chapter 14, from the picture to the logits.

use burn::module::Module;
use burn::tensor::module::{avg_pool2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;
use resnette_spec::StemPool;
use resnette_spec::architecture::Architecture;

use crate::model::conv_layer::ConvLayer;
use crate::model::head::Head;
use crate::model::init::Initializer;
use crate::model::res_block::ResBlock;

/// Stem, stages, head.
///
/// One structure holds all five networks of the chapter and ResNet-18 to 152: the [`Architecture`]
/// says what is in it.
#[derive(Module, Debug)]
pub struct ResNet {
    /// The convolutions before the max-pool.
    pub stem: Vec<ConvLayer>,
    /// The blocks of each stage.
    pub stages: Vec<Vec<ResBlock>>,
    /// Pools the last grid and classifies it.
    pub head: Head,
    pub(super) max_pool: bool,
    blur: bool,
}

impl ResNet {
    /// Builds a network with fastai's first weights. `rng` alone decides them, whatever the device.
    pub fn new(architecture: &Architecture, rng: ChaCha8Rng, device: &Device) -> Self {
        let mut init = Initializer::new(rng, device);
        Self {
            stem: architecture.stem.iter().map(|conv| ConvLayer::new(conv, &mut init)).collect(),
            stages: architecture
                .stages
                .iter()
                .map(|blocks| blocks.iter().map(|block| ResBlock::new(block, &mut init)).collect())
                .collect(),
            head: Head::new(
                architecture.head,
                architecture.features as usize,
                architecture.classes as usize,
                &mut init,
            ),
            max_pool: architecture.max_pool,
            blur: architecture.pool == StemPool::Blur,
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

    /// The same, and calls `see` with the output of each block on the way.
    ///
    /// # Shapes
    /// As [`Self::features`].
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
        if self.max_pool { self.pool(x) } else { x }
    }

    /// The pool behind the stem.
    ///
    /// # Shapes
    /// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`, rounded down if it is blurred.
    pub(super) fn pool(&self, input: Tensor<4>) -> Tensor<4> {
        if self.blur { max_blur_pool(input) } else { max_pool(input) }
    }

    /// Has the weights' directions in self-attention take the step that they take in the forward
    /// pass of a training batch.
    pub(super) fn pass_over_batch(&self) {
        let attention = self.stages.iter().flatten().filter_map(|block| block.sa.as_ref());
        attention.for_each(|sa| sa.conv.follow_weight());
    }

    /// Pools the grid (the chapter's `avg_pool` is the mean over dimensions 2 and 3) and classifies
    /// the vector.
    ///
    /// # Shapes
    /// `[n, features, h, w]` to `[n, classes]`.
    pub fn classify(&self, features: Tensor<4>) -> Tensor<2> {
        self.head.forward(self.head.pool(features))
    }
}

/// `MaxPool2d(3, stride = 2, padding = 1)`.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`.
pub(super) fn max_pool(input: Tensor<4>) -> Tensor<4> {
    if resnette_kernels::supports(&input) {
        return resnette_kernels::max_pool(input);
    }
    max_pool2d(input, MaxPoolOptions::new([3, 3]).with_stride([2, 2]).with_padding([1, 1]))
}

/// kornia's `MaxBlurPool2D(3)`: `MaxPool2d(2, stride = 1)`, then a blur with the weights 1, 2, 1
/// along both sides, zeros around the grid, of which every second cell is taken. Two averages of
/// 2×2 are that blur.
///
/// # Shapes
/// `[n, c, h, w]`, where h and w are at least 2, to `[n, c, ⌊h / 2⌋, ⌊w / 2⌋]`.
fn max_blur_pool(input: Tensor<4>) -> Tensor<4> {
    let maxima = max_pool2d(input, MaxPoolOptions::new([2, 2]).with_stride([1, 1]));
    let first = AvgPoolOptions::new([2, 2])
        .with_stride([1, 1])
        .with_padding([1, 1])
        .with_count_include_pad(true);
    avg_pool2d(avg_pool2d(maxima, first), AvgPoolOptions::new([2, 2]).with_stride([2, 2]))
}
