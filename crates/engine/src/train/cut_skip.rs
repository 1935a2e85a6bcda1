//! A copy of a run that goes on without the skip connection of one block.

use resnette_spec::architecture::Naming;
use resnette_spec::epoch_choice::SaveEpoch;
use resnette_spec::{BlockPlace, run_link};

use crate::model::weights::Weights;
use crate::train::checkpoint::CheckpointError;
use crate::train::learner::{Learner, Phase};

/// Why a skip connection cannot be cut. The run is as it was.
#[derive(Debug, thiserror::Error)]
pub enum CutError {
    /// There is no such skip connection, or none any more.
    #[error("{} has no skip connection", .0.words())]
    NoSkip(BlockPlace),
    /// The last norm of a block begins with a gamma of 0: without the skip the block would put out
    /// zeros, and no gradient would reach it.
    #[error(
        "before the first step a block without its skip would put out nothing but zeros and could \
         not learn; wait for the first step"
    )]
    BeforeFirstStep,
    /// The network of a best epoch before the cut has the skip connection.
    #[error(
        "this run keeps its best epoch, which may be from before the cut; under Network to keep, \
         choose the last epoch"
    )]
    KeepsBest,
    /// The network of a fine-tuning comes from elsewhere.
    #[error("a fine-tuning cannot be split")]
    FineTuning,
    /// The run has ended.
    #[error("the run has ended; add an epoch first")]
    Ended,
    /// The run cannot be copied.
    #[error(transparent)]
    Copy(#[from] CheckpointError),
}

impl Learner {
    /// Copies the run: the same weights, running statistics, optimiser, position and batches to
    /// come, but without the skip connection of a block, nor what is on it. The run itself does not
    /// change; both are held by the caller, who ticks them.
    ///
    /// # Errors
    /// [`CutError`].
    pub async fn without_skip(&mut self, place: BlockPlace) -> Result<Self, CutError> {
        if self.is_fine_tuning {
            return Err(CutError::FineTuning);
        }
        let net = &self.config.net;
        if !net.has_skip(place) || net.cut.contains(&place) {
            return Err(CutError::NoSkip(place));
        }
        if self.config.recipe.save != SaveEpoch::Last {
            return Err(CutError::KeepsBest);
        }
        if self.is_done() {
            return Err(CutError::Ended);
        }
        if self.adam.steps == 0 {
            return Err(CutError::BeforeFirstStep);
        }
        let mut copy = self.checkpoint().await?;
        place.add_to(&mut copy.config.net.cut);
        copy.header.link = run_link(&copy.config);
        let (stage, block) = place.indices();
        let naming = Naming::Chapter;
        let gone = format!("{}.", naming.projection(&naming.block(stage, block)).layer);
        let parts: [&mut Weights; 5] = [
            &mut copy.weights,
            &mut copy.averages,
            &mut copy.squares,
            &mut copy.gradients,
            &mut copy.slow,
        ];
        for part in parts {
            part.retain(|name, _| !name.starts_with(&gone));
        }
        let device = self.device.clone().inner();
        let copy = Self::resume(&copy, self.data.clone(), &device, self.read_every)?;
        Ok(copy.with_groups_in_flight(self.groups_in_flight))
    }

    /// Whether this run has done more than another one of the same settings: more epochs, or more
    /// batches of the same one. A run that has ended is ahead of one that has not.
    pub fn is_ahead_of(&self, other: &Self) -> bool {
        self.place() > other.place()
    }

    fn place(&self) -> (u32, u32, u32) {
        match self.phase {
            Phase::Train(batch) => (self.epoch, 0, batch),
            Phase::Validate(batch) => (self.epoch, 1, batch),
            Phase::Done => (u32::MAX, 0, 0),
        }
    }

    /// Epoch and batch of the last training step, both from 0; `None` before the first.
    pub fn last_step(&self) -> Option<(u32, u32)> {
        let last = self.step.checked_sub(1)?;
        let batches = self.batches().max(1);
        Some((last / batches, last % batches))
    }

    /// Training batches so far.
    pub fn steps(&self) -> u32 {
        self.step
    }
}
