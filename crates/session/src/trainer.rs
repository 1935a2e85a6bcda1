//! The run: begun, continued, trained one unit of work at a time, paused, and saved.

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
use crate::rival::{ANOTHER_RUN, Race};

/// The run that is shown, under way or not, or a saved one whose pictures are not there yet.
#[derive(Default)]
pub struct Trainer {
    pub(crate) learner: Option<Learner>,
    /// A saved run that has been read and not been continued yet.
    pub(crate) saved: Option<Checkpoint>,
    /// The slot in which the run is kept; `None` until it is saved.
    pub(crate) slot: Option<SlotId>,
    /// The network without a skip connection that races the run; `None` while there is no race.
    pub(crate) race: Option<Race>,
    running: bool,
    /// The reader has paused the run, so that it may take single steps.
    paused: bool,
    pub(crate) pace: Pace,
    /// Counts the runs, of which each begins with a network of its own.
    runs: u32,
    /// Memory that is given back after the first step of a run (see [`headroom`]).
    headroom: Vec<u8>,
}

/// Most memory that is set aside for a run, in bytes.
const MAX_HEADROOM: usize = 16 << 20;

/// Room for four batches of pictures, the largest pieces of memory that come and go with every
/// step. It is held during the first step, so that the memory of a tab, which never shrinks, grows
/// by as much at the beginning. Later steps find no gap of that size between smaller things that
/// stay, and would let the memory grow in the middle of a run, where a phone may end the tab.
fn headroom(learner: &Learner) -> Vec<u8> {
    let side = learner.config.data.size as usize;
    let numbers = 4 * 3 * (learner.shape().bs as usize) * side * side;
    let mut room = Vec::new();
    // Where there is none, the run can do without.
    let _ = room.try_reserve_exact(MAX_HEADROOM.min(size_of::<f32>() * numbers));
    room
}

/// Why a single step was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StepError {
    /// The run takes its steps by itself.
    #[error("no single step was taken, because the run is under way. Press Pause first")]
    UnderWay,
    /// There is no run, or it has ended, or it was stopped.
    #[error("no single step was taken, because no run is paused here. Start one, then press Pause")]
    NotPaused,
}

impl Trainer {
    /// Whether steps are being taken.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// Whether the reader has paused the run.
    pub(crate) fn is_paused(&self) -> bool {
        self.paused
    }

    /// Holds the run, which is not paused any more if it was, and says whether it was under way.
    pub fn hold(&mut self) -> bool {
        self.paused = false;
        self.headroom = Vec::new();
        std::mem::replace(&mut self.running, false)
    }

    /// Pauses the run, and says whether it was under way. A paused one stays paused.
    pub(crate) fn pause(&mut self) -> bool {
        let was_running = std::mem::replace(&mut self.running, false);
        self.paused |= was_running;
        was_running
    }

    /// Pauses a run that has not ended though nothing is under way, as after a race whose other
    /// network had ended.
    pub(crate) fn pause_unended<H: Host>(&mut self, host: &H) {
        let is_done = self.learner.as_ref().is_none_or(Learner::is_done);
        if !is_done && !self.running && !self.paused {
            self.paused = true;
            host.post(Event::Paused);
        }
    }

    /// Goes on with a run that holds. One that was paused behind its last epoch has ended, unless
    /// the network that races it has not.
    pub(crate) fn go_on<H: Host>(&mut self, host: &H) {
        let Some(learner) = &self.learner else { return };
        if !learner.is_done() || self.is_rival_behind() {
            (self.running, self.paused) = (true, false);
            self.pace = Pace::default();
            host.post(Event::Resumed);
        } else if std::mem::take(&mut self.paused) {
            host.post(Event::Done);
        }
    }

    /// One unit of work of a paused run, which stays paused unless that was its last.
    ///
    /// # Errors
    /// [`StepError`] if the run is not paused, and then nothing is done.
    pub(crate) async fn step<H: Host>(
        &mut self,
        host: &H,
        engine: &Engine,
    ) -> Result<(), StepError> {
        if self.running {
            return Err(StepError::UnderWay);
        }
        let paused = self.paused;
        let learner = self.learner.as_mut().filter(|_| paused).ok_or(StepError::NotPaused)?;
        let done = learner.tick_and_read().await;
        learner.pause_clock();
        // Between two single steps lies the reader's time, of which there is no rate.
        self.pace = Pace::default();
        self.report(done, host, engine).await;
        self.follow_single_step(host).await;
        let ended = self.learner.as_ref().is_none_or(Learner::is_done);
        if ended && std::mem::take(&mut self.paused) {
            host.post(Event::Done);
        }
        Ok(())
    }

    /// The number of the run that is shown.
    pub(crate) fn run_number(&self) -> u32 {
        self.runs
    }

    /// Stops the epoch's clock until the next unit of work: something else has its turn.
    pub(crate) fn stand_aside(&mut self) {
        if let Some(learner) = self.learner.as_mut() {
            learner.pause_clock();
        }
        self.pace = Pace::default();
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
        // One may have begun while the pictures came.
        self.end_race(host, ANOTHER_RUN);
        // The old run's tensors go before the new run's come.
        self.learner = None;
        // What the warm-up left on the device too, so that the run's tensors lie close together.
        engine.device.memory_cleanup();
        let learner = Learner::new(config, set, &engine.device, engine.read_every)?;
        self.slot = None;
        self.start(host, learner.with_groups_in_flight(engine.groups_in_flight));
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
        self.end_race(host, ANOTHER_RUN);
        self.slot = None;
        self.start(host, learner.with_groups_in_flight(engine.groups_in_flight));
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
        self.end_race(host, ANOTHER_RUN);
        self.learner = None;
        engine.device.memory_cleanup();
        let learner = Learner::resume(&saved, set, &engine.device, engine.read_every);
        match learner.map(|learner| learner.with_groups_in_flight(engine.groups_in_flight)) {
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
        self.end_race(host, "Another epoch was added");
        if let Some(learner) = self.learner.as_mut().filter(|learner| learner.is_done()) {
            learner.add_epoch();
            host.post(Event::Started(learner.shape()));
            (self.running, self.paused) = (true, false);
        }
    }

    /// Multiplies the learning rate of what is left of the run.
    pub(crate) fn scale_rate(&mut self, factor: f64) {
        if let Some(learner) = self.learner.as_mut().filter(|_| factor.is_finite() && factor > 0.0)
        {
            learner.scale_rate(factor);
            if let Some(race) = self.race.as_mut() {
                race.scale_rate(learner, factor);
            }
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
        (self.running, self.paused) = (!learner.is_done(), false);
        self.headroom = if self.running { headroom(&learner) } else { Vec::new() };
        self.learner = Some(learner);
        self.saved = None;
        self.pace = Pace::default();
        self.runs = self.runs.wrapping_add(1);
    }

    /// Goes on with another network as the run, which stays as it is: under way, paused or ended.
    pub(crate) fn replace(&mut self, learner: Learner) {
        self.learner = Some(learner);
        self.pace = Pace::default();
        self.runs = self.runs.wrapping_add(1);
    }

    /// One unit of work of the run, or of the network that races it.
    pub(crate) async fn tick<H: Host>(&mut self, host: &H, engine: &Engine) {
        if self.is_rival_behind() {
            return self.tick_rival(host, false).await;
        }
        let Some(learner) = self.learner.as_mut() else {
            self.running = false;
            return;
        };
        let done = learner.tick().await;
        self.report(done, host, engine).await;
    }

    /// Tells the page what a unit of work did.
    async fn report<H: Host>(
        &mut self,
        done: Result<Tick, LearnerError>,
        host: &H,
        engine: &Engine,
    ) {
        let Some(learner) = &self.learner else { return };
        match done {
            Ok(Tick::Trained { epoch, batch, steps, gradients }) => {
                self.headroom = Vec::new();
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
                self.hold();
                host.post(Event::Done);
            }
            Err(error) => {
                self.tell_late(host);
                self.fail(error, host);
            }
        }
    }

    /// The run cannot go on, and with it a race ends.
    pub(crate) fn fail<H: Host>(&mut self, error: LearnerError, host: &H) {
        self.hold();
        self.end_race(host, "The race has ended with the run");
        // A device that is lost answers nothing any more: the page starts another engine
        // and goes on from the last save.
        let during = match error {
            LearnerError::Engine(_) => Subsystem::Engine,
            _ => Subsystem::Training,
        };
        host.post(Event::Failed(Failure { during, message: error.to_string() }));
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
