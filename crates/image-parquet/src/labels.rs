//! The class of each row.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use crate::columns::LabelKind;
use crate::error::ParquetError;
use crate::footer::Footer;
use crate::losses::{Losses, Reason};
use crate::page::{Column, read_column};
use crate::source::RangeSource;

/// The most different labels of a file that does not name its classes.
const MAX_LABELS: usize = 10_000;
/// Rows of a group between two calls of the function that watches.
const WATCH_EVERY: usize = 1 << 16;

/// A label as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// The number of a class.
    Number(i64),
    /// The name of a class.
    Text(String),
}

/// The labels of all rows of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// The classes. If the file names them, they are all numbers from 0 on, whether they occur or
    /// not; otherwise they are the different labels that occur, numbers in numeric order and texts
    /// in alphabetical order.
    pub classes: Vec<Label>,
    /// For each row of each row group, the index of its class in `classes`; `None` if the row has
    /// no label that can be used.
    pub groups: Vec<Vec<Option<u32>>>,
    /// The rows without a label that can be used.
    pub losses: Losses,
    /// The row groups whose labels are those of the statistics.
    unchecked: BTreeSet<usize>,
}

/// Which labels there are, and which class each of them is.
struct ClassIndex {
    /// The classes by label.
    found: BTreeMap<Label, u32>,
    /// The number of classes that the file names; `None` if it names none, so that every new label
    /// is a new class.
    named: Option<usize>,
}

impl ClassIndex {
    fn new(footer: &Footer) -> Self {
        Self { found: BTreeMap::new(), named: footer.class_names.as_ref().map(Vec::len) }
    }

    /// The class of a label, or why it stands for none.
    fn class(&mut self, label: &Label) -> Result<u32, Reason> {
        if let Label::Number(number) = label {
            let in_range = usize::try_from(*number)
                .is_ok_and(|number| self.named.is_none_or(|classes| number < classes));
            if !in_range {
                // Published sets write -1 where a picture has no label.
                let classes = self.named.filter(|_| *number != -1);
                return Err(Reason::OtherLabel { classes });
            }
            if self.named.is_some() {
                return Ok(*number as u32);
            }
        }
        if let Some(class) = self.found.get(label) {
            return Ok(*class);
        }
        let class = self.found.len() as u32;
        self.found.insert(label.clone(), class);
        Ok(class)
    }
}

/// Reads the label of each row, row group by row group.
///
/// A group's labels are not read if its statistics say that they are all the same. Statistics may
/// be wrong, so [`crate::read_subset`] reads the labels of those groups that it takes pictures
/// from. Rows without a label that can be used are counted in [`Labels::losses`].
///
/// # Errors
/// [`ParquetError::Source`] if the source fails, and [`ParquetError::ManyLabels`] if there are too
/// many different labels.
pub async fn all_labels<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
) -> Result<Labels, ParquetError> {
    watched_labels(source, footer, true, async || true).await
}

/// [`all_labels`] with somebody who watches: `watch` is called between row groups and within large
/// ones, and returns whether to go on. Labels of a large file take seconds, and reading them need
/// not wait for anything, so that nothing else would be heard in between. Unless `trust_statistics`
/// the labels of every group are read, whatever the statistics say.
///
/// # Errors
/// Those of [`all_labels`], and [`ParquetError::Stopped`] if `watch` returned false.
pub async fn watched_labels<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    trust_statistics: bool,
    mut watch: impl AsyncFnMut() -> bool,
) -> Result<Labels, ParquetError> {
    let mut index = ClassIndex::new(footer);
    let mut losses = Losses::default();
    let mut unchecked = BTreeSet::new();
    let mut groups = Vec::with_capacity(footer.groups.len());
    for (group, metadata) in footer.groups.iter().enumerate() {
        if !watch().await {
            return Err(ParquetError::Stopped);
        }
        let common = metadata.common_label.filter(|_| trust_statistics);
        groups.push(match common.map(|label| index.class(&Label::Number(label))) {
            Some(Ok(class)) => {
                unchecked.insert(group);
                vec![Some(class); metadata.rows]
            }
            _ => {
                let (index, losses) = (&mut index, &mut losses);
                read_group_labels(source, footer, group, index, losses, &mut watch).await?
            }
        });
        if index.found.len() > MAX_LABELS {
            return Err(ParquetError::ManyLabels {
                name: source.name().into(),
                column: footer.label_column().map(|column| column.name.clone()).unwrap_or_default(),
                most: MAX_LABELS,
            });
        }
    }
    let classes = match index.named {
        Some(named) => (0..named as i64).map(Label::Number).collect(),
        None => {
            // From the order in which they were found to the order of the labels.
            let mut places = vec![0; index.found.len()];
            for (place, found) in index.found.values().enumerate() {
                if let Some(slot) = places.get_mut(*found as usize) {
                    *slot = place as u32;
                }
            }
            for class in groups.iter_mut().flatten().flatten() {
                *class = places.get(*class as usize).copied().unwrap_or_default();
            }
            index.found.into_keys().collect()
        }
    };
    Ok(Labels { classes, groups, losses, unchecked })
}

impl Labels {
    /// Reads the labels of one row group if those of its statistics were trusted so far. A label
    /// that did not occur before counts as none.
    pub(super) async fn check_group<S: RangeSource>(
        &mut self,
        source: &mut S,
        footer: &Footer,
        group: usize,
    ) -> Result<(), ParquetError> {
        if !self.unchecked.remove(&group) {
            return Ok(());
        }
        let mut index = ClassIndex::new(footer);
        index.found = self.classes.iter().cloned().zip(0..).collect();
        let mut losses = Losses::default();
        let (index, watch) = (&mut index, &mut async || true);
        let mut rows = read_group_labels(source, footer, group, index, &mut losses, watch).await?;
        let new = |class: &Option<u32>| class.is_some_and(|c| c as usize >= self.classes.len());
        let others = rows.iter().filter(|class| new(class)).count();
        losses.add(Reason::Labels("the footer tells other labels".into()), group, others, None);
        rows.iter_mut().filter(|class| new(class)).for_each(|class| *class = None);
        self.losses.append(losses);
        if let Some(known) = self.groups.get_mut(group) {
            *known = rows;
        }
        Ok(())
    }
}

/// Reads the class of each row of one row group.
async fn read_group_labels<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    group: usize,
    index: &mut ClassIndex,
    losses: &mut Losses,
    watch: &mut impl AsyncFnMut() -> bool,
) -> Result<Vec<Option<u32>>, ParquetError> {
    let (Some(metadata), Some(column)) = (footer.groups.get(group), footer.label_column()) else {
        return Ok(Vec::new());
    };
    let (place, level, rows) = (metadata.labels, column.level, metadata.rows);
    let bytes = source.read(place.start, place.length).await?;
    let number = |number: i64| Ok(Label::Number(number));
    let mut found = GroupClasses { group, index, losses };
    let read = match column.kind {
        LabelKind::Int32 => match read_column::<i32>(place, level, rows, bytes) {
            Ok(column) => Ok(found.resolve(column, |label| number(label.into()), watch).await?),
            Err(error) => Err(error),
        },
        LabelKind::Int64 => match read_column::<i64>(place, level, rows, bytes) {
            Ok(column) => Ok(found.resolve(column, number, watch).await?),
            Err(error) => Err(error),
        },
        LabelKind::Text => match read_column::<Bytes>(place, level, rows, bytes) {
            Ok(column) => Ok(found.resolve(column, text_label, watch).await?),
            Err(error) => Err(error),
        },
    };
    Ok(read.unwrap_or_else(|error| {
        losses.add(Reason::Labels(error), group, rows, None);
        vec![None; rows]
    }))
}

/// Where the labels of a row group are looked up and its losses counted.
struct GroupClasses<'a> {
    group: usize,
    index: &'a mut ClassIndex,
    losses: &'a mut Losses,
}

impl GroupClasses<'_> {
    /// The class of each row of a column.
    ///
    /// # Errors
    /// [`ParquetError::Stopped`] if `watch` returns false.
    async fn resolve<V>(
        &mut self,
        column: Column<V>,
        label: impl Fn(V) -> Result<Label, Reason>,
        watch: &mut impl AsyncFnMut() -> bool,
    ) -> Result<Vec<Option<u32>>, ParquetError> {
        let mut lost = column.lost.iter().map(|(rows, _)| rows).peekable();
        let mut classes = Vec::with_capacity(column.values.len());
        for (row, value) in column.values.into_iter().enumerate() {
            if row % WATCH_EVERY == WATCH_EVERY - 1 && !watch().await {
                return Err(ParquetError::Stopped);
            }
            while lost.next_if(|rows| rows.end <= row).is_some() {}
            let is_lost = lost.peek().is_some_and(|rows| rows.contains(&row));
            // Beyond the most labels the whole file is refused.
            let class = if is_lost || self.index.found.len() > MAX_LABELS {
                None
            } else {
                self.class(value.map_or(Err(Reason::NoLabel), &label))
            };
            classes.push(class);
        }
        for (rows, error) in column.lost {
            self.losses.add(Reason::Labels(error), self.group, rows.len(), None);
        }
        Ok(classes)
    }

    fn class(&mut self, label: Result<Label, Reason>) -> Option<u32> {
        let (reason, example) = match label {
            Ok(label) => match (self.index.class(&label), label) {
                (Ok(class), _) => return Some(class),
                (Err(reason), Label::Number(number)) => (reason, Some(number)),
                (Err(reason), Label::Text(_)) => (reason, None),
            },
            Err(reason) => (reason, None),
        };
        self.losses.add(reason, self.group, 1, example);
        None
    }
}

/// The longest name of a class, in bytes.
const MAX_NAME: usize = 4_096;

fn text_label(bytes: Bytes) -> Result<Label, Reason> {
    match std::str::from_utf8(&bytes) {
        Ok(text) if text.trim().is_empty() => Err(Reason::NoLabel),
        Ok(text) if text.len() <= MAX_NAME => Ok(Label::Text(text.to_owned())),
        _ => Err(Reason::LabelNotText),
    }
}
