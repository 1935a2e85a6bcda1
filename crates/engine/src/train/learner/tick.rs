//! One tick of a run: the forward and backward pass of a training batch, or the forward pass of a
//! validation batch.

use burn::tensor::Gradients;
use resnette_images::batch;
use resnette_spec::epoch::{EpochRow, Step};
use resnette_spec::fine_tune::{FROZEN_EPOCHS, FineTunePhase};
use resnette_spec::schedule;
use resnette_spec::schedule::StepHyperParams;
use resnette_spec::smooth::SmoothedLoss;

use super::losses::PendingStep;
use super::score::read_answers;
use super::{Learner, LearnerError};
use crate::model::Network;
use crate::train::adam::Adam;
use crate::train::gradient_size;
use crate::train::gradient_size::GradientSizes;
use crate::train::metrics::metrics;

/// Steps at the start of a run whose losses are read one by one: they include the compilation of
/// the kernels, and the page wants to show a loss soon.
const FIRST_STEPS: u32 = 3;

/// What a tick did.
#[derive(Clone, Debug, PartialEq)]
pub enum Tick {
    /// Trained a batch.
    Trained {
        /// The epoch, counted from 0.
        epoch: u32,
        /// The batch within the epoch, counted from 0.
        batch: u32,
        /// The steps whose losses have been read back since the last tick, oldest first. It may be
        /// empty: on a GPU losses are read several at a time, and those of earlier steps come with
        /// this one. All of an epoch are told before its validation.
        steps: Vec<Step>,
        /// `log10` of the root mean square of each block's gradient ([`GradientSizes::sizes`]).
        /// Empty unless a measurement has been read back since the last tick.
        gradients: Vec<f32>,
    },
    /// Validated a batch.
    Validated {
        /// The epoch, counted from 0.
        epoch: u32,
        /// The batch within the validation pictures, counted from 0.
        batch: u32,
    },
    /// Ended an epoch; its row of the table.
    Epoch(EpochRow),
    /// The run has ended, and there was nothing to do.
    Done,
}

/// What the next tick does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::train) enum Phase {
    /// Train this batch of the epoch.
    Train(u32),
    /// Validate this batch; the number of batches means that all are done and the epoch ends.
    Validate(u32),
    /// Nothing: the run has ended.
    Done,
}

impl Learner {
    /// Trains or validates one batch.
    ///
    /// # Errors
    /// [`LearnerError::Diverged`] or [`LearnerError::DivergedInValidation`] if a loss is not
    /// finite, which ends the run (that of a batch perhaps whose loss came late, see
    /// [`Self::with_groups_in_flight`]), [`LearnerError::Engine`] if the device fails,
    /// [`LearnerError::Team`] if the other ranks of a team do, and [`LearnerError::Stream`] if a
    /// picture cannot be read, after which the same tick may be tried again. The network and the
    /// rows of the epochs before stay.
    pub async fn tick(&mut self) -> Result<Tick, LearnerError> {
        if self.phase != Phase::Done {
            self.clock.start();
        }
        match self.phase {
            Phase::Train(batch) => match self.train_in_team(batch).await {
                Some(tick) => tick,
                None => self.train(batch).await,
            },
            Phase::Validate(batch) => self.validate(batch).await,
            Phase::Done => Ok(Tick::Done),
        }
    }

    /// Like [`Self::tick`], but a training batch reports its loss at once, however many losses are
    /// read at a time otherwise: with single steps, the reader waits for it.
    ///
    /// # Errors
    /// As [`Self::tick`].
    pub async fn tick_and_read(&mut self) -> Result<Tick, LearnerError> {
        let mut tick = self.tick().await?;
        if let Tick::Trained { steps, gradients, .. } = &mut tick {
            self.read_losses().await?;
            steps.append(&mut self.unreported_steps);
            if !self.unreported_gradients.is_empty() {
                *gradients = std::mem::take(&mut self.unreported_gradients);
            }
        }
        Ok(tick)
    }

    /// Trains batch `index` of the epoch.
    async fn train(&mut self, index: u32) -> Result<Tick, LearnerError> {
        let loss = self.loss_of_batch(index)?;
        let hyper_params = self.hyper_params();
        // The schedule counts batches and only Adam counts steps, as in fastai, whose
        // GradientAccumulation skips the optimiser's step but not the scheduler's.
        if let Some(grads) = self.accumulator.push(&self.model, loss.backward()) {
            self.take_step(grads, hyper_params);
        }
        if gradient_size::is_due(self.step) && matches!(self.model, Network::Chapter(_)) {
            self.measured_gradients = GradientSizes::of(&self.adam);
        }
        self.pending.push(PendingStep { step: self.step, hyper_params, loss: loss.inner() });
        let epoch = self.epoch;
        let is_last = index + 1 == self.batches();
        self.step += 1;
        self.phase = if is_last { Phase::Validate(0) } else { Phase::Train(index + 1) };
        let is_read_at_once = self.step <= FIRST_STEPS || is_last;
        if is_read_at_once || self.pending.len() >= self.read_every {
            self.begin_read();
        }
        let most = if is_read_at_once { 0 } else { self.groups_in_flight - 1 };
        self.finish_reads(most).await?;
        Ok(Tick::Trained {
            epoch,
            batch: index,
            steps: std::mem::take(&mut self.unreported_steps),
            gradients: std::mem::take(&mut self.unreported_gradients),
        })
    }

    /// A step of the optimiser.
    pub(super) fn take_step(&mut self, mut grads: Gradients, hyper_params: StepHyperParams) {
        let phase = self.is_fine_tuning.then(|| FineTunePhase::of(self.epoch));
        let stages = self.model.stages();
        let lr_factor = |name: &str| phase.map_or(1.0, |phase| phase.lr_factor(name, stages));
        self.model = self.adam.step(self.model.clone(), &mut grads, hyper_params, lr_factor);
    }

    /// Learning rate and momentum of the next step.
    pub(super) fn hyper_params(&self) -> StepHyperParams {
        let recipe = &self.config.recipe;
        let mut hyper_params = if self.is_fine_tuning {
            let phase = FineTunePhase::of(self.epoch);
            phase.hyper_params(recipe.lr, self.step, self.batches(), recipe.epochs)
        } else {
            let total = f64::from(self.batches() * recipe.epochs);
            let pct = f64::from(self.step) / total;
            schedule::of_recipe(recipe, pct.min(1.0))
        };
        hyper_params.lr *= self.lr_scale;
        hyper_params
    }

    /// Validates batch `index`, or ends the epoch after the last one.
    async fn validate(&mut self, index: u32) -> Result<Tick, LearnerError> {
        if index >= self.valid_batches() {
            return self.end_epoch().await;
        }
        if self.team.as_ref().is_none_or(|member| member.is_own(index)) {
            self.valid_answers.push(self.answer_valid(index)?);
        }
        self.phase = Phase::Validate(index + 1);
        self.share_stop(index + 1)?;
        Ok(Tick::Validated { epoch: self.epoch, batch: index })
    }

    /// Reads the logits of the validation pictures, adds the epoch's row to the table, and prepares
    /// the next epoch, if there is one and the run does not stop early.
    async fn end_epoch(&mut self) -> Result<Tick, LearnerError> {
        let answers = std::mem::take(&mut self.valid_answers);
        let answers = read_answers(answers).await?;
        let answers = self.share_answers(answers).await?;
        (self.scored, self.familiarity) = self.score(&answers);
        let found = metrics(&self.scored, self.config.recipe.smoothing);
        let valid_loss = found.loss as f32;
        if !valid_loss.is_finite() {
            // Neither a saved run nor the list of runs could hold the row.
            self.phase = Phase::Done;
            return Err(LearnerError::DivergedInValidation(valid_loss, self.epoch));
        }
        let row = EpochRow {
            epoch: self.epoch,
            train_loss: self.smoothed_loss.value() as f32,
            valid_loss,
            accuracy: found.accuracy as f32,
            top5: found.top5 as f32,
            seconds: std::mem::take(&mut self.clock).seconds(),
        };
        self.keep_if_best(row).await?;
        self.history.push(row);
        self.epoch += 1;
        if self.epoch < self.config.recipe.epochs && !self.stops_early() {
            self.begin_epoch();
        } else {
            self.phase = Phase::Done;
            self.return_to_best()?;
        }
        Ok(Tick::Epoch(row))
    }

    /// Prepares the epoch that `self.epoch` says.
    pub(super) fn begin_epoch(&mut self) {
        if self.is_fine_tuning && self.epoch == FROZEN_EPOCHS {
            // fastai's `unfreeze` clears the state of the optimiser, and a second fit begins,
            // before which `Recorder.before_fit` resets the running loss and
            // `TrackerCallback.before_fit` forgets the best epoch.
            self.adam = Adam::of(&self.config.recipe);
            self.smoothed_loss = SmoothedLoss::default();
            self.best = None;
        }
        self.forget_running();
        self.order = batch::epoch_order(self.data.train.len(), self.config.seed, self.epoch);
        self.phase = Phase::Train(0);
        self.look_ahead();
    }
}
