//! A trained network that is to be fine-tuned.

use burn::tensor::Device;
use resnette_protocol::predict::BaseModel;
use resnette_spec::NetConfig;
use resnette_spec::architecture::Naming;

use crate::model::Network;
use crate::model::file::ModelFile;
use crate::model::weights::WeightsError;

/// A trained network, and what a fine-tuning has to know of it.
#[derive(Clone, Debug)]
pub struct Pretrained {
    /// The network, on a device with autodiff.
    pub network: Network,
    /// Its settings if it is one of the chapter's: they take the place of those of the run. `None`
    /// for torchvision's.
    pub net: Option<NetConfig>,
    /// What the file of the fine-tuned network will say that it began with.
    pub base: BaseModel,
}

impl Pretrained {
    /// Builds the network of a file, on a plain device (without autodiff).
    ///
    /// # Errors
    /// [`WeightsError`]; never for a file that [`ModelFile::read`] accepted.
    pub fn new(file: &ModelFile, device: &Device) -> Result<Self, WeightsError> {
        let is_chapter = file.architecture.naming == Naming::Chapter;
        Ok(Self {
            network: file.build(&device.clone().autodiff())?,
            net: is_chapter.then(|| file.config.net.clone()),
            base: file.as_base(),
        })
    }
}
