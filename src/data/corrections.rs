//! What a reader corrects about the classes and the split of opened files: names, classes that
//! become one or are left out, and the folder that validates.
//!
//! Changes collect in a draft until they are applied, which reads the files again.

use std::collections::{BTreeMap, BTreeSet};

use resnette_picture::report::{
    ClassCorrections, ClassReport, DataReport, SplitOrigin, Validation,
};

/// The least number of classes: with fewer there is nothing to distinguish.
const FEWEST_CLASSES: usize = 2;
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
    /// The files are being read again with these corrections.
    Send(ClassCorrections),
}

/// What the reader corrects about opened files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Corrections {
    /// Whether the fields are shown.
    pub open: bool,
    /// What the reader has chosen, applied or not.
    draft: ClassCorrections,
    /// What goes with every request that loads the files.
    sent: ClassCorrections,
    /// What the pictures that are shown were read with.
    loaded: ClassCorrections,
    /// The class of each key as it was found, before any correction of its name.
    found: BTreeMap<String, Found>,
    /// All folders that could validate, which a report no longer names once another choice is
    /// applied.
    folders: BTreeSet<String>,
}

/// A class as it was found.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    /// Its name as it is displayed.
    name: String,
    /// The first of the keys that were one class from the beginning.
    first: String,
}

/// What a class will be once the draft is applied. Keys of equal identity are one class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    /// The reader's name for it.
    Named(String),
    /// The first key of a class that stays as it was found.
    Found(String),
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
            CorrectionAction::Send(corrections) => {
                self.draft = corrections.clone();
                self.sent = corrections;
            }
        }
    }

    /// Pictures were read with the corrections that were sent.
    pub fn loaded(&mut self, report: &DataReport) {
        self.loaded = self.sent.clone();
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

    /// All folders that could validate.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().map(String::as_str).take(MOST_FOLDERS)
    }

    /// Whether the class with these keys is to be left out.
    pub fn leaves_out(&self, keys: &[String]) -> bool {
        keys.iter().any(|key| self.draft.left_out.contains(key))
    }

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
    fn used<'a>(&'a self, report: &'a DataReport) -> Vec<(&'a str, Identity)> {
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

    /// Why the draft cannot be applied, as a sentence; `None` if it can.
    pub fn problem(&self, report: &DataReport) -> Option<String> {
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
        if now.validation != then.validation {
            parts.push("other validation pictures".into());
        }
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use resnette_picture::report::LeftOut;

    use super::*;

    fn class(name: &str, keys: &[&str]) -> ClassReport {
        let keys = keys.iter().map(ToString::to_string).collect();
        ClassReport { name: name.into(), keys, train: 8, valid: 2, ..ClassReport::default() }
    }

    fn report(classes: &[(&str, &[&str])]) -> DataReport {
        let classes = classes.iter().map(|(name, keys)| class(name, keys)).collect();
        DataReport { classes, ..DataReport::default() }
    }

    const THREE: [(&str, &[&str]); 3] =
        [("cat", &["raw cat"]), ("Katze", &["raw Katze"]), ("dog", &["raw dog"])];

    fn opened(report: &DataReport) -> Corrections {
        let mut corrections = Corrections::default();
        corrections.loaded(report);
        corrections
    }

    fn keys(key: &str) -> Vec<String> {
        vec![key.into()]
    }

    fn rename(key: &str, name: &str) -> CorrectionAction {
        CorrectionAction::Rename(keys(key), name.into())
    }

    /// Applies the draft, and reads the files as `then` says.
    fn apply(corrections: &mut Corrections, now: &DataReport, then: &DataReport) {
        corrections.act(CorrectionAction::Send(corrections.to_send(now)));
        corrections.loaded(then);
    }

    #[test]
    fn nothing_is_sent_that_changes_nothing() {
        let report = report(&THREE);
        let mut corrections = opened(&report);
        for action in [rename("raw dog", "do"), rename("raw dog", " dog ")] {
            corrections.act(action);
        }
        corrections.act(CorrectionAction::LeaveOut(keys("raw cat"), true));
        corrections.act(CorrectionAction::LeaveOut(keys("raw cat"), false));
        corrections.act(CorrectionAction::Validate(Some(Validation::Drawn)));
        assert!(corrections.is_pending(&report));
        corrections.act(CorrectionAction::Validate(None));
        assert_eq!(corrections.to_send(&report), ClassCorrections::default());
        assert!(!corrections.is_pending(&report));
        assert_eq!((corrections.summary(&report), corrections.problem(&report)), ("".into(), None));
    }

    #[test]
    fn two_classes_become_one_and_two_again() {
        let three = report(&THREE);
        let mut corrections = opened(&three);
        corrections.act(rename("raw Katze", "cat "));
        assert_eq!(corrections.joins(&keys("raw Katze"), &three), ["cat"]);
        assert_eq!(corrections.joins(&keys("raw cat"), &three), ["Katze"]);
        assert_eq!(corrections.joins(&keys("raw dog"), &three), [""; 0]);
        let sent = corrections.to_send(&three);
        let names: Vec<_> = sent.names.iter().map(|(key, name)| (&**key, &**name)).collect();
        assert_eq!(names, [("raw Katze", "cat"), ("raw cat", "cat")], "both by their keys");
        assert_eq!(corrections.summary(&three), "1 class renamed, 2 classes put together");

        let both = ["raw cat".to_string(), "raw Katze".to_string()];
        let two = report(&[("cat", &["raw cat", "raw Katze"]), ("dog", &["raw dog"])]);
        apply(&mut corrections, &three, &two);
        assert!(!corrections.is_pending(&two) && corrections.is_merged(&both));
        assert_eq!(corrections.found_names(&both), ["cat", "Katze"]);

        corrections.act(CorrectionAction::Separate(both.to_vec()));
        assert_eq!(corrections.to_send(&two), ClassCorrections::default());
        assert_eq!(corrections.summary(&two), "1 class as found again");
        apply(&mut corrections, &two, &three);
        assert!(!corrections.is_pending(&three));
        assert_eq!(corrections.applied(), &ClassCorrections::default());
    }

    #[test]
    fn classes_that_look_alike_are_not_one_until_the_reader_says_so() {
        // Two classes whose shortened names are equal, and one that differs in a capital letter.
        let alike = report(&[("long", &["long 1"]), ("long", &["long 2"]), ("Cat", &["Cat"])]);
        let mut corrections = opened(&alike);
        assert_eq!(corrections.joins(&keys("long 1"), &alike), [""; 0]);
        assert_eq!(corrections.problem(&alike), None);
        corrections.act(rename("long 1", "cat"));
        assert_eq!(corrections.joins(&keys("long 1"), &alike), [""; 0]);
        assert_eq!(corrections.look_alike(&keys("long 1"), &alike), Some("Cat"));
        // Keys that were one class from the beginning stay one, whatever it is called.
        let joined = report(&[("café", &["caf\u{e9}", "cafe\u{301}"]), ("tea", &["tea"])]);
        let mut corrections = opened(&joined);
        let both = joined.classes[0].keys.clone();
        corrections.act(CorrectionAction::Rename(both.clone(), "coffee".into()));
        assert!(!corrections.is_merged(&both));
        assert_eq!(corrections.to_send(&joined).names.len(), 2);
        assert_eq!(corrections.joins(&both, &joined), [""; 0]);
    }

    #[test]
    fn a_class_left_out_twice_comes_back_with_its_name() {
        let three = report(&THREE);
        let mut corrections = opened(&three);
        corrections.act(rename("raw Katze", "tomcat"));
        corrections.act(CorrectionAction::LeaveOut(keys("raw Katze"), true));
        corrections.act(CorrectionAction::LeaveOut(keys("raw Katze"), true));
        let sent = corrections.to_send(&three);
        assert_eq!(sent.left_out.len(), 1);
        assert_eq!(sent.names["raw Katze"], "tomcat");
        let mut two = report(&[("cat", &["raw cat"]), ("dog", &["raw dog"])]);
        let (name, reason) = ("raw Katze".into(), "you left it out".into());
        two.left_out = vec![LeftOut { name, pictures: 10, reason }];
        apply(&mut corrections, &three, &two);
        assert!(corrections.leaves_out(&keys("raw Katze")) && !corrections.is_pending(&two));
        assert_eq!(corrections.folders().count(), 0, "a class cannot validate");
        corrections.act(CorrectionAction::LeaveOut(keys("raw Katze"), false));
        assert_eq!(corrections.summary(&two), "1 class used again");
        assert_eq!(corrections.to_send(&two).names["raw Katze"], "tomcat");
    }

    #[test]
    fn two_classes_must_remain_and_each_needs_a_name() {
        let three = report(&THREE);
        let mut corrections = opened(&three);
        corrections.act(CorrectionAction::LeaveOut(keys("raw Katze"), true));
        assert_eq!(corrections.problem(&three), None);
        corrections.act(rename("raw dog", "cat"));
        let problem = corrections.problem(&three).unwrap_or_default();
        assert!(problem.starts_with("At least two classes must remain"), "{problem}");
        corrections.act(CorrectionAction::LeaveOut(keys("raw Katze"), false));
        assert_eq!(corrections.problem(&three), None);
        corrections.act(rename("raw dog", "  "));
        let problem = corrections.problem(&three).unwrap_or_default();
        assert!(problem.contains("“dog” needs a name"), "{problem}");
        corrections.act(CorrectionAction::LeaveOut(keys("raw dog"), true));
        assert_eq!(corrections.problem(&three), None, "a class that is left out needs none");
        assert!(corrections.to_send(&three).names.is_empty());
    }

    #[test]
    fn a_refused_correction_leaves_the_pictures_and_what_belongs_to_them() {
        let three = report(&THREE);
        let mut corrections = opened(&three);
        corrections.act(CorrectionAction::Validate(Some(Validation::Folder("test".into()))));
        corrections.act(CorrectionAction::Send(corrections.to_send(&three)));
        assert_ne!(corrections.sent(), corrections.applied());
        corrections.refused();
        assert_eq!(corrections.sent(), &ClassCorrections::default());
        assert!(corrections.is_pending(&three), "the draft can be changed and applied again");
    }

    #[test]
    fn folders_stay_on_offer_when_another_choice_is_applied() {
        let mut named = report(&THREE);
        named.split = SplitOrigin::Named { train: vec!["train".into()], valid: vec!["val".into()] };
        let (name, reason) = ("test".into(), "without labels".into());
        named.left_out = vec![LeftOut { name, pictures: 3, reason }];
        let mut corrections = opened(&named);
        let drawn = DataReport { split: SplitOrigin::Drawn, ..report(&THREE) };
        corrections.act(CorrectionAction::Validate(Some(Validation::Drawn)));
        apply(&mut corrections, &named, &drawn);
        assert_eq!(corrections.folders().collect::<Vec<_>>(), ["test", "train", "val"]);
        assert_eq!(corrections.validation(), Some(&Validation::Drawn));
    }

    #[test]
    fn a_name_is_not_endless() {
        let three = report(&THREE);
        let mut corrections = opened(&three);
        corrections.act(rename("raw cat", &"é".repeat(10_000)));
        assert_eq!(corrections.to_send(&three).names["raw cat"].chars().count(), LONGEST_NAME);
    }
}
