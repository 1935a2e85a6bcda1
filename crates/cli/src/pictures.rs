//! Pictures from local paths.

use std::path::Path;

use indicatif::ProgressBar;
use resnette_images::files::load_files;
use resnette_images::load::{Progress, load_drawn};
use resnette_images::local::DiskFile;
use resnette_images::problems::Problems;
use resnette_images::set::DataSet;
use resnette_picture::report::{LoadProgress, Problem};
use resnette_spec::{RunConfig, Source};

/// Loads the pictures of a configuration from `path` (a folder with Hugging Face's parquet files, a
/// `.tgz`, a folder of class folders), or draws them where there is none.
///
/// # Errors
/// The path cannot be read, or holds no pictures.
pub async fn load(config: &RunConfig, path: Option<&Path>) -> anyhow::Result<DataSet> {
    let mut bar = Bar(ProgressBar::new(0));
    let mut problems = Problems::default();
    let set = match path {
        None => {
            if config.data.source != Source::Drawn {
                eprintln!(
                    "these settings want pictures from {}; the command line draws its own unless --data says where they are",
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

struct Bar(ProgressBar);

impl Progress for Bar {
    async fn loaded(&mut self, progress: &LoadProgress) -> bool {
        self.0.set_length(u64::from(progress.wanted));
        self.0.set_position(u64::from(progress.pictures));
        true
    }
}
