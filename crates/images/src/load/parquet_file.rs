//! Reads a parquet file that somebody opened.

use resnette_image_parquet::source::RangeSource;
use resnette_image_parquet::{Footer, ParquetError, all_labels, read_group};
use resnette_picture::classes::IMAGENETTE;
use resnette_picture::report::LoadProgress;

use crate::load::entry::{DatasetEntry, class_key, split_of_path};
use crate::load::hash_sampler::HashSampler;
use crate::load::observer::LoadObserver;
use crate::load::open_file::{FileRanges, OpenFile};
use crate::problems::Problems;

/// Feeds the pictures of a parquet file to a sampler. Row groups without a wanted picture are not
/// read.
pub async fn read_parquet<F: OpenFile>(
    file: &F,
    sampler: &mut HashSampler<'_>,
    problems: &mut Problems,
    progress: &mut LoadProgress,
    observer: &mut impl LoadObserver,
) -> Result<(), ParquetError> {
    let mut source = FileRanges::new(file);
    let footer = Footer::read(&mut source).await?;
    let keys = class_keys(&footer);
    let labels = all_labels(&mut source, &footer, keys.len()).await?;
    let (split, bytes_before) = (split_of_path(file.path()), progress.bytes);
    for (group, labels) in labels.into_iter().enumerate() {
        let row_name = |row: usize| format!("{}, row {row} of group {group}", file.path());
        let mut wanted = Vec::new();
        for (row, label) in labels.into_iter().enumerate() {
            let entry = DatasetEntry {
                split,
                class: keys[label as usize].clone(),
                file: format!("{} {group} {row}", file.path()),
            };
            match sampler.wants(&entry) {
                Ok(true) => wanted.push((row, entry)),
                Ok(false) => {}
                Err(error) => problems.add(row_name(row), error),
            }
        }
        if wanted.is_empty() {
            continue;
        }
        let pictures = read_group(&mut source, &footer, group).await?;
        for (row, entry) in wanted {
            if let Err(error) = sampler.insert(&entry, &pictures[row]) {
                problems.add(row_name(row), error);
            }
            progress.bytes = bytes_before + source.bytes_read();
            (progress.pictures, progress.wanted) = sampler.progress();
            if !observer.on_progress(progress).await {
                return Err(ParquetError::Stopped);
            }
        }
    }
    Ok(())
}

/// The class key of each label of a parquet file. A file without class names is taken to be
/// Imagenette.
fn class_keys(footer: &Footer) -> Vec<String> {
    let ids = || IMAGENETTE.iter().map(|(id, _)| id.to_string()).collect();
    let names: Vec<String> = footer.class_names.clone().unwrap_or_else(ids);
    names
        .iter()
        .enumerate()
        .map(|(label, name)| class_key(name).unwrap_or_else(|| format!("class {label}")))
        .collect()
}
