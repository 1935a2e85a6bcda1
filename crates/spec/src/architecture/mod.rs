//! What a network consists of: layers, names, shapes, grids and costs, without building it.
//!
//! An [`Architecture`] describes a residual network completely, for both families that the program
//! knows: the networks of chapter 14 of the fastai book ([`Architecture::new`]) and the ResNets of
//! torchvision and timm ([`Architecture::torchvision`]). Everything that has to know the layers
//! asks it: the engine builds networks from it, files are checked against its tensors before memory
//! is taken for them, and the page draws it and adds up its costs while no engine is loaded.
//!
//! Sources: fastai book, chapter 14 ("ResNets"); He, Zhang, Ren and Sun, "Deep residual learning
//! for image recognition", [arXiv:1512.03385](https://arxiv.org/abs/1512.03385).
//!
//! # Examples
//! fastai's `learn.summary()`, for a network with one stage:
//!
//! ```
//! use resnette_spec::architecture::Architecture;
//! use resnette_spec::{Block, NetConfig};
//!
//! let net = NetConfig {
//!     block: Block::Basic,
//!     layers: vec![1],
//!     stem: vec![8],
//!     width: 16,
//!     ..NetConfig::default()
//! };
//! let architecture = Architecture::new(&net, 10);
//! let summary: Vec<String> = architecture
//!     .rows(32)
//!     .iter()
//!     .map(|row| format!("{} | {} | {:?} | {}", row.name, row.kind, row.shape, row.parameters))
//!     .collect();
//! assert_eq!(
//!     summary,
//!     [
//!         "stem.0 | Conv 3×3, stride 2 | [8, 16, 16] | 232",
//!         "max_pool | Max-pool 3×3, stride 2 | [8, 8, 8] | 0",
//!         "stages.0.0.convs.0 | Conv 3×3 | [16, 8, 8] | 1184",
//!         "stages.0.0.convs.1 | Conv 3×3 | [16, 8, 8] | 2336",
//!         "stages.0.0.idconv | Conv 1×1 | [16, 8, 8] | 160",
//!         "avg_pool | Average pool to 1×1 | [16, 1, 1] | 0",
//!         "head | Linear | [10, 1, 1] | 170",
//!     ]
//! );
//! assert_eq!(architecture.parameters(), 232 + 1184 + 2336 + 160 + 170);
//! ```

mod attention;
mod chapter;
mod cost;
mod head;
mod layers;
mod naming;
mod receptive_field;
mod squeeze;
mod tensors;
mod torchvision;

pub use self::attention::AttentionSpec;
pub use self::cost::Cost;
pub use self::head::HIDDEN;
pub use self::layers::LayerRow;
pub use self::naming::{ConvNames, Naming};
pub use self::receptive_field::ReceptiveField;
pub use self::squeeze::SqueezeSpec;
pub use self::tensors::{TensorShapes, is_trained};
use crate::net::{Activation, HeadKind, StemPool};

/// A convolution without bias, its batch norm, and perhaps a ReLU or Mish: fastai's `ConvLayer`.
///
/// The padding is `(ks - 1) / 2`, so that a grid of an odd kernel keeps its side at stride 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvSpec {
    /// Channels of the input.
    pub ni: u32,
    /// Filters, that is channels of the output.
    pub nf: u32,
    /// Side of the kernel.
    pub ks: u32,
    /// Step of the kernel along both sides of the grid.
    pub stride: u32,
    /// Groups of channels, each of which is computed from its own share of the input's; 1 is an
    /// ordinary convolution. They divide the channels of input and output.
    pub groups: u32,
    /// The function that follows the norm; `None` if the block's sum comes first.
    pub act: Option<Activation>,
    /// Whether the norm's gamma starts at 0 (fastai's `NormType.BatchZero`).
    pub zero_gamma: bool,
}

impl ConvSpec {
    /// A convolution in one group with a ReLU whose gamma starts at 1; a stride of 0 counts as 1.
    pub fn new(ni: u32, nf: u32, ks: u32, stride: u32) -> Self {
        let act = Some(Activation::Relu);
        Self { ni, nf, ks, stride: stride.max(1), groups: 1, act, zero_gamma: false }
    }
}

/// A residual block: `act(convs(x) + projection(pool(x)))`, where `act` is a ReLU in the chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockSpec {
    /// The convolutions of the residual path, in order.
    pub convs: Vec<ConvSpec>,
    /// What follows the convolutions on the residual path; `None` for nothing.
    pub squeeze: Option<SqueezeSpec>,
    /// What the residual path ends with, before the sum; `None` for nothing.
    pub attention: Option<AttentionSpec>,
    /// The 1×1 convolution of the skip connection (fastai's `idconv`, torchvision's `downsample`);
    /// `None` if the input can be added as it is.
    ///
    /// The book's has stride 1 and follows the average pool; torchvision's does the stride itself.
    pub projection: Option<ConvSpec>,
    /// Whether the skip connection halves the grid with an average pool 2×2.
    pub pool: bool,
    /// Whether there is a skip connection at all. Without one, of its kind or because it is cut,
    /// the block is `act(convs(x))`.
    pub skip: bool,
    /// The function after the sum.
    pub act: Activation,
}

/// A whole network: a stem, stages of blocks, and a head that pools the grid and classifies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Architecture {
    /// How layers and tensors are named.
    pub naming: Naming,
    /// The convolutions before the first stage.
    pub stem: Vec<ConvSpec>,
    /// Whether a max-pool follows the stem, which halves the grid.
    pub max_pool: bool,
    /// Which one that is.
    pub pool: StemPool,
    /// The blocks of each stage.
    pub stages: Vec<Vec<BlockSpec>>,
    /// Channels of the last grid.
    pub features: u32,
    /// Outputs of the last linear layer.
    pub classes: u32,
    /// What classifies the last grid; never [`HeadKind::Auto`].
    pub head: HeadKind,
}
