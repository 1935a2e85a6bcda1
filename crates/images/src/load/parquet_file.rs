//! Reads parquet files that somebody opened: one, or the parts of a larger set.

use resnette_image_parquet::source::{RangeSource, SourceError};
use resnette_image_parquet::{
    ColumnChoice, Footer, Labels, Losses, ParquetError, read_pictures, watched_labels,
};
use resnette_picture::report::{LoadProgress, OpenedReport};

use crate::load::entry::{DatasetEntry, Split};
use crate::load::error::LoadError;
use crate::load::hash_sampler::HashSampler;
use crate::load::observer::LoadObserver;
use crate::load::open_file::{FileRanges, OpenFile};
use crate::load::opened_columns::{add_columns, column_notices};
use crate::load::parquet_classes::{class_keys, is_nameless};
use crate::load::picture_feed::PictureFeed;
use crate::load::same_column::FirstColumn;
use crate::problems::Problems;

/// Rows between two looks at whether to go on: a file may have millions that are only counted.
const WATCH_EVERY: usize = 4_096;

/// The parquet files that were opened together: parts of one set, or one file alone.
#[derive(Default)]
pub struct ParquetParts<'a> {
    /// The columns that the reader chose.
    choice: ColumnChoice<'a>,
    /// The column of labels of the first file.
    first: Option<FirstColumn>,
    /// The columns that the files have.
    pub columns: OpenedReport,
    train: Option<Part>,
    valid: Option<Part>,
    /// The first file that names its classes.
    named: Option<String>,
    /// The files whose labels are numbers without names.
    nameless: Vec<String>,
}

/// One part of a set, in one or several files.
#[derive(Default)]
struct Part {
    /// The number of pictures that can be used.
    usable: usize,
    /// The name of a file of which nothing can be used, and why not.
    refused: Option<(String, String)>,
}

impl<'a> ParquetParts<'a> {
    /// Files that are read with the columns that the reader chose.
    pub fn new(choice: ColumnChoice<'a>) -> Self {
        Self { choice, ..Self::default() }
    }

    /// Feeds the pictures of a file to a sampler, as pictures of this split. What cannot be used of
    /// it is told in `problems`. The classes of several files are matched by their names.
    ///
    /// # Errors
    /// [`LoadError::Stopped`] if the observer stops it.
    pub async fn read<F: OpenFile>(
        &mut self,
        file: &F,
        split: Option<Split>,
        sampler: &mut HashSampler<'_>,
        problems: &mut Problems,
        progress: &mut LoadProgress,
        observer: &mut impl LoadObserver,
    ) -> Result<(), LoadError> {
        let path = file.path();
        let feed = PictureFeed::new(sampler, problems, progress, observer);
        let mut reader = Reader { path, split, feed };
        let read = reader.read(file, self).await;
        let mut part = match split {
            Some(Split::Train) => Some(self.train.get_or_insert_default()),
            Some(Split::Valid) => Some(self.valid.get_or_insert_default()),
            None => None,
        };
        let reason = match read {
            Ok(usable) => {
                if let Some(part) = &mut part {
                    part.usable += usable;
                }
                if usable > 0 {
                    return Ok(());
                }
                "no picture in it can be used".to_owned()
            }
            Err(ParquetError::Stopped | ParquetError::Source(SourceError::Stopped)) => {
                return Err(LoadError::Stopped);
            }
            Err(error) => {
                let reason = reason_without_name(&error, path);
                problems.add(path, &reason);
                reason
            }
        };
        if let Some(part) = part {
            part.refused.get_or_insert((path.to_owned(), reason));
        }
        Ok(())
    }

    /// Tells what is odd about all files together.
    ///
    /// # Errors
    /// [`LoadError::Refused`] if the files name both a training and a validation part and nothing
    /// of one of them can be used: the other part must not be split in its place.
    pub fn finish(self, problems: &mut Problems) -> Result<(), LoadError> {
        if let Some(named) = self.named {
            for path in self.nameless {
                problems.add(
                    path,
                    format!(
                        "it does not name its classes, unlike {named}: its labels are classes of their own, called “class 0” and so on. Give both files names, or rename these classes"
                    ),
                );
            }
        }
        let (Some(train), Some(valid)) = (self.train, self.valid) else { return Ok(()) };
        for (part, other, purpose) in
            [(train, "training", "to train on"), (valid, "validation", "to validate with")]
        {
            if part.usable == 0 {
                let (name, reason) = part.refused.unwrap_or_default();
                return Err(LoadError::Refused {
                    name,
                    reason: format!(
                        "{reason}. So there is nothing {purpose}: load the {other} file again, or open the other files without it to have one in five pictures validate"
                    ),
                });
            }
        }
        Ok(())
    }
}

/// The message of an error without the file's name, which stands before it in lists.
fn reason_without_name(error: &ParquetError, name: &str) -> String {
    let message = error.to_string();
    match message.strip_prefix(name).and_then(|rest| rest.strip_prefix(' ')) {
        Some(rest) => format!("it {rest}"),
        None => message,
    }
}

/// A file that is read.
struct Reader<'a, 's, O> {
    path: &'a str,
    split: Option<Split>,
    feed: PictureFeed<'a, 's, O>,
}

impl<O: LoadObserver> Reader<'_, '_, O> {
    /// Feeds the pictures of a file to the sampler, and returns how many can be used. Row groups
    /// without a wanted picture are not read.
    async fn read<F: OpenFile>(
        &mut self,
        file: &F,
        parts: &mut ParquetParts<'_>,
    ) -> Result<usize, ParquetError> {
        let (path, split) = (self.path, self.split);
        let mut source = FileRanges::new(file);
        let mut footer = Footer::read_chosen(&mut source, parts.choice).await?;
        if let Some(first) = &parts.first {
            first.apply(path, &mut footer, parts.choice.labels.is_some())?;
        }
        if footer.rows() == 0 {
            self.feed.problems.add(path, "it holds no rows, so there is no picture in it");
            return Ok(0);
        }
        add_columns(&mut parts.columns, &footer);
        let notices = column_notices(&footer);
        notices.into_iter().for_each(|notice| self.feed.problems.add(path, notice));
        if is_nameless(&footer) {
            parts.nameless.push(path.to_owned());
        } else {
            parts.named.get_or_insert_with(|| path.to_owned());
        }
        // The statistics save nothing worth having here: labels are a small part of a file.
        let labels =
            watched_labels(&mut source, &footer, false, async || self.feed.watch().await.is_ok())
                .await?;
        // A file of which nothing is used decides for no other.
        if parts.first.is_none() {
            parts.first = FirstColumn::of(path, &footer);
        }
        let keys = class_keys(&footer, &labels);
        let mut losses = labels.losses.clone();
        let (bytes_before, mut usable) = (self.feed.bytes(), 0);
        for group in 0..labels.groups.len() {
            let rows = GroupRows { path, split, keys: &keys, labels: &labels, group };
            let wanted = self.count(&rows).await?;
            if !wanted.contains(&Some(true)) {
                usable += wanted.iter().flatten().count();
                continue;
            }
            let pictures = match read_pictures(&mut source, &footer, group).await {
                Ok(pictures) => pictures,
                Err(error) => {
                    for (row, counted) in wanted.iter().enumerate() {
                        if let (Some(_), Some(entry)) = (counted, rows.entry(row)) {
                            self.feed.sampler.mark_unreadable(&entry);
                        }
                    }
                    self.tell(&losses);
                    return Err(error);
                }
            };
            losses.append(pictures.losses);
            let refused_before = self.feed.refused();
            for (row, wanted) in wanted.into_iter().enumerate() {
                self.watch(row).await?;
                let (Some(wanted), Some(entry)) = (wanted, rows.entry(row)) else { continue };
                let Some(picture) = pictures.rows.get(row).and_then(Option::as_ref) else {
                    self.feed.sampler.mark_unreadable(&entry);
                    continue;
                };
                usable += 1;
                if wanted {
                    let bytes_read = bytes_before + source.bytes_read();
                    self.feed.add(entry, rows.name(row), picture.clone(), bytes_read).await?;
                }
            }
            // What is wanted of the next group depends on what is kept of this one.
            self.feed.settle().await?;
            usable -= self.feed.refused() - refused_before;
        }
        self.tell(&losses);
        Ok(usable)
    }

    fn tell(&mut self, losses: &Losses) {
        let path = self.path;
        losses.sentences().iter().for_each(|sentence| self.feed.problems.add(path, sentence));
    }

    /// Counts the rows of a row group as seen, and returns for each whether its picture is wanted;
    /// `None` for one that is not counted.
    async fn count(&mut self, rows: &GroupRows<'_>) -> Result<Vec<Option<bool>>, ParquetError> {
        let mut counted = Vec::with_capacity(rows.len());
        for row in 0..rows.len() {
            self.watch(row).await?;
            let wanted = rows.entry(row).and_then(|entry| match self.feed.sampler.wants(&entry) {
                Ok(wanted) => Some(wanted),
                Err(error) => {
                    self.feed.problems.add(rows.name(row), error);
                    None
                }
            });
            counted.push(wanted);
        }
        Ok(counted)
    }

    /// Lets the observer say now and then whether to go on.
    async fn watch(&mut self, row: usize) -> Result<(), ParquetError> {
        if row % WATCH_EVERY == WATCH_EVERY - 1 {
            self.feed.settle().await?;
            self.feed.watch().await?;
        }
        Ok(())
    }
}

/// The rows of one row group as a sampler knows them.
struct GroupRows<'a> {
    path: &'a str,
    split: Option<Split>,
    keys: &'a [String],
    labels: &'a Labels,
    group: usize,
}

impl GroupRows<'_> {
    fn len(&self) -> usize {
        self.labels.groups.get(self.group).map_or(0, Vec::len)
    }

    /// A row with a label.
    fn entry(&self, row: usize) -> Option<DatasetEntry> {
        let class = (*self.labels.groups.get(self.group)?.get(row)?)?;
        Some(DatasetEntry {
            split: self.split,
            class: self.keys.get(class as usize)?.clone(),
            file: format!("{} {} {row}", self.path, self.group),
        })
    }

    /// A row's name in messages.
    fn name(&self, row: usize) -> String {
        format!("{}, row {row} of group {}", self.path, self.group)
    }
}
