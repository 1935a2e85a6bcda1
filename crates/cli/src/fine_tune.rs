//! `resnette fine-tune`: trains a pretrained network on other pictures.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use resnette_engine::model::file::ModelFile;
use resnette_engine::train::learner::Learner;
use resnette_engine::train::pretrained::Pretrained;

use crate::arguments::{Common, settings_from};
use crate::keep::KeepArgs;
use crate::like::LikeArgs;
use crate::predict::open_file;
use crate::run::{RunPlace, run};
use crate::run_folder::OUTPUTS;
use crate::{device, pictures, stop};

/// Arguments of `fine-tune`.
#[derive(Clone, Debug, clap::Args)]
pub struct FineTuneArgs {
    /// Network: a ResNet of torchvision or timm, or a file of this program.
    model: PathBuf,
    #[command(flatten)]
    like: LikeArgs,
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
    let config = settings_from(&args.common.settings)?;
    let file = open_base(&args.model, &args.like)?;
    if let Some(out) = args.keep.out.as_deref() {
        // Its first save would take the place of what it is made from.
        let holds = |out: PathBuf| {
            args.model.canonicalize().is_ok_and(|model| {
                let name = model.file_name().and_then(|name| name.to_str());
                let is_output = name.is_some_and(|name| OUTPUTS.contains(&name));
                is_output && model.parent() == Some(&out)
            })
        };
        anyhow::ensure!(
            !out.canonicalize().is_ok_and(holds),
            "{} has the place of a file of the fine-tuned network, and would be written over; \
             choose another --out",
            args.model.display()
        );
    }
    let place = RunPlace::of(&args.common, args.keep.folder()?);
    device::use_threads(config.threads)?;
    let data =
        pictures::load(&config, args.common.data.as_deref(), &args.common.corrections.read()?)
            .await?;
    let (device, read_every) = device::start(args.common.engine).await?;
    let pretrained = Pretrained::new(&file, &device)?;
    let learner = Learner::fine_tune(config, Arc::new(data), &device, read_every, pretrained)?;
    run(learner, place).await
}

/// Reads the file of a network that is to be fine-tuned. What comes of it names that file, without
/// the folders, which are nobody else's business and differ from computer to computer.
///
/// # Errors
/// Those of [`open_file`].
pub fn open_base(path: &Path, like: &LikeArgs) -> anyhow::Result<ModelFile> {
    let mut file = open_file(path, like)?;
    if let Some(name) = path.file_name() {
        file.info.name = name.to_string_lossy().into_owned();
    }
    Ok(file)
}
