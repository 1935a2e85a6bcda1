//! `resnette train --team`: processes that mpirun or srun has started train one network.
//!
//! The engine says which batches are whose and what becomes of them
//! ([`resnette_engine::train::team`]); here are the transport, which is MPI, and the ranks' parts in a
//! run: rank 0 prints, saves and tells how to go on, the others train along. It is a feature, `mpi`,
//! since MPI has to be on every computer that runs the program.

#[cfg(feature = "mpi")]
mod ranks;
#[cfg(feature = "mpi")]
mod take_part;
#[cfg(feature = "mpi")]
mod transport;

#[cfg(feature = "mpi")]
pub use self::take_part::train;

/// Seconds that a rank waits for the others if nobody asks for another number: with what MPI takes to
/// end all of them, less than 90.
#[cfg(feature = "mpi")]
const WAIT: u64 = 75;

/// What `train` takes for a team.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct TeamArgs {
    /// Train with the other ranks that mpirun or srun has started: they share out the batches of each
    /// step, of which there must be as many ('#accumulate=4' for 4 ranks). Feature `mpi`;
    /// docs/cluster.md.
    #[arg(long)]
    pub team: bool,
    /// Seconds, at least 5, that a rank waits for the others before it ends the run on all of them
    /// (75 if left out).
    #[arg(
        long,
        requires = "team",
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(5..=86_400)
    )]
    #[cfg_attr(not(feature = "mpi"), allow(dead_code, reason = "there is nobody to wait for"))]
    pub team_wait: Option<u64>,
}

/// Refuses a team, which this build cannot be part of.
///
/// # Errors
/// Always.
#[cfg(not(feature = "mpi"))]
pub async fn train(_args: &crate::train::TrainArgs) -> anyhow::Result<()> {
    anyhow::bail!(
        "this build cannot train in a team, since it has no MPI. Install Open MPI and clang (on \
         Debian: libopenmpi-dev, openmpi-bin, libclang-dev, clang), build with `cargo build \
         --release --package resnette-cli --features mpi`, and start it by `mpirun -n 4 resnette \
         train LINK --team`"
    )
}
