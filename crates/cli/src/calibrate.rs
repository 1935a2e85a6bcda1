//! `resnette calibrate`: temperature scaling, so that a network's probabilities can be trusted.

use std::path::PathBuf;

use resnette_engine::model::safetensors::Precision;
use resnette_engine::predict::calibrated::calibrated;
use resnette_engine::predict::classify::Classifier;

use crate::arguments::{Common, settings_from};
use crate::like::LikeArgs;
use crate::output::print_line;
use crate::predict::open;
use crate::{device, pictures, whole_file};

/// Arguments of `calibrate`.
#[derive(Clone, Debug, clap::Args)]
pub struct CalibrateArgs {
    #[command(flatten)]
    common: Common,
    /// Network: a safetensors file.
    #[arg(long)]
    model: PathBuf,
    #[command(flatten)]
    like: LikeArgs,
    /// Write the network into this file (safetensors).
    #[arg(long)]
    out: PathBuf,
    /// Write its numbers in 16 bits.
    #[arg(long)]
    half: bool,
    /// Replace the file of --out if there is one.
    #[arg(long)]
    force: bool,
}

/// Writes the network with its logits divided by the temperature that fits the validation pictures
/// best (Guo et al., 2017), and prints that temperature. Its guesses stay the same.
///
/// # Errors
/// If a setting is refused, the model or the pictures cannot be used, there are fewer than 50
/// validation pictures, the engine does not start, or the file cannot be written.
pub async fn calibrate(args: CalibrateArgs) -> anyhow::Result<()> {
    whole_file::try_out(&args.out, args.force)?;
    let mut wanted = settings_from(&args.common.settings)?;
    device::use_threads(wanted.threads)?;
    let (device, _) = device::start(args.common.engine).await?;
    let (file, network) = open(&args.model, &args.like, &device)?;
    wanted.data.size = file.info.size;
    wanted.recipe.see_as(&file.config.recipe);
    let corrections = args.common.corrections.read()?;
    let set = pictures::load(&wanted, args.common.data.as_deref(), &corrections).await?;
    let classifier =
        Classifier { network: &network, info: &file.info, device: &device, familiarity: None };
    let (file, temperature) = calibrated(&file, classifier, &set).await?;
    let precision = if args.half { Precision::F16 } else { Precision::F32 };
    whole_file::write(&args.out, &file.write(precision)?)?;
    print_line(format_args!("The logits were divided by {temperature:.4}."))?;
    Ok(())
}
