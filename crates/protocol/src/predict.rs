//! Messages about using a network: classifying pictures, and measuring it on the validation set.

use resnette_picture::Picture;
use resnette_spec::epoch::EpochRow;
use resnette_spec::{Keep, NetConfig, RunConfig};
use serde::{Deserialize, Serialize};

/// Asks for the classification of some pictures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Number of the request; it comes back in the [`Answer`].
    pub id: u32,
    /// Name and bytes of each picture file, still encoded as JPEG, PNG or WebP.
    pub files: Vec<(String, serde_bytes::ByteBuf)>,
    /// What to compute in addition to the probabilities.
    pub explain: Explain,
    /// The current settings. If there is no network yet, an untrained one with these settings
    /// answers.
    pub config: RunConfig,
}

/// What to compute in addition to the probabilities.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explain {
    /// Whether to compute a Grad-CAM heat map.
    pub heat: bool,
    /// The class whose heat map is computed; `None` for the most probable class.
    pub class: Option<u32>,
    /// The layer whose activations are returned, by its name in the summary; `None` for no
    /// activations.
    pub layer: Option<String>,
    /// Whether to return the filters of the first convolution.
    pub filters: bool,
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Number of the request.
    pub id: u32,
    /// For each file, in order, the prediction or the reason why there is none.
    pub predictions: Vec<Result<Prediction, String>>,
    /// Milliseconds that the forward pass took for all pictures, without decoding.
    pub milliseconds: f32,
    /// The network that answered.
    pub model: ModelInfo,
    /// At most 64 filters of the first convolution, with a weight of 0 shown as grey. Empty if
    /// they were not requested.
    pub filters: Vec<Picture>,
}

/// The network's prediction for one picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The name of the file.
    pub name: String,
    /// The network's input: the picture cropped and resized to the network's size.
    pub seen: Picture,
    /// At most 1,000 classes with their probabilities, most probable first.
    pub classes: Vec<(String, f32)>,
    /// The Grad-CAM heat map, or `None` if it was not requested.
    pub heat: Option<HeatMap>,
    /// Size of each block's output: `log10` of its root mean square. Computed together with the
    /// heat map, for the ResNets of the book's chapter 14 only; empty otherwise.
    pub activity: Vec<f32>,
    /// The activations of a layer, or `None` if they were not requested.
    pub activations: Option<Activations>,
    /// Whether the picture is unlike anything that the network was trained on; `false` also if that
    /// cannot be told, since nothing is known of its validation pictures.
    pub unlike: bool,
}

/// A Grad-CAM heat map: where in the picture the evidence for one class is
/// (Selvaraju et al., 2017, <https://arxiv.org/abs/1610.02391>).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeatMap {
    /// Name of the class.
    pub class: String,
    /// Number of cells in a row.
    pub width: u32,
    /// Number of rows.
    pub height: u32,
    /// The values row by row, scaled to `0..=1`.
    pub cells: Vec<f32>,
}

/// The activations of one layer for one picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activations {
    /// Name of the layer.
    pub layer: String,
    /// Shape of the layer's output: `[channels, height, width]`.
    pub shape: [u32; 3],
    /// The first channels (at most 64) as grey-scale pictures, one after the other. Black is 0,
    /// white the layer's largest value.
    #[serde(with = "serde_bytes")]
    pub grey: Vec<u8>,
}

/// The name of the trained model that the page ships with.
pub const SHIPPED: &str = "the shipped model";

/// The network that a fine-tuning began with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseModel {
    /// The name of its file.
    pub name: String,
    /// The CRC-32 of its weights, as eight hexadecimal digits, by which it can be told from others
    /// of the same name.
    pub crc32: String,
}

/// Describes a network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// A description for display: `the network of this run, after epoch 3`, or a file name.
    pub name: String,
    /// Class names, in the order of their labels.
    pub classes: Vec<String>,
    /// Side of its input pictures, in pixels.
    pub size: u32,
    /// Which square of a picture it sees.
    pub keep: Keep,
    /// Whether its weights have been trained, rather than just initialised.
    pub trained: bool,
    /// Number of trainable parameters.
    pub parameters: u64,
    /// The epochs of its training. Empty if they are not known. Those that were read from a file
    /// have no seconds.
    pub history: Vec<EpochRow>,
    /// The epoch whose weights these are, if the run kept its best one; `None` for the last.
    pub best: Option<u32>,
    /// What it was fine-tuned from; `None` if it was trained from its first weights, or if that is
    /// not known.
    pub fine_tuned_from: Option<BaseModel>,
    /// The configuration of one of this page's networks; `None` for a network of torchvision.
    pub net: Option<NetConfig>,
    /// The layers whose activations can be requested, from input to output.
    pub layers: Vec<String>,
}

/// Measurements of a network on the validation set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Class names, in the order of their labels.
    pub classes: Vec<String>,
    /// The confusion matrix: `confusion[truth][guess]` is a number of pictures.
    pub confusion: Vec<Vec<u32>>,
    /// The pictures with the largest losses, largest first.
    pub top_losses: Vec<TopLoss>,
    /// Thumbnails of all pictures (at most 1,000), largest loss first, to show the pictures behind
    /// a cell of the confusion matrix.
    pub pictures: Vec<TopLoss>,
    /// Share of the pictures whose most probable class is the right one.
    pub accuracy: f32,
    /// Share of the pictures whose right class is among the five most probable ones.
    pub top5: f32,
    /// Accuracy with test-time augmentation: predictions averaged over augmented copies, as in
    /// fastai's `Learner.tta`.
    pub tta: f32,
    /// Whether its probabilities mean what they say.
    pub reliability: Reliability,
}

/// A network's first guesses on the validation set, sorted into bins by their probability.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// Bins of equal width from 0 to 1.
    pub bins: Vec<ReliabilityBin>,
    /// The expected calibration error: how far the probability of a guess is from the share of such
    /// guesses that are right, on average.
    pub error: f32,
}

/// The guesses with about the same probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Number of pictures.
    pub pictures: u32,
    /// Mean probability of the guesses.
    pub confidence: f32,
    /// Share of the guesses that are right.
    pub accuracy: f32,
}

/// One validation picture with the network's prediction, as in fastai's `plot_top_losses`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopLoss {
    /// The network's input.
    pub seen: Picture,
    /// Label of the most probable class.
    pub guess: u32,
    /// Probability of that class.
    pub confidence: f32,
    /// Label of the right class.
    pub truth: u32,
    /// The picture's loss as the network was trained: cross-entropy with its label smoothing.
    pub loss: f32,
    /// Probability of the right class.
    pub probability: f32,
}
