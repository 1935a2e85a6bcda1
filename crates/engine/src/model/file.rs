//! A network in a file: weights under PyTorch's names, and what one must know to use them.
//!
//! A file that this program wrote says everything in its metadata. A state dict that PyTorch saved
//! says nothing but names and shapes; the architecture is then detected from those, and may be that
//! of a ResNet of torchvision or timm.
//!
//! # Examples
//! A network with its first weights, written for PyTorch's `safetensors.torch.load_file`:
//!
//! ```
//! use burn::tensor::Device;
//! use resnette_engine::model::ResNet;
//! use resnette_engine::model::file::ModelFile;
//! use resnette_engine::model::safetensors::{self, Precision};
//! use resnette_engine::model::weights::read_weights;
//! use resnette_spec::architecture::Architecture;
//! use resnette_spec::random::{Purpose, stream};
//! use resnette_spec::read_run;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (run, _) = read_run("layers=1&stem=4,8&width=8&expansion=1&block=basic");
//! let classes = vec!["cat".to_string(), "dog".to_string()];
//! let architecture = Architecture::new(&run.net, 2);
//! let rng = stream(42, Purpose::Init, 0);
//! let network = ResNet::new(&architecture, rng, &Device::flex());
//! let weights = futures::executor::block_on(read_weights(&network))?;
//! let file = ModelFile::new(run, classes, Vec::new(), weights)?;
//! let bytes = file.write(Precision::F32)?;
//!
//! let (metadata, tensors) = safetensors::read(&bytes)?;
//! assert_eq!(metadata["format"], "pt");
//! assert_eq!(tensors["stages.0.0.convs.1.conv.weight"].shape, [8, 8, 3, 3]);
//! # Ok(())
//! # }
//! ```

mod error;
mod metadata;

use burn::tensor::Device;
use resnette_images::imagenet::imagenet_names;
use resnette_images::normalize::{MEAN, STD};
use resnette_protocol::predict::{BaseModel, ModelInfo};
use resnette_spec::architecture::{Architecture, Naming};
use resnette_spec::epoch::EpochRow;
use resnette_spec::limits::{MAX_NAME_CHARS, check_class_names};
use resnette_spec::random::{Purpose, stream};
use resnette_spec::{Augment, Keep, NetConfig, RunConfig, run_link};

pub use self::error::{FileError, SaveError};
use self::metadata::{best, classes, config, familiarity, fine_tuned_from, list, refuse, shorten};
use crate::model::detect_architecture::{detect_chapter, detect_torchvision};
use crate::model::foreign_network::{foreign_network, foreign_resnet};
use crate::model::network::Network;
use crate::model::resnet::ResNet;
use crate::model::safetensors::{ContainerError, Metadata, Precision};
use crate::model::torchvision::TorchvisionResNet;
use crate::model::weights::{
    Weights, WeightsError, check_finite, check_tensors, fingerprint, load_weights,
};
use crate::model::{burnpack, checksum, safetensors};
use crate::predict::familiarity::Familiarity;

/// Version of the metadata.
const VERSION: &str = "1";
/// Side of the pictures that torchvision's networks were trained on, in pixels.
const IMAGENET_SIZE: u32 = 224;
/// Most entries of a list in the metadata other than that of the classes: rows of the epoch table.
const MAX_ENTRIES: usize = 2_000;

/// A network out of the engine: weights, and what is known about them.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFile {
    /// What the page shows of it.
    pub info: ModelInfo,
    /// The run that trained it. If the file does not say it, only the network (of the chapter) and
    /// the size of the pictures mean anything.
    pub config: RunConfig,
    /// What the network consists of.
    pub architecture: Architecture,
    /// Its weights, which fit the architecture.
    pub weights: Weights,
    /// Tells pictures that are unlike those it was trained on; `None` if that is not known.
    pub familiarity: Option<Familiarity>,
}

/// A network as its tensors tell it, with what they cannot tell taken from `assumed`.
fn with_untold(net: NetConfig, weights: &Weights, assumed: &NetConfig) -> NetConfig {
    let mut net = NetConfig { act: assumed.act, pool: assumed.pool, ..net };
    for &place in &assumed.cut {
        let (stage, block) = place.indices();
        let projection = format!("stages.{stage}.{block}.idconv.");
        if net.has_skip(place) && !weights.keys().any(|name| name.starts_with(&projection)) {
            place.add_to(&mut net.cut);
        }
    }
    net
}

impl ModelFile {
    /// The network of a run, for the class names `classes` and with the rows of its epoch table.
    /// Their seconds are left out: the same run gives the same file, however long it took.
    ///
    /// # Errors
    /// [`WeightsError`] if the weights are another network's, or not finite: a run that diverged is
    /// not worth saving.
    pub fn new(
        config: RunConfig,
        classes: Vec<String>,
        history: Vec<EpochRow>,
        weights: Weights,
    ) -> Result<Self, WeightsError> {
        let architecture = Architecture::new(&config.net, classes.len() as u32);
        check_tensors(&weights, &architecture.tensors())?;
        check_finite(&weights)?;
        let history = history.into_iter().map(|row| EpochRow { seconds: 0.0, ..row }).collect();
        let info = run_info(&config, classes, history);
        Ok(Self { info, config, architecture, weights, familiarity: None })
    }

    /// The bytes of a safetensors file.
    ///
    /// Its metadata are texts: `format` (`pt`, as PyTorch's tools expect), `resnette` (the version
    /// of the metadata), `config` (a link), `classes`, `mean`, `std`, `size` and `history` (JSON),
    /// and `checksum` (see [`checksum`]). If the run kept its best epoch, `epoch` is its number. If
    /// it was a fine-tuning, `fine_tuned_from` (JSON) has name and CRC-32 of the network that it
    /// began with, and the epochs in `config` are those that were asked for: the frozen one, which
    /// comes before them, is in `history` alone. `familiarity` (JSON) is there if it is
    /// known ([`Familiarity`]). There
    /// is no time in it, so that the same run gives the same bytes.
    ///
    /// # Errors
    /// [`ContainerError::Half`] if a number is too large for [`Precision::F16`], and
    /// [`ContainerError::Names`] or [`ContainerError::TooLarge`] if [`Self::read`] would refuse the
    /// file.
    pub fn write(&self, precision: Precision) -> Result<Vec<u8>, ContainerError> {
        self.check(precision)?;
        let mut bytes = safetensors::write(&self.metadata(), &self.weights, precision)?;
        checksum::seal(&mut bytes);
        within_limit(bytes)
    }

    /// The bytes of a burnpack file with the same content, which Burn itself can load.
    ///
    /// # Errors
    /// [`ContainerError::Burnpack`] if Burn's writer refuses the weights, and those of
    /// [`Self::write`].
    pub fn write_burnpack(&self) -> Result<Vec<u8>, ContainerError> {
        self.check(Precision::F32)?;
        let mut bytes = burnpack::write(&self.metadata(), &self.weights)?;
        checksum::seal(&mut bytes);
        within_limit(bytes)
    }

    /// Refuses what would not be opened again, before memory is taken for the file.
    fn check(&self, precision: Precision) -> Result<(), ContainerError> {
        check_class_names(&self.info.classes)?;
        let width = match precision {
            Precision::F32 => 4,
            Precision::F16 => 2,
        };
        match self.weights.values().map(|array| array.values.len() * width).sum() {
            bytes if bytes > safetensors::MAX_FILE_BYTES => Err(ContainerError::TooLarge(bytes)),
            _ => Ok(()),
        }
    }

    fn metadata(&self) -> Metadata {
        let finite = |row: &&EpochRow| {
            [row.train_loss, row.valid_loss, row.accuracy, row.top5, row.seconds]
                .iter()
                .all(|n| n.is_finite())
        };
        let history = self.info.history.iter().filter(finite).map(row_without_time);
        let history: Vec<serde_json::Value> = history.collect();
        let json = |value: serde_json::Value| value.to_string();
        let always = [
            (checksum::KEY, checksum::PLACEHOLDER.to_string()),
            ("format", "pt".to_string()),
            ("resnette", VERSION.to_string()),
            ("config", run_link(&self.config)),
            ("classes", json(self.info.classes.clone().into())),
            ("mean", json(serde_json::json!(MEAN.map(|x| (f64::from(x) * 1e6).round() / 1e6)))),
            ("std", json(serde_json::json!(STD.map(|x| (f64::from(x) * 1e6).round() / 1e6)))),
            ("size", self.info.size.to_string()),
            ("history", json(history.into())),
        ];
        let best = self.info.best.map(|epoch| ("epoch", epoch.to_string()));
        let base = self.info.fine_tuned_from.as_ref();
        let base = base.map(|base| ("fine_tuned_from", json(serde_json::json!(base))));
        let familiarity = self.familiarity.as_ref();
        let familiarity = familiarity.map(|known| ("familiarity", json(serde_json::json!(known))));
        let entries = always.into_iter().chain(best).chain(base).chain(familiarity);
        entries.map(|(key, value)| (key.to_string(), value)).collect()
    }

    /// Says that the weights are those of the best epoch of the table; nothing if there is none.
    pub fn of_best_epoch(mut self, best: Option<u32>) -> Self {
        if let Some(epoch) = best {
            self.info.best = best;
            self.info.name = best_name(epoch);
        }
        self
    }

    /// What a fine-tuning of this network says that it began with.
    pub fn as_base(&self) -> BaseModel {
        let name = self.info.name.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS);
        BaseModel { name: name.collect(), crc32: fingerprint(&self.weights) }
    }

    /// Reads a safetensors or burnpack file with the name `name`. `assumed` gives the size of the
    /// pictures if the file does not say it, and of a network of the chapter what has no tensors:
    /// the activation, the pool behind the stem, and which skips without a convolution are cut.
    ///
    /// Nothing is built, and nothing larger than the file itself is allocated.
    ///
    /// # Errors
    /// [`FileError`]
    pub fn read(name: &str, bytes: &[u8], assumed: &RunConfig) -> Result<Self, FileError> {
        let read = if burnpack::is_burnpack(bytes) {
            burnpack::read(bytes)
        } else {
            safetensors::read(bytes)
        };
        let read = checksum::checked(bytes, read);
        let (metadata, weights) = read.map_err(|error| unusual(bytes, error))?;
        let own = metadata.contains_key("resnette");
        let mut file = match detect_torchvision(&weights) {
            Some(architecture) => Self::torchvision(architecture, weights)?,
            None if own => Self::chapter(config(&metadata)?, classes(&metadata)?, weights)?,
            None => {
                let (net, classes) = detect_chapter(&weights)
                    .ok_or_else(|| FileError::Unknown(foreign_network(&weights)))?;
                let net = with_untold(net, &weights, &assumed.net);
                let config = RunConfig { net, data: assumed.data.clone(), ..unknown_recipe() };
                Self::chapter(config, unnamed_classes(classes as usize), weights)?
            }
        };
        if !own {
            // How it was trained is not known, and the middle square is what most networks see.
            file.info.keep = Keep::default();
        }
        file.info.name = name.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect();
        if own {
            file.describe(&metadata)?;
        }
        Ok(file)
    }

    fn chapter(
        config: RunConfig,
        classes: Vec<String>,
        weights: Weights,
    ) -> Result<Self, FileError> {
        let mut file = Self::new(config, classes, Vec::new(), weights)?;
        file.info.trained = true;
        Ok(file)
    }

    fn torchvision(architecture: Architecture, weights: Weights) -> Result<Self, FileError> {
        check_tensors(&weights, &architecture.tensors()).map_err(|error| {
            match foreign_resnet(&weights) {
                Some(kind) => FileError::Relative { kind, error },
                None => error.into(),
            }
        })?;
        let info = ModelInfo {
            name: architecture.published_name(),
            classes: unnamed_classes(architecture.classes as usize),
            size: IMAGENET_SIZE,
            keep: Keep::SQUARE,
            trained: true,
            parameters: architecture.parameters(),
            history: Vec::new(),
            best: None,
            fine_tuned_from: None,
            net: None,
            layers: architecture.layer_names(),
        };
        let mut config = unknown_recipe();
        config.data.size = IMAGENET_SIZE;
        Ok(Self { info, config, architecture, weights, familiarity: None })
    }

    /// Takes over what the metadata of a file that this program wrote say.
    fn describe(&mut self, metadata: &Metadata) -> Result<(), FileError> {
        let version = &metadata["resnette"];
        if version != VERSION {
            return refuse(
                "resnette",
                format!("version {} is newer than this page; reload the page", shorten(version)),
            );
        }
        let classes = classes(metadata)?;
        if classes.len() != self.info.classes.len() {
            return refuse(
                "classes",
                format!("{} names for {} classes", classes.len(), self.info.classes.len()),
            );
        }
        check_class_names(&classes).or_else(|error| refuse("classes", error.to_string()))?;
        for (key, ours) in [("mean", MEAN), ("std", STD)] {
            let theirs: Vec<f32> = list(metadata, key, MAX_ENTRIES)?;
            if theirs.len() != 3
                || theirs.iter().zip(ours).any(|(theirs, ours)| (theirs - ours).abs() > 1e-4)
            {
                return refuse(
                    key,
                    format!("this page normalises with {ours:?} and no other numbers"),
                );
            }
        }
        self.familiarity = familiarity(metadata, &self.architecture)?;
        self.config = config(metadata)?;
        let size = metadata.get("size").map_or("", String::as_str);
        self.config.set("size", size).or_else(|error| refuse("size", error.to_string()))?;
        let base = fine_tuned_from(metadata)?;
        if base.is_some() {
            self.config.net.head = self.config.net.head.of_kept_fine_tuning();
        }
        let history: Vec<EpochRow> = list(metadata, "history", MAX_ENTRIES)?;
        self.info = ModelInfo {
            classes,
            size: self.config.data.size,
            keep: self.config.recipe.keep(),
            trained: !history.is_empty(),
            best: best(metadata, &history)?,
            fine_tuned_from: base,
            // Files of earlier versions have times.
            history: history.into_iter().map(|row| EpochRow { seconds: 0.0, ..row }).collect(),
            ..std::mem::take(&mut self.info)
        };
        Ok(())
    }

    /// Builds the network on a plain (not autodiff) device.
    ///
    /// # Errors
    /// [`WeightsError`]; never for a file that [`Self::read`] accepted.
    pub fn build(&self, device: &Device) -> Result<Network, WeightsError> {
        Ok(match self.architecture.naming {
            Naming::Chapter => {
                // The first weights do not matter; the file's replace all of them.
                let rng = stream(0, Purpose::Init, 0);
                let network = ResNet::new(&self.architecture, rng, device);
                Network::Chapter(load_weights(network, &self.weights)?)
            }
            Naming::Torchvision => Network::Torchvision(TorchvisionResNet::load(
                &self.architecture,
                &self.weights,
                device,
            )?),
        })
    }
}

/// Why a file cannot be read: if its numbers are of a kind that is not read, whether it is another
/// network says more.
fn unusual(bytes: &[u8], error: ContainerError) -> FileError {
    if matches!(error, ContainerError::Kind { .. })
        && let Ok(bare) = safetensors::read_shapes(bytes)
        && detect_torchvision(&bare).is_none()
        && detect_chapter(&bare).is_none()
    {
        return FileError::Unknown(foreign_network(&bare));
    }
    error.into()
}

/// What the page shows of the network of a run.
pub fn run_info(config: &RunConfig, classes: Vec<String>, history: Vec<EpochRow>) -> ModelInfo {
    let architecture = Architecture::new(&config.net, classes.len() as u32);
    let name = match history.last() {
        Some(row) => format!("the network of this run, after epoch {}", row.epoch),
        None => "the network of the settings, not trained yet".to_string(),
    };
    ModelInfo {
        name,
        parameters: architecture.parameters(),
        classes,
        size: config.data.size,
        keep: config.recipe.keep(),
        trained: !history.is_empty(),
        history,
        best: None,
        fine_tuned_from: None,
        net: Some(config.net.clone()),
        layers: architecture.layer_names(),
    }
}

/// What the page calls the network of a run that kept its best epoch.
pub fn best_name(epoch: u32) -> String {
    format!("the network of this run, after epoch {epoch}, its best")
}

/// Names of the classes of a network whose file has none: ImageNet's, if there are as many, or
/// numbers. Ten classes may be any, CIFAR-10's for one.
fn unnamed_classes(classes: usize) -> Vec<String> {
    let imagenet = imagenet_names();
    if imagenet.len() == classes {
        return imagenet;
    }
    (0..classes).map(|class| format!("class {class}")).collect()
}

/// The settings of a network whose file says nothing of its training. Its loss counts as plain
/// cross-entropy.
fn unknown_recipe() -> RunConfig {
    let mut config = RunConfig::default();
    config.recipe.smoothing = 0.0;
    // Whoever trained it, Predict shows it the middle squares of pictures.
    config.recipe.augment = Augment::CropFlipV1;
    config
}

/// A row of the epoch table without the seconds that the epoch took.
fn row_without_time(row: &EpochRow) -> serde_json::Value {
    let mut row = serde_json::json!(row);
    if let Some(entries) = row.as_object_mut() {
        entries.remove("seconds");
    }
    row
}

/// A file that was written, unless it has grown past what is opened by its header.
fn within_limit(bytes: Vec<u8>) -> Result<Vec<u8>, ContainerError> {
    match bytes.len() {
        length if length > safetensors::MAX_FILE_BYTES => Err(ContainerError::TooLarge(length)),
        _ => Ok(bytes),
    }
}

#[cfg(test)]
mod refusals;
#[cfg(test)]
mod tests;
