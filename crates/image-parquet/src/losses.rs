//! Rows that cannot be used, counted by reason.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::PageError;

/// The most different reasons that are kept apart; the rows of others are added to the last.
const MAX_REASONS: usize = 12;
/// The most row groups that a sentence names.
const MAX_GROUPS: usize = 5;

/// The rows of a file that cannot be used, counted by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses(BTreeMap<Reason, Lost>);

/// Why rows cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// The label is null or an empty text.
    NoLabel,
    /// The label is a number that stands for none of the classes.
    OtherLabel {
        /// The number of classes that the file names; `None` if it names none, so that every
        /// number from 0 on is a label.
        classes: Option<usize>,
    },
    /// The label is a text that is not UTF-8.
    LabelNotText,
    /// The labels cannot be read.
    Labels(PageError),
    /// The pictures cannot be read.
    Pictures(PageError),
    /// There are no pictures in any row of a group.
    NoPictures {
        /// Whether there are paths of pictures.
        paths: bool,
    },
}

/// The rows that were lost for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Lost {
    rows: usize,
    /// Some of their row groups.
    groups: BTreeSet<usize>,
    /// Whether there are more row groups.
    more: bool,
    /// One of the labels, where labels are the reason.
    example: Option<i64>,
}

impl Losses {
    /// Counts rows of a row group as lost.
    pub(super) fn add(&mut self, reason: Reason, group: usize, rows: usize, example: Option<i64>) {
        if rows == 0 {
            return;
        }
        let full = self.0.len() >= MAX_REASONS && !self.0.contains_key(&reason);
        let lost = match self.0.last_entry().filter(|_| full) {
            Some(last) => last.into_mut(),
            None => self.0.entry(reason).or_default(),
        };
        lost.rows += rows;
        lost.example = lost.example.or(example);
        if lost.groups.len() < MAX_GROUPS {
            lost.groups.insert(group);
        } else {
            lost.more |= !lost.groups.contains(&group);
        }
    }

    /// Adds the losses of another part of the same file.
    pub fn append(&mut self, other: Self) {
        for (reason, lost) in other.0 {
            let first = lost.groups.first().copied().unwrap_or_default();
            self.add(reason.clone(), first, lost.rows, lost.example);
            lost.groups.into_iter().for_each(|group| self.note_group(&reason, group));
            if let Some(mine) = self.0.get_mut(&reason) {
                mine.more |= lost.more;
            }
        }
    }

    fn note_group(&mut self, reason: &Reason, group: usize) {
        if let Some(lost) = self.0.get_mut(reason) {
            if lost.groups.len() < MAX_GROUPS {
                lost.groups.insert(group);
            } else {
                lost.more |= !lost.groups.contains(&group);
            }
        }
    }

    /// The number of rows lost.
    pub fn rows(&self) -> usize {
        self.0.values().map(|lost| lost.rows).sum()
    }

    /// A sentence for each reason: what was found, and what happens to these rows.
    pub fn sentences(&self) -> Vec<String> {
        self.0.iter().map(|(reason, lost)| sentence(reason, lost)).collect()
    }
}

fn sentence(reason: &Reason, lost: &Lost) -> String {
    let (rows, are) = match lost.rows {
        1 => ("1 row".to_string(), "is"),
        rows => (format!("{rows} rows"), "are"),
    };
    let have = if lost.rows == 1 { "has" } else { "have" };
    let pictures = match lost.rows {
        1 => "1 picture is left out".to_string(),
        rows => format!("{rows} pictures are left out"),
    };
    let example = lost.example.map(|label| format!(" (for instance {label})")).unwrap_or_default();
    match reason {
        Reason::NoLabel => format!("{rows} {have} no label and {are} left out"),
        Reason::OtherLabel { classes: Some(classes) } => format!(
            "{rows} {have} a label{example} outside the file's {classes} classes, which are numbered 0 to {}, and {are} left out",
            classes.saturating_sub(1)
        ),
        Reason::OtherLabel { classes: None } => format!(
            "{rows} {have} a negative number as label{example}, which stands for no label, and {are} left out"
        ),
        Reason::LabelNotText => {
            format!("{rows} {have} a label that is no text in UTF-8 and {are} left out")
        }
        Reason::Labels(PageError::Damaged(why)) => format!(
            "the labels of {rows} in {} cannot be read ({why}); {pictures}. The file is damaged there, load it again",
            groups(lost)
        ),
        Reason::Pictures(PageError::Damaged(why)) => format!(
            "{} cannot be read completely ({why}): {pictures}. The file is damaged there, load it again",
            groups(lost)
        ),
        Reason::Labels(PageError::Encoding(encoding)) => format!(
            "the labels of {rows} use {encoding}, which is not read here; {pictures}. Write the file again with plain encoding"
        ),
        Reason::Pictures(PageError::Encoding(encoding)) => format!(
            "{rows} {} {encoding}, which is not read here; {pictures}. Write the file again with plain encoding",
            if lost.rows == 1 { "uses" } else { "use" }
        ),
        Reason::NoPictures { paths: true } => format!(
            "{rows} {have} the path of a picture and not the picture, and {are} left out; write the file again with the pictures inside, or open the folder that holds them"
        ),
        Reason::NoPictures { paths: false } => {
            format!("{rows} {have} no picture and {are} left out")
        }
    }
}

/// The row groups, as the beginning of a sentence or a part of it.
fn groups(lost: &Lost) -> String {
    let numbers: Vec<String> = lost.groups.iter().map(usize::to_string).collect();
    match (&numbers[..], lost.more) {
        ([one], false) => format!("row group {one}"),
        ([first @ .., last], false) => format!("row groups {} and {last}", first.join(", ")),
        (numbers, _) => format!("row groups {} and more", numbers.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_told_once_with_its_rows() {
        let mut losses = Losses::default();
        losses.add(Reason::NoLabel, 0, 11, None);
        losses.add(Reason::NoLabel, 4, 1, None);
        losses.add(Reason::OtherLabel { classes: Some(3) }, 0, 1, Some(7));
        for group in 1..4 {
            losses.add(Reason::Pictures("a page ends too early".into()), group, 5, None);
        }
        assert_eq!(losses.rows(), 28);
        assert_eq!(
            losses.sentences(),
            [
                "12 rows have no label and are left out",
                "1 row has a label (for instance 7) outside the file's 3 classes, which are numbered 0 to 2, and is left out",
                "row groups 1, 2 and 3 cannot be read completely (a page ends too early): 15 pictures are left out. The file is damaged there, load it again",
            ]
        );
        let mut twice = losses.clone();
        twice.append(losses);
        assert_eq!((twice.rows(), twice.sentences().len()), (56, 3));
    }

    #[test]
    fn a_file_of_many_faults_gives_a_short_list() {
        let mut losses = Losses::default();
        for group in 0..1_000 {
            losses.add(Reason::Pictures(format!("fault {group}").as_str().into()), group, 2, None);
        }
        assert_eq!((losses.rows(), losses.sentences().len()), (2_000, MAX_REASONS));
    }
}
