//! What a reader corrects about the classes and the split of opened files: names, classes that
//! become one or are left out, and the folder that validates.
//!
//! Changes collect in a draft until they are applied, which reads the files again.

use std::collections::{BTreeMap, BTreeSet};

use resnette_picture::report::{ClassCorrections, DataReport, SplitOrigin, Validation};

/// The largest number of characters in a name that a reader gives.
pub const LONGEST_NAME: usize = 100;

/// The largest number of folders among which the reader chooses.
const MOST_FOLDERS: usize = 200;

/// A change of the draft.
#[derive(Clone, Debug)]
pub enum CorrectionAction {
    /// The fields are shown or hidden.
    Open(bool),
    /// The classes with these keys get a name, as it is typed.
    Rename(Vec<String>, String),
    /// The classes with these keys get back the names that were found.
    Separate(Vec<String>),
    /// The classes with these keys are left out, or used again.
    LeaveOut(Vec<String>, bool),
    /// Where validation pictures come from; `None` for as it was found.
    Validate(Option<Validation>),
    /// The labels are in this column of parquet files; `None` for as it was found. Another column
    /// has other classes: what was corrected about those that are shown stays theirs.
    LabelColumn(Option<String>),
    /// The pictures are in this column of parquet files; `None` for as it was found.
    ImageColumn(Option<String>),
    /// JPEGs that end early are used as far as they go, or left out.
    AcceptCut(bool),
    /// The files are being read again with these corrections.
    Send(ClassCorrections),
}

/// What the reader corrects about opened files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Corrections {
    /// Whether the fields are shown.
    pub open: bool,
    /// What the reader has chosen, applied or not. Names and classes that are left out are those of
    /// the column of labels that is shown.
    pub(super) draft: ClassCorrections,
    /// The same of other columns of labels, by the column's name.
    other_columns: BTreeMap<String, OfClasses>,
    /// The column of labels that is used where the reader chooses none.
    as_found: String,
    /// What goes with every request that loads the files.
    sent: ClassCorrections,
    /// What the pictures that are shown were read with.
    pub(super) loaded: ClassCorrections,
    /// The class of each key as it was found, before any correction of its name.
    pub(super) found: BTreeMap<String, Found>,
    /// All folders that could validate, which a report no longer names once another choice is
    /// applied.
    folders: BTreeSet<String>,
}

/// What is corrected about the classes of one column of labels.
#[derive(Clone, Debug, Default, PartialEq)]
struct OfClasses {
    names: BTreeMap<String, String>,
    left_out: BTreeSet<String>,
}

/// A class as it was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// Its name as it is displayed.
    pub(super) name: String,
    /// The first of the keys that were one class from the beginning.
    pub(super) first: String,
}

impl Corrections {
    /// Applies a change.
    pub fn act(&mut self, action: CorrectionAction) {
        match action {
            CorrectionAction::Open(open) => self.open = open,
            CorrectionAction::Rename(keys, name) => {
                let name: String = name.chars().take(LONGEST_NAME).collect();
                self.draft.names.extend(keys.into_iter().map(|key| (key, name.clone())));
            }
            CorrectionAction::Separate(keys) => {
                self.draft.names.retain(|key, _| !keys.contains(key));
            }
            CorrectionAction::LeaveOut(keys, true) => self.draft.left_out.extend(keys),
            CorrectionAction::LeaveOut(keys, false) => {
                self.draft.left_out.retain(|key| !keys.contains(key));
            }
            CorrectionAction::Validate(validation) => self.draft.validation = validation,
            CorrectionAction::LabelColumn(column) => self.draft.label_column = column,
            CorrectionAction::ImageColumn(column) => self.draft.image_column = column,
            CorrectionAction::AcceptCut(accept) => self.draft.accept_cut = accept,
            CorrectionAction::Send(corrections) => self.send(corrections),
        }
    }

    fn send(&mut self, corrections: ClassCorrections) {
        if corrections == ClassCorrections::default() {
            self.other_columns.clear();
        } else if self.shown_column() != self.column(&corrections.label_column) {
            let of_shown = self.of_draft();
            self.other_columns.insert(self.shown_column(), of_shown);
        }
        self.draft = corrections.clone();
        self.sent = corrections;
    }

    /// The name of a column of labels that the reader chose, or of the one that was found.
    fn column(&self, chosen: &Option<String>) -> String {
        chosen.as_ref().unwrap_or(&self.as_found).clone()
    }

    fn shown_column(&self) -> String {
        self.column(&self.loaded.label_column)
    }

    fn of_draft(&self) -> OfClasses {
        OfClasses { names: self.draft.names.clone(), left_out: self.draft.left_out.clone() }
    }

    /// Whether the draft takes the labels from another column than the one that is shown, so that
    /// the classes will be others.
    pub(super) fn changes_column(&self) -> bool {
        self.shown_column() != self.column(&self.draft.label_column)
    }

    /// What was corrected, when it was shown, about the classes of the column that the draft takes
    /// the labels from: the names and the classes that are left out.
    pub(super) fn of_new_column(&self) -> (BTreeMap<String, String>, BTreeSet<String>) {
        let kept = self.other_columns.get(&self.column(&self.draft.label_column));
        let mut kept = kept.cloned().unwrap_or_default();
        kept.names.values_mut().for_each(|name| *name = name.trim().to_owned());
        kept.names.retain(|_, name| !name.is_empty());
        (kept.names, kept.left_out)
    }

    /// Pictures were read with the corrections that were sent, or with others: a saved run that
    /// goes on brings its own, which are the reader's from now on.
    pub fn loaded(&mut self, report: &DataReport) {
        if let Some(opened) = &report.opened
            && opened.corrections != self.sent
        {
            self.draft.clone_from(&opened.corrections);
            self.sent.clone_from(&opened.corrections);
            self.other_columns.clear();
        }
        self.loaded = self.sent.clone();
        if let Some(opened) = report.opened.as_ref().filter(|_| self.loaded.label_column.is_none())
        {
            self.as_found.clone_from(&opened.label_columns.used);
        }
        for class in &report.classes {
            for key in &class.keys {
                if !self.loaded.names.contains_key(key) {
                    let first = class.keys.first().unwrap_or(key).clone();
                    self.found.insert(key.clone(), Found { name: class.name.clone(), first });
                }
            }
        }
        if let SplitOrigin::Named { train, valid } = &report.split {
            self.folders.extend(train.iter().chain(valid).cloned());
        }
        let folders = report.left_out.iter().map(|left_out| &left_out.name);
        self.folders.extend(folders.filter(|name| !self.loaded.left_out.contains(*name)).cloned());
    }

    /// The files could not be read with the corrections that were sent. The pictures that are shown
    /// stay, and with them their corrections; the draft is kept so that it can be changed.
    pub fn refused(&mut self) {
        self.sent = self.loaded.clone();
        if self.changes_column() {
            let of_new = self.of_draft();
            self.other_columns.insert(self.column(&self.draft.label_column), of_new);
            let shown = self.other_columns.remove(&self.shown_column()).unwrap_or_default();
            (self.draft.names, self.draft.left_out) = (shown.names, shown.left_out);
        }
    }

    /// What goes with every request that loads the files.
    pub fn sent(&self) -> &ClassCorrections {
        &self.sent
    }

    /// What the pictures that are shown were read with.
    pub fn applied(&self) -> &ClassCorrections {
        &self.loaded
    }

    /// Where validation pictures are to come from.
    pub fn validation(&self) -> Option<&Validation> {
        self.draft.validation.as_ref()
    }

    /// The column that the labels are to be taken from, if the reader chose one.
    pub fn label_column(&self) -> Option<&str> {
        self.draft.label_column.as_deref()
    }

    /// The column that the pictures are to be taken from, if the reader chose one.
    pub fn image_column(&self) -> Option<&str> {
        self.draft.image_column.as_deref()
    }

    /// Whether JPEGs that end early are to be used as far as they go.
    pub fn accepts_cut(&self) -> bool {
        self.draft.accept_cut
    }

    /// All folders that could validate.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().map(String::as_str).take(MOST_FOLDERS)
    }

    /// Whether the class with these keys is to be left out.
    pub fn leaves_out(&self, keys: &[String]) -> bool {
        keys.iter().any(|key| self.draft.left_out.contains(key))
    }
}

#[cfg(test)]
mod tests;
