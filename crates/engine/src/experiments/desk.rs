//! The experiment under way, one unit of work at a time.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use resnette_images::batch::{order, train_batch};
use resnette_images::set::DataSet;
use resnette_picture::Picture;
use resnette_protocol::lesson::{Ask, Contender, SURFACE, Task, Tell};
use resnette_spec::NetConfig;
use resnette_spec::architecture::Plan;
use resnette_spec::random::{Purpose, stream};

use crate::experiments::LessonError;
use crate::experiments::arriving::arriving;
use crate::experiments::clock::{ROUNDS, Stopwatch};
use crate::experiments::contenders::{SIZE, STEPS, config, pictures};
use crate::experiments::gamma::distances;
use crate::experiments::look::look;
use crate::experiments::surface::{Plane, place};
use crate::model::{Network, ResNet};
use crate::train::learner::{Learner, Tick};
use crate::train::loss::targets;

/// A network to look through.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The network, on a plain device.
    pub model: ResNet,
    /// Its layout.
    pub net: NetConfig,
    /// Class names in label order.
    pub classes: Vec<String>,
    /// In words.
    pub name: String,
}

/// A piece of an experiment.
enum Part {
    Gamma,
    Gradients(Contender),
    Train(Contender),
    Look { subject: Option<Box<Subject>>, picture: Picture, size: u32, block: u32 },
    Clock { channels: u32, side: u32 },
    Heights(Contender),
}

impl Part {
    /// Units of work, for the progress.
    fn units(&self) -> u32 {
        match self {
            Self::Gamma | Self::Gradients(_) | Self::Look { .. } => 1,
            Self::Train(_) => STEPS,
            Self::Clock { .. } => ROUNDS as u32 + 1,
            Self::Heights(_) => SURFACE,
        }
    }
}

/// What a part has begun.
enum Begun {
    Training(Box<Learner>),
    Timing(Box<Stopwatch>),
    Plane { plane: Box<Plane>, row: u32 },
}

struct Job {
    task: Task,
    parts: VecDeque<Part>,
    begun: Option<Begun>,
    units: u32,
    done: u32,
}

/// Where experiments are done: at most one at a time, and trained networks are kept for the next.
pub struct Desk {
    device: Device,
    seed: u32,
    set: Option<Arc<DataSet>>,
    trained: BTreeMap<Contender, ResNet>,
    job: Option<Job>,
}

impl Desk {
    /// An empty desk on a plain (not autodiff) device.
    pub fn new(device: Device) -> Self {
        Self { device, seed: 0, set: None, trained: BTreeMap::new(), job: None }
    }

    /// Whether there is work to do.
    pub fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    /// Takes an order; an experiment under way ends. `run` is the network of the run, where one has
    /// been trained.
    pub fn ask(&mut self, ask: Ask, run: Option<Subject>) -> Vec<Tell> {
        let mut told: Vec<Tell> =
            self.job.take().map(|job| Tell::Cancelled(job.task)).into_iter().collect();
        let Some(task) = ask.task() else { return told };
        let parts = self.parts(ask, run);
        let units = parts.iter().map(Part::units).sum::<u32>().max(1);
        self.job = Some(Job { task, parts: parts.into(), begun: None, units, done: 0 });
        told.push(Tell::Progress(task, 0.0));
        told
    }

    fn parts(&mut self, ask: Ask, run: Option<Subject>) -> Vec<Part> {
        let mut parts = Vec::new();
        match ask {
            Ask::Race { seed } => {
                self.reseed(seed);
                parts.push(Part::Gamma);
                parts.extend(Contender::ALL.map(Part::Gradients));
                // Trained anew, so that the reader sees them learn.
                parts.extend(Contender::ALL.map(Part::Train));
            }
            Ask::Look { picture, size, block, seed } => {
                let subject = run.map(Box::new);
                if subject.is_none() {
                    self.reseed(seed);
                    parts.extend(self.missing(&[Contender::Skip]));
                }
                parts.push(Part::Look { subject, picture, size, block });
            }
            Ask::Clock { channels, side } => parts.push(Part::Clock { channels, side }),
            Ask::Surface { seed } => {
                self.reseed(seed);
                parts.extend(self.missing(&[Contender::Deep, Contender::Skip]));
                parts.extend([Part::Heights(Contender::Deep), Part::Heights(Contender::Skip)]);
            }
            Ask::Cancel => {}
        }
        parts
    }

    /// Networks of another seed are of no use.
    fn reseed(&mut self, seed: u32) {
        if self.seed != seed {
            self.seed = seed;
            self.set = None;
            self.trained.clear();
        }
    }

    fn missing(&self, wanted: &[Contender]) -> Vec<Part> {
        wanted
            .iter()
            .filter(|contender| !self.trained.contains_key(contender))
            .map(|contender| Part::Train(*contender))
            .collect()
    }

    /// Does one unit of work and says what came of it.
    pub async fn tick(&mut self) -> Vec<Tell> {
        let Some(mut job) = self.job.take() else { return Vec::new() };
        let task = job.task;
        match self.work(&mut job).await {
            Ok(mut told) => {
                if job.parts.is_empty() {
                    told.push(Tell::Finished(task));
                } else {
                    told.push(Tell::Progress(task, (job.done as f32 / job.units as f32).min(1.0)));
                    self.job = Some(job);
                }
                told
            }
            Err(error) => vec![Tell::Failed(task, error.to_string())],
        }
    }

    async fn work(&mut self, job: &mut Job) -> Result<Vec<Tell>, LessonError> {
        let Some(part) = job.parts.front() else { return Ok(Vec::new()) };
        let mut told = Vec::new();
        let over = match part {
            Part::Gamma => {
                told.push(Tell::Gamma(self.gamma().await?));
                true
            }
            Part::Gradients(contender) => {
                told.push(Tell::Gradients(*contender, self.gradients(*contender).await?));
                true
            }
            Part::Train(contender) => {
                self.train(*contender, &mut job.begun, &mut job.done, &mut told).await?
            }
            Part::Look { subject, picture, size, block } => {
                let own;
                let subject = match subject {
                    Some(subject) => subject,
                    None => {
                        own = self.own_subject().await?;
                        &own
                    }
                };
                told.push(Tell::Looked(Box::new(
                    look(subject, picture, *size, *block, &self.device).await?,
                )));
                true
            }
            Part::Clock { channels, side } => {
                self.time(*channels, *side, &mut job.begun, &mut told).await?
            }
            Part::Heights(contender) => self.heights(*contender, &mut job.begun, &mut told).await?,
        };
        // A training counts its own steps: a validation in between is none.
        if !matches!(part, Part::Train(_)) {
            job.done += 1;
        }
        if over {
            job.parts.pop_front();
            job.begun = None;
        }
        Ok(told)
    }

    async fn pictures(&mut self) -> Result<Arc<DataSet>, LessonError> {
        if let Some(set) = &self.set {
            return Ok(set.clone());
        }
        let set =
            pictures(self.seed).await.map_err(|error| LessonError::Engine(error.to_string()))?;
        self.set = Some(set.clone());
        Ok(set)
    }

    /// A contender with its first weights, on the autodiff device.
    fn fresh(&self, contender: Contender) -> ResNet {
        let device = self.device.clone().autodiff();
        ResNet::new(&plan(contender), stream(self.seed, Purpose::Init, 0), &device)
    }

    /// The first batch of the race's training, on the autodiff device.
    async fn batch(&mut self) -> Result<(Tensor<4>, Tensor<2>), LessonError> {
        let set = self.pictures().await?;
        let config = config(Contender::Skip, self.seed);
        let batch = train_batch(&set, &config, &order(set.train.len(), self.seed, 0), 0, 0, SIZE);
        let device = self.device.clone().autodiff();
        let shape = [batch.labels.len(), 3, SIZE as usize, SIZE as usize];
        let wanted = targets(&batch.labels, set.classes.len(), 0.0, None, &device);
        Ok((Tensor::from_data(TensorData::new(batch.images, shape), &device), wanted))
    }

    async fn gamma(&mut self) -> Result<Vec<resnette_protocol::lesson::GammaPoint>, LessonError> {
        let (images, _) = self.batch().await?;
        let model = self.fresh(Contender::Skip);
        let Some(block) = model.stages.first().and_then(|blocks| blocks.first()) else {
            return Err(LessonError::NoBlocks);
        };
        Ok(distances(block, model.stem(images)).await?)
    }

    async fn gradients(&mut self, contender: Contender) -> Result<Vec<f32>, LessonError> {
        let (images, wanted) = self.batch().await?;
        let sizes = arriving(&self.fresh(contender), images, wanted);
        Ok(sizes.into_data_async().await?.iter::<f32>().collect())
    }

    async fn train(
        &mut self,
        contender: Contender,
        begun: &mut Option<Begun>,
        done: &mut u32,
        told: &mut Vec<Tell>,
    ) -> Result<bool, LessonError> {
        let mut learner = match begun.take() {
            Some(Begun::Training(learner)) => learner,
            _ => {
                let set = self.pictures().await?;
                told.push(Tell::Losses { contender, from: 0, losses: Vec::new() });
                // Read at every step: the page draws them as they come.
                Box::new(Learner::new(config(contender, self.seed), set, &self.device, 1)?)
            }
        };
        match learner.tick().await? {
            Tick::Trained { steps, .. } => {
                *done += 1;
                if let Some(first) = steps.first() {
                    told.push(Tell::Losses {
                        contender,
                        from: first.step,
                        losses: steps.iter().map(|step| step.loss).collect(),
                    });
                }
            }
            Tick::Done => {
                if let Network::Chapter(model) = learner.model.valid() {
                    self.trained.insert(contender, model);
                }
                return Ok(true);
            }
            Tick::Validated { .. } | Tick::Epoch(_) => {}
        }
        *begun = Some(Begun::Training(learner));
        Ok(false)
    }

    async fn own_subject(&mut self) -> Result<Subject, LessonError> {
        let classes = self.pictures().await?.classes.clone();
        let contender = Contender::Skip;
        let model =
            self.trained.get(&contender).cloned().unwrap_or_else(|| self.fresh(contender).valid());
        let name = format!(
            "the lesson's own network ({}), trained on {STEPS} batches of drawn pictures, so it knows little",
            contender.name()
        );
        Ok(Subject { model, net: config(contender, self.seed).net, classes, name })
    }

    async fn time(
        &self,
        channels: u32,
        side: u32,
        begun: &mut Option<Begun>,
        told: &mut Vec<Tell>,
    ) -> Result<bool, LessonError> {
        let mut watch = match begun.take() {
            Some(Begun::Timing(watch)) => watch,
            _ => Box::new(Stopwatch::new(channels, side, &self.device.clone().autodiff())),
        };
        if let Some(clock) = watch.round().await? {
            told.push(Tell::Clocked(clock));
            return Ok(true);
        }
        *begun = Some(Begun::Timing(watch));
        Ok(false)
    }

    async fn heights(
        &mut self,
        contender: Contender,
        begun: &mut Option<Begun>,
        told: &mut Vec<Tell>,
    ) -> Result<bool, LessonError> {
        let (plane, row) = match begun.take() {
            Some(Begun::Plane { plane, row }) => (plane, row),
            _ => {
                let model = self
                    .trained
                    .get(&contender)
                    .cloned()
                    .unwrap_or_else(|| self.fresh(contender).valid());
                (Box::new(Plane::new(plan(contender), &model, self.seed).await?), 0)
            }
        };
        let (images, wanted) = self.batch().await?;
        let device = self.device.clone().autodiff();
        let mut losses = Vec::new();
        for column in 0..SURFACE {
            losses.push(
                plane
                    .loss([place(column), place(row)], images.clone(), wanted.clone(), &device)
                    .await?,
            );
        }
        told.push(Tell::Heights { contender, row, losses });
        let over = row + 1 >= SURFACE;
        *begun = Some(Begun::Plane { plane, row: row + 1 });
        Ok(over)
    }
}

/// A contender's layout, for ten classes.
fn plan(contender: Contender) -> Plan {
    Plan::new(&config(contender, 0).net, resnette_picture::classes::IMAGENETTE.len() as u32)
}
