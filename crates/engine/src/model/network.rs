//! A network that answers: one of the chapter, or one that was trained on ImageNet elsewhere.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use crate::model::init::Initializer;
use crate::model::resnet::{Head, ResNet};
use crate::model::torchvision::TorchvisionResNet;

/// Whatever can be asked about a picture.
#[derive(Module, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a page holds one network at a time; a box would only add a step"
)]
pub enum Network {
    /// The chapter's.
    Chapter(ResNet),
    /// torchvision's and timm's.
    Torchvision(TorchvisionResNet),
}

impl Network {
    /// The last grid, before it is averaged.
    ///
    /// # Shapes
    /// `[n, 3, h, w]` to `[n, features, h', w']`.
    pub fn features(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Chapter(network) => network.features(input),
            Self::Torchvision(network) => network.features(input),
        }
    }

    /// The same, showing what each block of a network of the chapter puts out on the way.
    pub fn features_seen(&self, input: Tensor<4>, see: impl FnMut(&Tensor<4>)) -> Tensor<4> {
        match self {
            Self::Chapter(network) => network.features_seen(input, see),
            Self::Torchvision(network) => network.features(input),
        }
    }

    /// Averages the grid and classifies the vector.
    ///
    /// # Shapes
    /// `[n, features, h, w]` to `[n, classes]`.
    pub fn classify(&self, features: Tensor<4>) -> Tensor<2> {
        match self {
            Self::Chapter(network) => network.classify(features),
            Self::Torchvision(network) => network.classify(features),
        }
    }

    /// Logits.
    ///
    /// # Shapes
    /// `[n, 3, h, w]` to `[n, classes]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<2> {
        self.classify(self.features(input))
    }

    /// The output of a layer by its name, or nothing where there is no such layer.
    ///
    /// # Shapes
    /// `[n, 3, h, w]` to `[n, channels, h', w']`.
    pub fn layer(&self, input: Tensor<4>, name: &str) -> Option<Tensor<4>> {
        match self {
            Self::Chapter(network) => network.layer(input, name),
            Self::Torchvision(network) => network.layer(input, name),
        }
    }

    /// The same network with a new head, for other classes.
    pub fn with_head(mut self, classes: usize, rng: ChaCha8Rng, device: &Device) -> Self {
        let head = match &mut self {
            Self::Chapter(network) => &mut network.head,
            Self::Torchvision(network) => &mut network.head,
        };
        let features = head.weight.val().dims()[1];
        *head = Head::new(features, classes, &mut Initializer::new(rng, device));
        self
    }

    /// Number of stages.
    pub fn stages(&self) -> usize {
        match self {
            Self::Chapter(network) => network.stages.len(),
            Self::Torchvision(network) => network.stages.len(),
        }
    }

    /// Weights of the first convolution, which sees colours: `[channels, 3, ks, ks]`.
    pub fn first_filters(&self) -> Option<Tensor<4>> {
        match self {
            Self::Chapter(network) => {
                let first =
                    network.stem.first().or_else(|| network.stages.first()?.first()?.convs.first());
                first.map(|layer| layer.conv.weight.val())
            }
            Self::Torchvision(network) => Some(network.conv1.weight.val()),
        }
    }
}
