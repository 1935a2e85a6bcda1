//! Loads pictures from the local disk, or draws them.

use std::path::Path;

use indicatif::ProgressBar;
use resnette_images::dataset::Dataset;
use resnette_images::load::disk::DiskFile;
use resnette_images::load::{LoadError, LoadObserver, load_drawn, load_files};
use resnette_images::problems::Problems;
use resnette_picture::report::{ClassCorrections, LoadProgress, Problem};
use resnette_spec::{RunConfig, Source};

use crate::output::tell;
use crate::quoted::in_line;
use crate::stop;
use crate::stop::Stopped;

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
            let (set, problems) = open(config, path, corrections).await?;
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
    let mut bar = Bar(ProgressBar::new(0));
    let mut problems = Problems::default();
    let files = DiskFile::open_telling(path, &mut problems)?;
    let (data, seed) = (&config.pictures(), config.seed);
    let set = load_files(&files, corrections, data, seed, &mut problems, &mut bar).await;
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
