//! Files that a person opened, of any kind and in any mixture: archives, parquet, folders, loose
//! pictures.

use std::collections::BTreeSet;

use resnette_image_parquet::source::RangeSource;
use resnette_image_parquet::{Footer, ParquetError, all_labels, read_group};
use resnette_picture::classes::IMAGENETTE;
use resnette_picture::report::LoadProgress;
use resnette_spec::DataConfig;

use crate::archive::{LARGEST_ENTRY, read_archive};
use crate::collect::{Collector, number};
use crate::layout::{Kind, Part, Place, Placed, class_key, kind, part_of_path, place};
use crate::load::{LoadError, Progress, load_parquet};
use crate::open_file::{FileRanges, OpenFile};
use crate::problems::Problems;
use crate::set::DataSet;

/// Draws a set from opened files. What is refused is listed in `problems`, also where the whole
/// fails.
///
/// # Errors
/// [`LoadError`]: stopped, too few classes or pictures, or nothing that can be used.
pub async fn load_files<F: OpenFile>(
    files: &[F],
    config: &DataConfig,
    seed: u32,
    problems: &mut Problems,
    progress: &mut impl Progress,
) -> Result<DataSet, LoadError> {
    let source = name_of(files);
    let mut sorted = Sorted::default();
    for file in files {
        sorted.add(file, problems);
    }
    // Both halves of Hugging Face's layout and nothing else: the same draw as over the network.
    if let ([], [], [one, two]) = (&sorted.archives[..], &sorted.pictures[..], &sorted.parquets[..])
        && let Some((train, valid)) = halves(one, two)
    {
        return match load_parquet(
            FileRanges::new(*train),
            FileRanges::new(*valid),
            config,
            seed,
            progress,
        )
        .await
        {
            Ok(set) => Ok(set),
            Err(LoadError::Stopped) => Err(LoadError::Stopped),
            Err(error) => {
                problems.add(&source, &error);
                Err(error)
            }
        };
    }
    let mut collector = Collector::new(config, seed);
    let archived = sorted.archives.iter().map(|file| file.size()).sum::<u64>();
    let mut told =
        LoadProgress { expected: (archived > 0).then_some(archived), ..LoadProgress::default() };
    for file in sorted.archives {
        read_archive(file, &mut collector, problems, &mut told, progress).await?;
    }
    for file in sorted.parquets {
        match read_parquet(file, &mut collector, problems, &mut told, progress).await {
            Ok(()) => {}
            Err(ParquetError::Stopped) => return Err(LoadError::Stopped),
            Err(error) => problems.add(file.path(), error),
        }
    }
    read_pictures(sorted.pictures, seed, &mut collector, problems, &mut told, progress).await?;
    match collector.finish(source) {
        // One file that could not be read at all: its own story says more than "nothing".
        Err(LoadError::Nothing(_)) if problems.len() == 1 => {
            let told = problems
                .first()
                .map(|problem| (problem.name.clone(), problem.reason.clone()))
                .unwrap_or_default();
            Err(LoadError::Refused { name: told.0, reason: told.1 })
        }
        set => set,
    }
}

/// Opened files by what they hold.
struct Sorted<'a, F> {
    archives: Vec<&'a F>,
    parquets: Vec<&'a F>,
    pictures: Vec<(&'a F, Place)>,
}

impl<F> Default for Sorted<'_, F> {
    fn default() -> Self {
        Self { archives: Vec::new(), parquets: Vec::new(), pictures: Vec::new() }
    }
}

impl<'a, F: OpenFile> Sorted<'a, F> {
    fn add(&mut self, file: &'a F, problems: &mut Problems) {
        let path = file.path();
        match kind(path) {
            Kind::Archive => self.archives.push(file),
            Kind::Parquet => self.parquets.push(file),
            Kind::OtherArchive => problems
                .add(path, "only .tar and .tgz archives are read; unpack it and open the folder"),
            _ => match place(path) {
                Placed::Picture(place) => self.pictures.push((file, place)),
                // In a folder a list of labels is no surprise; opened by itself it is a mistake
                // that must be told.
                Placed::Noise if path.contains('/') => {}
                Placed::Noise => problems.add(path, "this is no picture, archive or parquet file"),
                Placed::Refused(reason) => problems.add(path, reason),
            },
        }
    }
}

/// Training and validation file, if these two are that.
fn halves<'a, F: OpenFile>(one: &'a &'a F, two: &'a &'a F) -> Option<(&'a &'a F, &'a &'a F)> {
    match (part_of_path(one.path())?, part_of_path(two.path())?) {
        (Part::Train, Part::Valid) => Some((one, two)),
        (Part::Valid, Part::Train) => Some((two, one)),
        _ => None,
    }
}

/// Where the pictures come from, in a few words.
fn name_of<F: OpenFile>(files: &[F]) -> String {
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

/// Pictures that lie open. In the order of the draw, so that no more are read than are kept.
async fn read_pictures<F: OpenFile>(
    pictures: Vec<(&F, Place)>,
    seed: u32,
    collector: &mut Collector<'_>,
    problems: &mut Problems,
    told: &mut LoadProgress,
    progress: &mut impl Progress,
) -> Result<(), LoadError> {
    let mut numbered: Vec<_> =
        pictures.into_iter().map(|(file, place)| (number(seed, &place), file, place)).collect();
    numbered.sort_by(|a, b| (a.0, &a.2.file).cmp(&(b.0, &b.2.file)));
    for (_, file, place) in numbered {
        match collector.wants(&place) {
            Ok(false) => continue,
            Ok(true) if file.size() > LARGEST_ENTRY => {
                collector.missed(&place);
                problems.add(file.path(), "it is larger than 64 MB; open a smaller copy");
            }
            Ok(true) => match file.read_at(0, file.size()) {
                Ok(bytes) => {
                    if let Err(error) = collector.take(&place, &bytes) {
                        problems.add(file.path(), error);
                    }
                    told.bytes += bytes.len() as u64;
                }
                Err(error) => {
                    collector.missed(&place);
                    problems.add(file.path(), error);
                }
            },
            Err(error) => problems.add(file.path(), error),
        }
        (told.pictures, told.wanted) = collector.progress();
        if !progress.loaded(told).await {
            return Err(LoadError::Stopped);
        }
    }
    Ok(())
}

/// All row groups that a draw takes pictures from.
async fn read_parquet<F: OpenFile>(
    file: &F,
    collector: &mut Collector<'_>,
    problems: &mut Problems,
    told: &mut LoadProgress,
    progress: &mut impl Progress,
) -> Result<(), ParquetError> {
    let mut source = FileRanges::new(file);
    let footer = Footer::read(&mut source).await?;
    let ids = || IMAGENETTE.iter().map(|(id, _)| id.to_string()).collect();
    let names = footer.class_names.clone().unwrap_or_else(ids);
    let keys: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(label, name)| class_key(name).unwrap_or_else(|| format!("class {label}")))
        .collect();
    let labels = all_labels(&mut source, &footer, keys.len()).await?;
    let (part, before) = (part_of_path(file.path()), told.bytes);
    for (group, labels) in labels.into_iter().enumerate() {
        let place = |row: usize, label: u32| Place {
            part,
            class: keys[label as usize].clone(),
            file: format!("{} {group} {row}", file.path()),
        };
        let mut wanted = Vec::new();
        for (row, label) in labels.into_iter().enumerate() {
            let place = place(row, label);
            match collector.wants(&place) {
                Ok(true) => wanted.push((row, place)),
                Ok(false) => {}
                Err(error) => {
                    problems.add(format!("{}, row {row} of group {group}", file.path()), error)
                }
            }
        }
        if wanted.is_empty() {
            continue;
        }
        let pictures = read_group(&mut source, &footer, group).await?;
        for (row, place) in wanted {
            if let Err(error) = collector.take(&place, &pictures[row]) {
                problems.add(format!("{}, row {row} of group {group}", file.path()), error);
            }
            told.bytes = before + source.bytes_read();
            (told.pictures, told.wanted) = collector.progress();
            if !progress.loaded(told).await {
                return Err(ParquetError::Stopped);
            }
        }
    }
    Ok(())
}
