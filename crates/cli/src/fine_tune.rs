//! `resnette fine-tune`: trains a pretrained network on other pictures.

use std::path::PathBuf;
use std::sync::Arc;

use resnette_engine::train::learner::Learner;
use resnette_spec::architecture::Naming;

use crate::arguments::{Common, settings_from};
use crate::predict::open_file;
use crate::train::run;
use crate::{device, pictures};

/// Arguments of `fine-tune`.
#[derive(Clone, Debug, clap::Args)]
pub struct FineTuneArgs {
    /// Network: a ResNet of torchvision or timm, or a file of this program.
    model: PathBuf,
    #[command(flatten)]
    common: Common,
    /// Folder for history.csv and the network (safetensors in 32 and 16 bits).
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Replaces the head of a trained network with one for the classes of the pictures. Trains one
/// epoch with a frozen body, then the epochs of the settings, as fastai's `fine_tune` does, and
/// prints the table of epochs.
///
/// # Errors
/// If a setting is refused, the model or the pictures cannot be used, the engine fails, or a file
/// cannot be written.
pub async fn fine_tune(args: FineTuneArgs) -> anyhow::Result<()> {
    let mut config = settings_from(&args.common.settings)?;
    let file = open_file(&args.model)?;
    if file.architecture.naming == Naming::Chapter {
        config.net = file.config.net.clone();
    }
    let data = pictures::load(&config, args.common.data.as_deref()).await?;
    let (device, read_every) = device::start(args.common.engine).await?;
    let network = file.build(&device.clone().autodiff())?;
    run(
        Learner::fine_tune(config, Arc::new(data), &device, read_every, network)?,
        args.out.as_deref(),
    )
    .await
}
