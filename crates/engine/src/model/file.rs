//! A network in a file: weights under PyTorch's names, and what one must know to use them.
//!
//! A file that this page saved says everything. A state dict of the same network that PyTorch saved
//! says nothing but names and shapes; those of torchvision's and timm's ResNets are recognised too.

use burn::tensor::Device;
use resnette_images::imagenet::imagenet_names;
use resnette_images::normalize::{MEAN, STD};
use resnette_picture::classes::imagenette_names;
use resnette_protocol::predict::ModelInfo;
use resnette_spec::architecture::Plan;
use resnette_spec::epoch::EpochRow;
use resnette_spec::random::{Purpose, stream};
use resnette_spec::{Link, RunConfig, read_link, write_link};
use serde::de::DeserializeOwned;

use crate::model::container::{ContainerError, Metadata, Precision};
use crate::model::infer::infer;
use crate::model::network::Network;
use crate::model::resnet::ResNet;
use crate::model::shapes::{check, shapes};
use crate::model::torchvision::{TorchvisionPlan, TorchvisionResNet};
use crate::model::weights::{Weights, WeightsError, load_weights};
use crate::model::{burnpack, container};

/// Version of the metadata.
const VERSION: &str = "1";
/// Side of the pictures of a network that was trained on ImageNet.
const IMAGENET_SIZE: u32 = 224;
/// Most classes, and rows of a table.
const MOST_ROWS: usize = 2_000;
/// Longest class name.
const LONGEST_NAME: usize = 200;

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The bytes.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// The tensors.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// What the file says of itself.
    #[error("what the file says under “{key}” cannot be used: {problem}")]
    Metadata {
        /// Key.
        key: &'static str,
        /// Why.
        problem: String,
    },
    /// Nobody's network.
    #[error(
        "the names of the tensors belong neither to a network of this page nor to a ResNet of torchvision or timm; those start with “stem.0.conv.weight” or “conv1.weight”"
    )]
    Unknown,
}

/// Why a network cannot be saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// The engine failed.
    #[error("the network could not be read from the engine ({0}); try again")]
    Engine(String),
    /// The weights have run away.
    #[error("the network is not worth saving: {0}")]
    Weights(#[from] WeightsError),
}

/// Which network the weights belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// The chapter's.
    Chapter(Plan),
    /// torchvision's and timm's.
    Torchvision(TorchvisionPlan),
}

/// A network, out of the engine.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFile {
    /// What the page shows of it.
    pub info: ModelInfo,
    /// The run that it came from; where the file does not say, only the network and the size mean
    /// anything.
    pub config: RunConfig,
    /// Which network.
    pub layout: Layout,
    /// Its weights, which fit the layout.
    pub weights: Weights,
}

impl ModelFile {
    /// A network of a run.
    ///
    /// # Errors
    /// [`WeightsError`] where the weights are another network's, or not finite: a run that diverged
    /// is not worth saving.
    pub fn new(
        config: RunConfig,
        classes: Vec<String>,
        history: Vec<EpochRow>,
        weights: Weights,
    ) -> Result<Self, WeightsError> {
        let plan = Plan::new(&config.net, classes.len() as u32);
        check(&weights, &shapes(&plan))?;
        finite(&weights)?;
        let info = run_info(&config, classes, history);
        Ok(Self { info, config, layout: Layout::Chapter(plan), weights })
    }

    /// The file. Its metadata are texts: `format` (`pt`, as PyTorch's tools expect), `resnette`
    /// (version), `config` (a link), `classes`, `mean`, `std`, `size` and `history` (JSON).
    ///
    /// # Errors
    /// [`ContainerError::Half`]
    pub fn write(&self, precision: Precision) -> Result<Vec<u8>, ContainerError> {
        container::write(&self.metadata(), &self.weights, precision)
    }

    /// The same as a burnpack file, which Burn itself can load into the network.
    ///
    /// # Errors
    /// [`ContainerError::Burnpack`]
    pub fn write_burnpack(&self) -> Result<Vec<u8>, ContainerError> {
        burnpack::write(&self.metadata(), &self.weights)
    }

    fn metadata(&self) -> Metadata {
        let link = Link { run: self.config.clone(), ..Link::default() };
        let finite = |row: &&EpochRow| {
            [row.train_loss, row.valid_loss, row.accuracy, row.top5, row.seconds]
                .iter()
                .all(|n| n.is_finite())
        };
        let history: Vec<&EpochRow> = self.info.history.iter().filter(finite).collect();
        let json = |value: serde_json::Value| value.to_string();
        [
            ("format", "pt".to_string()),
            ("resnette", VERSION.to_string()),
            ("config", write_link(&link)),
            ("classes", json(self.info.classes.clone().into())),
            ("mean", json(serde_json::json!(MEAN.map(|x| (f64::from(x) * 1e6).round() / 1e6)))),
            ("std", json(serde_json::json!(STD.map(|x| (f64::from(x) * 1e6).round() / 1e6)))),
            ("size", self.info.size.to_string()),
            ("history", json(serde_json::json!(history))),
        ]
        .map(|(key, value)| (key.to_string(), value))
        .into()
    }

    /// Reads a file. `assumed` gives the picture size where the file does not say it.
    ///
    /// # Errors
    /// [`FileError`]; nothing is built, and nothing larger than the file itself is allocated.
    pub fn read(name: &str, bytes: &[u8], assumed: &RunConfig) -> Result<Self, FileError> {
        let (metadata, weights) = if burnpack::is_burnpack(bytes) {
            burnpack::read(bytes)?
        } else {
            container::read(bytes)?
        };
        let own = metadata.contains_key("resnette");
        let mut file = match TorchvisionPlan::infer(&weights) {
            Some(plan) => Self::torchvision(plan, weights)?,
            None if own => Self::chapter(config(&metadata)?, list(&metadata, "classes")?, weights)?,
            None => {
                let (net, classes) = infer(&weights).ok_or(FileError::Unknown)?;
                let config = RunConfig { net, data: assumed.data.clone(), ..RunConfig::default() };
                Self::chapter(config, default_names(classes as usize), weights)?
            }
        };
        file.info.name = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
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

    fn torchvision(plan: TorchvisionPlan, weights: Weights) -> Result<Self, FileError> {
        check(&weights, &plan.shapes())?;
        let trainable = weights.iter().filter(|(name, _)| !name.contains(".running_"));
        let info = ModelInfo {
            name: plan.name(),
            classes: default_names(plan.classes),
            size: IMAGENET_SIZE,
            trained: true,
            parameters: trainable.map(|(_, array)| array.values.len() as u64).sum(),
            history: Vec::new(),
            net: None,
            layers: plan.layer_names(),
        };
        let mut config = RunConfig::default();
        config.data.size = IMAGENET_SIZE;
        Ok(Self { info, config, layout: Layout::Torchvision(plan), weights })
    }

    /// Takes over what a file of ours says of itself.
    fn describe(&mut self, metadata: &Metadata) -> Result<(), FileError> {
        let version = &metadata["resnette"];
        if version != VERSION {
            return refuse(
                "resnette",
                format!("version {} is newer than this page; reload the page", shorten(version)),
            );
        }
        let classes: Vec<String> = list(metadata, "classes")?;
        if classes.len() != self.info.classes.len() {
            return refuse(
                "classes",
                format!("{} names for {} classes", classes.len(), self.info.classes.len()),
            );
        }
        if classes.iter().any(|name| {
            name.is_empty()
                || name.chars().count() > LONGEST_NAME
                || name.chars().any(char::is_control)
        }) {
            return refuse("classes", format!("a name must have 1 to {LONGEST_NAME} characters"));
        }
        for (key, ours) in [("mean", MEAN), ("std", STD)] {
            let theirs: Vec<f32> = list(metadata, key)?;
            if theirs.len() != 3
                || theirs.iter().zip(ours).any(|(theirs, ours)| (theirs - ours).abs() > 1e-4)
            {
                return refuse(
                    key,
                    format!("this page normalises with {ours:?} and no other numbers"),
                );
            }
        }
        self.config = config(metadata)?;
        let size = metadata.get("size").map_or("", String::as_str);
        self.config.set("size", size).or_else(|error| refuse("size", error.to_string()))?;
        let history: Vec<EpochRow> = list(metadata, "history")?;
        self.info = ModelInfo {
            classes,
            size: self.config.data.size,
            trained: !history.is_empty(),
            history,
            ..std::mem::take(&mut self.info)
        };
        Ok(())
    }

    /// Builds the network on a plain (not autodiff) device.
    ///
    /// # Errors
    /// [`WeightsError`]; never for a file that [`Self::read`] accepted.
    pub fn build(&self, device: &Device) -> Result<Network, WeightsError> {
        Ok(match &self.layout {
            Layout::Chapter(plan) => {
                let network = ResNet::new(plan, stream(0, Purpose::Init, 0), device);
                Network::Chapter(load_weights(network, &self.weights)?)
            }
            Layout::Torchvision(plan) => {
                Network::Torchvision(TorchvisionResNet::load(plan, &self.weights, device)?)
            }
        })
    }
}

pub(crate) fn finite(weights: &Weights) -> Result<(), WeightsError> {
    match weights.iter().find(|(_, array)| array.values.iter().any(|value| !value.is_finite())) {
        Some((name, _)) => Err(WeightsError::NotFinite(name.clone())),
        None => Ok(()),
    }
}

/// What the page shows of the network of a run.
pub fn run_info(config: &RunConfig, classes: Vec<String>, history: Vec<EpochRow>) -> ModelInfo {
    let plan = Plan::new(&config.net, classes.len() as u32);
    let name = match history.last() {
        Some(row) => format!("the network of this run, after epoch {}", row.epoch),
        None => "the network of the settings, not trained yet".to_string(),
    };
    ModelInfo {
        name,
        parameters: plan.parameters(),
        classes,
        size: config.data.size,
        trained: !history.is_empty(),
        history,
        net: Some(config.net.clone()),
        layers: plan.layer_names(),
    }
}

fn default_names(classes: usize) -> Vec<String> {
    let known =
        [imagenette_names(), imagenet_names()].into_iter().find(|names| names.len() == classes);
    known.unwrap_or_else(|| (0..classes).map(|class| format!("class {class}")).collect())
}

fn config(metadata: &Metadata) -> Result<RunConfig, FileError> {
    let text = metadata.get("config").map_or("", String::as_str);
    let (link, problems) = read_link(text);
    match problems.first() {
        Some(problem) => refuse("config", problem.to_string()),
        None => Ok(link.run),
    }
}

fn list<T: DeserializeOwned>(metadata: &Metadata, key: &'static str) -> Result<Vec<T>, FileError> {
    let text = metadata.get(key).map_or("", String::as_str);
    match serde_json::from_str::<Vec<T>>(text) {
        Ok(list) if list.len() <= MOST_ROWS => Ok(list),
        Ok(list) => {
            refuse(key, format!("{} entries, and at most {MOST_ROWS} are read", list.len()))
        }
        Err(error) => refuse(key, shorten(&error.to_string())),
    }
}

fn refuse<T>(key: &'static str, problem: String) -> Result<T, FileError> {
    Err(FileError::Metadata { key, problem })
}

fn shorten(text: &str) -> String {
    text.chars().take(160).collect()
}

#[cfg(test)]
mod tests;
