//! What a [`Learner`](crate::train::learner::Learner) knows of the team that it trains in.

use resnette_spec::architecture::is_trained;
use resnette_spec::schedule::StepHyperParams;

use super::running::running;
use super::{BatchSums, Team};
use crate::model::Network;
use crate::model::params::flat_params;
use crate::model::weights::{Array, Weights};

/// The most numbers of its own batches that a rank keeps until they are exchanged: 256 MB. Where
/// all of a step's batches have more, they are exchanged in several parts.
#[cfg(not(test))]
const MOST_NUMBERS: usize = 64_000_000;
/// One batch, so that whole runs are tested with steps in several parts.
#[cfg(test)]
const MOST_NUMBERS: usize = 1;

/// A batch of the group that is under way, whoever trains it.
#[derive(Clone, Copy, Debug)]
pub(in crate::train) struct TeamStep {
    pub(in crate::train) step: u32,
    pub(in crate::train) hyper_params: StepHyperParams,
}

/// A rank's part in a team.
pub(in crate::train) struct Member {
    pub(in crate::train) team: Box<dyn Team>,
    /// Names and lengths of the parameters that learn, in the order of the modules' fields.
    parameters: Vec<(String, usize)>,
    /// How many numbers the running statistics have.
    statistics: usize,
    /// The running statistics before the batches under way; `None` if they are to be read first.
    pub(in crate::train) running: Option<Vec<f32>>,
    /// The batches since the last exchange.
    pub(in crate::train) steps: Vec<TeamStep>,
    /// Those of them that this rank has computed.
    pub(in crate::train) own: Vec<BatchSums>,
    /// Whether this rank is asked to stop.
    pub(in crate::train) asks_to_stop: bool,
    /// Whether all know that one is.
    pub(in crate::train) stops: bool,
}

impl Member {
    /// A part in `team` before the first batch.
    pub(in crate::train) fn new(team: Box<dyn Team>, model: &Network) -> Self {
        let length = |shape: &[usize]| shape.iter().product::<usize>();
        let learns = flat_params(model).into_iter().filter(|param| is_trained(&param.name));
        Self {
            team,
            parameters: learns.map(|param| (param.name, length(&param.shape))).collect(),
            statistics: running(model).map(|param| length(&param.shape)).sum(),
            running: None,
            steps: Vec::new(),
            own: Vec::new(),
            asks_to_stop: false,
            stops: false,
        }
    }

    /// Whether the batch at this place of a step, or with this number in validation, is this
    /// rank's.
    pub(in crate::train) fn is_own(&self, place: u32) -> bool {
        place % self.team.size() == self.team.rank()
    }

    /// How many numbers the gradients have.
    pub(in crate::train) fn gradients(&self) -> usize {
        self.parameters.iter().map(|(_, length)| length).sum()
    }

    /// How many numbers gradients and running statistics have.
    pub(in crate::train) fn numbers(&self) -> usize {
        self.gradients() + self.statistics
    }

    /// Whether as many batches wait for an exchange as a rank may keep.
    pub(in crate::train) fn is_full(&self) -> bool {
        let of_each = (MOST_NUMBERS / self.numbers().max(1)).max(1);
        self.steps.len() >= of_each.saturating_mul(self.team.size() as usize)
    }

    /// Gradients by the names of their parameters, each flattened.
    pub(in crate::train) fn named(&self, mut gradients: &[f32]) -> Weights {
        let mut named = Weights::new();
        for (name, length) in &self.parameters {
            let (mine, rest) = gradients.split_at((*length).min(gradients.len()));
            gradients = rest;
            let array = Array { shape: vec![mine.len()], values: mine.to_vec() };
            named.insert(name.clone(), array);
        }
        named
    }
}
