//! The names of classes: what keeps two of them apart, and how they are displayed.
//!
//! A class is known by its key, the raw name of its folder or label in full length. Only what is
//! displayed is shortened, and then in such a way that no two classes of a set look the same.

use std::collections::{BTreeMap, BTreeSet};

use resnette_picture::classes::IMAGENETTE;
use unicode_normalization::UnicodeNormalization;

use crate::imagenet::wordnet_name;

/// The longest displayed name, in characters; a longer one is shortened in its middle.
const MAX_SHOWN: usize = 60;

/// The key of a class, from the name of its folder or label: the name itself, with accents in one
/// spelling (Unicode's NFC: macOS writes them in another). `None` if no character of it can be
/// displayed.
pub fn class_key(name: &str) -> Option<String> {
    (!visible(name).is_empty()).then(|| name.nfc().collect())
}

/// The name by which a class's pictures are drawn. Imagenette's classes are drawn alike whether
/// they are called by their ids or by their names, as they always were.
pub fn sampling_name(key: &str) -> &str {
    let known = IMAGENETTE.iter().find(|(_, readable)| readable.eq_ignore_ascii_case(key));
    known.map_or(key, |(id, _)| id)
}

/// The names by which classes are displayed, in the order of their keys. WordNet ids become names,
/// invisible characters are left out and long names are shortened; names that would then be the
/// same are told apart by the id or by a number.
pub fn display_names<S: AsRef<str>>(keys: &[S]) -> Vec<String> {
    let keys: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
    let plain: Vec<String> = keys.iter().map(|key| display_name(key)).collect();
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    plain.iter().for_each(|name| *counts.entry(name).or_default() += 1);
    let is_shared = |name: &str| counts.get(name).is_some_and(|count| *count > 1);
    let mut next: BTreeMap<&str, usize> = BTreeMap::new();
    let mut taken: BTreeSet<String> =
        plain.iter().filter(|name| !is_shared(name)).cloned().collect();
    keys.iter()
        .zip(&plain)
        .map(|(key, name)| {
            if !is_shared(name) {
                return name.clone();
            }
            let with_id = || format!("{name} ({key})");
            let numbered = |number: usize| match number {
                1 => name.clone(),
                _ => format!("{name} ({number})"),
            };
            let first = *next.entry(name).or_insert(1);
            let numbers = (first..=first + keys.len()).map(|number| (number, numbered(number)));
            let with_id_first = wordnet_name(key).map(|_| (first, with_id()));
            let mut candidates = with_id_first.into_iter().chain(numbers);
            let free = candidates.find(|(_, name)| !taken.contains(name));
            let (number, unique) = free.unwrap_or_else(|| (first, with_id()));
            next.insert(name, number);
            taken.insert(unique.clone());
            unique
        })
        .collect()
}

/// The name by which a class is displayed if no other class has the same.
pub fn display_name(key: &str) -> String {
    match wordnet_name(key) {
        Some(name) => name.into(),
        None => shorten(&visible(key)),
    }
}

/// Groups of at least two names that a reader could take for the same: they differ only in capital
/// letters, in spaces or in characters that cannot be seen.
pub fn look_alikes<'a>(keys: impl IntoIterator<Item = &'a str>) -> Vec<Vec<&'a str>> {
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for key in keys {
        let words = visible(key).to_lowercase();
        let skeleton = words.nfkc().filter(|c| !c.is_whitespace() && !is_invisible(*c)).collect();
        groups.entry(skeleton).or_default().push(key);
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

/// A name without characters that cannot be displayed, and without spaces at its ends.
fn visible(name: &str) -> String {
    let shown: String =
        name.chars().filter(|c| !c.is_control() && !changes_text_direction(*c)).collect();
    // A name of nothing but joiners and the like shows nothing either.
    if shown.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
        return String::new();
    }
    shown.trim().into()
}

/// Whether a character is an invisible control that changes the direction of the text around it.
fn changes_text_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character takes no room, though it may shape its neighbours.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A long name without its middle.
fn shorten(name: &str) -> String {
    let length = name.chars().count();
    if length <= MAX_SHOWN {
        return name.into();
    }
    let (start, end) = (MAX_SHOWN / 2, MAX_SHOWN - MAX_SHOWN / 2 - 1);
    name.chars().take(start).chain(['…']).chain(name.chars().skip(length - end)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use resnette_spec::limits::check_class_names;

    use super::*;

    #[test]
    fn keys_are_whole_names() {
        let long = "x".repeat(300);
        assert_eq!(class_key(&long), Some(long.clone()));
        assert_eq!(class_key("Church").as_deref(), Some("Church"));
        assert_eq!(class_key(" cat ").as_deref(), Some(" cat "));
        assert_eq!(class_key("cafe\u{301}"), class_key("caf\u{e9}"));
        for nothing in ["", "  ", "\u{202e}", "\u{200b}\u{200d}", "\u{7}"] {
            assert_eq!(class_key(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn names_are_shortened_and_told_apart() {
        assert_eq!(display_names(&["n02012849", "n03126707"]), ["crane bird", "crane"]);
        // The name of one and the id of the other.
        assert_eq!(display_names(&["crane", "n03126707"]), ["crane", "crane (n03126707)"]);
        assert_eq!(display_names(&["church", "n03028079"]), ["church", "church (n03028079)"]);
        assert_eq!(display_names(&["cat", "cat ", "\u{202e}cat"]), ["cat", "cat (2)", "cat (3)"]);
        // A name that is taken already is not given a second time.
        assert_eq!(display_names(&["a", "a ", "a (2)"]), ["a", "a (3)", "a (2)"]);
        let long = |middle: &str| format!("{}{middle}{}", "a".repeat(50), "z".repeat(50));
        let shown = display_names(&[long("b"), long("c")]);
        assert!(shown.iter().all(|name| name.chars().count() < 70), "{shown:?}");
        assert_eq!(shown[1], format!("{} (2)", shown[0]));
    }

    #[test]
    fn look_alikes_are_found() {
        assert_eq!(
            look_alikes(["Cat", "cat", "dog", "golf ball", "Golf  Ball", "d\u{200b}og"]),
            [vec!["Cat", "cat"], vec!["dog", "d\u{200b}og"], vec!["golf ball", "Golf  Ball"]]
        );
    }

    /// Names as nobody would think of them: parts that are close to each other, joined at random.
    fn weird_name() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            Just("cat"),
            Just("Cat"),
            Just(" "),
            Just("n01440764"),
            Just("tench"),
            Just("\u{202e}"),
            Just("\u{200b}"),
            Just("e\u{301}"),
            Just("\u{e9}"),
            Just("\u{fffd}"),
            Just(" (2)"),
            Just("n02012849"),
            Just("n03126707"),
            Just("\\xE4"),
            Just("…"),
            Just("0123456789"),
        ];
        prop_oneof![
            prop::collection::vec(part, 0..14).prop_map(|parts| parts.concat()),
            any::<String>(),
        ]
    }

    proptest! {
        #[test]
        fn no_two_names_become_one(names in prop::collection::btree_set(weird_name(), 1..12)) {
            let composed = |name: &String| name.nfc().collect::<String>();
            let different: BTreeSet<String> =
                names.iter().filter(|name| class_key(name).is_some()).map(composed).collect();
            let keys: BTreeSet<String> = names.iter().filter_map(|name| class_key(name)).collect();
            prop_assert_eq!(&keys, &different);
            let keys: Vec<String> = keys.into_iter().collect();
            let shown = display_names(&keys);
            let distinct: BTreeSet<&String> = shown.iter().collect();
            prop_assert_eq!(distinct.len(), keys.len(), "{:?}", shown);
            // As a saved network's names must be, of which there is one at least.
            if !shown.is_empty() {
                prop_assert_eq!(check_class_names(&shown), Ok(()));
            }
        }
    }
}
