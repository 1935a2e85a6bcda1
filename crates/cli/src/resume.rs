//! `resnette train --resume`: goes on with a saved run.

use std::sync::Arc;

use anyhow::Context;
use resnette_engine::train::checkpoint::{Checkpoint, CheckpointError};
use resnette_engine::train::learner::Learner;
use resnette_picture::report::ClassCorrections;
use resnette_spec::link::{PAGE_KEYS, pairs};
use resnette_spec::{Augment, RunConfig, run_link};

use crate::arguments::Common;
use crate::device::Seat;
use crate::keep::KeepArgs;
use crate::output::tell;
use crate::run::{RunPlace, run};
use crate::run_folder::RunFolder;
use crate::stream::StreamArgs;
use crate::{device, pictures};

/// Goes on with the run in the folder of `--out`.
///
/// # Errors
/// If there is none, if it cannot be read or is another than was asked for, and those of training.
pub(super) async fn resume(
    common: &Common,
    keep: &KeepArgs,
    place: RunPlace,
) -> anyhow::Result<()> {
    let (folder, checkpoint) = reopen(keep)?;
    let learner = go_on(common, &place.stream, &checkpoint, Seat::default()).await?;
    run(learner, RunPlace { folder: Some(folder), ..place }).await
}

/// The run in the folder of `--out`.
///
/// # Errors
/// If there is none, or if it cannot be read.
pub(super) fn reopen(keep: &KeepArgs) -> anyhow::Result<(RunFolder, Checkpoint)> {
    let out = keep.out.as_deref().context("--resume needs --out, the folder of the run")?;
    Ok(RunFolder::reopen(out)?)
}

/// A saved run before its next step, with its pictures, on an engine that has been started.
///
/// # Errors
/// If the run is another than was asked for, or if its pictures or the engine are not there.
pub(super) async fn go_on(
    common: &Common,
    stream: &StreamArgs,
    checkpoint: &Checkpoint,
    seat: Seat,
) -> anyhow::Result<Learner> {
    let config = &checkpoint.config;
    let threads = threads_asked(&common.settings, config)?;
    if checkpoint.header.is_done() {
        let (epochs, planned) = (checkpoint.header.epoch, config.recipe.epochs);
        let words = match epochs == planned {
            true => format!("it has all of its {planned} epochs"),
            false => format!("it stopped early, after {epochs} of {planned} epochs"),
        };
        tell(format_args!("this run is complete: {words}"));
    }
    let corrections = kept_corrections(&common.corrections.read()?, checkpoint)?;
    device::use_threads(seat.threads(threads))?;
    let path = common.data.as_deref();
    let data = pictures::load_to_train(config, path, &corrections, stream).await?;
    let (device, read_every) = device::start_at(common.engine, seat).await?;
    match Learner::resume(checkpoint, Arc::new(data), &device, read_every) {
        Err(error @ CheckpointError::Pictures { .. }) if path.is_some() => anyhow::bail!(
            "{error}. A set of more than 1.5 GB differs with and without --stream; resume the way \
             the run was started"
        ),
        learner => Ok(learner?),
    }
}

/// How many threads compute, by the settings in `link` that are given beside `--resume`. The others
/// that it names have to be those of the saved run. The number of threads changes no result, and
/// the computer may be another.
///
/// # Errors
/// If a setting cannot be read, or is not that of the run.
fn threads_asked(link: &str, config: &RunConfig) -> anyhow::Result<u32> {
    let mut asked = config.clone();
    for (key, value) in pairs(link.rsplit('#').next().unwrap_or_default())? {
        // A run of an earlier version was begun with a name that has another meaning by now.
        let as_kept =
            key == "augment" && Augment::first_version(value.trim()) == Some(config.recipe.augment);
        if !PAGE_KEYS.contains(&key.as_str()) && !as_kept {
            asked.set(&key, &value)?;
        }
    }
    let threads = std::mem::replace(&mut asked.threads, config.threads);
    anyhow::ensure!(
        asked == *config,
        "these are not the settings of the saved run, which are '{}'. Leave them out; only the \
         number of threads may be another",
        run_link(config)
    );
    Ok(threads)
}

/// The corrections with which a saved run's pictures are read again: its own, so that they need not
/// be typed again. Runs of earlier versions do not tell them.
///
/// # Errors
/// If others are asked for.
fn kept_corrections(
    asked: &ClassCorrections,
    checkpoint: &Checkpoint,
) -> anyhow::Result<ClassCorrections> {
    let none = ClassCorrections::default();
    match &checkpoint.header.corrections {
        None => Ok(asked.clone()),
        Some(kept) if *asked == none || asked == kept => Ok(kept.clone()),
        Some(_) => anyhow::bail!(
            "these are not the corrections of classes and split with which the saved run's \
             pictures were read. Leave them out: the run brings its own"
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_spec::read_run;

    use super::*;

    #[test]
    fn only_the_number_of_threads_may_be_another() {
        let (config, problems) = read_run("size=96&grow=64&epochs=4&threads=16");
        assert_eq!(problems, []);
        let asked = |link: &str| threads_asked(link, &config);
        assert_eq!(asked("").unwrap(), 16);
        assert_eq!(asked("#threads=2").unwrap(), 2);
        assert_eq!(asked("#grow=64&threads=0&view=train").unwrap(), 0);
        assert_eq!(asked(&format!("https://page/#{}", run_link(&config))).unwrap(), 16);
        for other in ["#epochs=5", "#threads=2&seed=7", "#threads=x", "#thread=2"] {
            assert!(asked(other).is_err(), "{other}");
        }
    }
}
