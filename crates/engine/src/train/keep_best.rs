//! A run that keeps the network of its best epoch: fastai's `SaveModelCallback`. Which epoch that
//! is follows from the table ([`resnette_spec::best_epoch`]); here are its weights.

use resnette_spec::best_epoch::rows_of_fit;
use resnette_spec::epoch::EpochRow;

use crate::model::weights::{load_weights, read_weights};
use crate::train::accumulate::Accumulator;
use crate::train::best::BestEpoch;
use crate::train::learner::{Learner, LearnerError};

impl Learner {
    /// The best epoch so far, if the run keeps it: that of the network that is saved.
    pub fn best_so_far(&self) -> Option<u32> {
        self.best.as_ref().map(|best| best.epoch)
    }

    /// The epoch whose network [`Self::model`](Learner::model) is, if the run has ended and kept
    /// its best one.
    pub fn kept_epoch(&self) -> Option<u32> {
        self.best_so_far().filter(|_| self.is_done() && !self.is_broken())
    }

    /// How the run has ended, in words; `None` while it is under way, or if all of its epochs were
    /// trained and the last one was kept.
    pub fn ending(&self) -> Option<String> {
        let rows = rows_of_fit(&self.history, self.is_fine_tuning);
        // The rows of the frozen epoch are not among them.
        let epochs = self.config.recipe.epochs as usize + rows.len() - self.history.len();
        let ended = self.is_done() && !self.is_broken();
        self.config.recipe.ending(rows, epochs).filter(|_| ended)
    }

    /// Keeps the network as it is now if `row`, which is about to join the table, is its best
    /// epoch.
    ///
    /// # Errors
    /// [`LearnerError::Engine`] if the weights cannot be read from the device.
    pub(super) async fn keep_if_best(&mut self, row: EpochRow) -> Result<(), LearnerError> {
        let rows: Vec<EpochRow> = self.history.iter().copied().chain([row]).collect();
        let best = self.config.recipe.best_epoch(rows_of_fit(&rows, self.is_fine_tuning));
        if best == Some(row.epoch) {
            let weights = read_weights(&self.model).await?;
            self.best = Some(BestEpoch {
                epoch: row.epoch,
                weights,
                scored: self.scored.clone(),
                familiarity: self.familiarity.clone(),
            });
        }
        Ok(())
    }

    /// Whether the table says that the run ends before its last epoch.
    pub(super) fn stops_early(&self) -> bool {
        self.config.recipe.stops_early(rows_of_fit(&self.history, self.is_fine_tuning))
    }

    /// Puts the network of the best epoch in the place of the last one, at the end of the run.
    ///
    /// # Errors
    /// [`LearnerError::Engine`] if its weights cannot be used, which are then still kept.
    pub(super) fn return_to_best(&mut self) -> Result<(), LearnerError> {
        let Some(best) = self.best.as_ref().filter(|best| best.epoch + 1 != self.epoch) else {
            return Ok(());
        };
        self.model = load_weights(self.model.clone(), &best.weights)
            .map_err(|error| LearnerError::Engine(error.to_string()))?;
        self.scored.clone_from(&best.scored);
        self.familiarity.clone_from(&best.familiarity);
        self.adam.return_to(&self.model);
        // What waits for a step are gradients of the network that has gone.
        self.accumulator = Accumulator::new(self.config.recipe.accumulate);
        Ok(())
    }
}
