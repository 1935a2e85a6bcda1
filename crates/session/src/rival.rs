//! The second network of a race.

use resnette_engine::train::learner::Learner;
use resnette_spec::BlockPlace;

/// What ends a race when another run takes the place of the one under way.
pub(crate) const ANOTHER_RUN: &str = "The race has ended, because another run was asked for";

/// The network without the skip, beside the run.
pub(crate) struct Race {
    pub(crate) learner: Learner,
    pub(crate) place: BlockPlace,
    /// Factors of the learning rate that were asked for since the run's last batch, which this
    /// network has not trained yet.
    pub(crate) due: Vec<f64>,
}

impl Race {
    /// Multiplies the learning rate of what is left, from the same step on as that of the run.
    pub(crate) fn scale_rate(&mut self, run: &Learner, factor: f64) {
        self.due.push(factor);
        self.catch_up(run);
    }

    /// Applies the factors that are due, unless the run is a unit of work ahead. A run that has
    /// ended trains no step that this network should share.
    pub(crate) fn catch_up(&mut self, run: &Learner) {
        if run.is_done() || !run.is_ahead_of(&self.learner) {
            self.apply_due();
        }
    }

    pub(crate) fn apply_due(&mut self) {
        // One by one, as the run did: a product of them may round to other bits.
        for factor in self.due.drain(..) {
            self.learner.scale_rate(factor);
        }
    }
}
