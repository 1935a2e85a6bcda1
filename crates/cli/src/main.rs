//! The command line: trains, predicts, evaluates and measures with the same engine as the page, but
//! without a browser.

mod bench;
mod data;
mod decoding;
mod device;
mod evaluate;
mod fine_tune;
mod lr_find;
mod pictures;
mod predict;
mod settings_help;
mod summary;
mod train;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use resnette_spec::{RunConfig, read_run};

use crate::settings_help::settings_help;

/// Trains and uses the networks of the fastai book's chapter 14.
#[derive(Debug, Parser)]
#[command(name = "resnette", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a network and print the epoch table.
    #[command(after_long_help = settings_help())]
    Train(train::TrainArgs),
    /// Give a pretrained network a new head, and train it: one epoch with a frozen body, then all
    /// of it (fastai's `fine_tune`).
    #[command(after_long_help = settings_help())]
    FineTune(fine_tune::FineTuneArgs),
    /// Try ever higher learning rates, print the curve and suggest a rate.
    #[command(after_long_help = settings_help())]
    LrFind(Common),
    /// Say what pictures show.
    Predict(predict::PredictArgs),
    /// Measure a saved network on the validation pictures: confusion matrix, precision and recall,
    /// worst pictures.
    #[command(after_long_help = settings_help())]
    Evaluate(evaluate::EvaluateArgs),
    /// Say what is made of pictures: the classes, the split, where each comes from, and what is left
    /// out.
    #[command(after_long_help = settings_help())]
    Data(data::DataArgs),
    /// Measure training steps on random pictures.
    #[command(after_long_help = settings_help())]
    Bench(bench::BenchArgs),
    /// Print a network layer by layer.
    #[command(after_long_help = settings_help())]
    Summary {
        /// Settings, as in the page's link: '#layers=2,2,2,2&width=32'.
        #[arg(default_value = "")]
        settings: String,
    },
}

/// The engine that computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum EngineChoice {
    /// Burn Flex on all cores.
    #[default]
    Cpu,
    /// Burn on any GPU that wgpu finds (feature `gpu`).
    Wgpu,
    /// Burn on NVIDIA's CUDA (feature `cuda`).
    Cuda,
}

/// What every command that touches pictures takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Common {
    /// Settings, as in the page's link: '#layers=2,2,2,2&epochs=5'.
    #[arg(default_value = "")]
    settings: String,
    /// Pictures: a folder with train/0000.parquet and validation/0000.parquet, an archive, or a
    /// folder of class folders. Left out: the drawn set.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Engine.
    #[arg(long, value_enum, default_value_t)]
    engine: EngineChoice,
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Train(args) => futures::executor::block_on(train::train(args)),
        Command::FineTune(args) => futures::executor::block_on(fine_tune::fine_tune(args)),
        Command::LrFind(args) => futures::executor::block_on(lr_find::lr_find(args)),
        Command::Predict(args) => futures::executor::block_on(predict::predict(args)),
        Command::Evaluate(args) => futures::executor::block_on(evaluate::evaluate(args)),
        Command::Data(args) => futures::executor::block_on(data::data(args)),
        Command::Bench(args) => futures::executor::block_on(bench::bench(args)),
        Command::Summary { settings } => {
            print!("{}", summary::render(&settings_from(&settings)?));
            Ok(())
        }
    }
}

/// Reads the settings in a link. Unlike the page, which reports a bad value and keeps the default,
/// the command line refuses it, since whoever typed it can correct it at once.
fn settings_from(text: &str) -> anyhow::Result<RunConfig> {
    let hash = text.rsplit('#').next().unwrap_or_default();
    let (run, problems) = read_run(hash);
    match problems.first() {
        Some(problem) => Err(anyhow::anyhow!("{problem}")),
        None => Ok(run),
    }
}
