//! What is said about corrections that are not applied yet.

use std::collections::BTreeSet;

use resnette_picture::report::{ClassCorrections, ClassReport, DataReport};

use crate::data::correction_outcome::Identity;
use crate::data::corrections::Corrections;

/// The least number of classes: with fewer there is nothing to distinguish.
const FEWEST_CLASSES: usize = 2;

impl Corrections {
    /// Why the draft cannot be applied, as a sentence; `None` if it can.
    pub fn problem(&self, report: &DataReport) -> Option<String> {
        if self.changes_column() {
            return None;
        }
        let used: BTreeSet<Identity> =
            self.used(report).into_iter().map(|(_, identity)| identity).collect();
        if used.contains(&Identity::Named(String::new())) {
            let nameless = report.classes.iter().find(|class| {
                !self.leaves_out(&class.keys)
                    && self.name(&class.keys, &class.name).trim().is_empty()
            });
            let name = nameless.map_or("A class", |class| &class.name);
            return Some(format!("“{name}” needs a name. Type one, or leave the class out."));
        }
        (used.len() < FEWEST_CLASSES).then(|| {
            "At least two classes must remain: with one there is nothing to tell apart. Use \
             another class again, or give two of them different names."
                .into()
        })
    }

    /// The draft in a few words, for what is not applied yet; empty if there is nothing.
    pub fn summary(&self, report: &DataReport) -> String {
        let (now, then) = (&self.loaded, self.to_send(report));
        let mut parts =
            if self.changes_column() { Vec::new() } else { self.of_classes(report, &then) };
        if now.label_column != then.label_column {
            parts.push("labels from another column".into());
        }
        if now.image_column != then.image_column {
            parts.push("pictures from another column".into());
        }
        match (now.accept_cut, then.accept_cut) {
            (false, true) => parts.push("pictures that end early are used".into()),
            (true, false) => parts.push("pictures that end early are left out".into()),
            _ => {}
        }
        if now.validation != then.validation {
            parts.push("other validation pictures".into());
        }
        parts.join(", ")
    }

    /// What becomes of the classes that are shown; `then` is what would be sent.
    fn of_classes(&self, report: &DataReport, then: &ClassCorrections) -> Vec<String> {
        let now = &self.loaded;
        let mut parts = Vec::new();
        let of = |number: usize| match number {
            1 => "1 class".to_string(),
            number => format!("{number} classes"),
        };
        let separated = |class: &ClassReport| {
            let had = class.keys.iter().filter(|key| now.names.contains_key(*key));
            had.into_iter().any(|key| !self.draft.names.contains_key(key))
        };
        let renamed = |class: &&ClassReport| {
            !self.leaves_out(&class.keys)
                && !separated(class)
                && self.name(&class.keys, &class.name).trim() != class.name
        };
        let renamed = report.classes.iter().filter(renamed).count();
        if renamed > 0 {
            parts.push(format!("{} renamed", of(renamed)));
        }
        let joined =
            report.classes.iter().filter(|class| !self.joins(&class.keys, report).is_empty());
        let joined = joined.count();
        if joined > 0 {
            parts.push(format!("{} put together", of(joined)));
        }
        let apart = report.classes.iter().filter(|class| separated(class)).count();
        if apart > 0 {
            parts.push(format!("{} as found again", of(apart)));
        }
        let out = report.classes.iter().filter(|class| self.leaves_out(&class.keys)).count();
        if out > 0 {
            parts.push(format!("{} left out", of(out)));
        }
        let again = now.left_out.difference(&then.left_out).count();
        if again > 0 {
            parts.push(format!("{} used again", of(again)));
        }
        parts
    }
}
