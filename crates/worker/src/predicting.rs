//! The session's answers about pictures, and networks in and out of files.

use burn::module::Module;
use burn::tensor::Device;
use resnette_engine::model::container::Precision;
use resnette_engine::model::file::{ModelFile, run_info};
use resnette_engine::model::weights::WeightsError;
use resnette_engine::model::{Network, ResNet, burnpack};
use resnette_engine::predict::classify::Asked;
use resnette_engine::predict::measure::{MeasureError, measure};
use resnette_engine::train::export::{export_model, learner_info};
use resnette_picture::classes::imagenette_names;
use resnette_protocol::keep::ModelFormat;
use resnette_protocol::predict::{ModelInfo, Request};
use resnette_protocol::{Event, Stage};
use resnette_spec::RunConfig;
use resnette_spec::architecture::Plan;
use resnette_spec::random::{Purpose, stream};

use crate::breathe::breathe;
use crate::post;
use crate::session::{Session, fail};

/// A network from a file.
pub struct Opened {
    pub(super) file: ModelFile,
    network: Network,
}

impl Opened {
    /// Builds the network of a file.
    pub(super) fn new(file: ModelFile, device: &Device) -> Result<Self, WeightsError> {
        Ok(Self { network: file.build(device)?, file })
    }
}

impl Session {
    /// Answers about pictures: with the network of an opened file, else of the run, else with an
    /// untrained one of the settings, which guesses.
    pub(super) async fn predict(&mut self, request: Request) {
        let (network, info) = match self.network() {
            Some((network, info, _)) => (network, info),
            None => untrained(&request.config, &self.engine.device),
        };
        let asked = Asked { network: &network, info: &info, device: &self.engine.device };
        match asked.answer(&request).await {
            Ok(answer) => post(&Event::Predicted(answer)),
            Err(error) => fail(Stage::Predicting, error),
        }
    }

    /// Measures the network that answers on the validation pictures that are loaded.
    pub(super) async fn evaluate(&mut self) {
        let Some((network, info, config)) = self.network() else {
            return fail(Stage::Predicting, "there is no network yet. Train one or open one first");
        };
        let own = self.learner.as_ref().filter(|_| self.opened.is_none());
        let set = own
            .map(|learner| &learner.data)
            .or(self.data.as_ref().map(|loaded| &loaded.set))
            .cloned();
        let Some(set) = set else { return fail(Stage::Predicting, MeasureError::NoPictures) };
        // In the middle of an epoch the last validation's logits are an older network's; a restored
        // run has none.
        let scored = own
            .filter(|learner| learner.is_done() && !learner.scored.is_empty())
            .map(|learner| learner.scored.clone());
        let asked = Asked { network: &network, info: &info, device: &self.engine.device };
        match measure(asked, &config, &set, scored, breathe).await {
            Ok(evaluation) => post(&Event::Evaluated(evaluation)),
            Err(error) => fail(Stage::Predicting, error),
        }
    }

    /// Writes the network that answers.
    pub(super) async fn save_model(&mut self, format: ModelFormat) {
        let file = match (&self.opened, &self.learner) {
            (Some(opened), _) => opened.file.clone(),
            (None, Some(learner)) => match export_model(learner).await {
                Ok(file) => file,
                Err(error) => return fail(Stage::Model, error),
            },
            (None, None) => {
                return fail(Stage::Model, "there is no network yet. Train one or open one first");
            }
        };
        let stem = match file.info.history.last() {
            Some(row) => format!("resnette-after-epoch-{}", row.epoch),
            None => "resnette".to_string(),
        };
        let (written, ending) = match format {
            ModelFormat::Safetensors => (file.write(Precision::F32), "safetensors"),
            ModelFormat::Burnpack => (file.write_burnpack(), burnpack::EXTENSION),
        };
        match written {
            Ok(bytes) => post(&Event::Model { name: format!("{stem}.{ending}"), bytes }),
            Err(error) => fail(Stage::Model, error),
        }
    }

    /// Reads a network; what there was stays where the file is refused.
    pub(super) fn open_model(&mut self, name: &str, bytes: &[u8]) {
        let assumed =
            self.learner.as_ref().map_or_else(RunConfig::default, |learner| learner.config.clone());
        let refuse = |reason: String| {
            fail(
                Stage::Model,
                format!("{name} was not opened: {reason}. The network that was there is kept"),
            )
        };
        let file = match ModelFile::read(name, bytes, &assumed) {
            Ok(file) => file,
            Err(error) => return refuse(error.to_string()),
        };
        match Opened::new(file, &self.engine.device) {
            Ok(opened) => {
                post(&Event::Opened(opened.file.info.clone()));
                self.opened = Some(opened);
            }
            Err(error) => refuse(error.to_string()),
        }
    }

    /// The network that answers, what is known of it, and the settings that it came from.
    pub(super) fn network(&self) -> Option<(Network, ModelInfo, RunConfig)> {
        if let Some(Opened { file, network }) = &self.opened {
            return Some((network.clone(), file.info.clone(), file.config.clone()));
        }
        self.learner
            .as_ref()
            .map(|learner| (learner.model.valid(), learner_info(learner), learner.config.clone()))
    }
}

/// The network of the settings as a run would start with it.
fn untrained(config: &RunConfig, device: &burn::tensor::Device) -> (Network, ModelInfo) {
    let classes = imagenette_names();
    let plan = Plan::new(&config.net, classes.len() as u32);
    let network = ResNet::new(&plan, stream(config.seed, Purpose::Init, 0), device);
    (Network::Chapter(network), run_info(config, classes, Vec::new()))
}
