//! Messages about watching a network learn: what it makes of a sample of the validation pictures,
//! once after every epoch and when somebody begins to watch.

use resnette_picture::Picture;
use serde::{Deserialize, Serialize};

use crate::predict::Activations;

/// Most validation pictures that are watched.
pub const MAX_POINTS: usize = 500;
/// Most channels of the watched layer that are shown.
pub const MAX_CHANNELS: usize = 16;
/// Number of guesses that are told of each picture.
pub const GUESSES: usize = 3;

/// What the reader watches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watching {
    /// The pinned picture, by its position in the sample. A position beyond the last picture counts
    /// as the last.
    pub pinned: u32,
    /// The stage whose activations are wanted, by its name. `None` for the first one, and so a name
    /// that the network does not have.
    pub stage: Option<String>,
}

/// What was seen of the network in training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Watched {
    /// The network: its filters, and what it makes of the sample.
    Network(Box<Snapshot>),
    /// The pinned picture, with its activations.
    Picture(Box<PinnedPicture>),
    /// A look failed, for the reason that is told, and no other follows until somebody begins to
    /// watch again. The run goes on.
    Failed(String),
}

/// A network at one moment of its run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The last epoch that has ended, counted from 0; `None` before the first has. If the run ended
    /// with the network of its best epoch, that epoch.
    pub epoch: Option<u32>,
    /// Whether the next epoch has begun.
    pub is_between_epochs: bool,
    /// The pictures of the sample. Empty if the network's numbers are not finite.
    pub points: Vec<WatchedPoint>,
    /// The share of the variance of the vectors along each axis of the map.
    pub explained: [f32; 2],
    /// Length of the vectors that the map shows.
    pub features: u32,
    /// At most 64 filters of the first convolution, with a weight of 0 shown as grey.
    pub filters: Vec<Picture>,
    /// Thumbnails of the sample, in the order of the points. Empty if they were told before and the
    /// sample is still the same.
    pub thumbnails: Vec<Picture>,
}

/// A validation picture on the map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchedPoint {
    /// Its position along the first axis.
    pub x: f32,
    /// Its position along the second axis.
    pub y: f32,
    /// Label of the right class.
    pub truth: u32,
    /// Labels and probabilities of at most [`GUESSES`] classes, most probable first.
    pub guesses: Vec<(u32, f32)>,
}

impl WatchedPoint {
    /// The label of the most probable class; `None` if there is no guess.
    pub fn guess(&self) -> Option<u32> {
        self.guesses.first().map(|(label, _)| *label)
    }

    /// Whether the most probable class is the right one.
    pub fn is_right(&self) -> bool {
        self.guess() == Some(self.truth)
    }
}

/// The pinned picture in the network as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PinnedPicture {
    /// Its position in the sample.
    pub position: u32,
    /// The network's input.
    pub seen: Picture,
    /// The names of the stages that can be watched.
    pub stages: Vec<String>,
    /// What a stage puts out, of which at most [`MAX_CHANNELS`] channels are shown.
    pub activations: Activations,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_without_guesses_is_not_right() {
        let point = |guesses: &[(u32, f32)]| WatchedPoint {
            x: 0.0,
            y: 0.0,
            truth: 2,
            guesses: guesses.to_vec(),
        };
        assert!(point(&[(2, 0.5), (1, 0.3)]).is_right());
        assert!(!point(&[(1, 0.5), (2, 0.3)]).is_right());
        assert!(!point(&[]).is_right());
    }
}
