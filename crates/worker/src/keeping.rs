//! The session's runs that are kept: saved after every epoch and on pause, read back, continued,
//! and as a file.

use resnette_engine::model::file::ModelFile;
use resnette_engine::train::checkpoint::{Checkpoint, CheckpointError};
use resnette_engine::train::learner::Learner;
use resnette_images::batch::full_batches;
use resnette_protocol::keep::{GoOn, Kept, Origin, Restored};
use resnette_protocol::run::RunShape;
use resnette_protocol::saved::{Head, Place};
use resnette_protocol::{Event, Stage};
use resnette_spec::architecture::Plan;

use crate::files::HeldFile;
use crate::post;
use crate::predicting::Opened;
use crate::session::{Session, fail};

impl Session {
    /// Puts the run into the browser's storage. The run goes on whatever comes of it.
    pub(super) async fn autosave(&mut self) {
        let Some(learner) = self.learner.as_mut() else { return };
        learner.hold();
        let kept = match learner.checkpoint().await {
            Ok(frozen) => match self.store.save(&frozen).await {
                Ok(()) => Kept::Saved { epoch: frozen.head.epoch, done: frozen.head.is_done() },
                Err(error) => Kept::Not(error.to_string()),
            },
            Err(error) => Kept::Not(error.to_string()),
        };
        post(&Event::Kept(kept));
    }

    /// Writes the run as a file for the reader.
    pub(super) async fn save_run(&mut self) {
        let written = match (&self.frozen, self.learner.as_mut()) {
            (Some(frozen), _) => frozen.write(0).map(|bytes| (frozen.head.epoch, bytes)),
            (None, Some(learner)) => match learner.checkpoint().await {
                Ok(frozen) => frozen.write(0).map(|bytes| (frozen.head.epoch, bytes)),
                Err(error) => Err(error),
            },
            (None, None) => {
                return fail(Stage::Model, "there is no run yet. Train one or open one first");
            }
        };
        match written {
            Ok((epochs, bytes)) => {
                post(&Event::Model { name: format!("run-after-{epochs}-epochs.resnette"), bytes })
            }
            Err(error) => fail(Stage::Model, format!("the run was not saved: {error}")),
        }
    }

    /// Reads a run from a file; what there was stays where the file is refused.
    pub(super) fn open_run(&mut self, name: &str, bytes: &[u8]) {
        let read = Checkpoint::read(bytes).and_then(|(_, frozen)| self.restore(frozen, None));
        if let Err(error) = read {
            fail(
                Stage::Model,
                format!("{name} was not opened: {error}. The run that was there is kept"),
            );
        }
    }

    /// Goes on with a saved run, from the browser's storage or as it was opened.
    pub(super) async fn go_on(&mut self, wanted: GoOn, files: &[HeldFile]) {
        self.running = false;
        if wanted.origin == Origin::Storage {
            let restored = match self.store.load().await {
                Ok((frozen, note)) => self.restore(frozen, note).map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            if let Err(reason) = restored {
                return fail(
                    Stage::Training,
                    format!("the saved run cannot be continued: {reason}"),
                );
            }
        }
        if self.frozen.as_ref().is_some_and(|frozen| !frozen.head.is_done()) {
            self.thaw(files).await;
        }
    }

    /// Loads the pictures of the saved run and makes it the run; it stays frozen where that fails.
    pub(super) async fn thaw(&mut self, files: &[HeldFile]) {
        let Some(frozen) = self.frozen.take() else { return };
        if let Some(set) = self.load(&frozen.config.data, frozen.config.seed, files).await {
            self.learner = None;
            match Learner::resume(&frozen, set, &self.engine.device, self.engine.read_every) {
                Ok(learner) => {
                    post(&Event::Started(learner.shape()));
                    if !learner.is_done() {
                        post(&Event::Compiling);
                    }
                    return self.begin(learner);
                }
                Err(error) => fail(Stage::Training, error),
            }
        }
        self.frozen = Some(frozen);
    }

    /// Shows a saved run; its network answers from now on.
    fn restore(&mut self, frozen: Checkpoint, note: Option<String>) -> Result<(), CheckpointError> {
        let head = &frozen.head;
        let file = ModelFile::new(
            frozen.config.clone(),
            head.classes.clone(),
            head.rows.clone(),
            frozen.weights.clone(),
        )?;
        self.opened = Some(Opened::new(file, &self.engine.device)?);
        self.running = false;
        self.learner = None;
        post(&Event::Restored(Box::new(shown(&frozen, note))));
        self.frozen = Some(frozen);
        Ok(())
    }
}

fn shown(frozen: &Checkpoint, note: Option<String>) -> Restored {
    let Head { classes, pictures, .. } = &frozen.head;
    let recipe = &frozen.config.recipe;
    let batches = full_batches(pictures.train as usize, recipe.bs);
    let shape = RunShape {
        epochs: recipe.epochs,
        batches,
        valid_batches: pictures.valid.div_ceil(recipe.bs),
        bs: recipe.bs.min(pictures.train),
        parameters: Plan::new(&frozen.config.net, classes.len() as u32).parameters(),
        classes: classes.clone(),
    };
    let at = match frozen.head.place {
        Place::Train(0) | Place::Done => {
            frozen.head.epoch.checked_sub(1).map(|epoch| (epoch, batches.saturating_sub(1)))
        }
        Place::Train(batch) => Some((frozen.head.epoch, batch - 1)),
        Place::Validate => Some((frozen.head.epoch, batches.saturating_sub(1))),
    };
    Restored {
        link: frozen.head.link.clone(),
        shape,
        rows: frozen.head.rows.clone(),
        curve: frozen.head.curve.clone(),
        at,
        done: frozen.head.is_done(),
        note,
    }
}
