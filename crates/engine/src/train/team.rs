//! Several processes, the ranks of a team, that train one network together.
//!
//! A team shares out what `accumulate=N` does in sequence: of the N batches of an optimiser step,
//! batch `k` goes to rank `k % size`, the gradients are summed, and every rank takes the same step.
//! So the same settings mean the same run on one rank, on two or on four, and no rule is needed
//! that scales the learning rate. Each batch is a pure function of seed and position
//! ([`resnette_images::batch`]), so a rank passes over the batches of others without drawing
//! anything for them. Validation is shared out by batch too.
//!
//! Up to [`MOST_IN_ORDER`] ranks, the gradients are summed in the order of the batches, whoever has
//! computed them, so that the weights have the bits of a process that trains alone. In larger teams
//! the sums are the transport's, in whatever order is fastest; a saved run says so
//! ([`RunHeader::unordered_ranks`]).
//!
//! Batch norm's running statistics are moved by each batch in turn: `r ← (1 − momentum) · r +
//! momentum · batch`. The norms of a team's ranks only observe, which leaves the batch's own
//! statistics in their place, and all are folded in order when they are exchanged, with the
//! arithmetic of the CPU's kernels. So there the running statistics have the same bits too; on
//! other devices they are the same within roundings. The directions that follow the weight of
//! self-attention take a step with every batch, whatever is in it: a rank takes those of the
//! batches that it passes over too.
//!
//! There is no transport here: [`Team`] is what one has to offer. The command line has one over
//! MPI.
//!
//! [`RunHeader::unordered_ranks`]: resnette_protocol::saved::RunHeader::unordered_ranks

mod agree;
mod exchange;
mod member;
mod running;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod threads;

use resnette_spec::{HeadKind, RunConfig};

pub(super) use self::agree::agree;
pub(super) use self::exchange::{BatchSums, Group, exchange};
pub(super) use self::member::{Member, TeamStep};
pub(super) use self::running::{read_running, set_running, variance_scales};

/// The most ranks whose gradients are summed in the order of the batches.
pub const MOST_IN_ORDER: u32 = 8;

/// What a transport between the ranks offers. Every rank makes the same calls in the same order,
/// with as many numbers. Each call returns when all ranks have made it; a transport ends the wait
/// for one that does not come.
pub trait Team {
    /// Which rank this process is, counted from 0.
    fn rank(&self) -> u32;

    /// How many ranks there are, at least 1.
    fn size(&self) -> u32;

    /// Sends the `i`-th of [`Self::size`] equal pieces of `pieces` to rank `i`. Returns what each
    /// rank has sent to this one, in the order of the ranks: as many numbers as `pieces` has.
    ///
    /// # Errors
    /// [`TeamError::Transport`]
    fn share_out(&mut self, pieces: &[f32]) -> Result<Vec<f32>, TeamError>;

    /// The numbers of all ranks, in the order of the ranks.
    ///
    /// # Errors
    /// [`TeamError::Transport`]
    fn gather(&mut self, own: &[f32]) -> Result<Vec<f32>, TeamError>;

    /// Replaces each number by its sum over all ranks, added in any order.
    ///
    /// # Errors
    /// [`TeamError::Transport`]
    fn sum(&mut self, numbers: &mut [f32]) -> Result<(), TeamError>;
}

/// Whether so many ranks can train a run of these settings together. It is known before pictures
/// are read.
///
/// # Errors
/// [`TeamError::FastaiHead`] or [`TeamError::TooManyRanks`]
pub fn check_settings(ranks: u32, config: &RunConfig) -> Result<(), TeamError> {
    if ranks > 1 && config.net.head == HeadKind::Fastai {
        return Err(TeamError::FastaiHead);
    }
    let accumulate = config.recipe.accumulate.max(1);
    match ranks <= accumulate {
        true => Ok(()),
        false => Err(TeamError::TooManyRanks { ranks, accumulate }),
    }
}

/// Why a team cannot train together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TeamError {
    /// There are more ranks than batches in a step.
    #[error(
        "a team shares out the batches of an optimiser step, and this run has \
         accumulate={accumulate} for {ranks} ranks; set accumulate={ranks} (the effective batch is \
         then {ranks} times the batch size), or start no more ranks than {accumulate}"
    )]
    TooManyRanks {
        /// The number of ranks.
        ranks: u32,
        /// Batches of a step.
        accumulate: u32,
    },
    /// A fine-tuning has no form in which all ranks could begin with the same network.
    #[error("a team can't fine-tune; run the fine-tuning in a single process, without --team")]
    FineTuning,
    /// The norms of fastai's head cannot be shared out.
    #[error("a team cannot train fastai's head, whose norms see one batch each; use head=linear")]
    FastaiHead,
    /// Two ranks do not have the same run.
    #[error(
        "the {what} of rank {rank} is not that of rank 0. Start every rank with the same program, \
         the same command and the same pictures, on computers of one kind; what was saved is kept"
    )]
    Differs {
        /// What differs, in a few words.
        what: &'static str,
        /// The first rank that differs from rank 0.
        rank: usize,
    },
    /// Some of the batches of a step are computed and not summed yet.
    #[error("the ranks have not summed their batches yet; save the run after the step")]
    WithinStep,
    /// A rank did not answer, or what it sent is not what was expected.
    #[error("the ranks cannot reach each other any more ({0}); what was saved is kept")]
    Transport(String),
}
