//! Runs the experiment under way, one unit of work at a time.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use resnette_images::batch::{epoch_order, train_batch};
use resnette_images::dataset::Dataset;
use resnette_picture::Picture;
use resnette_protocol::lesson::{Event, GammaPoint, Request, SURFACE, Task, Variant};
use resnette_spec::architecture::Architecture;
use resnette_spec::random::{Purpose, stream};

use crate::experiments::LessonError;
use crate::experiments::block_gradients::input_gradients;
use crate::experiments::block_timer::{BlockTimer, ROUNDS};
use crate::experiments::gamma::distances_from_identity;
use crate::experiments::inspected_model::InspectedModel;
use crate::experiments::look::look;
use crate::experiments::surface::{LossPlane, coordinate};
use crate::experiments::variants::{SIZE, STEPS, config, pictures};
use crate::model::{Network, ResNet};
use crate::train::learner::{Learner, Tick};
use crate::train::loss::targets;

/// A part of an experiment.
enum Subtask {
    /// Measure how far a block is from the identity.
    Gamma,
    /// Measure the gradients that reach the blocks of a variant before any training.
    Gradients(Variant),
    /// Train a variant and keep it.
    Train(Variant),
    /// Look at a picture, with the lesson's own network if `model` is `None`.
    Look { model: Option<Box<InspectedModel>>, picture: Picture, size: u32, stage: u32, block: u32 },
    /// Time a basic and a bottleneck block.
    Clock { channels: u32, side: u32 },
    /// Measure the loss around the weights of a trained variant.
    Surface(Variant),
}

impl Subtask {
    /// Units of work, for the progress.
    fn units(&self) -> u32 {
        match self {
            Self::Gamma | Self::Gradients(_) | Self::Look { .. } => 1,
            Self::Train(_) => STEPS,
            Self::Clock { .. } => ROUNDS as u32 + 1,
            Self::Surface(_) => SURFACE,
        }
    }
}

/// The state of a subtask that takes more than one unit of work.
enum InProgress {
    Training(Box<Learner>),
    Timing(Box<BlockTimer>),
    Surface { plane: Box<LossPlane>, row: u32 },
}

/// An experiment under way.
struct Experiment {
    task: Task,
    /// What is left to do. The first one is under way if `in_progress` is `Some`.
    subtasks: VecDeque<Subtask>,
    in_progress: Option<InProgress>,
    /// Units of work of the whole experiment.
    units: u32,
    /// Units of work that are done.
    done: u32,
}

/// Runs the lesson's experiments, at most one at a time, and keeps the networks that it trained for
/// the experiments that follow.
pub struct ExperimentRunner {
    device: Device,
    /// The seed of `set` and `trained`.
    seed: u32,
    set: Option<Arc<Dataset>>,
    /// Trained variants, on the plain device.
    trained: BTreeMap<Variant, ResNet>,
    experiment: Option<Experiment>,
}

impl ExperimentRunner {
    /// A runner with nothing to do, on a plain device (without autodiff).
    pub fn new(device: Device) -> Self {
        Self { device, seed: 0, set: None, trained: BTreeMap::new(), experiment: None }
    }

    /// Whether there is work for [`Self::tick`].
    pub fn is_busy(&self) -> bool {
        self.experiment.is_some()
    }

    /// Begins the experiment that `request` asks for. The experiment under way is cancelled, if
    /// there is one. `model` is the network of the page's run, if one has been trained.
    pub fn request(&mut self, request: Request, model: Option<InspectedModel>) -> Vec<Event> {
        let cancelled = self.experiment.take().map(|old| Event::Cancelled(old.task));
        let mut events: Vec<Event> = cancelled.into_iter().collect();
        let Some(task) = request.task() else { return events };
        let subtasks = self.subtasks(request, model);
        let units = subtasks.iter().map(Subtask::units).sum::<u32>().max(1);
        self.experiment =
            Some(Experiment { task, subtasks: subtasks.into(), in_progress: None, units, done: 0 });
        events.push(Event::Progress(task, 0.0));
        events
    }

    /// What there is to do for a request.
    fn subtasks(&mut self, request: Request, model: Option<InspectedModel>) -> Vec<Subtask> {
        let mut subtasks = Vec::new();
        match request {
            Request::Race { seed } => {
                self.reseed(seed);
                subtasks.push(Subtask::Gamma);
                subtasks.extend(Variant::ALL.map(Subtask::Gradients));
                // Variants that are trained already are trained again: the reader wants to see
                // them learn.
                subtasks.extend(Variant::ALL.map(Subtask::Train));
            }
            Request::Look { picture, size, stage, block, seed } => {
                let model = model.map(Box::new);
                if model.is_none() {
                    self.reseed(seed);
                    subtasks.extend(self.missing(&[Variant::Skip]));
                }
                subtasks.push(Subtask::Look { model, picture, size, stage, block });
            }
            Request::Clock { channels, side } => subtasks.push(Subtask::Clock { channels, side }),
            Request::Surface { seed } => {
                self.reseed(seed);
                subtasks.extend(self.missing(&[Variant::Deep, Variant::Skip]));
                subtasks.extend([Variant::Deep, Variant::Skip].map(Subtask::Surface));
            }
            Request::Cancel => {}
        }
        subtasks
    }

    /// Forgets pictures and networks of another seed.
    fn reseed(&mut self, seed: u32) {
        if self.seed != seed {
            self.seed = seed;
            self.set = None;
            self.trained.clear();
        }
    }

    /// Trainings of the variants that are not trained yet.
    fn missing(&self, wanted: &[Variant]) -> Vec<Subtask> {
        let missing = wanted.iter().filter(|variant| !self.trained.contains_key(variant));
        missing.map(|variant| Subtask::Train(*variant)).collect()
    }

    /// Does one unit of work and returns its results. An experiment that fails is over.
    pub async fn tick(&mut self) -> Vec<Event> {
        let Some(mut experiment) = self.experiment.take() else { return Vec::new() };
        let task = experiment.task;
        match self.work(&mut experiment).await {
            Ok(mut events) => {
                if experiment.subtasks.is_empty() {
                    events.push(Event::Finished(task));
                } else {
                    let share = experiment.done as f32 / experiment.units as f32;
                    events.push(Event::Progress(task, share.min(1.0)));
                    self.experiment = Some(experiment);
                }
                events
            }
            Err(error) => vec![Event::Failed(task, error.to_string())],
        }
    }

    /// Does one unit of work of the first subtask, and removes the subtask if it is complete.
    async fn work(&mut self, experiment: &mut Experiment) -> Result<Vec<Event>, LessonError> {
        let Some(subtask) = experiment.subtasks.front() else { return Ok(Vec::new()) };
        let in_progress = &mut experiment.in_progress;
        let mut events = Vec::new();
        let is_complete = match subtask {
            Subtask::Gamma => {
                events.push(Event::Gamma(self.gamma().await?));
                true
            }
            Subtask::Gradients(variant) => {
                events.push(Event::Gradients(*variant, self.gradients(*variant).await?));
                true
            }
            Subtask::Train(variant) => {
                self.train(*variant, in_progress, &mut experiment.done, &mut events).await?
            }
            Subtask::Look { model, picture, size, stage, block } => {
                let own;
                let model = match model {
                    Some(model) => model,
                    None => {
                        own = self.own_model().await?;
                        &own
                    }
                };
                let found = look(model, picture, *size, *stage, *block, &self.device).await?;
                events.push(Event::Looked(Box::new(found)));
                true
            }
            Subtask::Clock { channels, side } => {
                self.time(*channels, *side, in_progress, &mut events).await?
            }
            Subtask::Surface(variant) => self.surface(*variant, in_progress, &mut events).await?,
        };
        // A training counts its steps by itself, because its validation is no unit of work.
        if !matches!(subtask, Subtask::Train(_)) {
            experiment.done += 1;
        }
        if is_complete {
            experiment.subtasks.pop_front();
            experiment.in_progress = None;
        }
        Ok(events)
    }

    /// The drawn pictures, which are kept until the seed changes.
    async fn pictures(&mut self) -> Result<Arc<Dataset>, LessonError> {
        if let Some(set) = &self.set {
            return Ok(set.clone());
        }
        let set =
            pictures(self.seed).await.map_err(|error| LessonError::Engine(error.to_string()))?;
        self.set = Some(set.clone());
        Ok(set)
    }

    /// A variant with its first weights, on the autodiff device.
    fn untrained(&self, variant: Variant) -> ResNet {
        let device = self.device.clone().autodiff();
        ResNet::new(&architecture(variant), stream(self.seed, Purpose::Init, 0), &device)
    }

    /// A trained variant on the plain device, or an untrained one if none is kept.
    fn trained(&self, variant: Variant) -> ResNet {
        let trained = self.trained.get(&variant).cloned();
        trained.unwrap_or_else(|| self.untrained(variant).valid())
    }

    /// Pictures and targets of the first training batch, on the autodiff device.
    ///
    /// # Shapes
    /// `[n, 3, SIZE, SIZE]` and `[n, classes]`.
    async fn first_batch(&mut self) -> Result<(Tensor<4>, Tensor<2>), LessonError> {
        let set = self.pictures().await?;
        let config = config(Variant::Skip, self.seed);
        let batch =
            train_batch(&set, &config, &epoch_order(set.train.len(), self.seed, 0), 0, 0, SIZE);
        let device = self.device.clone().autodiff();
        let shape = [batch.labels.len(), 3, SIZE as usize, SIZE as usize];
        let targets = targets(&batch.labels, set.classes.len(), 0.0, None, &device);
        Ok((Tensor::from_data(TensorData::new(batch.images, shape), &device), targets))
    }

    async fn gamma(&mut self) -> Result<Vec<GammaPoint>, LessonError> {
        let (images, _) = self.first_batch().await?;
        let model = self.untrained(Variant::Skip);
        let Some(block) = model.stages.first().and_then(|blocks| blocks.first()) else {
            return Err(LessonError::NoBlocks);
        };
        Ok(distances_from_identity(block, model.stem(images)).await?)
    }

    async fn gradients(&mut self, variant: Variant) -> Result<Vec<f32>, LessonError> {
        let (images, targets) = self.first_batch().await?;
        let sizes = input_gradients(&self.untrained(variant), images, targets);
        Ok(sizes.into_data_async().await?.iter::<f32>().collect())
    }

    /// One tick of a training; returns whether it is complete. `done` counts the steps.
    async fn train(
        &mut self,
        variant: Variant,
        in_progress: &mut Option<InProgress>,
        done: &mut u32,
        events: &mut Vec<Event>,
    ) -> Result<bool, LessonError> {
        let mut learner = match in_progress.take() {
            Some(InProgress::Training(learner)) => learner,
            _ => {
                let set = self.pictures().await?;
                events.push(Event::Losses { variant, from: 0, losses: Vec::new() });
                // Losses are read at every step, because the page draws them as they come.
                Box::new(Learner::new(config(variant, self.seed), set, &self.device, 1)?)
            }
        };
        match learner.tick().await? {
            Tick::Trained { steps, .. } => {
                *done += 1;
                if let Some(first) = steps.first() {
                    events.push(Event::Losses {
                        variant,
                        from: first.step,
                        losses: steps.iter().map(|step| step.loss).collect(),
                    });
                }
            }
            Tick::Done => {
                if let Network::Chapter(model) = learner.model.valid() {
                    self.trained.insert(variant, model);
                }
                return Ok(true);
            }
            Tick::Validated { .. } | Tick::Epoch(_) => {}
        }
        *in_progress = Some(InProgress::Training(learner));
        Ok(false)
    }

    /// The lesson's own network, for a page that has trained none.
    async fn own_model(&mut self) -> Result<InspectedModel, LessonError> {
        let classes = self.pictures().await?.classes.clone();
        let variant = Variant::Skip;
        let name = format!(
            "the lesson's own network ({}), trained on {STEPS} batches of drawn pictures, so it \
             knows little",
            variant.name()
        );
        let net = config(variant, self.seed).net;
        Ok(InspectedModel { model: self.trained(variant), net, classes, name })
    }

    /// One round of timing; returns whether it was the last one.
    async fn time(
        &self,
        channels: u32,
        side: u32,
        in_progress: &mut Option<InProgress>,
        events: &mut Vec<Event>,
    ) -> Result<bool, LessonError> {
        let mut timer = match in_progress.take() {
            Some(InProgress::Timing(timer)) => timer,
            _ => Box::new(BlockTimer::new(channels, side, &self.device.clone().autodiff())),
        };
        if let Some(clock) = timer.round().await? {
            events.push(Event::Clocked(clock));
            return Ok(true);
        }
        *in_progress = Some(InProgress::Timing(timer));
        Ok(false)
    }

    /// One row of a loss surface; returns whether it was the last one.
    async fn surface(
        &mut self,
        variant: Variant,
        in_progress: &mut Option<InProgress>,
        events: &mut Vec<Event>,
    ) -> Result<bool, LessonError> {
        let (plane, row) = match in_progress.take() {
            Some(InProgress::Surface { plane, row }) => (plane, row),
            _ => {
                let model = self.trained(variant);
                let plane = LossPlane::new(architecture(variant), &model, self.seed).await?;
                (Box::new(plane), 0)
            }
        };
        let (images, targets) = self.first_batch().await?;
        let device = self.device.clone().autodiff();
        let mut losses = Vec::new();
        for column in 0..SURFACE {
            let point = [coordinate(column), coordinate(row)];
            losses.push(plane.loss(point, images.clone(), targets.clone(), &device).await?);
        }
        events.push(Event::Heights { variant, row, losses });
        let is_complete = row + 1 >= SURFACE;
        *in_progress = Some(InProgress::Surface { plane, row: row + 1 });
        Ok(is_complete)
    }
}

/// The architecture of a variant, for the ten classes of the drawn pictures.
fn architecture(variant: Variant) -> Architecture {
    let classes = resnette_picture::classes::IMAGENETTE.len() as u32;
    Architecture::new(&config(variant, 0).net, classes)
}
