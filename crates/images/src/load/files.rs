//! Loads a data set from files that somebody opened: archives, parquet files, folders and single
//! pictures, in any mixture.

use std::collections::BTreeSet;

use resnette_picture::report::LoadProgress;
use resnette_spec::DataConfig;

use crate::dataset::Dataset;
use crate::load::archive::{MAX_PICTURE_BYTES, read_archive};
use crate::load::entry::{
    DatasetEntry, FileKind, PathClass, Split, classify_path, file_kind, split_of_path,
};
use crate::load::error::LoadError;
use crate::load::hash_sampler::{HashSampler, sampling_key};
use crate::load::hugging_face::load_parquet;
use crate::load::observer::LoadObserver;
use crate::load::open_file::{FileRanges, OpenFile};
use crate::load::parquet_file::ParquetParts;
use crate::problems::Problems;

/// Samples a data set from opened files.
///
/// What cannot be used is added to `problems`, also if loading fails as a whole.
///
/// # Errors
/// [`LoadError::Stopped`] if the observer stops it, and other variants of [`LoadError`] if nothing
/// can be used or there are too few classes or pictures.
pub async fn load_files<F: OpenFile>(
    files: &[F],
    config: &DataConfig,
    seed: u32,
    problems: &mut Problems,
    observer: &mut impl LoadObserver,
) -> Result<Dataset, LoadError> {
    let source = source_name(files);
    let files = FilesByKind::new(files, problems);
    if let Some((train, valid)) = files.as_parquet_pair() {
        // The same sample as the same two files give over the network.
        let (train, valid) = (FileRanges::new(train), FileRanges::new(valid));
        let loaded = load_parquet(train, valid, config, seed, observer).await;
        if let Err(error) = &loaded
            && *error != LoadError::Stopped
        {
            problems.add(&source, error);
        }
        return loaded;
    }
    let mut sampler = HashSampler::new(config, seed);
    let archive_bytes = files.archives.iter().map(|file| file.size()).sum::<u64>();
    let mut progress = LoadProgress {
        expected: (archive_bytes > 0).then_some(archive_bytes),
        ..LoadProgress::default()
    };
    for file in files.archives {
        read_archive(file, &mut sampler, problems, &mut progress, observer).await?;
    }
    let mut parts = ParquetParts::default();
    for file in files.parquets {
        let split = split_of_path(file.path());
        parts.read(file, split, &mut sampler, problems, &mut progress, observer).await?;
    }
    parts.finish(problems)?;
    read_pictures(files.pictures, seed, &mut sampler, problems, &mut progress, observer).await?;
    match sampler.finish(source) {
        // If there is a single problem, its reason says more than that there is nothing.
        Err(LoadError::Nothing(_)) if problems.len() == 1 => {
            let (name, reason) = problems
                .first()
                .map(|problem| (problem.name.clone(), problem.reason.clone()))
                .unwrap_or_default();
            Err(LoadError::Refused { name, reason })
        }
        loaded => loaded,
    }
}

/// Opened files by what they hold.
struct FilesByKind<'a, F> {
    archives: Vec<&'a F>,
    parquets: Vec<&'a F>,
    pictures: Vec<(&'a F, DatasetEntry)>,
}

impl<'a, F: OpenFile> FilesByKind<'a, F> {
    /// Sorts files by kind, and adds those that cannot be used to `problems`.
    fn new(files: &'a [F], problems: &mut Problems) -> Self {
        let mut by_kind = Self { archives: Vec::new(), parquets: Vec::new(), pictures: Vec::new() };
        for file in files {
            by_kind.add(file, problems);
        }
        by_kind
    }

    fn add(&mut self, file: &'a F, problems: &mut Problems) {
        let path = file.path();
        match file_kind(path) {
            FileKind::Archive => self.archives.push(file),
            FileKind::Parquet => self.parquets.push(file),
            FileKind::OtherArchive => problems
                .add(path, "only .tar and .tgz archives are read; unpack it and open the folder"),
            _ => match classify_path(path) {
                PathClass::Picture(entry) => self.pictures.push((file, entry)),
                // A list of labels in a folder is normal, but somebody who opens one by itself has
                // made a mistake and should hear of it.
                PathClass::Ignored if path.contains('/') => {}
                PathClass::Ignored => {
                    problems.add(path, "this is no picture, archive or parquet file")
                }
                PathClass::Refused(reason) => problems.add(path, reason),
            },
        }
    }

    /// The training and the validation file, if these are the only files.
    fn as_parquet_pair(&self) -> Option<(&'a F, &'a F)> {
        let ([], [], &[one, two]) = (&self.archives[..], &self.pictures[..], &self.parquets[..])
        else {
            return None;
        };
        match (split_of_path(one.path())?, split_of_path(two.path())?) {
            (Split::Train, Split::Valid) => Some((one, two)),
            (Split::Valid, Split::Train) => Some((two, one)),
            _ => None,
        }
    }
}

/// Where the pictures come from, in a few words: the name of the only file or folder, or the number
/// of them.
fn source_name<F: OpenFile>(files: &[F]) -> String {
    let roots: BTreeSet<&str> = files
        .iter()
        .map(|file| file.path().split('/').next().unwrap_or_default())
        .take(10_000)
        .collect();
    match (roots.len(), roots.first()) {
        (1, Some(root)) => root.chars().filter(|c| !c.is_control()).take(80).collect(),
        (count, _) => format!("{count} opened files"),
    }
}

/// Feeds single picture files to a sampler, in the order of their sampling keys, so that no more
/// are read than are kept.
async fn read_pictures<F: OpenFile>(
    pictures: Vec<(&F, DatasetEntry)>,
    seed: u32,
    sampler: &mut HashSampler<'_>,
    problems: &mut Problems,
    progress: &mut LoadProgress,
    observer: &mut impl LoadObserver,
) -> Result<(), LoadError> {
    let mut keyed: Vec<_> = pictures
        .into_iter()
        .map(|(file, entry)| (sampling_key(seed, &entry), file, entry))
        .collect();
    keyed.sort_by(|a, b| (a.0, &a.2.file).cmp(&(b.0, &b.2.file)));
    for (_, file, entry) in keyed {
        match sampler.wants(&entry) {
            Ok(false) => continue,
            Ok(true) if file.size() > MAX_PICTURE_BYTES => {
                sampler.mark_unreadable(&entry);
                problems.add(file.path(), "it is larger than 64 MB; open a smaller copy");
            }
            Ok(true) => match file.read_at(0, file.size()) {
                Ok(bytes) => {
                    if let Err(error) = sampler.insert(&entry, &bytes) {
                        problems.add(file.path(), error);
                    }
                    progress.bytes += bytes.len() as u64;
                }
                Err(error) => {
                    sampler.mark_unreadable(&entry);
                    problems.add(file.path(), error);
                }
            },
            Err(error) => problems.add(file.path(), error),
        }
        (progress.pictures, progress.wanted) = sampler.progress();
        if !observer.on_progress(progress).await {
            return Err(LoadError::Stopped);
        }
    }
    Ok(())
}
