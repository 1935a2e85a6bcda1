//! Loads pictures from the local disk, or draws them.

use std::path::Path;

use indicatif::ProgressBar;
use resnette_images::dataset::Dataset;
use resnette_images::load::disk::DiskFile;
use resnette_images::load::{LoadError, LoadObserver, load_drawn, load_files, load_streamed};
use resnette_images::problems::Problems;
use resnette_picture::report::{ClassCorrections, LoadProgress, Problem};
use resnette_spec::{RunConfig, Source};

use crate::output::tell;
use crate::quoted::in_line;
use crate::stop;
use crate::stop::Stopped;
use crate::stream::StreamArgs;

/// Loads the pictures of a configuration from `path`: a folder with parquet files as on the Hugging
/// Face Hub, an archive, or a folder with one folder for each class. If `path` is `None`, the
/// pictures are drawn.
///
/// # Errors
/// If the path cannot be read, or if there are no pictures.
pub async fn load(
    config: &RunConfig,
    path: Option<&Path>,
    corrections: &ClassCorrections,
) -> anyhow::Result<Dataset> {
    load_within(config, path, corrections, None).await
}

/// Like [`load`], for a run whose pictures may be read when they are needed.
///
/// # Errors
/// As [`load`].
pub async fn load_to_train(
    config: &RunConfig,
    path: Option<&Path>,
    corrections: &ClassCorrections,
    stream: &StreamArgs,
) -> anyhow::Result<Dataset> {
    load_within(config, path, corrections, stream.bytes()).await.map_err(|error| {
        let is_large = matches!(error.downcast_ref(), Some(LoadError::LargeSet { .. }));
        match is_large && path.is_some() {
            true => error.context("the set does not fit into memory; --stream trains on it"),
            false => error,
        }
    })
}

/// Loads the pictures into memory, or streams them if a memory limit for decoded pictures is given.
async fn load_within(
    config: &RunConfig,
    path: Option<&Path>,
    corrections: &ClassCorrections,
    memory: Option<u64>,
) -> anyhow::Result<Dataset> {
    let set = match path {
        None => {
            if config.data.source != Source::Drawn {
                tell(format_args!(
                    "these settings want pictures from {}; the command line draws its own unless \
                     --data says where they are",
                    config.data.source.name()
                ));
            }
            let mut bar = Bar(ProgressBar::new(0));
            let set = load_drawn(&config.pictures(), config.seed, &mut bar).await;
            bar.0.finish_and_clear();
            if stop::is_requested() {
                return Err(Stopped.into());
            }
            set?
        }
        Some(path) => {
            let (set, problems) = open_within(config, path, corrections, memory).await?;
            for Problem { name, reason } in problems {
                tell(format_args!("{}: {}", in_line(&name), in_line(&reason)));
            }
            set?
        }
    };
    for left_out in &set.left_out {
        tell(format_args!(
            "left out {} ({}): {}",
            in_line(&left_out.name),
            left_out.pictures,
            left_out.reason
        ));
    }
    tell(format_args!(
        "{} training and {} validation pictures of {} classes",
        set.train.len(),
        set.valid.len(),
        set.classes.len()
    ));
    if let Some(memory) = memory {
        let samples = set.train.iter().chain(&set.valid);
        let all: u64 = samples.map(|sample| sample.full_bytes()).sum();
        tell(format_args!(
            "they would take {} MB and are read when they are needed; at most {} MB are kept in \
             memory",
            all.div_ceil(1_000_000),
            memory / 1_000_000
        ));
    }
    Ok(set)
}

/// Loads the pictures at a path with these corrections: the set or why there is none, and what
/// could not be used.
///
/// # Errors
/// If the path cannot be read.
pub async fn open(
    config: &RunConfig,
    path: &Path,
    corrections: &ClassCorrections,
) -> anyhow::Result<(Result<Dataset, LoadError>, Vec<Problem>)> {
    open_within(config, path, corrections, None).await
}

/// Like [`open`], or streams the pictures as [`load_within`] says.
async fn open_within(
    config: &RunConfig,
    path: &Path,
    corrections: &ClassCorrections,
    memory: Option<u64>,
) -> anyhow::Result<(Result<Dataset, LoadError>, Vec<Problem>)> {
    let mut bar = Bar(ProgressBar::new(0));
    let mut problems = Problems::default();
    let files = DiskFile::open_telling(path, &mut problems)?;
    let (data, seed) = (&config.pictures(), config.seed);
    let set = match memory {
        None => load_files(&files, corrections, data, seed, &mut problems, &mut bar).await,
        Some(memory) => {
            let problems = &mut problems;
            load_streamed(files, corrections, data, seed, memory, problems, &mut bar).await
        }
    };
    bar.0.finish_and_clear();
    if stop::is_requested() {
        tell(format_args!("stopped while the pictures were being loaded"));
        return Err(Stopped.into());
    }
    let mut problems = problems.into_vec();
    if let Ok(set) = &set {
        problems.extend_from_slice(&set.problems);
    }
    Ok((set, problems))
}

/// Shows the progress of loading as a bar.
struct Bar(ProgressBar);

impl LoadObserver for Bar {
    async fn on_progress(&mut self, progress: &LoadProgress) -> bool {
        self.0.set_length(u64::from(progress.wanted));
        self.0.set_position(u64::from(progress.pictures));
        !stop::is_requested()
    }
}
