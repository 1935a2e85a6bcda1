//! A run, frozen between two ticks: to bytes and back, so that going on is as if it had never
//! stopped.
//!
//! Random streams are functions of seed and position and need no place here. What does: weights and
//! running statistics, Adam's averages, gradients that wait for a step, and the few numbers of
//! [`Head`].

use std::sync::Arc;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, ExecutionError, Gradients, Tensor, TensorData};
use resnette_images::batch;
use resnette_images::set::DataSet;
use resnette_protocol::saved::{Fingerprint, Head, HeadError, Place, SealError, seal, sealed};
use resnette_spec::RunConfig;
use resnette_spec::architecture::Plan;

use crate::model::container::{ContainerError, Metadata, Precision};
use crate::model::path::Path;
use crate::model::shapes::{check, shapes};
use crate::model::weights::{Array, Weights, WeightsError, load_weights, read_weights};
use crate::model::{Network, container};
use crate::train::adam::Averages;
use crate::train::learner::{Clock, Learner, LearnerError, Phase};

/// Prefixes of the tensors' names in the body.
const MODEL: &str = "model/";
const AVG: &str = "adam.avg/";
const SQR: &str = "adam.sqr/";
const GRAD: &str = "grad/";

/// Why a run cannot be saved, read or continued.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Its head.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// Its tensors.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// Tensors of another network.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The run broke, and the state in which it did is worth nothing.
    #[error(
        "the run broke before its end, and a broken run is not worth saving; the last save is kept"
    )]
    Broken,
    /// A fine-tuning, whose start is no network of the settings.
    #[error("a fine-tuning is not kept as a run; save its model instead")]
    Tunes,
    /// Other pictures than those that it was trained on.
    #[error(
        "the pictures are not those of the saved run ({found} training pictures, {wanted} there, or others of them); load the same ones and continue then"
    )]
    Pictures {
        /// Now.
        found: u32,
        /// Then.
        wanted: u32,
    },
    /// The place does not fit the pictures.
    #[error("its place in the run does not fit the pictures; it is damaged or made up")]
    Place,
    /// The run cannot begin.
    #[error(transparent)]
    Learner(#[from] LearnerError),
}

impl From<ExecutionError> for CheckpointError {
    fn from(error: ExecutionError) -> Self {
        Self::Learner(error.into())
    }
}

/// A frozen run.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// All but the tensors.
    pub head: Head,
    /// The settings, as the head's link says them.
    pub config: RunConfig,
    /// Weights and running statistics, under PyTorch's names.
    pub weights: Weights,
    averages: Weights,
    squares: Weights,
    gradients: Weights,
}

impl Checkpoint {
    /// The file of the run. `sequence` tells two generations apart.
    ///
    /// # Errors
    /// [`CheckpointError`]
    pub fn write(&self, sequence: u64) -> Result<Vec<u8>, CheckpointError> {
        let parts = [
            (MODEL, &self.weights),
            (AVG, &self.averages),
            (SQR, &self.squares),
            (GRAD, &self.gradients),
        ];
        let tensors = parts.iter().flat_map(|(prefix, part)| {
            part.iter().map(move |(name, array)| (format!("{prefix}{name}"), array.clone()))
        });
        let body = container::write(&Metadata::new(), &tensors.collect(), Precision::F32)?;
        Ok(seal(sequence, &self.head.write()?, &body)?)
    }

    /// Reads a file; its sequence number comes along. Nothing in it is believed: sums, lengths,
    /// names, shapes and values are held against the settings that it names.
    ///
    /// # Errors
    /// [`CheckpointError`]
    pub fn read(bytes: &[u8]) -> Result<(u64, Self), CheckpointError> {
        let file = sealed::open(bytes)?;
        let head = Head::read(file.head)?;
        let config = head.config()?;
        let (_, tensors) = container::read_within(sealed::MOST_BYTES as usize, file.body)?;
        let mut parts = [MODEL, AVG, SQR, GRAD].map(|prefix| (prefix, Weights::new()));
        for (name, array) in tensors {
            let part = parts.iter_mut().find_map(|(prefix, part)| {
                name.strip_prefix(*prefix).map(|name| (part, name.to_string()))
            });
            let (part, short) = part.ok_or(WeightsError::Extra(name))?;
            part.insert(short, array);
        }
        let [(_, weights), (_, averages), (_, squares), (_, gradients)] = parts;
        let wanted = shapes(&Plan::new(&config.net, head.classes.len() as u32));
        check(&weights, &wanted)?;
        let trainable = |name: &&String| !name.contains(".running_");
        for (part, there) in [
            (&averages, head.adam_steps > 0),
            (&squares, head.adam_steps > 0),
            (&gradients, head.accumulated > 0),
        ] {
            let expected = weights.iter().filter(|(name, _)| there && trainable(name));
            let lengths = expected.map(|(name, array)| (name, array.values.len()));
            for (name, length) in lengths.clone() {
                let found = part.get(name).ok_or_else(|| WeightsError::Missing(name.clone()))?;
                if found.shape != [length] {
                    return Err(WeightsError::Shape {
                        name: name.clone(),
                        found: found.shape.clone(),
                        wanted: vec![length],
                    }
                    .into());
                }
            }
            if let Some(extra) =
                part.keys().find(|name| !lengths.clone().any(|(wanted, _)| wanted == *name))
            {
                return Err(WeightsError::Extra(extra.clone()).into());
            }
        }
        if let Some(name) = squares
            .iter()
            .find(|(_, array)| array.values.iter().any(|value| *value < 0.0))
            .map(|(name, _)| name)
        {
            return Err(ContainerError::Negative(name.clone()).into());
        }
        Ok((file.sequence, Self { head, config, weights, averages, squares, gradients }))
    }
}

impl Learner {
    /// Freezes the run as it is. Losses that were still on the device are read; the next tick tells
    /// them. A validation under way begins anew in the copy.
    ///
    /// # Errors
    /// [`CheckpointError`]; the run itself is as before.
    pub async fn checkpoint(&mut self) -> Result<Checkpoint, CheckpointError> {
        if self.tunes {
            return Err(CheckpointError::Tunes);
        }
        self.read_losses().await?;
        let place = match self.phase {
            Phase::Train(batch) => Place::Train(batch),
            Phase::Validate(_) => Place::Validate,
            Phase::Done if self.epoch == self.config.recipe.epochs => Place::Done,
            Phase::Done => return Err(CheckpointError::Broken),
        };
        let weights = read_weights(&self.model).await?;
        let (mut averages, mut squares) = (Weights::new(), Weights::new());
        for (name, state) in &self.adam.state {
            averages.insert(name.clone(), flat(state.avg.clone()).await?);
            squares.insert(name.clone(), flat(state.sqr.clone()).await?);
        }
        let mut gradients = Weights::new();
        if let Some(grads) = &self.gradients.mean {
            let mut reader = Reader { grads, path: Path::default(), found: Vec::new() };
            self.model.visit(&mut reader);
            for (name, tensor) in reader.found {
                gradients.insert(name, flat(tensor).await?);
            }
        }
        let parts = [&weights, &averages, &squares, &gradients];
        if let Some((name, _)) = parts
            .iter()
            .flat_map(|part| part.iter())
            .find(|(_, array)| array.values.iter().any(|n| !n.is_finite()))
        {
            return Err(WeightsError::NotFinite(name.clone()).into());
        }
        let head = Head {
            link: Head::link_of(&self.config),
            classes: self.data.classes.clone(),
            pictures: fingerprint(&self.data),
            epoch: self.epoch,
            place,
            step: self.step,
            adam_steps: self.adam.steps,
            accumulated: self.gradients.count,
            smooth: self.smooth,
            rate_scale: self.rate_scale,
            seconds: self.clock.seconds(),
            rows: self.history.clone(),
            curve: self.curve.clone(),
        };
        Ok(Checkpoint { head, config: self.config.clone(), weights, averages, squares, gradients })
    }

    /// Goes on with a frozen run on a plain (not autodiff) device; for `read_every` see
    /// [`Learner::new`].
    ///
    /// # Errors
    /// [`CheckpointError`] where the pictures are others.
    pub fn resume(
        frozen: &Checkpoint,
        data: Arc<DataSet>,
        device: &Device,
        read_every: usize,
    ) -> Result<Self, CheckpointError> {
        let head = &frozen.head;
        if head.classes != data.classes || head.pictures != fingerprint(&data) {
            return Err(CheckpointError::Pictures {
                found: data.train.len() as u32,
                wanted: head.pictures.train,
            });
        }
        let mut learner = Self::new(frozen.config.clone(), data, device, read_every)?;
        let batches = learner.batches();
        let (phase, within) = match head.place {
            Place::Train(batch) if batch < batches => (Phase::Train(batch), batch),
            Place::Train(_) => return Err(CheckpointError::Place),
            Place::Validate => (Phase::Validate(0), batches),
            Place::Done => (Phase::Done, 0),
        };
        if u64::from(head.step) != u64::from(head.epoch) * u64::from(batches) + u64::from(within) {
            return Err(CheckpointError::Place);
        }
        learner.model = load_weights(learner.model, &frozen.weights)?;
        let tensor = |array: &Array| {
            Tensor::<1>::from_data(
                TensorData::new(array.values.clone(), array.shape.clone()),
                device,
            )
        };
        for (name, avg) in &frozen.averages {
            // `read` has seen to it that both have the same names.
            let Some(sqr) = frozen.squares.get(name) else { continue };
            learner
                .adam
                .state
                .insert(name.clone(), Averages { avg: tensor(avg), sqr: tensor(sqr) });
        }
        learner.adam.steps = head.adam_steps;
        if head.accumulated > 0 {
            learner.gradients.count = head.accumulated;
            learner.gradients.mean = Some(restored(&learner.model, &frozen.gradients, device));
        }
        learner.order = batch::order(learner.data.train.len(), learner.config.seed, head.epoch);
        learner.epoch = head.epoch;
        learner.phase = phase;
        learner.step = head.step;
        learner.smooth = head.smooth;
        learner.rate_scale = head.rate_scale;
        learner.clock = Clock::from(head.seconds);
        learner.history = head.rows.clone();
        learner.curve = head.curve.clone();
        Ok(learner)
    }
}

/// What tells one set of pictures from another: labels, sizes and the middle of every picture, in
/// order.
fn fingerprint(set: &DataSet) -> Fingerprint {
    const BYTES: usize = 48;
    let mut hasher = crc32fast::Hasher::new();
    for sample in set.train.iter().chain(&set.valid) {
        hasher.update(&sample.label.to_le_bytes());
        hasher.update(&sample.picture.width.to_le_bytes());
        hasher.update(&sample.picture.height.to_le_bytes());
        let rgb = &sample.picture.rgb;
        let middle = rgb.len() / 2;
        hasher.update(&rgb[middle..(middle + BYTES).min(rgb.len())]);
    }
    Fingerprint {
        train: set.train.len() as u32,
        valid: set.valid.len() as u32,
        check: hasher.finalize(),
    }
}

async fn flat(tensor: Tensor<1>) -> Result<Array, ExecutionError> {
    let data = tensor.into_data_async().await?;
    let values: Vec<f32> = data.iter::<f32>().collect();
    Ok(Array { shape: vec![values.len()], values })
}

/// Gradients by parameter name, flattened.
struct Reader<'a> {
    grads: &'a Gradients,
    path: Path,
    found: Vec<(String, Tensor<1>)>,
}

impl ModuleVisitor for Reader<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = param.val().grad(self.grads) {
            let length = [grad.dims().iter().product::<usize>()];
            self.found.push((self.path.name(), grad.reshape(length)));
        }
    }
}

/// The gradients of `named`, as belonging to the parameters of `model`.
fn restored(model: &Network, named: &Weights, device: &Device) -> Gradients {
    // Burn makes gradients only in a backward pass: one of a number that no parameter has any part
    // in.
    let grads = Tensor::<1>::ones([1], &device.clone().autodiff()).require_grad().backward();
    let mut writer = Writer { grads, named, device, path: Path::default() };
    model.visit(&mut writer);
    writer.grads
}

struct Writer<'a> {
    grads: Gradients,
    named: &'a Weights,
    device: &'a Device,
    path: Path,
}

impl ModuleVisitor for Writer<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(array) = self.named.get(&self.path.name()) else { return };
        let tensor = param.val();
        let grad = Tensor::<D>::from_data(
            TensorData::new(array.values.clone(), tensor.dims()),
            self.device,
        );
        tensor.grad_replace(&mut self.grads, grad);
    }
}
