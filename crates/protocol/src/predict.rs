//! Messages about using a network.

use resnette_picture::Picture;
use resnette_spec::epoch::EpochRow;
use resnette_spec::{NetConfig, RunConfig};
use serde::{Deserialize, Serialize};

/// Classify pictures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Comes back with the answer.
    pub id: u32,
    /// Encoded pictures: name and bytes of each file.
    pub files: Vec<(String, serde_bytes::ByteBuf)>,
    /// What to compute besides the probabilities.
    pub explain: Explain,
    /// The settings: where there is no network yet, theirs answers untrained.
    pub config: RunConfig,
}

/// What to compute besides the probabilities.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explain {
    /// Heat map for this class, or for the first guess.
    pub heat: bool,
    /// Class for the heat map.
    pub class: Option<u32>,
    /// Activations of this layer, by its name in the summary.
    pub layer: Option<String>,
    /// The first layer's filters.
    pub filters: bool,
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The request's.
    pub id: u32,
    /// One for each file, in order.
    pub predictions: Vec<Result<Prediction, String>>,
    /// Milliseconds for the network alone, all pictures.
    pub milliseconds: f32,
    /// Where the network comes from.
    pub model: ModelInfo,
    /// The first layer's filters, at most 64, where asked for: grey is a weight of 0.
    pub filters: Vec<Picture>,
}

/// What the network says of one picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// File name.
    pub name: String,
    /// What the network sees: the crop at its size.
    pub seen: Picture,
    /// Class and probability, most probable first; at most 1,000.
    pub classes: Vec<(String, f32)>,
    /// Grad-CAM, where asked for.
    pub heat: Option<HeatMap>,
    /// How much each block of a network of the chapter puts out, `log10` of its root mean square;
    /// comes with the heat map.
    pub activity: Vec<f32>,
    /// Activations, where asked for.
    pub activations: Option<Activations>,
}

/// Grad-CAM of one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeatMap {
    /// Whose evidence.
    pub class: String,
    /// Cells in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Row by row, scaled to `0..=1`.
    pub cells: Vec<f32>,
}

/// What a layer puts out for one picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activations {
    /// Layer.
    pub layer: String,
    /// `[channels, height, width]`.
    pub shape: [u32; 3],
    /// The first channels (at most 64) as grey pictures, channel by channel, 0 is black and the
    /// layer's largest value white.
    #[serde(with = "serde_bytes")]
    pub grey: Vec<u8>,
}

/// What the model that comes with the page is called.
pub const SHIPPED: &str = "the shipped model";

/// Where a network comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// For people: `the network of this run, after epoch 3`, or a file name.
    pub name: String,
    /// Classes, in label order.
    pub classes: Vec<String>,
    /// Side of its pictures in pixels.
    pub size: u32,
    /// Whether it has been trained at all.
    pub trained: bool,
    /// Trainable parameters.
    pub parameters: u64,
    /// Its epoch table, where known.
    pub history: Vec<EpochRow>,
    /// The layout of a network of the chapter.
    pub net: Option<NetConfig>,
    /// Layers whose activations can be seen, first to last.
    pub layers: Vec<String>,
}

/// The network measured on the validation set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Class names.
    pub classes: Vec<String>,
    /// `confusion[truth][guess]`: pictures.
    pub confusion: Vec<Vec<u32>>,
    /// Pictures with the largest losses, largest first.
    pub top_losses: Vec<TopLoss>,
    /// Every picture (at most 1,000) made small, largest loss first: what stands behind a cell of
    /// the matrix.
    pub pictures: Vec<TopLoss>,
    /// Accuracy.
    pub accuracy: f32,
    /// Top-5 accuracy.
    pub top5: f32,
    /// Accuracy with test-time augmentation.
    pub tta: f32,
}

/// One validation picture and what the network says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopLoss {
    /// What the network saw.
    pub seen: Picture,
    /// First guess.
    pub guess: u32,
    /// Its probability, as fastai's `plot_top_losses` shows it.
    pub sureness: f32,
    /// Truth.
    pub truth: u32,
    /// Loss.
    pub loss: f32,
    /// Probability of the truth.
    pub probability: f32,
}
