//! The command line: trains, predicts, evaluates and measures with the same engine as the page, but
//! without a browser.

mod arguments;
mod bench;
mod calibrate;
mod correction_args;
mod data;
mod decoding;
mod device;
mod drawn_samples;
mod epoch_times;
mod evaluate;
mod export_pictures;
mod fine_tune;
#[cfg(feature = "host")]
mod host;
mod keep;
mod like;
mod lr_find;
mod output;
mod picture_folder;
mod pictures;
mod png;
mod predict;
mod quoted;
mod rescue;
mod resume;
mod run;
mod run_folder;
mod serve;
mod settings_help;
mod stop;
mod stream;
mod summary;
mod team;
mod team_args;
mod train;
mod unlike;
mod whole_file;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::arguments::settings_from;
use crate::output::{OutputError, print, tell};
use crate::settings_help::settings_help;
use crate::stop::Stopped;

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
    LrFind(lr_find::LrFindArgs),
    /// Say what pictures show.
    Predict(predict::PredictArgs),
    /// Measure a saved network on the validation pictures: confusion matrix, precision and recall,
    /// worst pictures.
    #[command(after_long_help = settings_help())]
    Evaluate(evaluate::EvaluateArgs),
    /// Calibrate a network: scale its logits so that, on the validation pictures, about 80 % of the
    /// answers with a probability of 80 % are right.
    #[command(after_long_help = settings_help())]
    Calibrate(calibrate::CalibrateArgs),
    /// Say what is made of pictures: the classes, the split, where each comes from, and what is
    /// left out.
    #[command(after_long_help = settings_help())]
    Data(data::DataArgs),
    /// Write the pictures of a set as files in class folders, as fastai's
    /// `ImageDataLoaders.from_folder(path, valid='valid')` reads them.
    #[command(after_long_help = settings_help())]
    ExportPictures(export_pictures::ExportArgs),
    /// Measure training steps on random pictures.
    #[command(after_long_help = settings_help())]
    Bench(bench::BenchArgs),
    /// Show the page in a browser on this computer.
    Serve(serve::ServeArgs),
    /// Show the page to a class, and what its students share on one board (docs/classroom.md).
    #[cfg(feature = "host")]
    Host(host::HostArgs),
    /// Print a network layer by layer.
    #[command(after_long_help = settings_help())]
    Summary {
        /// Settings, as in the page's link: '#layers=2,2,2,2&width=32'.
        #[arg(default_value = "")]
        settings: String,
    },
}

fn main() -> ExitCode {
    let ended = match Cli::parse().command {
        Command::Train(args) if args.team.team => futures::executor::block_on(team::train(&args)),
        Command::Train(args) => futures::executor::block_on(train::train(args)),
        Command::FineTune(args) => futures::executor::block_on(fine_tune::fine_tune(args)),
        Command::LrFind(args) => futures::executor::block_on(lr_find::lr_find(args)),
        Command::Predict(args) => futures::executor::block_on(predict::predict(args)),
        Command::Evaluate(args) => futures::executor::block_on(evaluate::evaluate(args)),
        Command::Calibrate(args) => futures::executor::block_on(calibrate::calibrate(args)),
        Command::Data(args) => futures::executor::block_on(data::data(args)),
        Command::ExportPictures(args) => {
            futures::executor::block_on(export_pictures::export_pictures(args))
        }
        Command::Bench(args) => futures::executor::block_on(bench::bench(args)),
        Command::Serve(args) => serve::serve(args),
        #[cfg(feature = "host")]
        Command::Host(args) => host::host(args),
        Command::Summary { settings } => print_summary(&settings),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        // What was stopped has said so, and a reader who left wants to hear no more.
        Err(error) if error.is::<Stopped>() => ExitCode::from(stop::EXIT_STATUS),
        Err(error) if matches!(error.downcast_ref(), Some(OutputError::NobodyReads)) => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            tell(format_args!("Error: {error:?}"));
            ExitCode::FAILURE
        }
    }
}

fn print_summary(settings: &str) -> anyhow::Result<()> {
    Ok(print(summary::render(&settings_from(settings)?))?)
}
