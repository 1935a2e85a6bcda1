//! The run: begun, continued, trained one unit of work at a time, and saved.

use std::sync::Arc;

use burn::module::Module;
use resnette_engine::train::checkpoint::Checkpoint;
use resnette_engine::train::learner::{Learner, LearnerError, Tick};
use resnette_images::dataset::Dataset;
use resnette_protocol::persistence::AutosaveOutcome;
use resnette_protocol::run::StepReport;
use resnette_protocol::saved::slots::SlotId;
use resnette_protocol::{Event, Failure, Subsystem};
use resnette_spec::RunConfig;

use crate::host::{Engine, Host};
use crate::opened_model::OpenedModel;
use crate::pace::Pace;

/// The run that is shown, under way or not, or a saved one whose pictures are not there yet.
#[derive(Default)]
pub struct Trainer {
    pub(crate) learner: Option<Learner>,
    /// A saved run that has been read and not been continued yet.
    pub(crate) saved: Option<Checkpoint>,
    /// The slot in which the run is kept; `None` until it is saved.
    pub(crate) slot: Option<SlotId>,
    running: bool,
    pace: Pace,
}

impl Trainer {
    /// Whether steps are being taken.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// Holds the run, and says whether it was under way.
    pub fn hold(&mut self) -> bool {
        std::mem::replace(&mut self.running, false)
    }

    /// Goes on with a run that holds.
    pub(crate) fn go_on<H: Host>(&mut self, host: &H) {
        if self.learner.as_ref().is_some_and(|learner| !learner.is_done()) {
            self.running = true;
            self.pace = Pace::default();
            host.post(Event::Resumed);
        }
    }

    /// Begins a run from its first weights.
    ///
    /// # Errors
    /// [`LearnerError`] if the settings do not fit the pictures.
    pub(crate) fn begin<H: Host>(
        &mut self,
        host: &H,
        engine: &Engine,
        config: RunConfig,
        set: Arc<Dataset>,
    ) -> Result<(), LearnerError> {
        // The old run's tensors go before the new run's come.
        self.learner = None;
        let learner = Learner::new(config, set, &engine.device, engine.read_every)?;
        self.slot = None;
        self.start(host, learner);
        Ok(())
    }

    /// Begins fastai's `fine_tune` of an opened network.
    ///
    /// # Errors
    /// Why it cannot begin, for a person.
    pub(crate) fn fine_tune<H: Host>(
        &mut self,
        host: &H,
        engine: &Engine,
        config: RunConfig,
        set: Arc<Dataset>,
        opened: &OpenedModel,
    ) -> Result<(), String> {
        let device = &engine.device;
        let pretrained = opened.pretrained(device).map_err(|error| error.to_string())?;
        let learner = Learner::fine_tune(config, set, device, engine.read_every, pretrained)
            .map_err(|error| error.to_string())?;
        self.slot = None;
        self.start(host, learner);
        Ok(())
    }

    /// Makes the saved run the run; it stays saved if that fails.
    ///
    /// # Errors
    /// Why it cannot go on, for a person.
    pub(crate) fn continue_saved<H: Host>(
        &mut self,
        host: &H,
        engine: &Engine,
        set: Arc<Dataset>,
    ) -> Result<(), String> {
        let Some(saved) = self.saved.take() else {
            return Err("there is no saved run any more; open it again".into());
        };
        self.learner = None;
        match Learner::resume(&saved, set, &engine.device, engine.read_every) {
            Ok(learner) if learner.is_done() => {
                host.post(Event::Started(learner.shape()));
                self.adopt(learner);
                Ok(())
            }
            Ok(learner) => {
                self.start(host, learner);
                Ok(())
            }
            Err(error) => {
                self.saved = Some(saved);
                Err(error.to_string())
            }
        }
    }

    /// Trains one epoch more, after a run has ended.
    pub(crate) fn add_epoch<H: Host>(&mut self, host: &H) {
        if let Some(learner) = self.learner.as_mut().filter(|learner| learner.is_done()) {
            learner.add_epoch();
            host.post(Event::Started(learner.shape()));
            self.running = true;
        }
    }

    /// Multiplies the learning rate of what is left of the run.
    pub(crate) fn scale_rate(&mut self, factor: f64) {
        if let Some(learner) = self.learner.as_mut().filter(|_| factor.is_finite() && factor > 0.0)
        {
            learner.scale_rate(factor);
        }
    }

    fn start<H: Host>(&mut self, host: &H, learner: Learner) {
        host.post(Event::Started(learner.shape()));
        if let Some(reason) = learner.file_sizes().too_large() {
            // Before the first epoch, not after it.
            host.post(Event::Autosaved(AutosaveOutcome::Failed(reason.into())));
        }
        host.post(Event::Compiling);
        self.adopt(learner);
    }

    fn adopt(&mut self, learner: Learner) {
        self.running = !learner.is_done();
        self.learner = Some(learner);
        self.saved = None;
        self.pace = Pace::default();
    }

    /// One unit of work of the run.
    pub(crate) async fn tick<H: Host>(&mut self, host: &H, engine: &Engine) {
        let Some(learner) = self.learner.as_mut() else {
            self.running = false;
            return;
        };
        match learner.tick().await {
            Ok(Tick::Trained { epoch, batch, steps, gradients }) => {
                let rate = self.pace.after(host.now(), learner.shape().bs);
                host.post(Event::Steps(StepReport { epoch, batch, steps, rate, gradients }));
            }
            Ok(Tick::Validated { epoch, batch }) => {
                let batches = learner.shape().valid_batches;
                host.post(Event::Validating { epoch, batch, batches });
            }
            Ok(Tick::Epoch(row)) => {
                self.pace = Pace::default();
                learner.device().clone().inner().memory_cleanup();
                host.post(Event::Epoch(row));
                host.post(Event::Memory(host.memory(&engine.device)));
                self.autosave(host).await;
            }
            Ok(Tick::Done) => {
                self.running = false;
                host.post(Event::Done);
            }
            Err(error) => {
                self.running = false;
                // A device that is lost answers nothing any more: the page starts another engine
                // and goes on from the last save.
                let during = match error {
                    LearnerError::Engine(_) => Subsystem::Engine,
                    _ => Subsystem::Training,
                };
                host.post(Event::Failed(Failure { during, message: error.to_string() }));
            }
        }
    }

    /// Puts the run into the host's storage. The run goes on whatever comes of it.
    pub(crate) async fn autosave<H: Host>(&mut self, host: &H) {
        let Some(learner) = self.learner.as_mut() else { return };
        if learner.file_sizes().too_large().is_some() {
            // This was told when the run began; its tensors are not even fetched.
            return;
        }
        learner.pause_clock();
        let saved = match learner.checkpoint().await {
            Ok(checkpoint) => host.save_run(self.slot, &checkpoint).await.map(|kept| {
                self.slot = Some(kept.slot);
                let (epoch, done) = (checkpoint.header.epoch, checkpoint.header.is_done());
                AutosaveOutcome::Saved { epoch, done, kept }
            }),
            Err(error) => Err(error.to_string().into()),
        };
        host.post(Event::Autosaved(saved.unwrap_or_else(AutosaveOutcome::Failed)));
    }

    /// The run without autodiff, for whoever asks the network about pictures.
    pub(crate) fn network(&self) -> Option<resnette_engine::model::Network> {
        self.learner.as_ref().map(|learner| learner.model.valid())
    }
}
