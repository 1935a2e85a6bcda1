//! What a reader should know about a data set that was loaded from opened files.

use std::collections::BTreeSet;

use resnette_picture::report::{ClassCorrections, OpenedReport};

use crate::dataset::Dataset;
use crate::load::class_name::{display_name, look_alikes};
use crate::load::corrections::ClassChanges;
use crate::load::plan::look_alike_notices;
use crate::problems::Problems;

/// Tells which classes a reader could take for the same, but for those in folders, `told` before.
/// Classes that the reader put together or left out are none of them.
pub fn tell_look_alikes(
    set: &Dataset,
    changes: &ClassChanges,
    told: &[String],
    problems: &mut Problems,
) {
    // The names say it all where nothing is known of their origins.
    let names = set.classes.iter().filter(|_| set.origins.is_empty());
    let keys = set.origins.iter().flat_map(|origin| &origin.keys);
    let corrected = |key: &String| Some(changes.apply(key)?.into_owned());
    let told: BTreeSet<String> = told.iter().filter_map(corrected).collect();
    let mut all: BTreeSet<String> = names.chain(keys).filter_map(corrected).collect();
    all.extend(told.iter().cloned());
    let before = look_alike_notices(told.iter().map(String::as_str));
    for (name, reason) in look_alike_notices(all.iter().map(String::as_str)) {
        if !before.iter().any(|(told, _)| *told == name) {
            problems.add(name, reason);
        }
    }
}

/// Tells which corrections are of classes that are not there, and what classes there are.
pub fn tell_unknown(corrections: &ClassCorrections, set: &Dataset, problems: &mut Problems) {
    /// The most that are told.
    const MAX: usize = 20;
    let known: BTreeSet<&String> = set
        .origins
        .iter()
        .flat_map(|origin| &origin.keys)
        .chain(set.left_out.iter().map(|left_out| &left_out.name))
        .collect();
    let corrected: BTreeSet<&String> =
        corrections.names.keys().chain(&corrections.left_out).collect();
    for key in corrected.difference(&known).take(MAX) {
        let reason = format!(
            "there is no class of this name, so the correction of it changes nothing; names are corrected as they stand in the files: {}",
            known_classes(key, set, &corrected)
        );
        problems.add(key.as_str(), reason);
    }
}

/// The keys of some classes of a set, those first that `asked` could stand for. A key that is
/// displayed in another way has its displayed name behind it.
fn known_classes(asked: &str, set: &Dataset, corrected: &BTreeSet<&String>) -> String {
    /// The most that are named.
    const MAX: usize = 8;
    /// The longest key that is told in full, in characters: it is there to be typed.
    const MAX_CHARS: usize = 100;
    // What is left out by its key is a class too; of what else is left out, folders.
    let left_out = set.left_out.iter().map(|left_out| &left_out.name);
    let left_out = left_out.filter(|name| corrected.contains(name));
    let mut keys: Vec<(bool, &String)> = set
        .origins
        .iter()
        .flat_map(|origin| &origin.keys)
        .chain(left_out)
        .map(|key| {
            let is_meant = display_name(key) == asked || !look_alikes([asked, key]).is_empty();
            (!is_meant, key)
        })
        .collect();
    keys.sort_unstable();
    let named = keys.iter().take(MAX).map(|(_, key)| {
        let (plain, shown): (String, String) =
            (key.chars().filter(|c| !c.is_control()).take(MAX_CHARS).collect(), display_name(key));
        if plain == shown { format!("“{plain}”") } else { format!("“{plain}” ({shown})") }
    });
    let named = named.collect::<Vec<_>>().join(", ");
    match keys.len().saturating_sub(MAX) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Tells how many pictures are used although they end early.
pub fn tell_cut(source: &str, set: &Dataset, problems: &mut Problems) {
    let Some(OpenedReport { corrections, cut, read, unread, .. }) = &set.opened else { return };
    let used = match (cut, unread) {
        (0, _) => return,
        _ if !corrections.accept_cut => return,
        (1, 0) => "1 picture that ends early is used as far as it goes, as you chose; what is missing of it is grey or blurred".to_owned(),
        (cut, 0) => format!("{cut} pictures that end early are used as far as they go, as you chose; what is missing of them is grey or blurred"),
        (cut, unread) => format!("of the {read} pictures that were read, {cut} end early and may be used as far as they go, as you chose; what is missing of them is grey or blurred. The other {unread} pictures were not drawn, so it is not known how many of them end early"),
    };
    problems.add(source, used);
}

/// Tells how many validation pictures are training pictures too, byte for byte: in both parts of a
/// given split, or as copies of which one was drawn for each.
pub fn tell_copies(source: &str, set: &Dataset, problems: &mut Problems) {
    let told = match (set.copies(), set.valid.len()) {
        (0, _) => return,
        (1, 1) => "the only validation picture is a training picture too".to_owned(),
        (1, all) => format!("1 of the {all} validation pictures is a training picture too"),
        (copies, all) if copies == all => {
            format!("all {all} validation pictures are training pictures too")
        }
        (copies, all) => {
            format!("{copies} of the {all} validation pictures are training pictures too")
        }
    };
    problems.add(
        source,
        format!("{told}, byte for byte, so the accuracy is too high; leave one of the copies out"),
    );
}
