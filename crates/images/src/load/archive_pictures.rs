//! Feeds the pictures of an archive to a sampler.

use resnette_picture::report::LoadProgress;

use crate::load::archive::open_archive;
use crate::load::archive_reader::{ArchiveError, ArchivedFile, MAX_PICTURE_BYTES};
use crate::load::entry::{DatasetEntry, PathClass, classify_path};
use crate::load::error::LoadError;
use crate::load::hash_sampler::HashSampler;
use crate::load::observer::LoadObserver;
use crate::load::open_file::OpenFile;
use crate::problems::Problems;

/// After this many entries without a picture the observer is asked all the same whether to
/// continue.
const ENTRIES_PER_UPDATE: usize = 64;

/// Feeds the pictures of an archive to a sampler.
///
/// Entries that cannot be used are added to `problems`, with the archive's name before the entry's.
/// A damaged archive is such a problem too: what came before the damage is kept.
///
/// # Errors
/// [`LoadError::Stopped`] if the observer stops it.
pub async fn read_archive<F: OpenFile>(
    file: &F,
    sampler: &mut HashSampler<'_>,
    problems: &mut Problems,
    progress: &mut LoadProgress,
    observer: &mut impl LoadObserver,
) -> Result<(), LoadError> {
    let bytes_before = progress.bytes;
    let mut archive = match open_archive(file) {
        Ok(archive) => archive,
        Err(reason) => {
            problems.add(file.path(), reason);
            return Ok(());
        }
    };
    for count in 0.. {
        let entry = match archive.next_file() {
            Ok(Some(entry)) => entry,
            Ok(None) => break,
            Err(error) => {
                add_problem(problems, file.path(), error, None);
                continue;
            }
        };
        let picture = wanted_picture(&entry, file.path(), sampler, problems);
        if let Some(picture) = &picture {
            match archive.read_file() {
                Ok(bytes) => {
                    if let Err(error) = sampler.insert(picture, &bytes) {
                        problems.add(entry_name(file.path(), &entry.path), error);
                    }
                }
                Err(error) => {
                    sampler.mark_unreadable(picture);
                    add_problem(problems, file.path(), error, Some(&entry.path));
                }
            }
        }
        if picture.is_some() || count % ENTRIES_PER_UPDATE == 0 {
            (progress.pictures, progress.wanted) = sampler.progress();
            progress.bytes = bytes_before + archive.position();
            if !observer.on_progress(progress).await {
                return Err(LoadError::Stopped);
            }
        }
    }
    for notice in archive.notices() {
        problems.add(file.path(), notice);
    }
    progress.bytes = bytes_before + file.size();
    Ok(())
}

/// An entry as a picture, if it is one and the sampler wants it; otherwise `None`, after the
/// problem has been listed if there is one.
fn wanted_picture(
    entry: &ArchivedFile,
    archive: &str,
    sampler: &mut HashSampler,
    problems: &mut Problems,
) -> Option<DatasetEntry> {
    let picture = match classify_path(&entry.path) {
        PathClass::Picture(picture) => picture,
        PathClass::Ignored => return None,
        PathClass::Refused(reason) => {
            problems.add(entry_name(archive, &entry.path), reason);
            return None;
        }
    };
    if entry.size > MAX_PICTURE_BYTES {
        problems.add(entry_name(archive, &entry.path), "it is larger than 64 MB");
        return None;
    }
    match sampler.wants(&picture) {
        Ok(wanted) => wanted.then_some(picture),
        Err(error) => {
            problems.add(entry_name(archive, &entry.path), error);
            None
        }
    }
}

/// Adds a problem, under an entry's name if it concerns one entry alone, and otherwise under the
/// archive's with the place where it came up.
fn add_problem(problems: &mut Problems, archive: &str, error: ArchiveError, at: Option<&str>) {
    match (error, at) {
        (ArchiveError::Entry { path, reason }, _) => {
            problems.add(entry_name(archive, &path), reason);
        }
        (error, Some(at)) => {
            problems.add(archive, format!("{error} (in the middle of {})", shorten(at)));
        }
        (error, None) => problems.add(archive, error),
    }
}

/// The name of an entry in messages.
fn entry_name(archive: &str, path: &str) -> String {
    format!("{archive}: {}", shorten(path))
}

/// The end of a path, for messages.
fn shorten(path: &str) -> String {
    const MAX_CHARS: usize = 100;
    let length = path.chars().count();
    if length <= MAX_CHARS {
        path.into()
    } else {
        ['…'].into_iter().chain(path.chars().skip(length - MAX_CHARS)).collect()
    }
}
