//! Loads pictures from the local disk, or draws them.

use std::path::Path;

use indicatif::ProgressBar;
use resnette_images::dataset::Dataset;
use resnette_images::load::disk::DiskFile;
use resnette_images::load::{LoadObserver, load_drawn, load_files};
use resnette_images::problems::Problems;
use resnette_picture::report::{LoadProgress, Problem};
use resnette_spec::{RunConfig, Source};

use crate::stop;
use crate::stop::Stopped;

/// Loads the pictures of a configuration from `path`: a folder with parquet files as on the Hugging
/// Face Hub, a `.tgz` archive, or a folder with one folder for each class. If `path` is `None`, the
/// pictures are drawn.
///
/// # Errors
/// If the path cannot be read, or if there are no pictures.
pub async fn load(config: &RunConfig, path: Option<&Path>) -> anyhow::Result<Dataset> {
    let mut bar = Bar(ProgressBar::new(0));
    let mut problems = Problems::default();
    let set = match path {
        None => {
            if config.data.source != Source::Drawn {
                eprintln!(
                    "these settings want pictures from {}; the command line draws its own unless \
                     --data says where they are",
                    config.data.source.name()
                );
            }
            load_drawn(&config.data, config.seed, &mut bar).await
        }
        Some(path) => {
            load_files(&DiskFile::open(path)?, &config.data, config.seed, &mut problems, &mut bar)
                .await
        }
    };
    bar.0.finish_and_clear();
    if stop::is_requested() {
        eprintln!("stopped while the pictures were being loaded");
        return Err(Stopped.into());
    }
    let refused = problems.into_vec();
    let tell = |problems: &[Problem]| {
        problems
            .iter()
            .for_each(|problem| eprintln!("skipped {}: {}", problem.name, problem.reason))
    };
    tell(&refused);
    let set = set?;
    tell(&set.problems);
    eprintln!(
        "{} training and {} validation pictures of {} classes",
        set.train.len(),
        set.valid.len(),
        set.classes.len()
    );
    Ok(set)
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
