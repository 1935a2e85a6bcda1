//! Networks in and out of files.

use resnette_engine::model::burnpack;
use resnette_engine::model::file::ModelFile;
use resnette_engine::model::safetensors::Precision;
use resnette_engine::train::export::export_model;
use resnette_protocol::persistence::ModelFormat;
use resnette_protocol::{Event, Subsystem};
use resnette_spec::RunConfig;

use crate::host::{Engine, Host};
use crate::opened_model::OpenedModel;
use crate::predictor::Predictor;
use crate::ticket::Ticket;
use crate::trainer::Trainer;

impl Predictor {
    /// Writes the network that answers.
    pub(crate) async fn save_model<H: Host>(
        &self,
        host: &H,
        trainer: &Trainer,
        format: ModelFormat,
        ticket: Ticket<H>,
    ) {
        let file = match (&self.opened, &trainer.learner) {
            (Some(opened), _) => opened.file.clone(),
            (None, Some(learner)) => match export_model(learner).await {
                Ok(file) => file,
                Err(error) => return ticket.refused(Subsystem::Model, error),
            },
            (None, None) => {
                let reason = "there is no network yet. Train one or open one first";
                return ticket.refused(Subsystem::Model, reason);
            }
        };
        let last = file.info.history.last().map(|row| row.epoch);
        let stem = match file.info.best.or(last) {
            Some(epoch) => format!("resnette-after-epoch-{epoch}"),
            None => "resnette".to_string(),
        };
        let (written, ending) = match format {
            ModelFormat::Safetensors => (file.write(Precision::F32), "safetensors"),
            ModelFormat::Burnpack => (file.write_burnpack(), burnpack::EXTENSION),
        };
        match written {
            Ok(bytes) => {
                host.post(Event::Model { name: format!("{stem}.{ending}"), bytes });
                ticket.answered();
            }
            Err(error) => ticket.refused(Subsystem::Model, error),
        }
    }

    /// Reads a network; what there was stays if the file is refused.
    pub(crate) fn open_model<H: Host>(
        &mut self,
        host: &H,
        engine: &Engine,
        trainer: &Trainer,
        (name, bytes): (String, Vec<u8>),
        ticket: Ticket<H>,
    ) {
        let learner = trainer.learner.as_ref();
        let assumed = learner.map_or_else(RunConfig::default, |learner| learner.config.clone());
        let opened =
            ModelFile::read(&name, &bytes, &assumed).map_err(|error| error.to_string()).and_then(
                |file| OpenedModel::new(file, &engine.device).map_err(|error| error.to_string()),
            );
        match opened {
            Ok(opened) => {
                host.post(Event::Opened(opened.file.info.clone()));
                self.opened = Some(opened);
                ticket.answered();
            }
            Err(reason) => ticket.refused(
                Subsystem::Model,
                format!("{name} was not opened: {reason}. The network that was there is kept"),
            ),
        }
    }
}
