//! What the worker has and does: pictures, a run, and whose turn it is.

use std::sync::Arc;

use web_time::Instant;

use super::breathe::breathe;
use super::fetch::FetchSource;
use super::inbox::{Inbox, Letter};
use super::predicting::Opened;
use super::{Engine, post};
use crate::config::{DataConfig, RunConfig, Source};
use crate::data::load::{HUGGING_FACE, LoadError, Progress, TRAIN_FILE, VALID_FILE, load_drawn, load_parquet};
use crate::data::set::DataSet;
use crate::lesson::engine::Desk;
use crate::protocol::data::LoadProgress;
use crate::protocol::run::StepReport;
use crate::protocol::{Command, Event, Failure, Stage};
use crate::train::learner::{Learner, Tick};
use crate::train::lr_find::LrFind;

/// Milliseconds between two progress messages while loading: often enough for the eye.
const TELL_EVERY: u128 = 80;

/// One page's work.
pub struct Session {
    pub(super) engine: Engine,
    inbox: Inbox,
    pub(super) data: Option<Loaded>,
    pub(super) learner: Option<Learner>,
    /// A network from a file: it answers until the next run begins.
    pub(super) opened: Option<Opened>,
    /// Experiments of the lesson.
    pub(super) desk: Desk,
    /// A search for a learning rate.
    pub(super) finder: Option<LrFind>,
    running: bool,
    pace: Pace,
}

/// Pictures and what they were loaded for.
pub(super) struct Loaded {
    config: DataConfig,
    seed: u32,
    pub(super) set: Arc<DataSet>,
}

impl Session {
    /// An idle session.
    pub fn new(engine: Engine, inbox: Inbox) -> Self {
        let desk = Desk::new(engine.device.clone());
        Self { engine, inbox, data: None, learner: None, opened: None, desk, finder: None, running: false, pace: Pace::default() }
    }

    /// Serves until the worker ends. Between two steps every waiting command has its turn; an experiment takes turns with a run.
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

    async fn handle(&mut self, (command, _files): Letter) {
        match command {
            Command::Load { data, seed } => {
                self.load(&data, seed).await;
            }
            Command::Train(config) => self.train(config).await,
            Command::Pause if self.running => {
                self.running = false;
                post(&Event::Paused);
            }
            Command::Resume if self.learner.as_ref().is_some_and(|learner| !learner.is_done()) => {
                self.running = true;
                self.pace = Pace::default();
                post(&Event::Resumed);
            }
            Command::Stop => {
                let searched = self.cancel_search();
                if self.running || !searched {
                    self.running = false;
                    post(&Event::Stopped);
                }
            }
            Command::OneMoreEpoch => {
                if let Some(learner) = self.learner.as_mut().filter(|learner| learner.is_done()) {
                    learner.one_more_epoch();
                    post(&Event::Started(learner.shape()));
                    self.running = true;
                }
            }
            Command::ScaleRate(factor) => {
                if let Some(learner) = self.learner.as_mut().filter(|_| factor.is_finite() && factor > 0.0) {
                    learner.scale_rate(factor);
                }
            }
            Command::FindRate(config) => self.find_rate(config).await,
            Command::SelfTest => self.check_engine().await,
            Command::Predict(request) => self.predict(request).await,
            Command::Evaluate => self.evaluate().await,
            Command::SaveModel => self.save_model().await,
            Command::OpenModel { name, bytes } => self.open_model(&name, &bytes),
            Command::Lesson(ask) => self.lesson(ask),
            _ => {}
        }
    }

    async fn train(&mut self, config: RunConfig) {
        self.running = false;
        self.cancel_search();
        let Some(set) = self.load(&config.data, config.seed).await else { return };
        // The old run's tensors go before the new run's come.
        self.learner = None;
        match Learner::new(config, set, &self.engine.device, self.engine.read_every) {
            Ok(learner) => {
                post(&Event::Started(learner.shape()));
                post(&Event::Compiling);
                self.learner = Some(learner);
                self.opened = None;
                self.running = true;
                self.pace = Pace::default();
            }
            Err(error) => fail(Stage::Training, error),
        }
    }

    /// One unit of work of the run.
    async fn step(&mut self) {
        let Some(learner) = self.learner.as_mut() else {
            self.running = false;
            return;
        };
        match learner.tick().await {
            Ok(Tick::Trained { epoch, batch, steps }) => {
                let rate = self.pace.after(learner.shape().bs);
                post(&Event::Steps(StepReport { epoch, batch, steps, rate, gradients: Vec::new() }));
            }
            Ok(Tick::Validated { epoch, batch }) => post(&Event::Validating { epoch, batch, batches: learner.shape().valid_batches }),
            Ok(Tick::Epoch(row)) => {
                self.pace = Pace::default();
                learner.device().clone().inner().memory_cleanup();
                post(&Event::Epoch(row));
            }
            Ok(Tick::Done) => {
                self.running = false;
                post(&Event::Done);
            }
            Err(error) => {
                self.running = false;
                fail(Stage::Training, error);
            }
        }
    }

    /// The pictures of a configuration, from memory where they are the same.
    pub(super) async fn load(&mut self, config: &DataConfig, seed: u32) -> Option<Arc<DataSet>> {
        if let Some(loaded) = &self.data
            && loaded.config == *config
            && loaded.seed == seed
        {
            post(&Event::Loaded(loaded.set.report()));
            return Some(loaded.set.clone());
        }
        post(&Event::Loading(LoadProgress::default()));
        let mut teller = Teller { inbox: self.inbox.clone(), told: Instant::now() };
        let loaded = match config.source {
            Source::Drawn => load_drawn(config, seed, &mut teller).await,
            Source::HuggingFace => load_from(HUGGING_FACE, config, seed, &mut teller).await,
            Source::Url => load_from(&config.base, config, seed, &mut teller).await,
            Source::Files => Err(LoadError::Nothing("the list of opened files".into())),
        };
        match loaded {
            Ok(set) => {
                let set = Arc::new(set);
                post(&Event::Loaded(set.report()));
                self.data = Some(Loaded { config: config.clone(), seed, set: set.clone() });
                Some(set)
            }
            Err(LoadError::Stopped) => {
                post(&Event::Stopped);
                None
            }
            Err(error) => {
                fail(Stage::Data, error);
                None
            }
        }
    }
}

async fn load_from(base: &str, config: &DataConfig, seed: u32, teller: &mut Teller) -> Result<DataSet, LoadError> {
    let file = |name| FetchSource::new(format!("{base}/{name}"));
    load_parquet(file(TRAIN_FILE), file(VALID_FILE), config, seed, teller).await
}

pub(super) fn fail(during: Stage, error: impl ToString) {
    post(&Event::Failed(Failure { during, message: error.to_string() }));
}

/// Tells the page how loading goes, and hears Stop.
struct Teller {
    inbox: Inbox,
    told: Instant,
}

impl Progress for Teller {
    async fn loaded(&mut self, progress: &LoadProgress) -> bool {
        if self.told.elapsed().as_millis() >= TELL_EVERY {
            self.told = Instant::now();
            post(&Event::Loading(progress.clone()));
            breathe().await;
        }
        !self.inbox.take_stop()
    }
}

/// Pictures a second, smoothed over the last steps.
#[derive(Default)]
struct Pace {
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
