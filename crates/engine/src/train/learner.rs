//! A training run, one batch at a time.
//!
//! A [`Learner`] does not run by itself: each [`Learner::tick`] trains or validates one batch and
//! returns. Its owner (the browser's worker, the command line, a test) decides what happens in
//! between, so that Stop takes effect within a step and a picture can be classified while the
//! network trains.

mod check;
mod clock;
mod error;
mod in_team;
mod losses;
mod pictures;
mod readback;
mod score;
mod tick;

use std::collections::VecDeque;
use std::sync::Arc;

use burn::tensor::Device;
use resnette_images::batch;
use resnette_images::dataset::Dataset;
use resnette_protocol::predict::BaseModel;
use resnette_protocol::run::RunShape;
use resnette_spec::architecture::Architecture;
use resnette_spec::epoch::{EpochRow, Step};
use resnette_spec::epoch_choice::SaveEpoch;
use resnette_spec::fine_tune::FROZEN_EPOCHS;
use resnette_spec::limits::{FileSizes, MAX_EPOCHS};
use resnette_spec::loss_curve::LossCurve;
use resnette_spec::random::{Purpose, stream};
use resnette_spec::short_run::full_batches;
use resnette_spec::smooth::SmoothedLoss;
use resnette_spec::{Optimizer, RunConfig, schedule};

use self::check::check;
pub(super) use self::clock::EpochClock;
pub use self::error::LearnerError;
use self::losses::{LossRead, PendingStep};
use self::score::BatchAnswer;
pub(super) use self::tick::Phase;
pub use self::tick::Tick;
use crate::model::weights::trainable;
use crate::model::{Network, ResNet};
use crate::predict::familiarity::Familiarity;
use crate::train::accumulate::Accumulator;
use crate::train::adam::Adam;
use crate::train::best::BestEpoch;
use crate::train::class_weights::ClassWeights;
use crate::train::gradient_size::GradientSizes;
use crate::train::metrics::ScoredPicture;
use crate::train::pretrained::Pretrained;
use crate::train::team::Member;

/// A training run: the network, the optimiser, the pictures, and how far it is.
///
/// ```
/// # use std::sync::Arc;
/// # use burn::tensor::Device;
/// # use futures::executor::block_on;
/// # use resnette_engine::train::learner::{Learner, LearnerError, Tick};
/// # use resnette_images::dataset::Dataset;
/// # use resnette_picture::drawn::draw;
/// let link = "size=32&layers=1,1&width=8&stem=8&epochs=1&bs=4&augment=none&seed=3";
/// let run = resnette_spec::read_run(link).0;
/// let mut set =
///     Dataset { classes: vec!["tench".into(), "springer".into()], ..Dataset::default() };
/// for (index, label) in [0, 1, 0, 1].into_iter().enumerate() {
///     set.push_train(&draw(label, index as u64, 1, 40), label as u32, 32);
///     set.push_valid(&draw(label, index as u64, 2, 32), label as u32, 32);
/// }
/// let mut learner = Learner::new(run, Arc::new(set), &Device::flex(), 1)?;
/// loop {
///     match block_on(learner.tick())? {
///         Tick::Epoch(row) => println!("{}", row.cells().join("  ")),
///         Tick::Done => break,
///         Tick::Trained { .. } | Tick::Validated { .. } => {}
///     }
/// }
/// # assert_eq!(learner.history.len(), 1);
/// # Ok::<(), LearnerError>(())
/// ```
pub struct Learner {
    /// The settings of the run.
    pub config: RunConfig,
    /// The pictures to train and validate with.
    pub data: Arc<Dataset>,
    /// The network, on the autodiff device. At the end of a run that keeps its best epoch it is the
    /// network of that.
    pub model: Network,
    /// The rows of the epochs that are complete.
    pub history: Vec<EpochRow>,
    /// What the network answered in the last complete validation, in the order of `data.valid`;
    /// empty before the first one. At the end, if the best epoch is kept, its answers; empty if the
    /// run was resumed after that epoch.
    pub scored: Vec<ScoredPicture>,
    /// Tells pictures that are unlike those of the set, from the same validation; `None` if it had
    /// too few pictures.
    pub familiarity: Option<Familiarity>,
    /// The best epoch so far, if the run is to keep it.
    pub(super) best: Option<BestEpoch>,
    /// Whether the run is fastai's `fine_tune` of a network that was trained elsewhere.
    pub is_fine_tuning: bool,
    /// The network that a fine-tuning began with; `None` if the run is none.
    pub base: Option<BaseModel>,
    /// The losses so far, thinned.
    pub curve: LossCurve,
    /// How much each class counts in the training loss.
    pub(super) class_weights: ClassWeights,
    pub(super) adam: Adam,
    pub(super) accumulator: Accumulator,
    pub(super) device: Device,
    /// The order of the training pictures in this epoch.
    pub(super) order: Vec<usize>,
    /// The epoch under way, counted from 0.
    pub(super) epoch: u32,
    pub(super) phase: Phase,
    /// Batches trained so far.
    pub(super) step: u32,
    pub(super) smoothed_loss: SmoothedLoss,
    /// Factor on the learning rate of the schedule.
    pub(super) lr_scale: f64,
    pub(super) clock: EpochClock,
    /// Steps of a group, whose losses are read together.
    pub(super) read_every: usize,
    /// How many groups may be on the device before the losses of the oldest are waited for.
    pub(super) groups_in_flight: usize,
    /// The steps since the last group.
    pending: Vec<PendingStep>,
    /// The losses that are on their way from the device, oldest first.
    reading: VecDeque<LossRead>,
    /// Steps whose losses have been read back, for the next [`Tick::Trained`].
    unreported_steps: Vec<Step>,
    /// The last measurement of the gradients, while it is still on the device.
    measured_gradients: Option<GradientSizes>,
    /// Gradient sizes that have been read back, for the next [`Tick::Trained`].
    unreported_gradients: Vec<f32>,
    /// The network's answers to the validation batches of this epoch, still on the device.
    valid_answers: Vec<BatchAnswer>,
    /// The part in a team; `None` if the run is trained by this process alone.
    team: Option<Member>,
    /// What it does as a rank of the team.
    team_calls: Option<in_team::TeamCalls>,
    /// Ranks of the largest team that has summed this run's gradients in no fixed order; `None` if
    /// none has.
    pub(super) unordered_ranks: Option<u32>,
}

impl Learner {
    /// Prepares a run from the first weights on `device`, which is plain (without autodiff).
    /// The losses of `read_every` steps are read together: 1 on the CPU, a few on a GPU, where
    /// every read waits for the work that was handed over before it (see also
    /// [`Self::with_groups_in_flight`]).
    ///
    /// # Errors
    /// [`LearnerError::TooFewPictures`], [`LearnerError::TooSmall`] or [`LearnerError::Classes`].
    pub fn new(
        config: RunConfig,
        data: Arc<Dataset>,
        device: &Device,
        read_every: usize,
    ) -> Result<Self, LearnerError> {
        let architecture = Architecture::new(&config.net, data.classes.len() as u32);
        check(&config, &data, |size| architecture.last_grid(size))?;
        let device = device.clone().autodiff();
        let init = stream(config.seed, Purpose::Init, 0);
        let model = Network::Chapter(ResNet::new(&architecture, init, &device));
        Ok(Self::start(config, data, device, read_every, model, None))
    }

    /// Prepares fastai's `fine_tune` of a network that was trained elsewhere. Its head is replaced
    /// by a new one for the classes of `data`, fastai's unless the settings choose the linear one,
    /// and one epoch with a frozen body comes before those
    /// of the recipe; a recipe of [`MAX_EPOCHS`] has one less of its own. For the other arguments
    /// see [`Self::new`].
    ///
    /// # Errors
    /// Those of [`Self::new`].
    pub fn fine_tune(
        mut config: RunConfig,
        data: Arc<Dataset>,
        device: &Device,
        read_every: usize,
        pretrained: Pretrained,
    ) -> Result<Self, LearnerError> {
        let Pretrained { network, net, base } = pretrained;
        let head = config.net.head.of_fine_tuning();
        if let Some(net) = net {
            config.net = net;
        }
        config.net.head = head;
        config.recipe.epochs = (config.recipe.epochs + FROZEN_EPOCHS).min(MAX_EPOCHS);
        check(&config, &data, |size| match &network {
            Network::Chapter(_) => {
                Architecture::new(&config.net, data.classes.len() as u32).last_grid(size)
            }
            Network::Torchvision(network) => network.architecture().last_grid(size),
        })?;
        let device = device.clone().autodiff();
        let init = stream(config.seed, Purpose::Init, 0);
        let model = network.with_head(head, data.classes.len(), init, &device);
        Ok(Self::start(config, data, device, read_every, model, Some(base)))
    }

    /// A run before its first step.
    fn start(
        config: RunConfig,
        data: Arc<Dataset>,
        device: Device,
        read_every: usize,
        model: Network,
        base: Option<BaseModel>,
    ) -> Self {
        let adam = Adam::of(&config.recipe);
        let class_weights = ClassWeights::of(&config, &data);
        let accumulator = Accumulator::new(config.recipe.accumulate);
        let order = batch::epoch_order(data.train.len(), config.seed, 0);
        Self {
            config,
            data,
            model,
            history: Vec::new(),
            scored: Vec::new(),
            familiarity: None,
            best: None,
            is_fine_tuning: base.is_some(),
            base,
            curve: LossCurve::default(),
            class_weights,
            adam,
            accumulator,
            device,
            order,
            epoch: 0,
            phase: Phase::Train(0),
            step: 0,
            smoothed_loss: SmoothedLoss::default(),
            lr_scale: 1.0,
            clock: EpochClock::default(),
            read_every: read_every.max(1),
            groups_in_flight: 1,
            pending: Vec::new(),
            reading: VecDeque::new(),
            unreported_steps: Vec::new(),
            measured_gradients: None,
            unreported_gradients: Vec::new(),
            valid_answers: Vec::new(),
            team: None,
            team_calls: None,
            unordered_ranks: None,
        }
    }

    /// The numbers of epochs, batches, parameters and classes.
    pub fn shape(&self) -> RunShape {
        let bs = self.config.recipe.bs;
        RunShape {
            epochs: self.config.recipe.epochs,
            batches: self.batches(),
            valid_batches: self.valid_batches(),
            bs: bs.min(self.data.train.len() as u32),
            parameters: trainable(&self.model),
            classes: self.data.classes.clone(),
        }
    }

    /// The device of the network in training, with autodiff.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Side of the pictures in the epoch under way, in pixels: see [`schedule::picture_size`].
    pub fn size(&self) -> u32 {
        let recipe = &self.config.recipe;
        schedule::picture_size(&recipe.grow, self.config.data.size, self.epoch, recipe.epochs)
    }

    /// Sizes of the files of the network and of the run, known before the first step. A fine-tuning
    /// is not kept as a run, so that it has no size.
    pub fn file_sizes(&self) -> FileSizes {
        let architecture = match &self.model {
            Network::Chapter(_) => {
                Architecture::new(&self.config.net, self.data.classes.len() as u32)
            }
            Network::Torchvision(network) => network.architecture(),
        };
        let mut sizes = FileSizes::new(&architecture, self.config.recipe.accumulate);
        if self.config.recipe.save != SaveEpoch::Last {
            sizes = sizes.with_best_epoch();
        }
        if self.config.recipe.opt == Optimizer::Ranger {
            sizes = sizes.with_slow_weights();
        }
        FileSizes { run: if self.is_fine_tuning { 0 } else { sizes.run }, ..sizes }
    }

    /// Multiplies the learning rate of the rest of the run by `factor`. A factor that would make it
    /// 0 or infinite changes nothing: a run with such a rate could be saved and not be opened.
    pub fn scale_rate(&mut self, factor: f64) {
        let scale = self.lr_scale * factor;
        if scale.is_finite() && scale > 0.0 {
            self.lr_scale = scale;
        }
    }

    /// Stops the epoch's clock until the next tick, because the run is paused.
    pub fn pause_clock(&mut self) {
        self.clock.pause();
    }

    /// Adds an epoch at the full size to a run that has ended. Does nothing before the end, after a
    /// run that broke, or if the run has as many epochs as a link may ask for. It begins with the
    /// network that the run ended with, and if the best epoch is kept, the added one may become it.
    pub fn add_epoch(&mut self) {
        if self.is_done() && !self.is_broken() && self.epoch < MAX_EPOCHS {
            self.config.recipe.epochs = self.epoch + 1;
            self.begin_epoch();
        }
    }

    /// Whether the run has ended.
    pub fn is_done(&self) -> bool {
        self.phase == Phase::Done
    }

    /// Whether the run has ended because a loss was not finite, which happens within an epoch. Its
    /// network is of no use.
    pub fn is_broken(&self) -> bool {
        self.is_done() && self.step != self.epoch * self.batches()
    }

    /// Whether no batch of an epoch has been trained that has not ended: before the first epoch,
    /// between two, and at the end of a run that did not break.
    pub fn is_between_epochs(&self) -> bool {
        match self.phase {
            Phase::Train(batch) => batch == 0,
            Phase::Validate(_) => false,
            Phase::Done => !self.is_broken(),
        }
    }

    /// Training batches of an epoch.
    pub(super) fn batches(&self) -> u32 {
        full_batches(self.data.train.len(), self.config.recipe.bs)
    }

    /// Validation batches of an epoch; the last one may be short.
    fn valid_batches(&self) -> u32 {
        (self.data.valid.len() as u32).div_ceil(self.config.recipe.bs)
    }
}

#[cfg(test)]
mod tests;
