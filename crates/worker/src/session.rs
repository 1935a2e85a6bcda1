//! What the worker has and does: pictures, a run, and whose turn it is.

use futures::future::join;
use resnette_engine::experiments::Desk;
use resnette_engine::train::checkpoint::Checkpoint;
use resnette_engine::train::learner::{Learner, LearnerError, Tick};
use resnette_engine::train::lr_find::LrFind;
use resnette_engine::train::warm_up::warm_up;
use resnette_protocol::engine::EngineKind;
use resnette_protocol::run::StepReport;
use resnette_protocol::{Command, Event, Failure, Stage};
use resnette_spec::RunConfig;
use web_time::Instant;

use crate::breathe::breathe;
use crate::files::HeldFile;
use crate::inbox::{Inbox, Letter};
use crate::loading::Loaded;
use crate::memory::held;
use crate::predicting::Opened;
use crate::store::Store;
use crate::{Engine, post};

/// One page's work.
pub struct Session {
    pub(super) engine: Engine,
    pub(super) inbox: Inbox,
    pub(super) data: Option<Loaded>,
    pub(super) learner: Option<Learner>,
    /// A network from a file: it answers until the next run begins.
    pub(super) opened: Option<Opened>,
    /// A saved run that has been read and not continued yet.
    pub(super) frozen: Option<Checkpoint>,
    pub(super) store: Store,
    /// Experiments of the lesson.
    pub(super) desk: Desk,
    /// A search for a learning rate.
    pub(super) finder: Option<LrFind>,
    pub(super) running: bool,
    pub(super) pace: Pace,
    /// A GPU that has compiled no kernels yet.
    cold: bool,
}

impl Session {
    /// An idle session.
    pub fn new(engine: Engine, inbox: Inbox) -> Self {
        let desk = Desk::new(engine.device.clone());
        let cold = engine.info.kind == EngineKind::WebGpu;
        Self {
            engine,
            inbox,
            data: None,
            learner: None,
            opened: None,
            frozen: None,
            store: Store::default(),
            desk,
            finder: None,
            running: false,
            pace: Pace::default(),
            cold,
        }
    }

    /// Serves until the worker ends. Between two steps every waiting command has its turn; an
    /// experiment takes turns with a run.
    pub async fn run(mut self) {
        loop {
            if self.running || self.finder.is_some() || self.desk.is_busy() {
                while let Some(letter) = self.inbox.take() {
                    self.handle(letter).await;
                }
                if self.running {
                    self.step().await;
                    breathe().await;
                }
                if self.finder.is_some() {
                    self.try_rate().await;
                    breathe().await;
                }
                if self.desk.is_busy() {
                    self.experiment().await;
                    breathe().await;
                }
            } else {
                let letter = self.inbox.wait().await;
                self.handle(letter).await;
            }
        }
    }

    async fn handle(&mut self, (command, files): Letter) {
        match command {
            Command::Load { data, seed } => {
                self.load(&data, seed, &files).await;
            }
            Command::Train(config) => self.train(config, &files).await,
            Command::Pause => {
                if self.running {
                    self.running = false;
                    post(&Event::Paused);
                    self.autosave().await;
                }
            }
            Command::Resume => {
                if self.learner.as_ref().is_some_and(|learner| !learner.is_done()) {
                    self.running = true;
                    self.pace = Pace::default();
                    post(&Event::Resumed);
                }
            }
            Command::Stop => {
                let searched = self.cancel_search();
                if self.running || !searched {
                    self.running = false;
                    post(&Event::Stopped);
                }
            }
            Command::OneMoreEpoch => {
                if self.frozen.is_some() {
                    self.thaw(&files).await;
                }
                if let Some(learner) = self.learner.as_mut().filter(|learner| learner.is_done()) {
                    learner.one_more_epoch();
                    post(&Event::Started(learner.shape()));
                    self.running = true;
                }
            }
            Command::ScaleRate(factor) => {
                if let Some(learner) =
                    self.learner.as_mut().filter(|_| factor.is_finite() && factor > 0.0)
                {
                    learner.scale_rate(factor);
                }
            }
            Command::FindRate(config) => self.find_rate(config, &files).await,
            Command::SelfTest => self.check_engine().await,
            Command::Benchmark(ask) => self.benchmark(ask).await,
            Command::Predict(request) => self.predict(request).await,
            Command::Evaluate => self.evaluate().await,
            Command::SaveModel(format) => self.save_model(format).await,
            Command::OpenModel { name, bytes } => self.open_model(&name, &bytes),
            Command::SaveRun => self.save_run().await,
            Command::OpenRun { name, bytes } => self.open_run(&name, &bytes),
            Command::Continue(wanted) => self.go_on(wanted, &files).await,
            Command::ShowBatch { config, shuffle } => self.show_batch(config, shuffle),
            Command::FetchModel(text) => self.fetch_model(&text).await,
            Command::FineTune(config) => self.fine_tune(config, &files).await,
            Command::Lesson(ask) => self.lesson(ask),
        }
    }

    async fn train(&mut self, config: RunConfig, files: &[HeldFile]) {
        self.running = false;
        self.cancel_search();
        // A GPU compiles its kernels while the pictures come.
        let cold = std::mem::take(&mut self.cold).then(|| self.engine.device.clone());
        let warming = async {
            if let Some(device) = cold {
                breathe().await;
                warm_up(&config, &device);
            }
        };
        let (set, ()) = join(self.load(&config.data, config.seed, files), warming).await;
        let Some(set) = set else { return };
        // The old run's tensors go before the new run's come.
        self.learner = None;
        match Learner::new(config, set, &self.engine.device, self.engine.read_every) {
            Ok(learner) => {
                post(&Event::Started(learner.shape()));
                post(&Event::Compiling);
                self.begin(learner);
            }
            Err(error) => fail(Stage::Training, error),
        }
    }

    /// This is the run from now on.
    pub(super) fn begin(&mut self, learner: Learner) {
        self.running = !learner.is_done();
        self.learner = Some(learner);
        self.opened = None;
        self.frozen = None;
        self.pace = Pace::default();
    }

    /// One unit of work of the run.
    async fn step(&mut self) {
        let Some(learner) = self.learner.as_mut() else {
            self.running = false;
            return;
        };
        match learner.tick().await {
            Ok(Tick::Trained { epoch, batch, steps, gradients }) => {
                let rate = self.pace.after(learner.shape().bs);
                post(&Event::Steps(StepReport { epoch, batch, steps, rate, gradients }));
            }
            Ok(Tick::Validated { epoch, batch }) => {
                post(&Event::Validating { epoch, batch, batches: learner.shape().valid_batches })
            }
            Ok(Tick::Epoch(row)) => {
                self.pace = Pace::default();
                learner.device().clone().inner().memory_cleanup();
                post(&Event::Epoch(row));
                post(&Event::Memory(held(&self.engine.device)));
                self.autosave().await;
            }
            Ok(Tick::Done) => {
                self.running = false;
                post(&Event::Done);
            }
            Err(error) => {
                self.running = false;
                // A device that is lost answers nothing any more: the page starts another engine
                // and goes on from the last save.
                let during = if matches!(error, LearnerError::Engine(_)) {
                    Stage::Engine
                } else {
                    Stage::Training
                };
                fail(during, error);
            }
        }
    }
}

pub(super) fn fail(during: Stage, error: impl ToString) {
    post(&Event::Failed(Failure { during, message: error.to_string() }));
}

/// Pictures a second, smoothed over the last steps.
#[derive(Default)]
pub(super) struct Pace {
    last: Option<Instant>,
    rate: f32,
}

impl Pace {
    fn after(&mut self, pictures: u32) -> f32 {
        let now = Instant::now();
        if let Some(last) = self.last.replace(now) {
            let rate = pictures as f32 / now.duration_since(last).as_secs_f32().max(1e-4);
            self.rate = if self.rate == 0.0 { rate } else { 0.8 * self.rate + 0.2 * rate };
        }
        self.rate
    }
}
