//! `resnette train`: trains a network.

use std::sync::Arc;

use resnette_engine::train::learner::Learner;

use crate::arguments::{Common, settings_from};
use crate::keep::KeepArgs;
use crate::resume::resume;
use crate::run::{RunPlace, run};
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
    resume: bool,
}

/// Trains a network and prints the table of epochs.
///
/// # Errors
/// If a setting is refused, the folder or the pictures cannot be used, the engine fails, or a file
/// cannot be written; [`Stopped`](crate::stop::Stopped) if a signal ended it.
pub async fn train(args: TrainArgs) -> anyhow::Result<()> {
    stop::listen()?;
    let place = RunPlace::of(&args.common, None);
    if args.resume {
        return resume(&args.common, &args.keep, place).await;
    }
    let config = settings_from(&args.common.settings)?;
    let place = RunPlace { folder: args.keep.folder()?, ..place };
    device::use_threads(config.threads)?;
    let data =
        pictures::load(&config, args.common.data.as_deref(), &args.common.corrections.read()?)
            .await?;
    let (device, read_every) = device::start(args.common.engine).await?;
    run(Learner::new(config, Arc::new(data), &device, read_every)?, place).await
}
