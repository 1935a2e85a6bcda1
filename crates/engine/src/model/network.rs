//! Either family of networks: the chapter's, or torchvision's, which come pretrained.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;
use resnette_spec::HeadKind;

use crate::model::head::Head;
use crate::model::init::Initializer;
use crate::model::resnet::ResNet;
use crate::model::torchvision::TorchvisionResNet;

/// A network of either family, which can be asked about pictures, trained and fine-tuned.
#[derive(Module, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a page holds one network at a time; a box would only add a step"
)]
pub enum Network {
    /// A network of chapter 14.
    Chapter(ResNet),
    /// A ResNet of torchvision or timm.
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

    /// The same, and calls `see` with the output of each block if the network is the chapter's.
    ///
    /// # Shapes
    /// As [`Self::features`].
    pub fn features_seen(&self, input: Tensor<4>, see: impl FnMut(&Tensor<4>)) -> Tensor<4> {
        match self {
            Self::Chapter(network) => network.features_seen(input, see),
            Self::Torchvision(network) => network.features(input),
        }
    }

    /// Changes what a training batch changes in the network whatever is in it, in the place of the
    /// batch's forward pass.
    pub fn pass_over_batch(&self) {
        if let Self::Chapter(network) = self {
            network.pass_over_batch();
        }
    }

    /// The vector that the head classifies: see [`Head::pool`].
    ///
    /// # Shapes
    /// `[n, features, h, w]` to `[n, features]`, or `[n, 2 · features]` for fastai's head.
    pub fn pool(&self, features: Tensor<4>) -> Tensor<2> {
        self.head().pool(features)
    }

    /// What classifies the pooled grid.
    pub fn head(&self) -> &Head {
        match self {
            Self::Chapter(network) => &network.head,
            Self::Torchvision(network) => &network.head,
        }
    }

    /// Pools the grid and classifies the vector.
    ///
    /// # Shapes
    /// `[n, features, h, w]` to `[n, classes]`.
    pub fn classify(&self, features: Tensor<4>) -> Tensor<2> {
        self.head().forward(self.pool(features))
    }

    /// [`Self::classify`] in evaluation mode on every device, for gradients of a network that is
    /// not trained.
    ///
    /// # Shapes
    /// `[n, features, h, w]` to `[n, classes]`.
    pub fn classify_evaluated(&self, features: Tensor<4>) -> Tensor<2> {
        self.head().forward_evaluated(self.pool(features))
    }

    /// Logits.
    ///
    /// # Shapes
    /// `[n, 3, h, w]` to `[n, classes]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<2> {
        self.classify(self.features(input))
    }

    /// The output of the layer with a name; `None` if the network has no such layer.
    ///
    /// # Shapes
    /// `[n, 3, h, w]` to `[n, channels, h', w']`.
    pub fn layer(&self, input: Tensor<4>, name: &str) -> Option<Tensor<4>> {
        match self {
            Self::Chapter(network) => network.layer(input, name),
            Self::Torchvision(network) => network.layer(input, name),
        }
    }

    /// The same network with a new head of this kind for another number of classes, which `rng`
    /// initializes.
    pub fn with_head(
        mut self,
        kind: HeadKind,
        classes: usize,
        rng: ChaCha8Rng,
        device: &Device,
    ) -> Self {
        let head = match &mut self {
            Self::Chapter(network) => &mut network.head,
            Self::Torchvision(network) => &mut network.head,
        };
        let features = head.features();
        *head = Head::new(kind, features, classes, &mut Initializer::new(rng, device));
        self
    }

    /// Number of stages.
    pub fn stages(&self) -> usize {
        match self {
            Self::Chapter(network) => network.stages.len(),
            Self::Torchvision(network) => network.stages.len(),
        }
    }

    /// Weights of the first convolution, which sees the colours; `None` if the network has none.
    ///
    /// # Shapes
    /// `[channels, 3, ks, ks]`.
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
