//! `resnette train`.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Common, device, pictures, settings_from};
use crate::protocol::run::{EPOCH_HEADER, EpochRow};
use crate::train::learner::{Learner, Tick};

/// Arguments of `train`.
#[derive(Clone, Debug, clap::Args)]
pub struct TrainArgs {
    #[command(flatten)]
    common: Common,
    /// Folder for history.csv and the network.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Trains and prints the table.
///
/// # Errors
/// Pictures, engine or disk.
pub async fn train(args: TrainArgs) -> anyhow::Result<()> {
    let config = settings_from(&args.common.settings)?;
    let data = pictures::load(&config, args.common.data.as_deref()).await?;
    let (device, read_every) = device::start(args.common.engine).await?;
    let mut learner = Learner::new(config, Arc::new(data), &device, read_every)?;
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
    match args.out {
        Some(folder) => save(&folder, &learner.history),
        None => Ok(()),
    }
}

fn row(cells: &[String; 5]) -> String {
    format!("{:<8}{:>12}{:>12}{:>12}{:>8}", cells[0], cells[1], cells[2], cells[3], cells[4])
}

fn save(folder: &std::path::Path, history: &[EpochRow]) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut csv = EPOCH_HEADER.join(",") + "\n";
    for epoch in history {
        csv += &(epoch.cells().join(",") + "\n");
    }
    let path = folder.join("history.csv");
    std::fs::write(&path, csv).with_context(|| format!("{} cannot be written", path.display()))
}
