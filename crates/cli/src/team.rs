//! `resnette train --team`: processes that mpirun or srun has started train one network.
//!
//! The engine says which batches are whose and what becomes of them
//! ([`resnette_engine::train::team`]); here are the transport, which is MPI, and the ranks' parts
//! in a run: rank 0 prints, saves and tells how to go on, the others train along. It is a feature,
//! `mpi`, since MPI has to be on every computer that runs the program.

#[cfg(feature = "mpi")]
mod ranks;
#[cfg(feature = "mpi")]
mod take_part;
#[cfg(feature = "mpi")]
mod transport;

#[cfg(feature = "mpi")]
pub use self::take_part::train;

/// Seconds that a rank waits for the others if nobody asks for another number: with what MPI takes
/// to end all of them, less than 90.
#[cfg(feature = "mpi")]
const WAIT: u64 = 75;

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
