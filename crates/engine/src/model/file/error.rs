//! Why a network cannot be read from a file, or saved.

use resnette_images::stream::StreamError;

use crate::model::safetensors::ContainerError;
use crate::model::weights::WeightsError;

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The bytes cannot be read as weights.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// The tensors are not those of the network.
    #[error("{}", with_advice(.0))]
    Weights(#[from] WeightsError),
    /// It is a relative of the ResNets that are built here.
    #[error(
        "this is {kind} ({error}); the ResNets that are read are ResNet-18, 34, 50, 101 and 152 of \
         torchvision and timm, and this page's own"
    )]
    Relative {
        /// Which.
        kind: &'static str,
        /// Where its tensors differ first.
        error: WeightsError,
    },
    /// An entry of the metadata cannot be used.
    #[error("what the file says of itself under “{key}” cannot be used: {problem}")]
    Metadata {
        /// Key of the entry.
        key: &'static str,
        /// Why it cannot be used.
        problem: String,
    },
    /// The tensors' names are those of neither family of networks.
    #[error("by the names of the tensors this is {0}")]
    Unknown(String),
}

/// Why tensors do not fit, and what to do.
fn with_advice(error: &WeightsError) -> String {
    match error {
        WeightsError::NotFinite(_) => error.to_string(),
        _ => format!("{error}; open a ResNet of this page, of torchvision or of timm"),
    }
}

/// Why a network cannot be saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// The engine failed while the weights were read.
    #[error("the network could not be read from the engine ({0}); try again")]
    Engine(String),
    /// A picture of a streamed set cannot be read for the validation that a file of a network
    /// needs.
    #[error(
        "the network needs one more validation before it can be saved, and {0}. Once the pictures are \
         there again, go on with the run by --resume: it saves the network"
    )]
    Pictures(StreamError),
    /// The weights are not finite, or not those of the network.
    #[error("the network is not worth saving: {0}")]
    Weights(#[from] WeightsError),
}
