//! `resnette train`: trains a network.

use std::sync::Arc;

use resnette_engine::train::learner::Learner;
use resnette_spec::RunConfig;

use crate::arguments::{Common, settings_from};
use crate::device::Seat;
use crate::keep::KeepArgs;
use crate::resume::resume;
use crate::run::{RunPlace, run};
use crate::stream::StreamArgs;
use crate::team_args::TeamArgs;
use crate::{device, pictures, stop};

/// Arguments of `train`.
#[derive(Clone, Debug, clap::Args)]
pub struct TrainArgs {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) keep: KeepArgs,
    /// Go on with the run in the folder of --out, as if it had never stopped. Its settings are
    /// taken from there, but for '#threads=…'; --data must give the same pictures.
    #[arg(long, requires = "out", conflicts_with = "force")]
    pub(super) resume: bool,
    #[command(flatten)]
    pub(super) stream: StreamArgs,
    #[command(flatten)]
    pub(super) team: TeamArgs,
}

/// Trains a network and prints the table of epochs.
///
/// # Errors
/// If a setting is refused, the folder or the pictures cannot be used, the engine fails, or a file
/// cannot be written; [`Stopped`](crate::stop::Stopped) if a signal ended it.
pub async fn train(args: TrainArgs) -> anyhow::Result<()> {
    stop::listen()?;
    let place = RunPlace { stream: args.stream.clone(), ..RunPlace::of(&args.common, None) };
    if args.resume {
        return resume(&args.common, &args.keep, place).await;
    }
    let config = settings_from(&args.common.settings)?;
    let place = RunPlace { folder: args.keep.folder()?, ..place };
    run(begin(&args.common, &args.stream, config, Seat::default()).await?, place).await
}

/// A run before its first step, with its pictures, on an engine that has been started.
///
/// # Errors
/// If the pictures cannot be used, or the engine does not start.
pub(super) async fn begin(
    common: &Common,
    stream: &StreamArgs,
    config: RunConfig,
    seat: Seat,
) -> anyhow::Result<Learner> {
    device::use_threads(seat.threads(config.threads))?;
    let (path, corrections) = (common.data.as_deref(), common.corrections.read()?);
    let data = pictures::load_to_train(&config, path, &corrections, stream).await?;
    let (device, read_every) = device::start_at(common.engine, seat).await?;
    Ok(Learner::new(config, Arc::new(data), &device, read_every)?)
}
