//! Takes a checkpoint of a run, and resumes a run from one.

use std::sync::Arc;

use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use resnette_images::batch;
use resnette_images::dataset::Dataset;
use resnette_protocol::saved::{EpochPosition, RunHeader};
use resnette_spec::run_link;

use crate::model::params::flat_gradients;
use crate::model::weights::{Array, Weights, WeightsError, load_weights, read_weights};
use crate::train::adam::Averages;
use crate::train::best::BestEpoch;
use crate::train::checkpoint::{Checkpoint, CheckpointError};
use crate::train::dataset_check::dataset_check;
use crate::train::gradients::to_gradients;
use crate::train::learner::{EpochClock, Learner, LearnerError, Phase};
use crate::train::team::TeamError;

/// The most classes that a refusal names.
const MAX_NAMED: usize = 8;

impl Learner {
    /// Takes a checkpoint of the run as it is. Losses that are still on the device are read, and
    /// the next tick reports them. A validation under way starts over when the checkpoint is
    /// resumed.
    ///
    /// # Errors
    /// [`CheckpointError::FineTuning`], [`CheckpointError::Broken`], weights that are not finite,
    /// a failure of the engine, or [`TeamError::WithinStep`]. The run itself does not change, but
    /// for a loss that is read and not finite, which ends it ([`LearnerError::Diverged`]).
    pub async fn checkpoint(&mut self) -> Result<Checkpoint, CheckpointError> {
        if self.is_fine_tuning {
            return Err(CheckpointError::FineTuning);
        }
        if self.is_within_team_step() {
            return Err(LearnerError::Team(TeamError::WithinStep).into());
        }
        self.read_losses().await?;
        let position = match self.phase {
            Phase::Train(batch) => EpochPosition::Train(batch),
            Phase::Validate(_) => EpochPosition::Validate,
            Phase::Done
                if !self.is_broken()
                    && (self.epoch == self.config.recipe.epochs || self.stops_early()) =>
            {
                EpochPosition::Done
            }
            Phase::Done => return Err(CheckpointError::Broken),
        };
        let weights = read_weights(&self.model).await?;
        let (mut averages, mut squares) = (Weights::new(), Weights::new());
        for (name, state) in &self.adam.state {
            averages.insert(name.clone(), flat(state.avg.clone()).await?);
            squares.insert(name.clone(), flat(state.sqr.clone()).await?);
        }
        let mut slow = Weights::new();
        for (name, tensor) in &self.adam.slow {
            slow.insert(name.clone(), flat(tensor.clone()).await?);
        }
        let mut gradients = Weights::new();
        if let Some(grads) = &self.accumulator.mean {
            for (name, tensor) in flat_gradients(&self.model, grads) {
                gradients.insert(name, flat(tensor).await?);
            }
        }
        let best = match &self.best {
            Some(best) if position != EpochPosition::Done => best.weights.clone(),
            _ => Weights::new(),
        };
        let parts = [&weights, &averages, &squares, &gradients, &slow, &best];
        if let Some((name, _)) = parts
            .iter()
            .flat_map(|part| part.iter())
            .find(|(_, array)| array.values.iter().any(|n| !n.is_finite()))
        {
            return Err(WeightsError::NotFinite(name.clone()).into());
        }
        let header = RunHeader {
            link: run_link(&self.config),
            classes: self.data.classes.clone(),
            dataset: dataset_check(&self.data),
            epoch: self.epoch,
            position,
            step: self.step,
            adam_steps: self.adam.steps,
            accumulated: self.accumulator.count,
            smooth: self.smoothed_loss,
            rate_scale: self.lr_scale,
            seconds: self.clock.seconds(),
            rows: self.history.clone(),
            curve: self.curve.clone(),
            corrections: self.data.opened.as_ref().map(|opened| opened.corrections.clone()),
            unordered_ranks: self.unordered_ranks,
        };
        Ok(Checkpoint {
            header,
            config: self.config.clone(),
            weights,
            averages,
            squares,
            gradients,
            slow,
            best,
            kernels: resnette_kernels::chip_of(&self.device).map(|chip| chip.name.to_owned()),
        })
    }

    /// Resumes a run from a checkpoint, on a plain device (without autodiff). For `read_every` see
    /// [`Learner::new`].
    ///
    /// # Errors
    /// [`CheckpointError::Classes`] or [`CheckpointError::Pictures`] if `data` has other classes,
    /// another split or other pictures than the run was trained on, [`CheckpointError::Position`],
    /// or what [`Learner::new`] fails with.
    pub fn resume(
        checkpoint: &Checkpoint,
        data: Arc<Dataset>,
        device: &Device,
        read_every: usize,
    ) -> Result<Self, CheckpointError> {
        let header = &checkpoint.header;
        check_pictures(header, &data)?;
        let mut learner = Self::new(checkpoint.config.clone(), data, device, read_every)?;
        let batches = learner.batches();
        let (phase, within) = match header.position {
            EpochPosition::Train(batch) if batch < batches => (Phase::Train(batch), batch),
            EpochPosition::Train(_) => return Err(CheckpointError::Position),
            EpochPosition::Validate => (Phase::Validate(0), batches),
            EpochPosition::Done => (Phase::Done, 0),
        };
        if u64::from(header.step)
            != u64::from(header.epoch) * u64::from(batches) + u64::from(within)
        {
            return Err(CheckpointError::Position);
        }
        learner.model = load_weights(learner.model, &checkpoint.weights)?;
        let tensor = |array: &Array| {
            Tensor::<1>::from_data(
                TensorData::new(array.values.clone(), array.shape.clone()),
                device,
            )
        };
        for (name, avg) in &checkpoint.averages {
            // `Checkpoint::read` has checked that both have the same names.
            let Some(sqr) = checkpoint.squares.get(name) else { continue };
            learner
                .adam
                .state
                .insert(name.clone(), Averages { avg: tensor(avg), sqr: tensor(sqr) });
        }
        for (name, slow) in &checkpoint.slow {
            learner.adam.slow.insert(name.clone(), tensor(slow));
        }
        learner.adam.steps = header.adam_steps;
        if header.accumulated > 0 {
            learner.accumulator.count = header.accumulated;
            learner.accumulator.mean =
                Some(to_gradients(&learner.model, &checkpoint.gradients, device));
        }
        learner.order =
            batch::epoch_order(learner.data.train.len(), learner.config.seed, header.epoch);
        learner.epoch = header.epoch;
        learner.phase = phase;
        learner.step = header.step;
        learner.smoothed_loss = header.smooth;
        learner.lr_scale = header.rate_scale;
        learner.clock = EpochClock::at(header.seconds);
        let kept = match phase {
            Phase::Done => &checkpoint.weights,
            Phase::Train(_) | Phase::Validate(_) => &checkpoint.best,
        };
        let best = learner.config.recipe.best_epoch(&header.rows);
        learner.best = best.map(|epoch| BestEpoch {
            epoch,
            weights: kept.clone(),
            scored: Vec::new(),
            familiarity: None,
        });
        learner.history = header.rows.clone();
        learner.curve = header.curve.clone();
        learner.unordered_ranks = header.unordered_ranks;
        Ok(learner)
    }
}

/// Refuses pictures that are not those of a saved run.
fn check_pictures(header: &RunHeader, data: &Dataset) -> Result<(), CheckpointError> {
    let quoted = |names: &[String]| {
        let named = names.iter().take(MAX_NAMED).map(|name| format!("“{name}”"));
        let listed = named.collect::<Vec<String>>().join(", ");
        match names.len().saturating_sub(MAX_NAMED) {
            0 => listed,
            more => format!("{listed} and {more} more"),
        }
    };
    if header.classes != data.classes {
        return Err(CheckpointError::Classes {
            found: quoted(&data.classes),
            wanted: quoted(&header.classes),
        });
    }
    let (found, wanted) = (dataset_check(data), header.dataset);
    if found != wanted {
        return Err(CheckpointError::Pictures {
            found: (found.train, found.valid),
            wanted: (wanted.train, wanted.valid),
        });
    }
    Ok(())
}

/// Reads a flat tensor from the device.
async fn flat(tensor: Tensor<1>) -> Result<Array, ExecutionError> {
    let data = tensor.into_data_async().await?;
    let values: Vec<f32> = data.iter::<f32>().collect();
    Ok(Array { shape: vec![values.len()], values })
}
