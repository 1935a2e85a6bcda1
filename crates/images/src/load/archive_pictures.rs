//! The pictures of an archive: listed once to learn its folders, then fed to a sampler.

use resnette_picture::report::LoadProgress;

use crate::load::archive::open_archive;
use crate::load::archive_reader::{ArchiveError, ArchivedFile, MAX_PICTURE_BYTES};
use crate::load::error::LoadError;
use crate::load::file_kind::{FileKind, file_kind, is_picture, path_parts};
use crate::load::folder_tree::{ARCHIVE_MARK, FolderTree};
use crate::load::hash_sampler::HashSampler;
use crate::load::labels_beside::LabelsBeside;
use crate::load::observer::LoadObserver;
use crate::load::open_file::OpenFile;
use crate::load::picture_feed::PictureFeed;
use crate::load::plan::{Decision, Plan};
use crate::problems::Problems;

/// After this many files without a picture the observer is asked all the same whether to continue.
const FILES_PER_UPDATE: usize = 64;

/// Lists the folders and pictures of an archive, and returns whether it was read to its end. What
/// cannot be used is added to `problems`, with the archive's name before the entry's. A damaged
/// archive is such a problem too: what came before the damage is listed.
///
/// # Errors
/// [`LoadError::Stopped`] if the observer stops it.
pub async fn list_archive<F: OpenFile>(
    file: &F,
    tree: &mut FolderTree,
    problems: &mut Problems,
    progress: &mut LoadProgress,
    observer: &mut impl LoadObserver,
) -> Result<bool, LoadError> {
    let bytes_before = progress.bytes;
    let mut is_complete = false;
    let mut labels = LabelsBeside::default();
    let mut archive = match open_archive(file) {
        Ok(archive) => archive,
        Err(reason) => {
            problems.add(file.path(), reason);
            return Ok(false);
        }
    };
    for count in 0_usize.. {
        match archive.next_file() {
            Ok(Some(entry)) => {
                let name = entry_name(file.path(), &entry.path);
                labels.see(&entry.path);
                match usability(&entry) {
                    Usability::Picture => add_to_tree(file.path(), &entry.path, tree, problems),
                    Usability::Unknown => match archive.read_file() {
                        Ok(bytes) if is_picture(&bytes) => {
                            add_to_tree(file.path(), &entry.path, tree, problems);
                        }
                        Ok(_) => problems.add(name, NO_PICTURE),
                        Err(error) => add_problem(problems, file.path(), error, Some(&entry.path)),
                    },
                    Usability::Ignored => {}
                    Usability::Refused(reason) => problems.add(name, reason),
                }
            }
            Ok(None) => {
                is_complete = true;
                break;
            }
            Err(error @ ArchiveError::Entry { .. }) => {
                add_problem(problems, file.path(), error, None);
            }
            Err(error) => {
                add_problem(problems, file.path(), error, None);
                break;
            }
        }
        if count.is_multiple_of(FILES_PER_UPDATE) {
            // Each archive is read twice, and counts once.
            progress.bytes = bytes_before + archive.position() / 2;
            if !observer.on_progress(progress).await {
                return Err(LoadError::Stopped);
            }
        }
    }
    if labels.is_usual(file.path())
        && let Some((folders, _)) = folders_of(file.path(), "a picture")
    {
        tree.note_labels_beside(&folders.iter().map(String::as_str).collect::<Vec<_>>());
    }
    for notice in archive.notices() {
        problems.add(file.path(), notice);
    }
    progress.bytes = bytes_before + file.size() / 2;
    Ok(is_complete)
}

/// Feeds the pictures of an archive that has been listed to a sampler. `is_complete` says whether
/// the listing came to the archive's end: if it did not, it has told why.
///
/// # Errors
/// [`LoadError::Stopped`] if the observer stops it.
pub async fn sample_archive<F: OpenFile>(
    (file, is_complete): (&F, bool),
    plan: &Plan,
    sampler: &mut HashSampler<'_>,
    problems: &mut Problems,
    progress: &mut LoadProgress,
    observer: &mut impl LoadObserver,
) -> Result<(), LoadError> {
    let bytes_before = progress.bytes;
    let Ok(mut archive) = open_archive(file) else { return Ok(()) };
    let mut feed = PictureFeed::new(sampler, problems, progress, observer);
    for count in 0_usize.. {
        let entry = match archive.next_file() {
            Ok(Some(entry)) => entry,
            Err(ArchiveError::Entry { .. }) => continue,
            Ok(None) | Err(_) => break,
        };
        let name = || entry_name(file.path(), &entry.path);
        let mut bytes = None;
        let is_usable = match usability(&entry) {
            Usability::Picture => true,
            Usability::Unknown => {
                bytes = archive.read_file().ok().filter(|bytes| is_picture(bytes));
                bytes.is_some()
            }
            Usability::Ignored | Usability::Refused(_) => false,
        };
        let decision = match is_usable {
            true => folders_of(file.path(), &entry.path).map(|(folders, file)| {
                plan.decide(&folders.iter().map(String::as_str).collect::<Vec<_>>(), file)
            }),
            false => None,
        };
        let wanted = match decision {
            Some(Decision::Use(picture)) => match feed.wants(&picture).await? {
                Ok(wanted) => wanted.then_some(picture),
                Err(error) => {
                    feed.tell(name(), error).await?;
                    None
                }
            },
            Some(Decision::NoClass) => {
                feed.tell(name(), NO_CLASS).await?;
                None
            }
            Some(Decision::LeaveOut) | None => None,
        };
        let is_wanted = wanted.is_some();
        if let Some(picture) = wanted {
            match bytes.map_or_else(|| archive.read_file(), Ok) {
                Ok(bytes) => {
                    let bytes_read = bytes_before + archive.position() / 2;
                    feed.add(picture, name(), bytes.into(), bytes_read).await?;
                    continue;
                }
                Err(error) => {
                    feed.sampler.mark_unreadable(&picture);
                    let is_final = !matches!(error, ArchiveError::Entry { .. });
                    if is_complete || !is_final {
                        feed.settle().await?;
                        add_problem(feed.problems, file.path(), error, Some(&entry.path));
                    }
                    if is_final {
                        break;
                    }
                }
            }
        }
        if is_wanted || count.is_multiple_of(FILES_PER_UPDATE) {
            feed.report(bytes_before + archive.position() / 2).await?;
        }
    }
    feed.settle().await?;
    progress.bytes = bytes_before + file.size() - file.size() / 2;
    Ok(())
}

/// Why a picture in no folder cannot be used.
pub const NO_CLASS: &str = "it lies in no class folder, and its name does not begin with a WordNet id; put the pictures of each class into a folder of its own and open that";
/// Why a file is no picture.
pub const NO_PICTURE: &str = "this is no picture that is read; save it as JPEG or PNG if it is one";
/// Why a picture in a format without a decoder cannot be used.
pub const OTHER_PICTURE: &str = "pictures of this kind are not read; save it as JPEG and open that";

/// What is to be done with an entry, going by its name.
enum Usability {
    Picture,
    /// Its first bytes tell whether it is a picture.
    Unknown,
    Ignored,
    Refused(&'static str),
}

fn usability(entry: &ArchivedFile) -> Usability {
    if let Err(reason) = path_parts(&entry.path) {
        return Usability::Refused(reason);
    }
    let is_large = entry.size > MAX_PICTURE_BYTES;
    match file_kind(&entry.path) {
        FileKind::Picture | FileKind::Unknown if is_large => {
            Usability::Refused("it is larger than 64 MB; make it smaller, or leave it out")
        }
        FileKind::Picture => Usability::Picture,
        FileKind::Unknown => Usability::Unknown,
        FileKind::Ignored => Usability::Ignored,
        FileKind::OtherPicture => Usability::Refused(OTHER_PICTURE),
        FileKind::Archive | FileKind::OtherArchive => Usability::Refused(
            "an archive in an archive is not read; unpack it, and open it by itself",
        ),
        FileKind::Parquet => Usability::Refused(
            "a parquet file in an archive is not read; unpack the archive and open the folder",
        ),
    }
}

fn add_to_tree(archive: &str, path: &str, tree: &mut FolderTree, problems: &mut Problems) {
    if let Some((folders, file)) = folders_of(archive, path) {
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        if let Err(error) = tree.add(&folders, file) {
            problems.add(entry_name(archive, path), error);
        }
    }
}

/// The folders that an entry lies in, of which the archive is one, and its name.
fn folders_of<'a>(archive: &str, path: &'a str) -> Option<(Vec<String>, &'a str)> {
    let (around, name) = path_parts(archive).ok()?;
    let (inside, file) = path_parts(path).ok()?;
    let mut folders: Vec<String> = around.into_iter().map(str::to_owned).collect();
    folders.push(format!("{name}{ARCHIVE_MARK}"));
    folders.extend(inside.into_iter().map(str::to_owned));
    Some((folders, file))
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
