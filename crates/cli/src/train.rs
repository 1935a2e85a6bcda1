//! `resnette train`: trains a network.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use burn::module::Module;
use indicatif::{ProgressBar, ProgressStyle};
use resnette_engine::model::Network;
use resnette_engine::model::safetensors::Precision;
use resnette_engine::train::export::export_model;
use resnette_engine::train::learner::{Learner, Tick};
use resnette_spec::epoch::EPOCH_HEADER;
use resnette_spec::pytorch::pytorch_snippet;

use crate::arguments::{Common, settings_from};
use crate::{device, pictures};

/// Arguments of `train`.
#[derive(Clone, Debug, clap::Args)]
pub struct TrainArgs {
    #[command(flatten)]
    common: Common,
    /// Folder for history.csv, the network (safetensors in 32 and 16 bits, burnpack) and the
    /// PyTorch that loads it.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Trains a network and prints the table of epochs.
///
/// # Errors
/// If a setting is refused, the pictures cannot be used, the engine fails, or a file cannot be
/// written.
pub async fn train(args: TrainArgs) -> anyhow::Result<()> {
    let config = settings_from(&args.common.settings)?;
    let data = pictures::load(&config, args.common.data.as_deref()).await?;
    let (device, read_every) = device::start(args.common.engine).await?;
    run(Learner::new(config, Arc::new(data), &device, read_every)?, args.out.as_deref()).await
}

/// Trains to the end, prints each epoch when it is complete, and saves the results in the folder
/// `out`, if there is one.
///
/// # Errors
/// If the engine fails, or a file cannot be written.
pub(super) async fn run(mut learner: Learner, out: Option<&Path>) -> anyhow::Result<()> {
    let shape = learner.shape();
    eprintln!("{} parameters, {} steps an epoch", shape.parameters, shape.batches);
    println!("{}", row(&EPOCH_HEADER.map(String::from)));
    let bar = ProgressBar::new(u64::from(shape.batches + shape.valid_batches));
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {eta}")?);
    loop {
        match learner.tick().await? {
            Tick::Trained { batch, steps, .. } => {
                bar.set_position(u64::from(batch + 1));
                if let Some(step) = steps.last() {
                    bar.set_message(format!("loss {:.4}", step.smooth));
                }
            }
            Tick::Validated { batch, .. } => bar.set_position(u64::from(shape.batches + batch + 1)),
            Tick::Epoch(epoch) => {
                bar.suspend(|| println!("{}", row(&epoch.cells())));
                bar.reset();
            }
            Tick::Done => break,
        }
    }
    bar.finish_and_clear();
    if let Some(last) = learner.history.last() {
        eprintln!("top-5 accuracy {:.6}", last.top5);
    }
    match out {
        Some(folder) => save(folder, &learner).await,
        None => Ok(()),
    }
}

/// One row of the table of epochs, with aligned columns.
fn row(cells: &[String; 5]) -> String {
    format!("{:<8}{:>12}{:>12}{:>12}{:>8}", cells[0], cells[1], cells[2], cells[3], cells[4])
}

/// Writes the table of epochs, the network as safetensors in 32 and in 16 bits and as burnpack, and
/// the PyTorch code that loads it.
async fn save(folder: &Path, learner: &Learner) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes)
            .with_context(|| format!("{} cannot be written", path.display()))
    };
    let mut csv = EPOCH_HEADER.join(",") + "\n";
    for epoch in &learner.history {
        csv += &(epoch.cells().join(",") + "\n");
    }
    write("history.csv", csv.as_bytes())?;
    let file = export_model(learner).await?;
    write("model.safetensors", &file.write(Precision::F32)?)?;
    write("model-f16.safetensors", &file.write(Precision::F16)?)?;
    // A network of torchvision needs no code of its own, since torchvision can build it.
    let Network::Chapter(network) = learner.model.valid() else { return Ok(()) };
    write(
        "load.py",
        pytorch_snippet(
            &file.config.net,
            file.info.classes.len(),
            file.info.size,
            "model.safetensors",
        )
        .as_bytes(),
    )?;
    write("model.bpk", &network.into_record().into_bytes()?)
}
