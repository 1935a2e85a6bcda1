//! What the classes of a parquet file are called.
//!
//! A class is known by its key, the raw name in the file, so that two classes never become one,
//! and the classes of several files are matched by their names and never by their numbers.

use std::collections::{BTreeMap, BTreeSet};

use resnette_image_parquet::{Footer, Label, LabelKind, Labels};

use crate::load::class_name::class_key;

/// Whether the labels of a file are numbers whose meaning it does not tell.
pub fn is_nameless(footer: &Footer) -> bool {
    footer.class_names.is_none()
        && footer.label_column().is_some_and(|column| column.kind != LabelKind::Text)
}

/// The key of each of a file's classes, all of them different. A number without a name becomes
/// “class 0”, “class 1” and so on.
pub fn class_keys(footer: &Footer, labels: &Labels) -> Vec<String> {
    let key = |number: usize, label: &Label| {
        let name = match label {
            Label::Text(name) => Some(name.as_str()),
            Label::Number(label) => footer
                .class_names
                .as_ref()
                .and_then(|names| names.get(usize::try_from(*label).ok()?))
                .map(String::as_str),
        };
        match (name, label) {
            (Some(name), _) => class_key(name).unwrap_or_else(|| nameless_key(number)),
            (None, Label::Number(label)) => nameless_key(label),
            (None, Label::Text(_)) => nameless_key(number),
        }
    };
    let keys: Vec<String> =
        labels.classes.iter().enumerate().map(|(number, label)| key(number, label)).collect();
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    keys.iter().for_each(|key| *counts.entry(key).or_default() += 1);
    // A file may give two classes the same name, as ImageNet does with its two cranes: their
    // numbers keep them apart.
    let mut taken = BTreeSet::new();
    keys.iter()
        .enumerate()
        .map(|(number, key)| {
            let mut unique = key.clone();
            if counts.get(key.as_str()).is_some_and(|count| *count > 1) {
                unique = format!("{key} (class {number})");
            }
            while !taken.insert(unique.clone()) {
                unique.push('\'');
            }
            unique
        })
        .collect()
}

/// What a class without a name is called.
const NAMELESS: &str = "class ";

fn nameless_key(number: impl std::fmt::Display) -> String {
    format!("{NAMELESS}{number}")
}

/// By what the classes of a set are put in order, given a class's key: “class 10” comes after
/// “class 9”, and all other keys are in alphabetical order.
pub fn class_order(key: &str) -> (&str, u64, &str) {
    let number =
        key.strip_prefix(NAMELESS).filter(|digits| !digits.starts_with('0') || *digits == "0");
    match number.and_then(|digits| digits.parse().ok()) {
        Some(number) => (NAMELESS, number, key),
        None => (key, 0, key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_numeric_order_and_names_in_alphabetical_order() {
        let mut keys = ["class 10", "dog", "class 9", "class 1a", "cat", "class 010", "class 0"];
        keys.sort_by(|a, b| class_order(a).cmp(&class_order(b)));
        assert_eq!(keys, ["cat", "class 0", "class 9", "class 10", "class 010", "class 1a", "dog"]);
    }
}
