//! What a reader's corrections make of the classes: which become one, what each is called, and what
//! is sent to have the files read so.

use std::collections::{BTreeMap, BTreeSet};

use resnette_picture::report::{ClassCorrections, DataReport};

use crate::data::corrections::Corrections;

/// What a class will be once the draft is applied. Keys of equal identity are one class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Identity {
    /// The reader's name for it.
    Named(String),
    /// The first key of a class that stays as it was found.
    Found(String),
}

impl Corrections {
    /// The name that a class of the report will have, as it is typed.
    pub fn name<'a>(&'a self, keys: &[String], shown: &'a str) -> &'a str {
        let Some(key) = keys.first() else { return shown };
        match (self.draft.names.get(key), self.loaded.names.contains_key(key)) {
            (Some(name), _) => name,
            // Its name was the reader's and is taken back.
            (None, true) => self.found.get(key).map_or(shown, |found| &found.name),
            (None, false) => shown,
        }
    }

    /// Whether the reader made this class out of several, so that they can be separated again.
    pub fn is_merged(&self, keys: &[String]) -> bool {
        let mut first = keys.iter().map(|key| self.found.get(key).map(|found| &found.first));
        let one = first.next();
        keys.iter().any(|key| self.draft.names.contains_key(key))
            && first.any(|other| Some(other) != one)
    }

    /// The names that the parts of a class had when they were found.
    pub fn found_names(&self, keys: &[String]) -> Vec<String> {
        let mut names = Vec::new();
        for key in keys {
            let name = self.found.get(key).map_or(key, |found| &found.name);
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// What the key's class will be.
    fn identity(&self, key: &str) -> Identity {
        if let Some(name) = self.draft.names.get(key) {
            return Identity::Named(name.trim().into());
        }
        match self.found.get(key) {
            Some(found) if self.is_given(&found.name) => Identity::Named(found.name.clone()),
            Some(found) => Identity::Found(found.first.clone()),
            None => Identity::Found(key.into()),
        }
    }

    /// Whether the reader gave this name to a class that is used.
    fn is_given(&self, name: &str) -> bool {
        let names = self.draft.names.iter();
        names
            .filter(|(key, _)| !self.draft.left_out.contains(*key))
            .any(|(_, given)| given.trim() == name)
    }

    /// All keys of the files that will be used, with what each will be.
    pub(super) fn used<'a>(&'a self, report: &'a DataReport) -> Vec<(&'a str, Identity)> {
        let shown = report.classes.iter().flat_map(|class| &class.keys);
        let keys: BTreeSet<&String> = shown.chain(&self.loaded.left_out).collect();
        keys.into_iter()
            .filter(|key| !self.draft.left_out.contains(*key))
            .map(|key| (key.as_str(), self.identity(key)))
            .collect()
    }

    /// The names of the other classes with which this one will be one, as they are shown.
    pub fn joins<'a>(&self, keys: &[String], report: &'a DataReport) -> Vec<&'a str> {
        let Some(key) = keys.first().filter(|_| !self.leaves_out(keys)) else { return Vec::new() };
        let identity = self.identity(key);
        if matches!(identity, Identity::Found(_)) {
            return Vec::new();
        }
        let others = report.classes.iter().filter(|class| class.keys.first() != Some(key));
        others
            .filter(|class| !self.leaves_out(&class.keys))
            .filter(|class| class.keys.iter().any(|other| self.identity(other) == identity))
            .map(|class| class.name.as_str())
            .collect()
    }

    /// Another class whose name differs only in capital letters.
    pub fn look_alike<'a>(&'a self, keys: &[String], report: &'a DataReport) -> Option<&'a str> {
        let key = keys.first().filter(|_| !self.leaves_out(keys))?;
        let name = self.draft.names.get(key)?.trim();
        let others = report.classes.iter().filter(|class| class.keys.first() != Some(key));
        others
            .filter(|class| !self.leaves_out(&class.keys))
            .map(|class| self.name(&class.keys, &class.name).trim())
            .find(|other| *other != name && other.eq_ignore_ascii_case(name))
    }

    /// The corrections as they are sent: names without spaces around them, and only those that
    /// change something. Where classes become one, each of their keys has the name, so that nothing
    /// depends on how names are displayed.
    pub fn to_send(&self, report: &DataReport) -> ClassCorrections {
        if self.changes_column() {
            let (names, left_out) = self.of_new_column();
            return ClassCorrections { names, left_out, ..self.draft.clone() };
        }
        let used = self.used(report);
        let mut names = BTreeMap::new();
        for (key, identity) in &used {
            let Identity::Named(name) = identity else { continue };
            let first = |key: &str| self.found.get(key).map(|found| found.first.clone());
            let alone =
                !used.iter().any(|(other, also)| also == identity && first(other) != first(key));
            if !(alone && self.found.get(*key).is_some_and(|found| found.name == *name)) {
                names.insert((*key).to_string(), name.clone());
            }
        }
        // A class that is left out keeps its name for when it is used again.
        let left_out =
            self.draft.names.iter().filter(|(key, name)| {
                self.draft.left_out.contains(*key) && !name.trim().is_empty()
            });
        names.extend(left_out.map(|(key, name)| (key.clone(), name.trim().to_string())));
        ClassCorrections { names, ..self.draft.clone() }
    }

    /// Whether the draft says something else than what is shown.
    pub fn is_pending(&self, report: &DataReport) -> bool {
        self.to_send(report) != self.loaded
    }
}
