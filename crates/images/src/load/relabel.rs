//! A reader's corrections of the classes of a data set that is loaded already.

use std::collections::{BTreeMap, VecDeque};

use resnette_picture::report::{ClassCorrections, LeftOut};
use resnette_spec::DataConfig;

use crate::dataset::{ClassOrigin, Dataset, Sample};
use crate::load::class_name::display_names;
use crate::load::corrections::ClassChanges;
use crate::load::error::LoadError;

/// Renames, merges and leaves out classes. Classes that become one share the number of pictures
/// that a class may have.
///
/// # Errors
/// [`LoadError::FewClasses`] or [`LoadError::Nothing`] if fewer than two classes are left.
pub fn correct(
    set: &mut Dataset,
    corrections: &ClassCorrections,
    config: &DataConfig,
) -> Result<(), LoadError> {
    if corrections.names.is_empty() && corrections.left_out.is_empty() {
        return Ok(());
    }
    let origins = std::mem::take(&mut set.origins);
    // A class without a key would be its displayed name.
    let keys = set.classes.iter().enumerate().map(|(class, name)| {
        origins.get(class).and_then(|origin| origin.keys.first()).unwrap_or(name).clone()
    });
    let keys: Vec<String> = keys.collect();
    let changes = ClassChanges::new(corrections, &keys);
    let (mut classes, mut new_origins): (Vec<String>, Vec<ClassOrigin>) = Default::default();
    let mut labels: BTreeMap<u32, u32> = BTreeMap::new();
    for (old, key) in keys.iter().enumerate() {
        let Some(new_key) = changes.apply(key) else {
            let is_own = |sample: &&Sample| sample.label as usize == old;
            let pictures = set.train.iter().chain(&set.valid).filter(is_own).count() as u32;
            let reason = "you left this class out; take it in again to use its pictures".into();
            set.left_out.push(LeftOut { name: key.clone(), pictures, reason });
            continue;
        };
        let known = classes.iter().position(|class| *class == *new_key);
        let new = known.unwrap_or_else(|| {
            classes.push(new_key.into_owned());
            new_origins.push(ClassOrigin::default());
            classes.len() - 1
        });
        labels.insert(old as u32, new as u32);
        if let Some(merged) = new_origins.get_mut(new) {
            merged.keys.push(key.clone());
            merged.origins.extend(origins.get(old).into_iter().flat_map(|all| all.origins.clone()));
        }
    }
    match &classes[..] {
        [] => return Err(LoadError::Nothing(set.source.clone())),
        [only] => {
            let (source_name, class) = (set.source.clone(), only.clone());
            return Err(LoadError::FewClasses { source_name, class, archives: false });
        }
        _ => {}
    }
    (set.classes, set.origins) = (display_names(&classes), new_origins);
    set.train = relabelled(std::mem::take(&mut set.train), &labels, config.train as usize);
    set.valid = relabelled(std::mem::take(&mut set.valid), &labels, config.valid as usize);
    Ok(())
}

/// Samples with new labels, at most `most` of each, taken in turn from the old ones. Those whose
/// label is not in the map are dropped.
fn relabelled(samples: Vec<Sample>, labels: &BTreeMap<u32, u32>, most: usize) -> Vec<Sample> {
    let mut by_class: BTreeMap<u32, BTreeMap<u32, VecDeque<Sample>>> = BTreeMap::new();
    for sample in samples {
        if let Some(&new) = labels.get(&sample.label) {
            by_class.entry(new).or_default().entry(sample.label).or_default().push_back(sample);
        }
    }
    let mut kept = Vec::new();
    for (label, mut parts) in by_class {
        let mut count = 0;
        while count < most && !parts.is_empty() {
            parts.retain(|_, part| {
                if count < most
                    && let Some(sample) = part.pop_front()
                {
                    kept.push(Sample { label, ..sample });
                    count += 1;
                }
                !part.is_empty()
            });
        }
    }
    kept
}
