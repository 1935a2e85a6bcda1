//! Which network is trained.

use crate::block_place::BlockPlace;
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

/// The function that follows each norm of the network, and each sum of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Activation {
    /// `max(x, 0)`.
    #[default]
    Relu,
    /// `x · tanh(ln(1 + eˣ))` (Misra, [arXiv:1908.08681](https://arxiv.org/abs/1908.08681)):
    /// smooth, and a little below 0 for negative numbers.
    Mish,
}

choices!(Activation {
    Relu => "relu", "ReLU";
    Mish => "mish", "Mish: smooth, slower";
});

/// The pool behind the stem of a [`Family::ResNet`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum StemPool {
    /// PyTorch's `MaxPool2d(3, stride = 2, padding = 1)`, as in the chapter.
    #[default]
    Max,
    /// The maximum of 2×2 cells at every place, blurred 3×3 before every second one is taken
    /// (Zhang, [arXiv:1904.11486](https://arxiv.org/abs/1904.11486)): kornia's `MaxBlurPool2D(3)`,
    /// which networks of Imagenette's leaderboard have.
    Blur,
}

choices!(StemPool {
    Max => "max", "Maximum of 3×3";
    Blur => "blur", "Maximum of 2×2, blurred";
});

/// What classifies the last grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum HeadKind {
    /// [`Self::Linear`] in a run from first weights, [`Self::Fastai`] in a fine-tuning.
    #[default]
    Auto,
    /// The average of each channel and one linear layer, as in the chapter.
    Linear,
    /// fastai's `create_head`: the maximum and the average of each channel, then norm, dropout,
    /// linear layer to 512, ReLU, norm, dropout and a linear layer to the classes.
    Fastai,
}

choices!(HeadKind {
    Auto => "auto", "Auto: linear from scratch, fastai's for fine-tuning";
    Linear => "linear", "Linear: average and one layer";
    Fastai => "fastai", "fastai's: maximum, average and two layers";
});

impl HeadKind {
    /// The head that a fine-tuning gets: the one that was chosen, or fastai's.
    ///
    /// A fine-tuning names its head in everything that it keeps. What was kept before there was a
    /// choice has none, and means [`Self::Linear`]: see [`Self::of_kept_fine_tuning`].
    pub fn of_fine_tuning(self) -> Self {
        match self {
            Self::Auto => Self::Fastai,
            chosen => chosen,
        }
    }

    /// The head of a fine-tuning that a program has kept: an older one had no choice but the linear
    /// head, and named none.
    pub fn of_kept_fine_tuning(self) -> Self {
        match self {
            Self::Auto => Self::Linear,
            named => named,
        }
    }
}

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
    /// What classifies the last grid.
    #[serde(default)]
    pub head: HeadKind,
    /// The function after each norm and each sum.
    #[serde(default)]
    pub act: Activation,
    /// The blocks without their skip connection, in the network's order: `act(convs(x))`, and what
    /// is on the identity path is left out with it. A place where the network has no skip
    /// connection changes nothing.
    #[serde(default)]
    pub cut: Vec<BlockPlace>,
    /// By what squeeze-and-excitation divides the channels of each block; 0 is none.
    #[serde(default)]
    pub se: u32,
    /// Whether a block has self-attention, 1, or none has, 0: see
    /// [`Architecture::with_attention`](crate::architecture::Architecture::with_attention).
    #[serde(default)]
    pub sa: u32,
    /// Groups of the first 3×3 convolution of each block, 1 for an ordinary one: see
    /// [`Architecture::with_groups`](crate::architecture::Architecture::with_groups).
    #[serde(default = "one_group")]
    pub groups: u32,
    /// The pool behind the stem; without a meaning where there is none.
    #[serde(default)]
    pub pool: StemPool,
}

/// What was written before there were groups has convolutions in one.
fn one_group() -> u32 {
    1
}

impl NetConfig {
    /// Whether there is a block at this place whose kind has a skip connection, cut or not.
    pub fn has_skip(&self, place: BlockPlace) -> bool {
        let (stage, block) = place.indices();
        let blocks = self.layers.get(stage).map_or(0, |&blocks| blocks as usize);
        self.block != Block::Plain && block < blocks
    }
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
            head: HeadKind::Auto,
            act: Activation::Relu,
            cut: Vec::new(),
            se: 0,
            sa: 0,
            groups: 1,
            pool: StemPool::Max,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_head_stays_and_no_choice_means_what_it_meant() {
        for head in [HeadKind::Linear, HeadKind::Fastai] {
            assert_eq!((head.of_fine_tuning(), head.of_kept_fine_tuning()), (head, head));
        }
        assert_eq!(HeadKind::Auto.of_fine_tuning(), HeadKind::Fastai);
        assert_eq!(HeadKind::Auto.of_kept_fine_tuning(), HeadKind::Linear);
    }
}
