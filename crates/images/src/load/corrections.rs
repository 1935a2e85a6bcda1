//! What a reader's corrections do to classes while they are sampled.

use std::borrow::Cow;
use std::collections::BTreeMap;

use resnette_picture::report::ClassCorrections;

use crate::load::class_name::{class_key, display_names};

/// The reader's corrections, ready to be applied to one class after another.
#[derive(Clone, Debug, Default)]
pub struct ClassChanges {
    corrections: ClassCorrections,
    /// The new key by the old one, where a class takes another's name.
    merged: BTreeMap<String, String>,
}

impl ClassChanges {
    /// Corrections of classes of which these keys are known.
    ///
    /// A class that gets the name by which another is displayed becomes one with it, as if its
    /// pictures lay in the other's folder.
    pub fn new(corrections: &ClassCorrections, keys: &[String]) -> Self {
        let mut stays: BTreeMap<String, &String> =
            display_names(keys).into_iter().zip(keys).collect();
        stays.retain(|_, key| {
            !corrections.names.contains_key(*key) && !corrections.left_out.contains(*key)
        });
        let merged = corrections
            .names
            .iter()
            .filter_map(|(key, name)| Some((key.clone(), (*stays.get(name.trim())?).clone())));
        Self { merged: merged.collect(), corrections: corrections.clone() }
    }

    /// The key under which the pictures of a class are sampled; `None` if the class is left out.
    pub fn apply<'a>(&'a self, key: &'a str) -> Option<Cow<'a, str>> {
        if self.corrections.left_out.contains(key) {
            return None;
        }
        if let Some(other) = self.merged.get(key) {
            return Some(other.into());
        }
        // A name of which nothing can be displayed changes nothing.
        let renamed = self.corrections.names.get(key).and_then(|name| class_key(name.trim()));
        Some(renamed.map_or(key.into(), Cow::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(names: &[(&str, &str)], left_out: &[&str], keys: &[&str]) -> ClassChanges {
        let owned = |(key, name): &(&str, &str)| ((*key).into(), (*name).into());
        let corrections = ClassCorrections {
            names: names.iter().map(owned).collect(),
            left_out: left_out.iter().map(|key| (*key).into()).collect(),
            ..ClassCorrections::default()
        };
        ClassChanges::new(&corrections, &keys.iter().map(|key| (*key).into()).collect::<Vec<_>>())
    }

    #[test]
    fn classes_are_renamed_merged_and_left_out() {
        let keys = ["n01440764", "cat", "dog", "mouse"];
        let changed = changes(
            &[("cat", " tench "), ("dog", "wolf"), ("mouse", "\u{202e}"), ("gone", "x")],
            &["mouse2"],
            &keys,
        );
        // Onto the class that is displayed as tench.
        assert_eq!(
            keys.map(|key| changed.apply(key).unwrap_or_default().into_owned()),
            ["n01440764", "n01440764", "wolf", "mouse"]
        );
        assert_eq!(changes(&[], &["cat"], &keys).apply("cat"), None);
        // Two classes that change places stay two.
        let swapped = changes(&[("cat", "dog"), ("dog", "cat")], &[], &keys);
        assert_eq!(swapped.apply("cat").as_deref(), Some("dog"));
        assert_eq!(swapped.apply("dog").as_deref(), Some("cat"));
    }
}
