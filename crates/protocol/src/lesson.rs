//! Messages about the lesson's experiments.

use resnette_picture::Picture;
use resnette_spec::Block;
use serde::{Deserialize, Serialize};

/// The lesson's three networks: the book's figure of 20 and 56 layers, and the way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Variant {
    /// 20 layers without skip connections.
    Shallow,
    /// 56 layers without skip connections.
    Deep,
    /// 56 layers with skip connections.
    Skip,
}

impl Variant {
    /// All of them, in the order in which they are trained.
    pub const ALL: [Variant; 3] = [Variant::Shallow, Variant::Deep, Variant::Skip];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shallow => "20 layers, no skips",
            Self::Deep => "56 layers, no skips",
            Self::Skip => "56 layers with skips",
        }
    }

    /// Blocks in each of its three stages: a block has two convolutions, and one convolution and
    /// one linear layer stand around them.
    pub fn blocks(self) -> u32 {
        match self {
            Self::Shallow => 3,
            Self::Deep | Self::Skip => 9,
        }
    }

    /// What its blocks are.
    pub fn block(self) -> Block {
        match self {
            Self::Shallow | Self::Deep => Block::Plain,
            Self::Skip => Block::Basic,
        }
    }
}

/// Experiments, one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// Train the three networks.
    Race,
    /// Look at a picture.
    Look,
    /// Time two blocks.
    Clock,
    /// Measure the loss around the weights.
    Surface,
}

/// Page → worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Gradients at the start, gamma, and a short training of all three networks on the drawn set.
    Race {
        /// Decides weights and pictures.
        seed: u32,
    },
    /// What the network makes of a picture: evidence by cell, and what one block adds.
    Look {
        /// A square picture.
        picture: Picture,
        /// Side at which the network sees it, 32 to 256 pixels.
        size: u32,
        /// In the grid of which stage the evidence is wanted, from 0; the last one where there are
        /// fewer.
        stage: u32,
        /// Which block, from 0; the last one where there are fewer.
        block: u32,
        /// Decides the lesson's own network, which answers where no run has trained one.
        seed: u32,
    },
    /// Milliseconds of a basic and a bottleneck block.
    Clock {
        /// Channels in and out, 4 to 1,024.
        channels: u32,
        /// Side of the grid, 1 to 64.
        side: u32,
    },
    /// The loss on a plane through the weights of both deep networks.
    Surface {
        /// Decides weights, pictures and directions.
        seed: u32,
    },
    /// End the experiment under way.
    Cancel,
}

impl Request {
    /// The experiment that it begins.
    pub fn task(&self) -> Option<Task> {
        match self {
            Self::Race { .. } => Some(Task::Race),
            Self::Look { .. } => Some(Task::Look),
            Self::Clock { .. } => Some(Task::Clock),
            Self::Surface { .. } => Some(Task::Surface),
            Self::Cancel => None,
        }
    }
}

/// Worker → page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// How far an experiment is, from 0 to 1.
    Progress(Task, f32),
    /// Root mean square of the gradient that arrives at the input of each block, first block first,
    /// before any training.
    Gradients(Variant, Vec<f32>),
    /// How far a block is from the identity for some gammas.
    Gamma(Vec<GammaPoint>),
    /// Losses of training steps, one after the other from step `from` on.
    Losses {
        /// Whose.
        variant: Variant,
        /// Number of the first one, from 0.
        from: u32,
        /// The losses.
        losses: Vec<f32>,
    },
    /// Answer to [`Request::Look`].
    Looked(Box<Look>),
    /// Answer to [`Request::Clock`].
    Clocked(Clock),
    /// A row of a loss surface.
    Heights {
        /// Around whose weights.
        variant: Variant,
        /// From 0, of [`SURFACE`].
        row: u32,
        /// Losses along the row, [`SURFACE`] of them.
        losses: Vec<f32>,
    },
    /// An experiment has ended as planned.
    Finished(Task),
    /// An experiment was ended early.
    Cancelled(Task),
    /// An experiment failed.
    Failed(Task, String),
}

/// Points along each side of a loss surface; the middle one is at the weights themselves.
pub const SURFACE: u32 = 15;

/// A block's distance from the identity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GammaPoint {
    /// Gamma of the block's last norm.
    pub gamma: f32,
    /// ‖y − x‖ / ‖x‖.
    pub distance: f32,
}

/// A picture, seen by a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// Which network, in words.
    pub network: String,
    /// Side at which it saw the picture.
    pub size: u32,
    /// The stage whose grid the evidence is in, from 0.
    pub stage: u32,
    /// Stages of the network.
    pub stages: u32,
    /// Whether the network's head is linear, so that a cell of the last grid has a score of its
    /// own.
    pub head_is_linear: bool,
    /// Rows and columns of that stage's grid.
    pub grid: [u32; 2],
    /// The classes with the highest scores, highest first: ten of them for the last stage, three
    /// for an earlier one.
    pub classes: Vec<Evidence>,
    /// What one block did.
    pub block: Added,
}

/// Evidence for one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Class.
    pub class: String,
    /// The network's score (logit).
    pub score: f32,
    /// The evidence in each cell, row by row. In the last stage's grid it is the head applied to
    /// the cell, bias included, and the score is the mean of the cells. In an earlier grid it is
    /// what the cell contributes to the score, times the number of cells; the mean falls short of
    /// the score by what the norms and the head behind it add by themselves.
    pub cells: Vec<f32>,
}

/// What a block added to its input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Added {
    /// Number of the block, from 0.
    pub block: u32,
    /// Blocks of the network.
    pub blocks: u32,
    /// Whether it has a skip connection: without one nothing is added to.
    pub skip: bool,
    /// `[channels, height, width]` of what came out.
    pub shape: [u32; 3],
    /// ‖added‖ / ‖output‖ over all channels.
    pub share: f32,
    /// The channels with the most added, most first.
    pub channels: Vec<Channel>,
}

/// One channel of a block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// Its number, from 0.
    pub channel: u32,
    /// The input where it is added to, row by row: all 0 without a skip connection.
    pub input: Vec<f32>,
    /// What the convolutions made.
    pub added: Vec<f32>,
    /// ReLU of the sum.
    pub output: Vec<f32>,
}

/// Milliseconds, forwards and backwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// Channels.
    pub channels: u32,
    /// Side of the grid.
    pub side: u32,
    /// Pictures at once.
    pub batch: u32,
    /// The basic block's, median of the rounds.
    pub basic: f32,
    /// The bottleneck's, median of the rounds.
    pub bottleneck: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contenders_have_the_books_layers() {
        let layers = Variant::ALL.map(|variant| 2 * 3 * variant.blocks() + 2);
        assert_eq!(layers, [20, 56, 56]);
        for (variant, layers) in Variant::ALL.into_iter().zip(layers) {
            assert!(variant.name().starts_with(&layers.to_string()));
        }
    }
}
