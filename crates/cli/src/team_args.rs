//! What `resnette train` takes for a team of ranks.

/// What `train` takes for a team.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct TeamArgs {
    /// Train with the other ranks that mpirun or srun has started: they share out the batches of
    /// each step, of which there must be as many ('#accumulate=4' for 4 ranks). Feature `mpi`;
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
