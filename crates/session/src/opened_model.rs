//! A network that was opened from a file.

use burn::tensor::Device;
use resnette_engine::model::Network;
use resnette_engine::model::file::ModelFile;
use resnette_engine::model::weights::WeightsError;
use resnette_engine::train::pretrained::Pretrained;

/// A network from a file.
pub struct OpenedModel {
    /// The file.
    pub file: ModelFile,
    /// The network that was built from it.
    pub(crate) network: Network,
}

impl OpenedModel {
    /// Builds the network of a file.
    ///
    /// # Errors
    /// [`WeightsError`] if the file's weights do not fit its network.
    pub fn new(file: ModelFile, device: &Device) -> Result<Self, WeightsError> {
        Ok(Self { network: file.build(device)?, file })
    }

    /// The network to be fine-tuned: built again, on the device that tracks gradients.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(crate) fn pretrained(&self, device: &Device) -> Result<Pretrained, WeightsError> {
        Pretrained::new(&self.file, device)
    }
}
