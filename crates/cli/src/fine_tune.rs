//! `resnette fine-tune`.

use std::path::PathBuf;
use std::sync::Arc;

use resnette_engine::model::file::Layout;
use resnette_engine::train::learner::Learner;

use crate::predict::open_file;
use crate::train::run;
use crate::{Common, device, pictures, settings_from};

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

/// Replaces the head of a trained network by one for the classes of the pictures, trains an epoch
/// with a frozen body, then the epochs of the settings (fastai's `fine_tune`), and prints the
/// table.
///
/// # Errors
/// Model, pictures, engine or disk.
pub async fn fine_tune(args: FineTuneArgs) -> anyhow::Result<()> {
    let mut config = settings_from(&args.common.settings)?;
    let file = open_file(&args.model)?;
    if let Layout::Chapter(_) = file.layout {
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
