//! Opened files in memory, and what loads them.

use bytes::Bytes;
use futures::executor::block_on;
use resnette_image_parquet::source::SourceError;
use resnette_images::dataset::Dataset;
use resnette_images::load::open_file::OpenFile;
use resnette_images::load::{LoadError, LoadObserver, load_files};
use resnette_images::problems::Problems;
use resnette_picture::report::{ClassCorrections, LoadProgress, Problem};
use resnette_spec::DataConfig;

/// A file in memory.
#[derive(Clone)]
pub struct Held {
    pub path: String,
    pub bytes: Bytes,
}

impl Held {
    pub fn new(path: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { path: path.into(), bytes: bytes.into() }
    }
}

impl OpenFile for Held {
    fn path(&self) -> &str {
        &self.path
    }

    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        let end = start + length;
        if end > self.size() {
            return Err(SourceError::Short { name: self.path.clone(), wanted: end });
        }
        Ok(self.bytes.slice(start as usize..end as usize))
    }
}

/// Goes on until it has been called `left` times.
pub struct Patience {
    pub left: u32,
    pub last: LoadProgress,
}

impl Default for Patience {
    fn default() -> Self {
        Self { left: u32::MAX, last: LoadProgress::default() }
    }
}

impl LoadObserver for Patience {
    async fn on_progress(&mut self, progress: &LoadProgress) -> bool {
        self.last = progress.clone();
        self.left -= 1;
        self.left > 0
    }
}

pub fn config(train: u32, valid: u32) -> DataConfig {
    DataConfig { train, valid, size: 16, ..DataConfig::default() }
}

/// Loads and gives the set or the error, and what was refused.
pub fn load<F: OpenFile>(
    files: &[F],
    config: &DataConfig,
    seed: u32,
) -> (Result<Dataset, LoadError>, Vec<Problem>) {
    load_corrected(files, &ClassCorrections::default(), config, seed)
}

/// The same with a reader's corrections.
pub fn load_corrected<F: OpenFile>(
    files: &[F],
    corrections: &ClassCorrections,
    config: &DataConfig,
    seed: u32,
) -> (Result<Dataset, LoadError>, Vec<Problem>) {
    let mut problems = Problems::default();
    let observer = &mut Patience::default();
    let set = block_on(load_files(files, corrections, config, seed, &mut problems, observer));
    (set, problems.into_vec())
}

pub fn held(files: &[(String, Vec<u8>)]) -> Vec<Held> {
    files.iter().map(|(path, bytes)| Held::new(path.clone(), bytes.clone())).collect()
}
