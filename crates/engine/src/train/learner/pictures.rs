//! The pictures of a run's batches, from memory or from a stream that decodes them ahead of time.
//!
//! The epoch's order and the batch's number determine which pictures a batch has, so the pictures
//! that come next are known. In a team a rank asks for those of its own batches only, and reads no
//! others.

use burn::tensor::Tensor;
use resnette_images::batch::{Batch, batch_slice, plan_batch, valid_batch_of};
use resnette_images::dataset::Sample;
use resnette_images::stream::{Part, StreamError, Wanted};

use super::{Learner, LearnerError};
use crate::train::batch_loss::batch_loss;

impl Learner {
    /// The loss of training batch `index` of the epoch, tracked by autodiff.
    ///
    /// # Shapes
    /// `[1]`
    ///
    /// # Errors
    /// [`LearnerError::Stream`]
    pub(super) fn loss_of_batch(&self, index: u32) -> Result<Tensor<1>, LearnerError> {
        let wanted = self.train_batch(index);
        let ahead = |most| self.ahead_of_train(index, index + 1, most);
        let held = self.data.samples(Part::Train, wanted, ahead)?;
        let samples: Vec<&Sample> = held.iter().map(|held| &**held).collect();
        let views = plan_batch(&samples, &self.config, self.epoch, index, self.size());
        let weights = &self.class_weights;
        Ok(batch_loss(&self.model, views, weights, &self.config, self.step, &self.device))
    }

    /// Validation batch `index`.
    ///
    /// # Errors
    /// [`StreamError`]
    pub(super) fn valid_batch(&self, index: u32) -> Result<Batch, StreamError> {
        let ahead = |most| self.ahead_of_valid(index + 1, most);
        let held = self.data.samples(Part::Valid, &self.valid_indices(index), ahead)?;
        let samples: Vec<&Sample> = held.iter().map(|held| &**held).collect();
        Ok(valid_batch_of(&samples, self.size()))
    }

    /// Has the first pictures of the epoch made while nothing needs them yet.
    pub(super) fn look_ahead(&self) {
        let ahead = |most| self.ahead_of_train(0, 0, most);
        // Without a picture that is wanted now there is nothing that could fail.
        let _ = self.data.samples(Part::Train, &[], ahead);
    }

    /// The training pictures of a batch.
    fn train_batch(&self, index: u32) -> &[usize] {
        let bs = self.config.recipe.bs as usize;
        batch_slice(&self.order, index as usize * bs, bs)
    }

    /// The validation pictures of a batch.
    fn valid_indices(&self, index: u32) -> Vec<usize> {
        let bs = self.config.recipe.bs as usize;
        let start = index as usize * bs;
        (start..(start + bs).min(self.data.valid.len())).collect()
    }

    /// At most `most` pictures of this rank's batches from batch `first` of the epoch on, where
    /// batch `now` is the next one, and then of validation.
    fn ahead_of_train(&self, now: u32, first: u32, most: usize) -> Vec<Wanted> {
        let waiting = self.team.as_ref().map_or(0, |member| member.steps.len() as u32);
        let place = self.accumulator.count + waiting;
        let every = self.accumulator.every();
        let batches = (first..self.batches())
            .filter(|batch| self.is_own((place + batch - now) % every.max(1)));
        let mut ahead: Vec<Wanted> = batches
            .flat_map(|batch| self.train_batch(batch))
            .map(|&picture| (Part::Train, picture))
            .take(most)
            .collect();
        ahead.extend(self.ahead_of_valid(0, most - ahead.len()));
        ahead
    }

    /// At most `most` pictures of this rank's validation batches from batch `first` on.
    fn ahead_of_valid(&self, first: u32, most: usize) -> Vec<Wanted> {
        let batches = (first..self.valid_batches()).filter(|&batch| self.is_own(batch));
        let pictures = batches.flat_map(|batch| self.valid_indices(batch));
        pictures.map(|picture| (Part::Valid, picture)).take(most).collect()
    }

    /// Whether the batch at this place of a step, or with this number in validation, is for this
    /// process.
    fn is_own(&self, place: u32) -> bool {
        self.team.as_ref().is_none_or(|member| member.is_own(place))
    }
}
