//! The loop, one unit of work at a time.
//!
//! A [`Learner`] does not run by itself: each [`Learner::tick`] trains or validates one batch and
//! returns. Whoever owns it (the browser's worker, the command line, a test) decides what happens
//! in between, so that Stop works within a step and a picture can be classified while training goes
//! on.

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use resnette_images::batch;
use resnette_images::batch::{Batch, Views};
use resnette_images::normalize::{MEAN, STD};
use resnette_images::set::DataSet;
use resnette_kernels::SampledPicture;
use resnette_protocol::run::RunShape;
use resnette_spec::architecture::Plan;
use resnette_spec::epoch::{EpochRow, Step};
use resnette_spec::fine_tune::{FROZEN_EPOCHS, Stretch};
use resnette_spec::loss_curve::Curve;
use resnette_spec::random::{Purpose, stream};
use resnette_spec::schedule::Hyper;
use resnette_spec::smooth::Smooth;
use resnette_spec::{RunConfig, schedule};
use web_time::Instant;

use crate::model::weights::trainable;
use crate::model::{Network, ResNet, torchvision};
use crate::train::accumulate::Accumulator;
use crate::train::adam::Adam;
use crate::train::gradient_size;
use crate::train::gradient_size::GradientSizes;
use crate::train::loss::{soft_cross_entropy, targets};
use crate::train::validate::{Scored, metrics};

/// As many as a link may ask for.
const MOST_EPOCHS: u32 = 1000;

/// Why a run cannot begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum LearnerError {
    /// The set is too small.
    #[error(
        "a run needs at least 2 training pictures and 1 validation picture; load more pictures"
    )]
    TooFewPictures,
    /// The grid shrinks to nothing, or the norm of a single value.
    #[error(
        "pictures of {size} pixels end as a grid of {grid}×{grid}, and a batch of {bs} leaves one number a channel there, which batch norm cannot use; choose larger pictures or a larger batch"
    )]
    TooSmall {
        /// Picture side.
        size: u32,
        /// Last grid.
        grid: u32,
        /// Batch.
        bs: u32,
    },
    /// The loss is no number any more.
    #[error(
        "the loss became {0} at step {1}: the learning rate is too high for this network; start again with a lower one"
    )]
    Diverged(f32, u32),
    /// The engine failed.
    #[error(
        "the engine failed ({0}); the epochs in the table are kept, press Train to start again"
    )]
    Engine(String),
}

impl From<ExecutionError> for LearnerError {
    fn from(error: ExecutionError) -> Self {
        Self::Engine(plain(&error.to_string()))
    }
}

/// What an engine says, without the places in its source: a chain of causes becomes its last one,
/// which names the trouble.
fn plain(message: &str) -> String {
    let lines = message.lines().map(str::trim);
    let told = lines
        .take_while(|line| !line.starts_with("Backtrace"))
        .filter(|line| !line.is_empty() && *line != "Caused by:");
    told.last().unwrap_or("for no reason that it names").chars().take(200).collect()
}

/// What a tick did.
#[derive(Clone, Debug, PartialEq)]
pub enum Tick {
    /// Trained a batch; the steps are those whose losses have been read back since the last time,
    /// perhaps none.
    Trained {
        /// From 0.
        epoch: u32,
        /// From 0.
        batch: u32,
        /// Read back.
        steps: Vec<Step>,
        /// [`GradientSizes::sizes`], where one has been read back: `log10` of the root mean square
        /// of each block's gradient.
        gradients: Vec<f32>,
    },
    /// Validated a batch.
    Validated {
        /// From 0.
        epoch: u32,
        /// From 0.
        batch: u32,
    },
    /// Ended an epoch.
    Epoch(EpochRow),
    /// There is nothing left to do.
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Train(u32),
    Validate(u32),
    Done,
}

/// A loss that is still on the device.
struct Pending {
    step: u32,
    hyper: Hyper,
    loss: Tensor<1>,
}

/// A run under way.
pub struct Learner {
    /// What is run.
    pub config: RunConfig,
    /// The pictures.
    pub data: Arc<DataSet>,
    /// The network, on the autodiff device.
    pub model: Network,
    /// Rows so far.
    pub history: Vec<EpochRow>,
    /// Logits of the last complete validation.
    pub scored: Vec<Scored>,
    /// Whether the run tunes a network that was trained elsewhere, by fastai's `fine_tune`.
    pub tunes: bool,
    /// The losses so far, thinned.
    pub curve: Curve,
    pub(super) adam: Adam,
    pub(super) gradients: Accumulator,
    pub(super) device: Device,
    pub(super) order: Vec<usize>,
    pub(super) epoch: u32,
    pub(super) phase: Phase,
    pub(super) step: u32,
    pub(super) smooth: Smooth,
    pub(super) rate_scale: f64,
    /// How many steps may be on the device before their losses are read.
    read_every: usize,
    pending: Vec<Pending>,
    /// Read back but not told yet.
    read: Vec<Step>,
    /// Gradients that were measured, and are still on the device.
    measured: Option<GradientSizes>,
    /// Their sizes, read back but not told yet.
    sizes: Vec<f32>,
    logits: Vec<Tensor<2>>,
    pub(super) clock: Clock,
}

/// Time spent in an epoch; it stands while nobody works.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    spent: f32,
    began: Option<Instant>,
}

impl Clock {
    pub(super) fn from(seconds: f32) -> Self {
        Self { spent: seconds, began: None }
    }

    fn run(&mut self) {
        self.began.get_or_insert_with(Instant::now);
    }

    fn stand(&mut self) {
        *self = Self::from(self.seconds());
    }

    pub(super) fn seconds(self) -> f32 {
        self.spent + self.began.map_or(0.0, |began| began.elapsed().as_secs_f32())
    }
}

impl Learner {
    /// Prepares a run on a plain (not autodiff) device. `read_every` bounds the steps in flight: 1
    /// on the CPU, a few on a GPU, where every read-back waits for the queue to run dry.
    ///
    /// # Errors
    /// [`LearnerError`] where the set or the grid is too small.
    pub fn new(
        config: RunConfig,
        data: Arc<DataSet>,
        device: &Device,
        read_every: usize,
    ) -> Result<Self, LearnerError> {
        let plan = Plan::new(&config.net, data.classes.len() as u32);
        check(&config, &data, |size| last_grid(&plan, size))?;
        let device = device.clone().autodiff();
        let model =
            Network::Chapter(ResNet::new(&plan, stream(config.seed, Purpose::Init, 0), &device));
        Ok(Self::begin(config, data, device, read_every, model, false))
    }

    /// Prepares fastai's `fine_tune` of a network that was trained elsewhere and lies on `device`
    /// with autodiff: its head is replaced by one for the classes of `data`, and an epoch with
    /// a frozen body comes before those of the recipe.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn fine_tune(
        mut config: RunConfig,
        data: Arc<DataSet>,
        device: &Device,
        read_every: usize,
        network: Network,
    ) -> Result<Self, LearnerError> {
        check(&config, &data, |size| match &network {
            Network::Chapter(_) => {
                last_grid(&Plan::new(&config.net, data.classes.len() as u32), size)
            }
            Network::Torchvision(_) => size.div_ceil(torchvision::STRIDE),
        })?;
        config.recipe.epochs += FROZEN_EPOCHS;
        let device = device.clone().autodiff();
        let model =
            network.with_head(data.classes.len(), stream(config.seed, Purpose::Init, 0), &device);
        Ok(Self::begin(config, data, device, read_every, model, true))
    }

    fn begin(
        config: RunConfig,
        data: Arc<DataSet>,
        device: Device,
        read_every: usize,
        model: Network,
        tunes: bool,
    ) -> Self {
        let adam = Adam::new(config.recipe.wd);
        let gradients = Accumulator::new(config.recipe.accumulate);
        let order = batch::order(data.train.len(), config.seed, 0);
        Self {
            config,
            data,
            model,
            history: Vec::new(),
            scored: Vec::new(),
            tunes,
            curve: Curve::default(),
            adam,
            gradients,
            device,
            order,
            epoch: 0,
            phase: Phase::Train(0),
            step: 0,
            smooth: Smooth::default(),
            rate_scale: 1.0,
            read_every: read_every.max(1),
            pending: Vec::new(),
            read: Vec::new(),
            measured: None,
            sizes: Vec::new(),
            logits: Vec::new(),
            clock: Clock::default(),
        }
    }

    /// How large the run is.
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

    /// The device of the network in training.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Scales the learning rate of what is left of the run.
    pub fn scale_rate(&mut self, factor: f64) {
        self.rate_scale *= factor;
    }

    /// Stops the epoch's clock until the next tick: the run holds.
    pub fn hold(&mut self) {
        self.clock.stand();
    }

    /// Adds an epoch to a run that has ended.
    pub fn one_more_epoch(&mut self) {
        if self.phase == Phase::Done && self.epoch < MOST_EPOCHS {
            self.config.recipe.epochs = self.epoch + 1;
            self.begin_epoch();
        }
    }

    /// Whether the run has ended.
    pub fn is_done(&self) -> bool {
        self.phase == Phase::Done
    }

    /// Trains or validates one batch.
    ///
    /// # Errors
    /// [`LearnerError`]; the network and the rows so far stay.
    pub async fn tick(&mut self) -> Result<Tick, LearnerError> {
        if self.phase != Phase::Done {
            self.clock.run();
        }
        match self.phase {
            Phase::Train(batch) => self.train(batch).await,
            Phase::Validate(batch) => self.validate(batch).await,
            Phase::Done => Ok(Tick::Done),
        }
    }

    pub(super) fn batches(&self) -> u32 {
        batch::full_batches(self.data.train.len(), self.config.recipe.bs)
    }

    fn valid_batches(&self) -> u32 {
        (self.data.valid.len() as u32).div_ceil(self.config.recipe.bs)
    }

    /// Side of the pictures in this epoch: progressive resizing shares the epochs out evenly, the
    /// full size comes last.
    pub fn size(&self) -> u32 {
        let grow = &self.config.recipe.grow;
        let parts = grow.len() as u32 + 1;
        let part = self.epoch * parts / self.config.recipe.epochs.max(1);
        grow.get(part as usize).copied().unwrap_or(self.config.data.size)
    }

    async fn train(&mut self, index: u32) -> Result<Tick, LearnerError> {
        let views = batch::train_views(
            &self.data,
            &self.config,
            &self.order,
            self.epoch,
            index,
            self.size(),
        );
        let hyper = self.hyper();
        let loss = batch_loss(
            &self.model,
            views,
            self.data.classes.len(),
            self.config.recipe.smoothing,
            &self.device,
        );
        // The schedule counts batches, as fastai's does beside its GradientAccumulation; only Adam
        // counts steps.
        if let Some(mut grads) = self.gradients.push(&self.model, loss.backward()) {
            let (stretch, stages) =
                (self.tunes.then(|| Stretch::of(self.epoch)), self.model.stages());
            let rate = |name: &str| stretch.map_or(1.0, |stretch| stretch.rate(name, stages));
            self.model = self.adam.step(self.model.clone(), &mut grads, hyper, rate);
        }
        if gradient_size::is_due(self.step) && matches!(self.model, Network::Chapter(_)) {
            self.measured = GradientSizes::of(&self.adam);
        }
        self.pending.push(Pending { step: self.step, hyper, loss: loss.inner() });
        let epoch = self.epoch;
        let last = index + 1 == self.batches();
        self.step += 1;
        self.phase = if last { Phase::Validate(0) } else { Phase::Train(index + 1) };
        // The first steps are read one by one: they carry the kernels' compilation, and the page
        // wants to show a loss soon.
        if self.pending.len() >= self.read_every || self.step <= 3 || last {
            self.read_losses().await?;
        }
        let steps = std::mem::take(&mut self.read);
        Ok(Tick::Trained { epoch, batch: index, steps, gradients: std::mem::take(&mut self.sizes) })
    }

    fn hyper(&self) -> Hyper {
        let recipe = &self.config.recipe;
        let total = f64::from(self.batches() * recipe.epochs);
        let pct = f64::from(self.step) / total;
        let mut hyper = match self.tunes {
            true => {
                Stretch::of(self.epoch).hyper(recipe.lr, self.step, self.batches(), recipe.epochs)
            }
            false => schedule::at(recipe.schedule, recipe.lr, pct.min(1.0)),
        };
        hyper.lr *= self.rate_scale;
        hyper
    }

    /// Reads the losses that are still on the device; the next tick tells them.
    pub(super) async fn read_losses(&mut self) -> Result<(), LearnerError> {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return Ok(());
        }
        let measured = self.measured.take();
        // One read for both: each waits for the queue to run dry.
        let on_device = pending
            .iter()
            .map(|p| p.loss.clone())
            .chain(measured.iter().map(|measured| measured.sums.clone()));
        let read: Vec<f32> =
            Tensor::cat(on_device.collect(), 0).into_data_async().await?.iter::<f32>().collect();
        let (losses, sums) = read.split_at(pending.len());
        if let Some(measured) = measured {
            self.sizes = measured.sizes(sums);
        }
        for (p, &loss) in pending.iter().zip(losses) {
            if !loss.is_finite() {
                self.phase = Phase::Done;
                return Err(LearnerError::Diverged(loss, p.step));
            }
            let smooth = self.smooth.push(f64::from(loss)) as f32;
            let step =
                Step { step: p.step, loss, smooth, lr: p.hyper.lr as f32, mom: p.hyper.mom as f32 };
            self.curve.push(step);
            self.read.push(step);
        }
        Ok(())
    }

    async fn validate(&mut self, index: u32) -> Result<Tick, LearnerError> {
        let epoch = self.epoch;
        if index < self.valid_batches() {
            let model = self.model.valid();
            let batch = batch::valid_batch(&self.data, self.config.recipe.bs, index, self.size());
            let images = upload(&batch, &self.device.clone().inner());
            self.logits.push(model.forward(images));
            self.phase = Phase::Validate(index + 1);
            return Ok(Tick::Validated { epoch, batch: index });
        }
        let logits = Tensor::cat(std::mem::take(&mut self.logits), 0).into_data_async().await?;
        let values: Vec<f32> = logits.iter::<f32>().collect();
        let rows = values.chunks_exact(self.data.classes.len()).zip(&self.data.valid);
        self.scored = rows
            .map(|(row, sample)| Scored { logits: row.to_vec(), label: sample.label })
            .collect();
        let found = metrics(&self.scored, self.config.recipe.smoothing);
        let row = EpochRow {
            epoch,
            train_loss: self.smooth.value() as f32,
            valid_loss: found.loss as f32,
            accuracy: found.accuracy as f32,
            top5: found.top5 as f32,
            seconds: std::mem::take(&mut self.clock).seconds(),
        };
        self.history.push(row);
        self.epoch += 1;
        if self.epoch < self.config.recipe.epochs {
            self.begin_epoch()
        } else {
            self.phase = Phase::Done
        }
        Ok(Tick::Epoch(row))
    }

    pub(super) fn begin_epoch(&mut self) {
        if self.tunes && self.epoch == FROZEN_EPOCHS {
            // fastai's `unfreeze` clears the optimiser's state.
            self.adam = Adam::new(self.config.recipe.wd);
        }
        self.order = batch::order(self.data.train.len(), self.config.seed, self.epoch);
        self.phase = Phase::Train(0);
    }
}

/// A batch's pictures on the device, `[n, 3, size, size]`.
pub(super) fn upload(batch: &Batch, device: &Device) -> Tensor<4> {
    let side = batch.size as usize;
    Tensor::from_data(
        TensorData::new(batch.images.clone(), [batch.labels.len(), 3, side, side]),
        device,
    )
}

/// The training loss of one batch, `[1]`. A GPU cuts out, normalises and mixes the pictures by
/// itself.
pub(super) fn batch_loss(
    model: &Network,
    views: Views<'_>,
    classes: usize,
    smoothing: f64,
    device: &Device,
) -> Tensor<1> {
    let wanted = targets(&views.labels, classes, smoothing, views.mix.as_deref(), device);
    if resnette_kernels::runs_on_gpu(device) {
        let images = render_on_gpu(&views, device);
        let images = if device.is_autodiff() { Tensor::from_inner(images) } else { images };
        return soft_cross_entropy(model.forward(images), wanted);
    }
    soft_cross_entropy(model.forward(upload(&views.render(), device)), wanted)
}

/// [`Views::render`] on the GPU, not tracked by autodiff.
///
/// # Shapes
/// `[n, 3, size, size]`
pub fn render_on_gpu(views: &Views<'_>, device: &Device) -> Tensor<4> {
    let seen = views.pictures.iter().zip(&views.views).enumerate();
    let pictures: Vec<_> = seen
        .map(|(index, (picture, view))| SampledPicture {
            width: picture.width,
            height: picture.height,
            rgb: &picture.rgb,
            map: view.in_pixels(picture, views.size),
            light: view.light,
            mix: views.mix.as_ref().map(|mix| mix[index]),
        })
        .collect();
    resnette_kernels::render(&pictures, views.size, MEAN, STD, device)
}

/// Refuses a set or a size that no network could learn from; `grid` gives the side of the last
/// grid.
fn check(
    config: &RunConfig,
    data: &DataSet,
    grid: impl Fn(u32) -> u32,
) -> Result<(), LearnerError> {
    if data.train.len() < 2 || data.valid.is_empty() {
        return Err(LearnerError::TooFewPictures);
    }
    let size = config
        .recipe
        .grow
        .iter()
        .copied()
        .chain([config.data.size])
        .min()
        .unwrap_or(config.data.size);
    let grid = grid(size);
    let bs = config.recipe.bs.min(data.train.len() as u32);
    if grid * grid * bs < 2 {
        return Err(LearnerError::TooSmall { size, grid, bs });
    }
    Ok(())
}

fn last_grid(plan: &Plan, size: u32) -> u32 {
    let rows = plan.rows(size);
    // The rows end with the average pool and the head.
    rows.len().checked_sub(3).map_or(size, |index| rows[index].shape[1])
}

#[cfg(test)]
mod tests;
