//! The folders whose names are those of splits, and whether their neighbours agree.

use std::collections::{BTreeMap, BTreeSet};

use crate::load::class_name::class_key;
use crate::load::folder_tree::FolderTree;
use crate::load::split_name::{SplitKind, plain_name, says_nothing, split_in_name, split_kind};

/// Whether a folder holds folders of pictures, and beside them a few pictures that hardly make it a
/// class.
pub fn holds_strays(tree: &FolderTree, folder: usize) -> bool {
    let children = tree.children(folder);
    let below: u32 = children.iter().map(|&child| tree.pictures_below(child)).sum();
    children.len() > 1 && tree.pictures(folder) < below / 10
}

/// A folder whose name is that of a split.
pub struct NamedSplit {
    /// The folder of that name.
    pub folder: usize,
    /// What the name says.
    pub kind: SplitKind,
    /// The folder in it that holds the class folders, or the pictures.
    pub holder: usize,
}

impl NamedSplit {
    /// Whether there are class folders in it.
    pub fn has_classes(&self, tree: &FolderTree) -> bool {
        !tree.children(self.holder).is_empty()
    }
}

/// Which of some folders beside each other are splits by their names together: `asl_train` and
/// `asl_test`, or `rps` and `rps-test-set` with the same classes. Alone none of these names says
/// so.
fn paired_splits(tree: &FolderTree, folders: &[usize]) -> BTreeMap<usize, SplitKind> {
    let mut by_rest: BTreeMap<String, Vec<(usize, SplitKind)>> = BTreeMap::new();
    let mut plain: BTreeMap<String, usize> = BTreeMap::new();
    for &folder in folders {
        let name = tree.name(folder);
        match split_in_name(name) {
            _ if split_kind(name).is_some() => {}
            Some((kind, rest)) => by_rest.entry(rest).or_default().push((folder, kind)),
            None => _ = plain.entry(plain_name(name)).or_insert(folder),
        }
    }
    let classes = |folder, kind| {
        let holder = holder(tree, folder, kind);
        keys(tree, tree.children(holder))
    };
    // Folds of one set, `fold1_train` and `fold1_test` beside `fold2_train` and `fold2_test`, hold
    // the same pictures over and over: to train on all of their training parts would be to train on
    // what validates.
    let unnumbered = |name: &str| name.replace(|c: char| c.is_ascii_digit(), "");
    let could_be_fold = |group: &[(usize, SplitKind)]| {
        group.iter().any(|(_, kind)| *kind == SplitKind::Train)
            && group.iter().any(|(_, kind)| *kind != SplitKind::Train)
            && group.iter().all(|&(folder, kind)| !classes(folder, kind).is_empty())
    };
    let mut alike: BTreeMap<String, u32> = BTreeMap::new();
    for (rest, _) in by_rest.iter().filter(|(_, group)| could_be_fold(group)) {
        *alike.entry(unnumbered(rest)).or_default() += 1;
    }
    let mut found = BTreeMap::new();
    for (rest, group) in by_rest {
        let is_fold = could_be_fold(&group) && alike.get(&unnumbered(&rest)) > Some(&1);
        if is_fold {
            continue;
        }
        let trains = group.iter().any(|(_, kind)| *kind == SplitKind::Train);
        if trains && group.iter().any(|(_, kind)| *kind != SplitKind::Train) {
            found.extend(group);
        } else if !trains && let Some(&beside) = plain.get(&rest) {
            let trained = classes(beside, SplitKind::Train);
            let of_same =
                |&(folder, kind): &(usize, SplitKind)| !classes(folder, kind).is_disjoint(&trained);
            found.extend(group.into_iter().filter(of_same));
        }
    }
    found
}

/// The folder in a split's folder that holds the class folders, or the pictures: the innermost one
/// of folders that only repeat the split's name or say nothing, as in `seg_train/seg_train`.
fn holder(tree: &FolderTree, split: usize, kind: SplitKind) -> usize {
    let mut folder = split;
    loop {
        let [only] = tree.children(folder)[..] else { return folder };
        let name = tree.name(only);
        let repeats =
            split_kind(name) == Some(kind) || says_nothing(name) || name == tree.name(split);
        if tree.pictures(folder) > 0 || !repeats {
            return folder;
        }
        folder = only;
    }
}

/// The class keys of folders.
pub fn keys(tree: &FolderTree, folders: impl IntoIterator<Item = usize>) -> BTreeSet<String> {
    folders.into_iter().filter_map(|folder| class_key(tree.name(folder))).collect()
}

/// The outermost folders that hold splits by their names.
pub struct Splits(pub Vec<NamedSplit>);

impl Splits {
    /// Finds them below `top`. The folder `validation`, if a reader chose one, is of validation
    /// pictures whatever its name.
    pub fn find(tree: &FolderTree, top: usize, validation: Option<&str>) -> Self {
        let chosen = |folder| validation.is_some_and(|name| tree.path(folder) == name);
        let (mut found, mut waiting) = (Vec::new(), vec![top]);
        let mut paired: BTreeMap<usize, SplitKind> = BTreeMap::new();
        while let Some(folder) = waiting.pop() {
            let by_name = split_kind(tree.name(folder)).or(paired.remove(&folder));
            let kind = by_name.or_else(|| chosen(folder).then_some(SplitKind::Valid));
            match kind.filter(|_| folder != top) {
                Some(kind) => {
                    found.push(NamedSplit { folder, kind, holder: holder(tree, folder, kind) });
                }
                None => {
                    let children = tree.children(folder);
                    paired.extend(paired_splits(tree, &children));
                    waiting.extend(children.into_iter().rev());
                }
            }
        }
        Self(found)
    }

    /// Whether there are training pictures of known classes, and folders of another split.
    pub fn is_split_first(&self, tree: &FolderTree, top: usize) -> bool {
        let is_labelled =
            |split: &NamedSplit| split.has_classes(tree) || tree.is_labelled_by_names(split.holder);
        let others = self.0.iter().any(|split| split.kind != SplitKind::Train);
        let trains =
            self.0.iter().any(|split| split.kind == SplitKind::Train && is_labelled(split));
        others && (trains || !self.classes_beside(tree, top).is_empty())
    }

    /// The keys of the classes in splits of some kinds.
    pub fn classes(
        &self,
        tree: &FolderTree,
        kinds: impl Fn(SplitKind) -> bool,
    ) -> BTreeSet<String> {
        let splits = self.0.iter().filter(|split| kinds(split.kind));
        keys(tree, splits.flat_map(|split| tree.children(split.holder)))
    }

    /// The class folders beside the folders of splits, if some of them are of the same classes:
    /// `cat` and `dog` beside `test/cat` and `test/dog`.
    pub fn classes_beside(&self, tree: &FolderTree, top: usize) -> Vec<usize> {
        let splits: BTreeSet<usize> = self.0.iter().map(|split| split.folder).collect();
        let (mut beside, mut waiting) = (Vec::new(), vec![top]);
        while let Some(folder) = waiting.pop() {
            if splits.contains(&folder) {
                continue;
            }
            if folder != top && tree.pictures(folder) > 0 && !holds_strays(tree, folder) {
                beside.push(folder);
            } else {
                waiting.extend(tree.children(folder).into_iter().rev());
            }
        }
        let validated = self.classes(tree, |kind| kind != SplitKind::Train);
        if keys(tree, beside.iter().copied()).is_disjoint(&validated) { Vec::new() } else { beside }
    }

    /// Whether the pictures lie in the folders of splits directly, so that nothing says what they
    /// show: `train/1.jpg`, `test/1.jpg`. Among other folders, those are classes of such names.
    pub fn is_without_classes(&self, tree: &FolderTree, top: usize) -> bool {
        let children: BTreeSet<usize> = tree.children(top).into_iter().collect();
        let has = |kind| self.0.iter().any(|split| split.kind == kind);
        let direct = self.0.iter().filter(|split| children.contains(&split.folder));
        let unlabelled = direct
            .filter(|split| !split.has_classes(tree) && !tree.is_labelled_by_names(split.holder))
            .count();
        let others = children.len() - unlabelled;
        let both = has(SplitKind::Train) && (has(SplitKind::Valid) || has(SplitKind::Test));
        unlabelled > 0 && (others == 0 || (both && others < 2))
    }
}

/// The class folders in which the pictures are told apart by split, `cat/train` and `cat/val`;
/// `None` if the folders are arranged in another way.
pub fn class_holders(tree: &FolderTree, top: usize) -> Option<Vec<usize>> {
    let (mut holders, mut kinds, mut waiting) = (Vec::new(), BTreeSet::new(), vec![top]);
    let mut others = 0;
    while let Some(folder) = waiting.pop() {
        let children = tree.children(folder);
        let split_kinds: Option<BTreeSet<SplitKind>> = children
            .iter()
            .map(|&child| {
                split_kind(tree.name(child))
                    .filter(|&kind| tree.children(holder(tree, child, kind)).is_empty())
            })
            .collect();
        match split_kinds {
            Some(found) if folder != top && !found.is_empty() => {
                holders.push(folder);
                kinds.extend(found);
            }
            _ => {
                others += usize::from(folder != top && tree.pictures(folder) > 0);
                waiting.extend(children.into_iter().rev());
            }
        }
    }
    let both = kinds.contains(&SplitKind::Train) && kinds.len() > 1;
    let is_found = holders.len() + others > 1 && !holders.is_empty() && (both || others == 0);
    is_found.then_some(holders)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::folder_tree::ROOT;
    use crate::load::layout::Layout;

    #[test]
    fn folds_are_no_splits_and_other_numbers_change_nothing() {
        let splits = |folders: &[&str]| -> BTreeSet<String> {
            let mut tree = FolderTree::default();
            for folder in folders {
                let path: Vec<&str> = folder.split('/').collect();
                assert!(tree.add(&path, "1.jpg").is_ok());
            }
            let found = Splits::find(&tree, ROOT, None).0;
            found.iter().map(|split| tree.name(split.folder).to_owned()).collect()
        };
        let folds = ["fold1_train/cat", "fold1_test/cat", "fold2_train/cat", "fold2_test/cat"];
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(splits(&folds), named(&[]));
        assert_eq!(splits(&folds[..2]), named(&["fold1_train", "fold1_test"]));
        let digits = ["train_digit1", "test_digit1", "train_digit2", "test_digit2"];
        assert_eq!(splits(&digits), named(&digits));
        let letters = ["asl_train/a", "asl_test/a", "asl2_test/a"];
        assert_eq!(splits(&letters), named(&["asl_train", "asl_test"]));
    }

    /// As many folders as there may be, in shapes that are costly for whoever compares each with
    /// each.
    #[test]
    fn many_folders_are_no_trouble() {
        let paths: [fn(u32) -> String; 7] = [
            |number| format!("train {number}/cat"),
            |number| format!("test{number}"),
            |number| format!("{number} train/cat"),
            |number| format!("{} {}", number / 2, if number % 2 == 0 { "train" } else { "test" }),
            |number| format!("class {number}/train {number}"),
            |number| {
                format!("fold{} {}/cat", number / 2, if number % 2 == 0 { "train" } else { "test" })
            },
            |number| format!("cat{}", " ".repeat(number as usize % 4_000)),
        ];
        for path in paths {
            let mut tree = FolderTree::default();
            for number in 0..60_000 {
                let path = path(number);
                let folders: Vec<&str> = path.split('/').collect();
                if tree.add(&folders, "1.jpg").is_err() {
                    break;
                }
            }
            let layout = Layout::infer(&tree, Some("test7"));
            assert!(layout.parts.len() <= 1_000);
        }
    }
}
