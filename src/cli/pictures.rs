//! Pictures from local paths.

use std::path::{Path, PathBuf};

use anyhow::Context;
use indicatif::ProgressBar;

use crate::config::RunConfig;
use crate::data::load::{Progress, TRAIN_FILE, VALID_FILE, load_drawn, load_parquet};
use crate::data::set::DataSet;
use crate::data::source::MemorySource;
use crate::protocol::data::LoadProgress;

/// Loads the pictures of a configuration from `path`, or draws them where there is none.
///
/// # Errors
/// The path cannot be read, or holds no pictures.
pub async fn load(config: &RunConfig, path: Option<&Path>) -> anyhow::Result<DataSet> {
    let mut bar = Bar(ProgressBar::new(0));
    let set = match path {
        None => load_drawn(&config.data, config.seed, &mut bar).await?,
        Some(folder) => {
            let (train, valid) = (open(folder.join(TRAIN_FILE))?, open(folder.join(VALID_FILE))?);
            load_parquet(train, valid, &config.data, config.seed, &mut bar).await?
        }
    };
    bar.0.finish_and_clear();
    for problem in &set.problems {
        eprintln!("skipped {}: {}", problem.name, problem.reason);
    }
    eprintln!("{} training and {} validation pictures of {} classes", set.train.len(), set.valid.len(), set.classes.len());
    Ok(set)
}

fn open(path: PathBuf) -> anyhow::Result<MemorySource> {
    let bytes = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(MemorySource::new(path.display().to_string(), bytes))
}

struct Bar(ProgressBar);

impl Progress for Bar {
    async fn loaded(&mut self, progress: &LoadProgress) -> bool {
        self.0.set_length(u64::from(progress.wanted));
        self.0.set_position(u64::from(progress.pictures));
        true
    }
}
