//! What a reader should know about a data set that was loaded from opened files.

use std::collections::BTreeSet;

use resnette_picture::report::{ClassCorrections, OpenedReport};

use crate::dataset::Dataset;
use crate::load::plan::look_alike_notices;
use crate::problems::Problems;

/// Tells which classes a reader could take for the same, but for those in folders, `told` before.
pub fn tell_look_alikes(set: &Dataset, told: &[String], problems: &mut Problems) {
    // The names say it all where nothing is known of their origins.
    let names = set.classes.iter().filter(|_| set.origins.is_empty());
    let keys = set.origins.iter().flat_map(|origin| &origin.keys);
    let all: BTreeSet<&str> = names.chain(keys).chain(told).map(String::as_str).collect();
    let before = look_alike_notices(told.iter().map(String::as_str));
    for (name, reason) in look_alike_notices(all) {
        if !before.iter().any(|(told, _)| *told == name) {
            problems.add(name, reason);
        }
    }
}

/// Tells which corrections are of classes that are not there.
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
        problems.add(key.as_str(), "there is no class of this name, so the correction of it changes nothing; names are corrected as they stand in the files");
    }
}

/// Tells how many pictures are used although they end early.
pub fn tell_cut(source: &str, set: &Dataset, problems: &mut Problems) {
    let Some(OpenedReport { corrections, cut, .. }) = &set.opened else { return };
    let used = match cut {
        0 => return,
        _ if !corrections.accept_cut => return,
        1 => "1 picture that ends early is used as far as it goes, as you chose; what is missing of it is grey or blurred".to_owned(),
        cut => format!("{cut} pictures that end early are used as far as they go, as you chose; what is missing of them is grey or blurred"),
    };
    problems.add(source, used);
}
