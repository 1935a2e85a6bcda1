//! Which folders are classes, and which hold training, validation or test pictures.
//!
//! All folders are looked at together: a folder called `test` may hold the test pictures of a set,
//! be a whole set, or be a class of tests, and only its neighbours tell which. These layouts are
//! understood, below any number of folders around the whole:
//!
//! - splits that hold classes, `train/cat`, `val/cat`, `test/cat`, however deep the pictures lie,
//!   and whatever else their names have in common, `pets_train/cat`, `pets_test/cat`;
//! - classes that hold splits, `cat/train`, `cat/val`;
//! - classes, some of them in a split of their own, `cat`, `dog`, `test/cat`, `test/dog`;
//! - classes alone. Where folders lie inside each other, the outermost folder that holds pictures
//!   directly is the class;
//! - pictures whose names begin with a WordNet id, in place of class folders.
//!
//! What [`crate::load::split_name`] says about a folder's name counts only if the other folders
//! agree: there must be training pictures in class folders, and a folder of another split.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::load::class_name::class_key;
use crate::load::folder_tree::{FolderTree, ROOT};
use crate::load::split_name::{SplitKind, says_nothing, split_kind};
use crate::load::splits::{Splits, class_holders, holds_strays, keys};

/// The most parts that are told apart.
const MAX_PARTS: usize = 1_000;
/// The most folders that a refusal names.
const MAX_NAMED: usize = 4;

/// What the pictures directly in a folder are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Pictures of one class.
    Class {
        /// The class's key.
        class: Rc<str>,
        /// The index in [`Layout::parts`] of the part that they belong to.
        part: Option<usize>,
    },
    /// Pictures whose names tell their classes.
    FileNames {
        /// See [`Place::Class`].
        part: Option<usize>,
    },
    /// Pictures in no class; the reason says what to do.
    LeftOut(Reason),
}

/// Why the pictures of a folder are in no class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// They lie in a folder of a split, without class folders.
    Unlabelled,
    /// They lie in a folder of a split, in folders that are no classes of the training pictures.
    OtherClasses,
    /// They lie beside the class folders.
    Beside,
    /// They lie beside the folders of the splits.
    NoSplit,
    /// No character of their folder's name can be displayed.
    NoName,
    /// They are masks or other notes about the pictures in the folder beside theirs.
    Notes,
    /// Each has its label in a file beside it, which is not read.
    LabelsBeside,
}

/// Folders that hold one part of the pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The folder's path; of folders in each class, `pets/*/train`.
    pub name: String,
    /// What the name says.
    pub kind: SplitKind,
}

/// What the folders of opened files are.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// By the folder's number.
    places: Vec<Option<Place>>,
    /// The parts that the folders name.
    pub parts: Vec<Part>,
    /// The folders whose pictures are in no class, each with their number.
    pub left_out: Vec<(usize, u32, Reason)>,
    /// The folders of splits in which the pictures lie without class folders, if there are no
    /// classes at all.
    pub without_classes: Vec<String>,
}

impl Layout {
    /// Decides what each folder is. The folder `validation`, if a reader chose one, holds
    /// validation pictures though its name does not say so.
    pub fn infer(tree: &FolderTree, validation: Option<&str>) -> Self {
        let mut layout = Self { places: vec![None; tree.len()], ..Self::default() };
        let top = top(tree);
        // Pictures that were opened one by one lie in no folder.
        layout.set(ROOT, Place::FileNames { part: None });
        let found = Splits::find(tree, top, validation);
        if found.is_split_first(tree, top) {
            layout.split_first(tree, top, &found);
        } else if let Some(holders) = class_holders(tree, top) {
            layout.class_first(tree, top, &holders);
        } else if found.is_without_classes(tree, top) {
            let named = found.0.iter().take(MAX_NAMED);
            layout.without_classes = named.map(|split| tree.path(split.folder)).collect();
        } else {
            layout.set_classes(tree, top);
        }
        layout
    }

    /// What the pictures directly in a folder are.
    pub fn place(&self, folder: usize) -> Option<&Place> {
        self.places.get(folder)?.as_ref()
    }

    /// Every folder that holds pictures of a class, with the class's key.
    pub fn class_folders(&self) -> impl Iterator<Item = (usize, &str)> {
        self.places.iter().enumerate().filter_map(|(folder, place)| match place {
            Some(Place::Class { class, .. }) => Some((folder, &**class)),
            _ => None,
        })
    }

    fn set(&mut self, folder: usize, place: Place) {
        if let Some(old) = self.places.get_mut(folder) {
            *old = Some(place);
        }
    }

    /// Leaves out what lies in a folder and has no place yet.
    pub fn leave_out(&mut self, tree: &FolderTree, folder: usize, reason: Reason) {
        let mut pictures = 0_u32;
        for below in tree.below(folder) {
            if below != ROOT && self.place(below).is_none() && tree.pictures(below) > 0 {
                pictures = pictures.saturating_add(tree.pictures(below));
                self.set(below, Place::LeftOut(reason));
            }
        }
        if pictures > 0 {
            self.left_out.push((folder, pictures, reason));
        }
    }

    /// Gives pictures directly in a folder that is no class their classes by their names, or leaves
    /// them out.
    fn file_names(
        &mut self,
        tree: &FolderTree,
        folder: usize,
        part: Option<usize>,
        reason: Reason,
    ) {
        if folder == ROOT || tree.pictures(folder) == 0 {
            return;
        }
        if tree.is_labelled_by_names(folder) {
            self.set(folder, Place::FileNames { part });
        } else {
            self.set(folder, Place::LeftOut(reason));
            self.left_out.push((folder, tree.pictures(folder), reason));
        }
    }

    /// Makes a folder and all folders in it pictures of the class that it is named by.
    fn set_class(&mut self, tree: &FolderTree, folder: usize, part: Option<usize>) {
        match class_key(tree.name(folder)) {
            Some(class) => {
                let class: Rc<str> = class.into();
                for below in tree.below(folder) {
                    self.set(below, Place::Class { class: class.clone(), part });
                }
            }
            None => self.leave_out(tree, folder, Reason::NoName),
        }
    }

    /// Adds a part, unless there are so many that it has to count as one of those.
    fn add_part(&mut self, name: String, kind: SplitKind) -> Option<usize> {
        if self.parts.len() >= MAX_PARTS {
            return self.parts.iter().position(|part| part.kind == kind);
        }
        self.parts.push(Part { name, kind });
        Some(self.parts.len() - 1)
    }

    /// Splits that hold classes.
    fn split_first(&mut self, tree: &FolderTree, top: usize, found: &Splits) {
        let mut trained = found.classes(tree, |kind| kind == SplitKind::Train);
        // Where no folder holds training pictures alone, the classes lie beside the others.
        let beside = if trained.is_empty() { found.classes_beside(tree, top) } else { Vec::new() };
        trained.extend(keys(tree, beside.iter().copied()));
        if !beside.is_empty() {
            let part = self.add_part(tree.path(top), SplitKind::Train);
            for class in beside {
                self.set_class(tree, class, part);
            }
        }
        for split in &found.0 {
            // A folder in a class beside the splits is part of that class.
            if self.place(split.folder).is_some() {
                continue;
            }
            let path = tree.path(split.folder);
            if !split.has_classes(tree) {
                if tree.is_labelled_by_names(split.holder) {
                    let part = self.add_part(path, split.kind);
                    self.file_names(tree, split.holder, part, Reason::Unlabelled);
                }
                self.leave_out(tree, split.folder, Reason::Unlabelled);
                continue;
            }
            let classes = tree.children(split.holder);
            if keys(tree, classes.iter().copied()).is_disjoint(&trained) {
                self.leave_out(tree, split.folder, Reason::OtherClasses);
                continue;
            }
            let part = self.add_part(path, split.kind);
            for class in classes {
                self.set_class(tree, class, part);
            }
            self.file_names(tree, split.holder, part, Reason::Beside);
        }
        self.leave_out_rest(tree, top, Reason::NoSplit);
    }

    /// Classes that hold splits.
    fn class_first(&mut self, tree: &FolderTree, top: usize, holders: &[usize]) {
        let mut known: BTreeMap<(usize, &str), Option<usize>> = BTreeMap::new();
        for &holder in holders {
            let Some(class) = class_key(tree.name(holder)) else {
                self.leave_out(tree, holder, Reason::NoName);
                continue;
            };
            let class: Rc<str> = class.into();
            self.set(holder, Place::Class { class: class.clone(), part: None });
            let around = tree.parent(holder);
            for split in tree.children(holder) {
                let Some(kind) = split_kind(tree.name(split)) else { continue };
                let part = *known.entry((around, tree.name(split))).or_insert_with(|| {
                    let path = tree.path(around);
                    let slash = if path.is_empty() { "" } else { "/" };
                    self.add_part(format!("{path}{slash}*/{}", tree.name(split)), kind)
                });
                for below in tree.below(split) {
                    self.set(below, Place::Class { class: class.clone(), part });
                }
            }
        }
        self.set_classes(tree, top);
    }

    /// Makes every folder that has no place yet a class, or part of one.
    fn set_classes(&mut self, tree: &FolderTree, top: usize) {
        let is_single = tree.children(top).len() == 1 && self.left_out.is_empty();
        let mut waiting = vec![top];
        while let Some(folder) = waiting.pop() {
            if folder != top && tree.pictures(folder) > 0 && self.place(folder).is_none() {
                if is_single && tree.is_labelled_by_names(folder) {
                    self.set(folder, Place::FileNames { part: None });
                    continue;
                }
                if !holds_strays(tree, folder) {
                    self.set_class(tree, named_folder(tree, folder, top), None);
                    // A folder `images` lies in the one that names the class.
                    if self.place(folder).is_some() {
                        continue;
                    }
                }
                self.file_names(tree, folder, None, Reason::Beside);
            }
            waiting.extend(tree.children(folder));
        }
        self.file_names(tree, top, None, Reason::Beside);
    }

    fn leave_out_rest(&mut self, tree: &FolderTree, top: usize, reason: Reason) {
        self.file_names(tree, top, None, reason);
        for folder in tree.children(top) {
            self.leave_out(tree, folder, reason);
        }
    }
}

/// The innermost folder around everything but single pictures: its name, and the names of the
/// folders around it, say nothing about the pictures.
fn top(tree: &FolderTree) -> usize {
    let mut top = ROOT;
    loop {
        let [only] = tree.children(top)[..] else { return top };
        let is_last = tree.children(only).is_empty();
        if is_last || (top != ROOT && tree.pictures(top) > 0) {
            return top;
        }
        top = only;
    }
}

/// The folder that names the class of a folder's pictures: the folder itself, or the one around it
/// if its own name says nothing, as in `cat/images`.
fn named_folder(tree: &FolderTree, folder: usize, top: usize) -> usize {
    let around = tree.parent(folder);
    let is_wrapped = says_nothing(tree.name(folder))
        && around != top
        && around != ROOT
        && tree.pictures(around) == 0
        && tree.children(around).len() == 1;
    if is_wrapped { around } else { folder }
}
