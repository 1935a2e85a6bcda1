//! Loads a data set from files that somebody opened: archives, parquet files, folders and single
//! pictures, in any mixture.

use std::collections::BTreeSet;

use resnette_picture::report::{ClassCorrections, LoadProgress, SplitOrigin, Validation};
use resnette_spec::DataConfig;

use crate::dataset::Dataset;
use crate::load::archive_pictures::{
    NO_CLASS, NO_PICTURE, OTHER_PICTURE, list_archive, sample_archive,
};
use crate::load::archive_reader::MAX_PICTURE_BYTES;
use crate::load::corrections::ClassChanges;
use crate::load::entry::{DatasetEntry, Split, split_of_path, wordnet_id};
use crate::load::error::LoadError;
use crate::load::file_kind::{
    FileKind, HEAD_BYTES, file_kind, is_picture, path_parts, unnamed_archive,
};
use crate::load::folder_tree::FolderTree;
use crate::load::hash_sampler::HashSampler;
use crate::load::hugging_face;
use crate::load::notices::{tell_copies, tell_cut, tell_look_alikes, tell_unknown};
use crate::load::observer::LoadObserver;
use crate::load::open_file::{FileRanges, OpenFile};
use crate::load::opened_columns::chosen_columns;
use crate::load::parquet_file::ParquetParts;
use crate::load::picture_decoder::PictureDecoder;
use crate::load::picture_feed::PictureFeed;
use crate::load::plan::{Decision, Plan};
use crate::load::relabel::correct;
use crate::load::set_aside::holds_pictures;
use crate::problems::Problems;

/// Told of a file or folder that was chosen to validate with and is not there.
const NO_SUCH_VALIDATION: &str =
    "nothing of this name was opened, so it cannot validate; the split stays as it was found";

/// Samples a data set from opened files, with what the reader corrected about its classes.
///
/// First everything is listed, to learn from all folders together which of them are classes and
/// which are splits; then it is read. What cannot be used is added to `problems`, also if loading
/// fails as a whole. Corrections of classes that are not there change nothing.
///
/// # Errors
/// [`LoadError::Stopped`] if the observer stops it, and other variants of [`LoadError`] if nothing
/// can be used or there are too few classes or pictures.
pub async fn load_files<F: OpenFile>(
    files: &[F],
    corrections: &ClassCorrections,
    config: &DataConfig,
    seed: u32,
    problems: &mut Problems,
    observer: &mut impl LoadObserver,
) -> Result<Dataset, LoadError> {
    let source = source_name(files);
    let files = FilesByKind::new(files, problems);
    if let Some((train, valid)) = files.as_parquet_pair()
        && keeps_pair(corrections, train, valid)
    {
        let loaded = load_pair(train, valid, corrections, config, seed, observer).await;
        match &loaded {
            Ok(set) => {
                if let Some(Validation::Folder(name)) = &corrections.validation
                    && name != valid.path()
                {
                    problems.add(name, NO_SUCH_VALIDATION);
                }
                problems.extend(set.missing_validation());
                let keys = set.origins.iter().flat_map(|origin| &origin.keys);
                let left_out = set.left_out.iter().map(|left_out| &left_out.name);
                let keys: Vec<String> = keys.chain(left_out).cloned().collect();
                let changes = ClassChanges::new(corrections, &keys);
                tell_look_alikes(set, &changes, &[], problems);
                tell_unknown(corrections, set, problems);
                tell_cut(&source, set, problems);
                tell_copies(&source, set, problems);
            }
            Err(LoadError::Stopped) => {}
            Err(error) => problems.add(&source, error),
        }
        return loaded;
    }
    let archive_bytes = files.archives.iter().map(|file| file.size()).sum::<u64>();
    let mut progress = LoadProgress {
        expected: (archive_bytes > 0).then_some(archive_bytes),
        ..LoadProgress::default()
    };
    let mut tree = FolderTree::default();
    for file in &files.pictures {
        if let Ok((folders, name)) = path_parts(file.path())
            && let Err(error) = tree.add(&folders, name)
        {
            problems.add(file.path(), error);
        }
    }
    let mut archives = Vec::new();
    for file in &files.archives {
        let complete = list_archive(*file, &mut tree, problems, &mut progress, observer).await?;
        archives.push((*file, complete));
    }
    let plan = Plan::new(tree, corrections);
    if let Some(error) = no_classes(&plan) {
        if files.parquets.is_empty() {
            return Err(error);
        }
        problems.add(&source, error);
    }
    let is_parquet = matches!(&corrections.validation, Some(Validation::Folder(name))
        if files.parquets.iter().any(|file| lies_in(file.path(), name)));
    // What is not there changes nothing.
    let validation = corrections.validation.as_ref();
    let validation = validation.filter(|_| is_parquet || plan.knows_validation());
    let keys: Vec<String> = plan.class_folders().into_keys().map(str::to_owned).collect();
    let changes = ClassChanges::new(corrections, &keys);
    for (name, reason) in plan.notices(!is_parquet, &changes) {
        problems.add(name, reason);
    }
    let decoder = PictureDecoder::new(corrections.accept_cut);
    let mut sampler = HashSampler::new(config, seed, changes.clone(), decoder);
    for archive in archives {
        sample_archive(archive, &plan, &mut sampler, problems, &mut progress, observer).await?;
    }
    let mut parts = ParquetParts::new(chosen_columns(corrections));
    for file in &files.parquets {
        let forced = forced_split(validation, *file);
        sampler.set_origin(Some(file.path()), forced);
        let split = forced.unwrap_or(split_of_path(file.path()));
        parts.read(*file, split, &mut sampler, problems, &mut progress, observer).await?;
    }
    let mut opened = std::mem::take(&mut parts.columns);
    parts.finish(problems)?;
    sampler.set_origin(None, None);
    let pictures = files.pictures;
    let only_archives = pictures.is_empty() && files.parquets.is_empty();
    read_pictures(pictures, &plan, &mut sampler, problems, &mut progress, observer).await?;
    for (class, folders) in plan.class_folders() {
        for folder in folders {
            sampler.add_origin(class, plan.path(folder));
        }
    }
    opened.corrections.clone_from(corrections);
    (opened.cut, opened.read) = (sampler.decoder.cut(), sampler.decoder.read());
    opened.unread = sampler.unread();
    let mut loaded = sampler.finish(source.clone(), problems);
    match &mut loaded {
        Ok(set) => {
            set.opened = Some(opened);
            tell_cut(&source, set, problems);
            set.left_out.extend(plan.left_out());
            if set.split != SplitOrigin::Drawn {
                set.split = named_splits(&plan, &files.parquets, validation);
            }
            tell_look_alikes(set, &changes, &keys, problems);
            tell_unknown(corrections, set, problems);
            problems.extend(set.missing_validation());
            tell_copies(&source, set, problems);
        }
        Err(_) => {
            for left_out in plan.left_out() {
                problems.add(left_out.name, left_out.reason);
            }
        }
    }
    match loaded {
        // A folder `images` is no class, and so there is none at all.
        Err(LoadError::FewClasses { class, .. }) if holds_pictures(&class) && !only_archives => {
            Err(LoadError::NoClasses { folders: format!("“{class}”") })
        }
        Err(LoadError::FewClasses { source_name, class, .. }) => {
            Err(LoadError::FewClasses { source_name, class, archives: only_archives })
        }
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

/// Why nothing can be made of pictures that lie in folders of splits and in no class folders.
fn no_classes(plan: &Plan) -> Option<LoadError> {
    let quoted = |name: &String| format!("“{name}”");
    let (last, others) = plan.without_classes().split_last()?;
    let folders: Vec<String> = others.iter().take(3).map(quoted).collect();
    let folders = match folders.is_empty() {
        true => quoted(last),
        false => format!("{} and {}", folders.join(", "), quoted(last)),
    };
    Some(LoadError::NoClasses { folders })
}

/// The folders and files of the training and of the validation pictures.
fn named_splits<F: OpenFile>(
    plan: &Plan,
    parquets: &[&F],
    validation: Option<&Validation>,
) -> SplitOrigin {
    let (mut train, mut valid) = match plan.named_splits() {
        SplitOrigin::Named { train, valid } => (train, valid),
        _ => (Vec::new(), Vec::new()),
    };
    for file in parquets.iter().take(40) {
        let split = forced_split(validation, *file).unwrap_or(split_of_path(file.path()));
        let names = if split == Some(Split::Valid) { &mut valid } else { &mut train };
        names.push(file.path().to_owned());
    }
    SplitOrigin::Named { train, valid }
}

/// The split of a parquet file, where the reader chose where validation pictures come from.
fn forced_split<F: OpenFile>(validation: Option<&Validation>, file: &F) -> Option<Option<Split>> {
    match validation? {
        Validation::Drawn => Some(None),
        Validation::Folder(name) => {
            let validates = lies_in(file.path(), name);
            Some(Some(if validates { Split::Valid } else { Split::Train }))
        }
    }
}

/// Whether a path is this folder or file, or lies in it.
fn lies_in(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a training and a validation file stay what they are under a reader's corrections.
fn keeps_pair<F: OpenFile>(corrections: &ClassCorrections, train: &F, valid: &F) -> bool {
    match &corrections.validation {
        None => true,
        Some(Validation::Drawn) => false,
        Some(Validation::Folder(name)) => {
            name == valid.path() || !(lies_in(train.path(), name) || lies_in(valid.path(), name))
        }
    }
}

/// Loads a training and a validation file: the same sample as the same files give over the network.
async fn load_pair<F: OpenFile>(
    train: &F,
    valid: &F,
    corrections: &ClassCorrections,
    config: &DataConfig,
    seed: u32,
    observer: &mut impl LoadObserver,
) -> Result<Dataset, LoadError> {
    let (train_ranges, valid_ranges) = (FileRanges::new(train), FileRanges::new(valid));
    let files = [train_ranges, valid_ranges];
    let loaded = hugging_face::load_pair(files, None, corrections, config, seed, observer).await?;
    let (mut set, opened) = loaded;
    correct(&mut set, corrections, config)?;
    if set.valid.is_empty() {
        return Err(LoadError::Refused {
            name: valid.path().to_owned(),
            reason: "no picture in it is of a class that is used, so there is nothing to validate with; use one of its classes, or have one in five of all pictures validate".into(),
        });
    }
    set.opened = Some(opened);
    set.split = SplitOrigin::Named {
        train: vec![train.path().to_owned()],
        valid: vec![valid.path().to_owned()],
    };
    Ok(set)
}

/// Opened files by what they hold.
struct FilesByKind<'a, F> {
    archives: Vec<&'a F>,
    parquets: Vec<&'a F>,
    pictures: Vec<&'a F>,
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
        if let Err(reason) = path_parts(path) {
            problems.add(path, reason);
            return;
        }
        match file_kind(path) {
            FileKind::Archive => self.archives.push(file),
            FileKind::Parquet => self.parquets.push(file),
            FileKind::OtherArchive => problems.add(
                path,
                "archives of this kind are not read, only .zip, .tar and .tgz; unpack it and open the folder",
            ),
            FileKind::OtherPicture => problems.add(path, OTHER_PICTURE),
            FileKind::Picture if !path.contains('/') && wordnet_id(path).is_none() => {
                problems.add(path, NO_CLASS);
            }
            FileKind::Picture => self.pictures.push(file),
            FileKind::Unknown => match file.read_at(0, HEAD_BYTES.min(file.size())) {
                Ok(head) if is_picture(&head) => self.pictures.push(file),
                Ok(head) => problems.add(path, unnamed_archive(&head).unwrap_or(NO_PICTURE)),
                Err(error) => problems.add(path, error),
            },
            // A list of labels in a folder is normal, but somebody who opens one by itself has made
            // a mistake and should hear of it.
            FileKind::Ignored if path.contains('/') => {}
            FileKind::Ignored => problems.add(
                path,
                "this is no picture, archive or parquet file; open the folder of pictures instead",
            ),
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
    pictures: Vec<&F>,
    plan: &Plan,
    sampler: &mut HashSampler<'_>,
    problems: &mut Problems,
    progress: &mut LoadProgress,
    observer: &mut impl LoadObserver,
) -> Result<(), LoadError> {
    let mut keyed: Vec<(u64, &F, DatasetEntry)> = Vec::new();
    for file in pictures {
        let Ok((folders, name)) = path_parts(file.path()) else { continue };
        match plan.decide(&folders, name) {
            Decision::Use(entry) => keyed.push((sampler.key(&entry), file, entry)),
            Decision::NoClass => problems.add(file.path(), NO_CLASS),
            Decision::LeaveOut => {}
        }
    }
    keyed.sort_by(|a, b| (a.0, a.1.path()).cmp(&(b.0, b.1.path())));
    let mut feed = PictureFeed::new(sampler, problems, progress, observer);
    let mut bytes_read = feed.bytes();
    for (_, file, entry) in keyed {
        match feed.wants(&entry).await? {
            Ok(false) => continue,
            Ok(true) if file.size() > MAX_PICTURE_BYTES => {
                feed.sampler.mark_unreadable(&entry);
                feed.tell(file.path(), "it is larger than 64 MB; open a smaller copy").await?;
            }
            Ok(true) => match file.read_at(0, file.size()) {
                Ok(bytes) => {
                    bytes_read += bytes.len() as u64;
                    feed.add(entry, file.path().to_owned(), bytes, bytes_read).await?;
                    continue;
                }
                Err(error) => {
                    feed.sampler.mark_unreadable(&entry);
                    feed.tell(file.path(), error).await?;
                }
            },
            Err(error) => feed.tell(file.path(), error).await?,
        }
        feed.report(bytes_read).await?;
    }
    Ok(feed.settle().await?)
}
