//! What is done with each opened picture: the layout of the folders, and what the reader corrected
//! about it.

use std::collections::{BTreeMap, BTreeSet};

use resnette_picture::report::{ClassCorrections, LeftOut, SplitOrigin, Validation};
use unicode_normalization::UnicodeNormalization;

use crate::load::class_name::{display_name, look_alikes};
use crate::load::corrections::ClassChanges;
use crate::load::entry::{DatasetEntry, Split, wordnet_id};
use crate::load::folder_tree::FolderTree;
use crate::load::layout::{Layout, Place, Reason};
use crate::load::set_aside::set_aside;
use crate::load::split_name::{SplitKind, says_nothing, split_in_name};

/// The most folders that are named as those of the training or the validation pictures.
const MAX_NAMED: usize = 40;

/// The most folders whose leaving out is told one by one.
const MAX_LEFT_OUT: usize = 100;
/// The most groups of names that look alike which are told, and the most names of each.
const MAX_ALIKE: usize = 12;

/// What is done with a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may become part of the data set.
    Use(DatasetEntry),
    /// Its folder is left out, which [`Plan::left_out`] tells.
    LeaveOut,
    /// It lies in no folder, and its own name tells no class.
    NoClass,
}

/// What the pictures of one part of a set are used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Train,
    Valid,
    /// One in five of each class validates.
    Either,
    /// A last test, after training.
    Unused,
}

/// What is done with all opened pictures.
pub struct Plan {
    tree: FolderTree,
    layout: Layout,
    /// What each of [`Layout::parts`] is used for.
    roles: Vec<Role>,
    /// The folder that was to validate and cannot.
    unknown_validation: Option<String>,
}

impl Plan {
    /// Decides about the pictures in these folders.
    pub fn new(mut tree: FolderTree, corrections: &ClassCorrections) -> Self {
        let chosen = match &corrections.validation {
            Some(Validation::Folder(name)) => Some(name.as_str()),
            _ => None,
        };
        let aside = set_aside(&mut tree);
        let mut layout = Layout::infer(&tree, chosen);
        aside.into_iter().for_each(|(folder, reason)| layout.leave_out(&tree, folder, reason));
        let named = |name: &str| layout.parts.iter().any(|part| part.name == name);
        let unknown_validation = chosen.filter(|name| !named(name)).map(str::to_owned);
        let has = |kind| layout.parts.iter().any(|part| part.kind == kind);
        let validates = [SplitKind::Valid, SplitKind::Test].into_iter().find(|kind| has(*kind));
        let roles = layout.parts.iter().map(|part| match &corrections.validation {
            Some(Validation::Drawn) => Role::Either,
            Some(Validation::Folder(name)) if unknown_validation.is_none() => {
                if part.name == *name { Role::Valid } else { Role::Train }
            }
            _ if !has(SplitKind::Train) || validates.is_none() => Role::Either,
            _ if part.kind == SplitKind::Train => Role::Train,
            _ if Some(part.kind) == validates => Role::Valid,
            _ => Role::Unused,
        });
        let roles = roles.collect();
        Self { layout, tree, roles, unknown_validation }
    }

    /// What is done with a picture, given the folders that it lies in and its name.
    pub fn decide(&self, folders: &[&str], file: &str) -> Decision {
        let place = self.tree.find(folders).and_then(|folder| self.layout.place(folder));
        let (class, part) = match place {
            Some(Place::Class { class, part }) => (&**class, *part),
            Some(Place::FileNames { part }) => match wordnet_id(file) {
                Some(id) => (id, *part),
                None => return Decision::NoClass,
            },
            Some(Place::LeftOut(_)) | None => return Decision::LeaveOut,
        };
        let split = match self.role(part) {
            Role::Train => Some(Split::Train),
            Role::Valid => Some(Split::Valid),
            Role::Either => None,
            Role::Unused => return Decision::LeaveOut,
        };
        Decision::Use(DatasetEntry { split, class: class.into(), file: file.into() })
    }

    fn role(&self, part: Option<usize>) -> Role {
        part.and_then(|part| self.roles.get(part)).copied().unwrap_or(Role::Either)
    }

    /// The folders in which pictures lie without class folders, if there are no classes at all.
    pub fn without_classes(&self) -> &[String] {
        &self.layout.without_classes
    }

    /// The folders of each class that is found in folders' names, by the class's key.
    pub fn class_folders(&self) -> BTreeMap<&str, Vec<usize>> {
        let mut folders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (folder, class) in self.layout.class_folders() {
            if self.tree.pictures(folder) > 0 {
                folders.entry(class).or_default().push(folder);
            }
        }
        folders
    }

    /// The path of a folder, from what was opened on.
    pub fn path(&self, folder: usize) -> String {
        self.tree.path(folder)
    }

    /// The folders of the training and of the validation pictures, if the folders name both.
    pub fn named_splits(&self) -> SplitOrigin {
        let names = |role| {
            let parts = self.layout.parts.iter().zip(&self.roles);
            let names = parts.filter(|(_, own)| **own == role).map(|(part, _)| part.name.clone());
            names.take(MAX_NAMED).collect::<Vec<String>>()
        };
        match (names(Role::Train), names(Role::Valid)) {
            (train, valid) if !train.is_empty() && !valid.is_empty() => {
                SplitOrigin::Named { train, valid }
            }
            _ => SplitOrigin::Drawn,
        }
    }

    /// The folders whose pictures are not used.
    pub fn left_out(&self) -> Vec<LeftOut> {
        let mut unused: BTreeMap<usize, u32> = BTreeMap::new();
        for folder in 0..self.tree.len() {
            if let Some(
                Place::Class { part: Some(part), .. } | Place::FileNames { part: Some(part) },
            ) = self.layout.place(folder)
                && self.role(Some(*part)) == Role::Unused
            {
                *unused.entry(*part).or_default() += self.tree.pictures(folder);
            }
        }
        let tests = unused.into_iter().filter_map(|(part, pictures)| {
            let reason = "other folders hold the training and the validation pictures, so these are kept for a last test; choose this folder for validation to use it".into();
            Some(LeftOut { name: self.layout.parts.get(part)?.name.clone(), pictures, reason })
        });
        let others = self.layout.left_out.iter().map(|(folder, pictures, reason)| LeftOut {
            name: self.tree.path(*folder),
            pictures: *pictures,
            reason: explain(*reason).into(),
        });
        let mut all = tests.chain(others);
        let mut left_out: Vec<LeftOut> = all.by_ref().take(MAX_LEFT_OUT).collect();
        left_out.sort_by(|a, b| (&a.name, a.pictures).cmp(&(&b.name, b.pictures)));
        let (folders, pictures) = all.fold((0_u32, 0_u32), |(folders, pictures), left_out| {
            (folders + 1, pictures.saturating_add(left_out.pictures))
        });
        if folders > 0 {
            let reason = "left out for reasons like those above".into();
            left_out.push(LeftOut { name: format!("{folders} more folders"), pictures, reason });
        }
        left_out
    }

    /// Whether the folder that the reader chose to validate with is there, if one was chosen.
    pub fn knows_validation(&self) -> bool {
        self.unknown_validation.is_none()
    }

    /// What the reader should know about the names of folders, each with the name it is about,
    /// given what was corrected about their classes. `validates` says whether a folder that the
    /// reader chose for validation should be here, and is no parquet file.
    pub fn notices(&self, validates: bool, changes: &ClassChanges) -> Vec<(String, String)> {
        let folders = self.class_folders();
        let mut notices = Vec::new();
        if let Some(folder) = self.unknown_validation.as_ref().filter(|_| validates) {
            notices.push((folder.clone(), "this folder cannot validate, since it holds no class folders of the classes that are trained; the split stays as it was found".into()));
        }
        let used = |(class, _): &(&&str, &Vec<usize>)| changes.apply(class).is_some();
        for (class, folders) in folders.iter().filter(used) {
            let spellings: BTreeSet<&str> = folders
                .iter()
                .flat_map(|&folder| [folder, self.tree.parent(folder)])
                .map(|folder| self.tree.name(folder))
                .filter(|name| name.nfc().eq(class.chars()))
                .collect();
            if spellings.len() > 1 {
                notices.push(((*class).into(), "folders write the accents of this name in two ways, which look the same; they are one class".into()));
            }
        }
        // Classes that the reader put together are one, and those that are left out are none.
        let corrected: BTreeSet<_> = folders.keys().filter_map(|key| changes.apply(key)).collect();
        notices.extend(look_alike_notices(corrected.iter().map(|key| &**key)));
        let untouched = |key: &&str| changes.apply(key).as_deref() == Some(*key);
        let classes: Vec<&str> = folders.keys().copied().filter(untouched).collect();
        let has_others = folders.len() > 1;
        let vague = classes.iter().filter(|key| has_others && says_nothing(key)).take(MAX_ALIKE);
        notices.extend(vague.map(|key| (display_name(key), "this name does not say what the pictures show, and yet it counts as the name of a class, as those of the folders beside it do; if it is none, leave it out, or put its pictures into the folders of their classes".into())));
        notices.extend(split_classes(&classes));
        notices
    }
}

/// A notice if classes are named by a split and a class, `train_cats` beside `test_cats`.
fn split_classes(classes: &[&str]) -> Option<(String, String)> {
    let mut kinds: BTreeMap<String, BTreeSet<SplitKind>> = BTreeMap::new();
    let taken_apart = || classes.iter().filter_map(|key| Some((*key, split_in_name(key)?)));
    for (_, (kind, class)) in taken_apart() {
        kinds.entry(class).or_default().insert(kind);
    }
    let is_split = |class: &String| {
        kinds.get(class).is_some_and(|kinds| kinds.len() > 1 && kinds.contains(&SplitKind::Train))
    };
    let names = taken_apart().filter(|(_, (_, class))| is_split(class));
    let names: Vec<String> = names.take(MAX_ALIKE).map(|(key, _)| display_name(key)).collect();
    (!names.is_empty()).then(|| (names.join(", "), "these names say which pictures are for training as well as what they show, and are not taken apart, so each counts as a class of its own; sort the pictures into folders such as train/cats and test/cats".into()))
}

/// A notice for each group of classes whose names a reader could take for the same.
pub fn look_alike_notices<'a>(keys: impl IntoIterator<Item = &'a str>) -> Vec<(String, String)> {
    let notice = |group: Vec<&str>| {
        let named = group.iter().take(MAX_ALIKE);
        let names: Vec<String> = named.map(|key| display_name(key)).collect();
        (names.join(", "), "these class names differ only in capital letters, spaces or characters that cannot be seen; they are kept apart: give them the same name if they are one class".into())
    };
    look_alikes(keys).into_iter().take(MAX_ALIKE).map(notice).collect()
}

/// Why the pictures of a folder are left out, and what to do to use them.
fn explain(reason: Reason) -> &'static str {
    match reason {
        Reason::Unlabelled => {
            "these pictures lie in no class folders, so nothing says what they show; to use them, sort them into folders that are called like the classes"
        }
        Reason::OtherClasses => {
            "none of the folders in it is called like a class that is trained; to use these pictures, sort them into folders that are"
        }
        Reason::Beside => {
            "these pictures lie beside the class folders, so nothing says what they show; to use them, move each into its class's folder"
        }
        Reason::NoSplit => {
            "these pictures lie beside the folders of training and validation pictures; to use them, move them into those"
        }
        Reason::NoName => {
            "no character of this folder's name can be displayed; give it another name to use its pictures"
        }
        Reason::Notes => {
            "going by this folder's name, these are masks or other notes about the pictures in the folder beside it, so they are in no class; if they are pictures of a class, give the folder another name"
        }
        Reason::LabelsBeside => {
            "each picture in it has a file with its label beside it, as in WebDataset, and such files are not read; sort the pictures into folders that are called like the classes, or write the set as parquet"
        }
    }
}
