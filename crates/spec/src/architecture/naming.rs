//! How layers and their tensors are named.

/// Whose names the layers and tensors of a network have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// This program's: `stages.0.1.convs.2.norm.weight`, after the names in the chapter's code.
    Chapter,
    /// torchvision's, which timm shares: `layer1.1.bn3.weight`.
    Torchvision,
}

/// The names of a convolution layer and of its tensors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvNames {
    /// The layer, as a summary shows it.
    pub layer: String,
    /// The convolution: its tensor is `….weight`.
    pub conv: String,
    /// The batch norm: its tensors are `….weight`, `….bias`, `….running_mean` and
    /// `….running_var`.
    pub norm: String,
}

impl Naming {
    /// The names of a convolution of the stem. torchvision's stem has only the first.
    pub fn stem(self, index: usize) -> ConvNames {
        match self {
            Self::Chapter => chapter(format!("stem.{index}")),
            Self::Torchvision => torchvision("", index),
        }
    }

    /// The name of a stage. torchvision counts from 1.
    pub fn stage(self, stage: usize) -> String {
        match self {
            Self::Chapter => format!("stages.{stage}"),
            Self::Torchvision => format!("layer{}", stage + 1),
        }
    }

    /// The name of a block.
    pub fn block(self, stage: usize, index: usize) -> String {
        format!("{}.{index}", self.stage(stage))
    }

    /// The names of a convolution on the residual path of a block.
    pub fn conv(self, block: &str, index: usize) -> ConvNames {
        match self {
            Self::Chapter => chapter(format!("{block}.convs.{index}")),
            Self::Torchvision => torchvision(&format!("{block}."), index),
        }
    }

    /// The name of squeeze-and-excitation in a block, which torchvision's ResNets do not have; timm
    /// calls it the same.
    pub fn squeeze(self, block: &str) -> String {
        format!("{block}.se")
    }

    /// The name of self-attention in a block, which torchvision's ResNets do not have.
    pub fn attention(self, block: &str) -> String {
        format!("{block}.sa")
    }

    /// The names of the convolution on the skip connection of a block.
    pub fn projection(self, block: &str) -> ConvNames {
        match self {
            Self::Chapter => chapter(format!("{block}.idconv")),
            Self::Torchvision => ConvNames {
                layer: format!("{block}.downsample"),
                conv: format!("{block}.downsample.0"),
                norm: format!("{block}.downsample.1"),
            },
        }
    }

    /// The name of the max-pool after the stem.
    pub fn max_pool(self) -> &'static str {
        match self {
            Self::Chapter => "max_pool",
            Self::Torchvision => "maxpool",
        }
    }

    /// The name of the average over the last grid.
    pub fn average_pool(self) -> &'static str {
        match self {
            Self::Chapter => "avg_pool",
            Self::Torchvision => "avgpool",
        }
    }

    /// The name of the linear layer: its tensors are `….weight` and `….bias`.
    pub fn head(self) -> &'static str {
        match self {
            Self::Chapter => "head",
            Self::Torchvision => "fc",
        }
    }
}

fn chapter(layer: String) -> ConvNames {
    ConvNames { conv: format!("{layer}.conv"), norm: format!("{layer}.norm"), layer }
}

/// `conv1` and `bn1`, counted from 1.
fn torchvision(prefix: &str, index: usize) -> ConvNames {
    let conv = format!("{prefix}conv{}", index + 1);
    ConvNames { layer: conv.clone(), conv, norm: format!("{prefix}bn{}", index + 1) }
}
