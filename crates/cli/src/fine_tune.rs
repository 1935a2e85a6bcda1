//! `resnette fine-tune`: trains a pretrained network on other pictures.

use std::path::PathBuf;
use std::sync::Arc;

use resnette_engine::train::learner::Learner;
use resnette_spec::architecture::Naming;

use crate::arguments::{Common, settings_from};
use crate::keep::KeepArgs;
use crate::predict::open_file;
use crate::train::{RunPlace, run};
use crate::{device, pictures, stop};

/// Arguments of `fine-tune`.
#[derive(Clone, Debug, clap::Args)]
pub struct FineTuneArgs {
    /// Network: a ResNet of torchvision or timm, or a file of this program.
    model: PathBuf,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    keep: KeepArgs,
}

/// Replaces the head of a trained network with one for the classes of the pictures. Trains one
/// epoch with a frozen body, then the epochs of the settings, as fastai's `fine_tune` does, and
/// prints the table of epochs.
///
/// # Errors
/// If a setting is refused, the model, the folder or the pictures cannot be used, the engine fails,
/// or a file cannot be written; [`Stopped`](crate::stop::Stopped) if a signal ended it.
pub async fn fine_tune(args: FineTuneArgs) -> anyhow::Result<()> {
    stop::listen()?;
    let mut config = settings_from(&args.common.settings)?;
    let file = open_file(&args.model)?;
    if file.architecture.naming == Naming::Chapter {
        config.net = file.config.net.clone();
    }
    let place = RunPlace {
        data: args.common.data.clone(),
        corrections: args.common.corrections.clone(),
        folder: args.keep.folder()?,
    };
    let data =
        pictures::load(&config, args.common.data.as_deref(), &args.common.corrections.read()?)
            .await?;
    let (device, read_every) = device::start(args.common.engine, config.threads).await?;
    let network = file.build(&device.clone().autodiff())?;
    let learner = Learner::fine_tune(config, Arc::new(data), &device, read_every, network)?;
    run(learner, &place).await
}
