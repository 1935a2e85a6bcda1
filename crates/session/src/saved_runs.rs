//! Runs in and out of storage and files.

use resnette_engine::model::file::ModelFile;
use resnette_engine::train::checkpoint::{Checkpoint, CheckpointError};
use resnette_protocol::persistence::{Restored, SavedRunSource};
use resnette_protocol::run::RunShape;
use resnette_protocol::saved::slots::SlotId;
use resnette_protocol::saved::{EpochPosition, RunHeader};
use resnette_protocol::{Event, Subsystem};
use resnette_spec::architecture::Architecture;
use resnette_spec::run_link;
use resnette_spec::short_run::full_batches;

use crate::host::{Engine, Host};
use crate::opened_model::OpenedModel;
use crate::predictor::Predictor;
use crate::ticket::Ticket;
use crate::trainer::Trainer;

impl Trainer {
    /// Writes the run as a file for the reader.
    pub(crate) async fn save_as_file<H: Host>(&mut self, host: &H, ticket: Ticket<H>) {
        self.read_losses(host).await;
        let checkpoint = match (&self.saved, self.learner.as_mut()) {
            (Some(saved), _) => Ok(saved.clone()),
            (None, Some(learner)) => learner.checkpoint().await,
            (None, None) => {
                let reason = "there is no run yet. Train one or open one first";
                return ticket.refused(Subsystem::Model, reason);
            }
        };
        let written =
            checkpoint.and_then(|checkpoint| Ok((checkpoint.header.epoch, checkpoint.write(0)?)));
        match written {
            Ok((epochs, bytes)) => {
                let name = format!("run-after-{epochs}-epochs.resnette");
                host.post(Event::Model { name, bytes });
                ticket.answered();
            }
            Err(error) => {
                ticket.refused(Subsystem::Model, format!("the run was not saved: {error}"));
            }
        }
    }

    /// Reads a run from a file; what there was stays if the file is refused.
    pub(crate) fn open_file<H: Host>(
        &mut self,
        host: &H,
        engine: &Engine,
        predictor: &mut Predictor,
        (name, bytes): (String, Vec<u8>),
        ticket: Ticket<H>,
    ) {
        let read = Checkpoint::read(&bytes)
            .and_then(|(_, saved)| self.restore(host, engine, predictor, (saved, None), None));
        match read {
            Ok(()) => ticket.answered(),
            Err(error) => ticket.refused(
                Subsystem::Model,
                format!("{name} was not opened: {error}. The run that was there is kept"),
            ),
        }
    }

    /// Reads the saved run that is to continue, if it is not the one that was opened before.
    ///
    /// # Errors
    /// Why there is none, for a person.
    pub(crate) async fn read_saved<H: Host>(
        &mut self,
        host: &H,
        engine: &Engine,
        predictor: &mut Predictor,
        source: SavedRunSource,
    ) -> Result<(), String> {
        let SavedRunSource::Storage(slot) = source else { return Ok(()) };
        let saved = host.load_run(slot).await?;
        self.restore(host, engine, predictor, saved, Some(slot)).map_err(|error| error.to_string())
    }

    /// Shows a saved run; its network answers from now on.
    fn restore<H: Host>(
        &mut self,
        host: &H,
        engine: &Engine,
        predictor: &mut Predictor,
        (saved, note): (Checkpoint, Option<String>),
        slot: Option<SlotId>,
    ) -> Result<(), CheckpointError> {
        let RunHeader { classes, rows, .. } = &saved.header;
        let (config, weights) = (saved.config.clone(), saved.weights.clone());
        let best = config.recipe.best_epoch(rows).filter(|_| saved.header.is_done());
        let file = ModelFile::new(config, classes.clone(), rows.clone(), weights)?;
        let file = file.of_best_epoch(best);
        predictor.opened = Some(OpenedModel::new(file, &engine.device)?);
        self.hold();
        self.end_race(host, "The race has ended, because a saved run was opened");
        self.learner = None;
        host.post(Event::Restored(Box::new(restored(&saved, note))));
        self.saved = Some(saved);
        // A run from a file takes a slot of its own.
        self.slot = slot;
        Ok(())
    }
}

/// What the page shows of a saved run before its pictures are loaded.
pub(crate) fn restored(saved: &Checkpoint, note: Option<String>) -> Restored {
    let RunHeader { classes, dataset, .. } = &saved.header;
    let recipe = &saved.config.recipe;
    let batches = full_batches(dataset.train as usize, recipe.bs);
    let shape = RunShape {
        epochs: recipe.epochs,
        batches,
        valid_batches: dataset.valid.div_ceil(recipe.bs),
        bs: recipe.bs.min(dataset.train),
        parameters: Architecture::new(&saved.config.net, classes.len() as u32).parameters(),
        classes: classes.clone(),
    };
    let last = batches.saturating_sub(1);
    let at = match saved.header.position {
        EpochPosition::Train(0) | EpochPosition::Done => {
            saved.header.epoch.checked_sub(1).map(|epoch| (epoch, last))
        }
        EpochPosition::Train(batch) => Some((saved.header.epoch, batch - 1)),
        EpochPosition::Validate => Some((saved.header.epoch, last)),
    };
    Restored {
        link: run_link(&saved.config),
        shape,
        rows: saved.header.rows.clone(),
        curve: saved.header.curve.clone(),
        at,
        done: saved.header.is_done(),
        note,
    }
}
