//! Which network is trained.

use crate::settings::choice::choices;

/// The kind of block that a stage is built from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Block {
    /// Two 3×3 convolutions without a skip connection.
    Plain,
    /// Two 3×3 convolutions and a skip connection (ResNet-18 and 34).
    Basic,
    /// 1×1 down, 3×3, 1×1 up, and a skip connection (ResNet-50 and deeper).
    #[default]
    Bottleneck,
}

choices!(Block {
    Plain => "plain", "Plain: no skip connection";
    Basic => "basic", "Basic: two 3×3 and a skip";
    Bottleneck => "bottleneck", "Bottleneck: 1×1, 3×3, 1×1 and a skip";
});

/// The overall layout of a network, of which the fastai book's chapter 14 has two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Family {
    /// Stem, max-pool and stages: the chapter's `ResNet(n_out, layers, expansion)`.
    #[default]
    ResNet,
    /// Stride-2 convolutions only: the fully convolutional network that the chapter starts from.
    FullyConvolutional,
}

choices!(Family {
    ResNet => "resnet", "ResNet: stem, max-pool, stages";
    FullyConvolutional => "fcn", "Fully convolutional: stride 2 all the way";
});

/// The settings of a network of the fastai book's chapter 14.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NetConfig {
    /// The overall layout.
    pub family: Family,
    /// Number of blocks in each stage; every stage after the first halves the grid.
    pub layers: Vec<u32>,
    /// The kind of block that every stage is made of.
    pub block: Block,
    /// How many times more channels a block puts out than it computes with; the book's bottleneck
    /// uses 4.
    pub expansion: u32,
    /// Channels of the first stage before expansion; each stage doubles them.
    pub width: u32,
    /// Channels of the stem's convolutions; the first has stride 2.
    pub stem: Vec<u32>,
}

impl Default for NetConfig {
    fn default() -> Self {
        Self {
            family: Family::ResNet,
            layers: vec![2, 2, 2, 2],
            block: Block::Bottleneck,
            expansion: 1,
            width: 32,
            stem: vec![16, 16, 32],
        }
    }
}
