//! The network that answers: that of an opened file, else that of the run, else an untrained one.

use burn::tensor::Device;
use resnette_engine::experiments::InspectedModel;
use resnette_engine::model::file::run_info;
use resnette_engine::model::{Network, ResNet};
use resnette_engine::predict::classify::Classifier;
use resnette_engine::predict::familiarity::Familiarity;
use resnette_engine::train::export::learner_info;
use resnette_picture::classes::imagenette_names;
use resnette_protocol::predict::{ModelInfo, Request};
use resnette_protocol::{Event, Subsystem};
use resnette_spec::RunConfig;
use resnette_spec::architecture::Architecture;
use resnette_spec::random::{Purpose, stream};

use crate::host::{Engine, Host};
use crate::opened_model::OpenedModel;
use crate::ticket::Ticket;
use crate::trainer::Trainer;

/// A network that answers, with what is known of it.
pub(crate) struct Answering {
    pub(crate) network: Network,
    pub(crate) info: ModelInfo,
    /// The settings that the network came from.
    pub(crate) config: RunConfig,
    /// Tells pictures that are unlike those it was trained on.
    pub(crate) familiarity: Option<Familiarity>,
}

/// Answers about pictures.
#[derive(Default)]
pub struct Predictor {
    /// A network from a file: it answers until the next run begins.
    pub(crate) opened: Option<OpenedModel>,
}

impl Predictor {
    /// The network that answers, if one has been opened or trained.
    pub(crate) fn answering(&self, trainer: &Trainer) -> Option<Answering> {
        if let Some(OpenedModel { file, network }) = &self.opened {
            return Some(Answering {
                network: network.clone(),
                info: file.info.clone(),
                config: file.config.clone(),
                familiarity: file.familiarity.clone(),
            });
        }
        let learner = trainer.learner.as_ref()?;
        Some(Answering {
            network: trainer.network()?,
            info: learner_info(learner),
            config: learner.config.clone(),
            familiarity: learner.familiarity.clone(),
        })
    }

    /// The network that the lesson looks into: one that has been trained and has the chapter's
    /// blocks.
    pub(crate) fn inspected(&self, trainer: &Trainer) -> Option<InspectedModel> {
        let Answering { network, info, config, .. } = self.answering(trainer)?;
        match network {
            Network::Chapter(model) if info.trained => Some(InspectedModel {
                model,
                net: config.net,
                classes: info.classes,
                name: info.name,
            }),
            _ => None,
        }
    }

    /// Classifies pictures. Without a network of the reader's, an untrained one of the settings
    /// answers, which guesses.
    pub(crate) async fn predict<H: Host>(
        &self,
        host: &H,
        engine: &Engine,
        trainer: &Trainer,
        request: Request,
        ticket: Ticket<H>,
    ) {
        let Answering { network, info, familiarity, .. } =
            self.answering(trainer).unwrap_or_else(|| untrained(&request.config, &engine.device));
        let classifier = Classifier {
            network: &network,
            info: &info,
            device: &engine.device,
            familiarity: familiarity.as_ref(),
        };
        match classifier.answer(&request, &host.decoder()).await {
            Ok(answer) => {
                host.post(Event::Predicted(answer));
                ticket.answered();
            }
            Err(error) => ticket.refused(Subsystem::Predicting, error),
        }
    }
}

/// The network of the settings as a run would start with it.
fn untrained(config: &RunConfig, device: &Device) -> Answering {
    let classes = imagenette_names();
    let architecture = Architecture::new(&config.net, classes.len() as u32);
    let network = ResNet::new(&architecture, stream(config.seed, Purpose::Init, 0), device);
    Answering {
        network: Network::Chapter(network),
        info: run_info(config, classes, Vec::new()),
        config: config.clone(),
        familiarity: None,
    }
}
