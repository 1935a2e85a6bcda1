//! Folders that name splits.

use super::{Row, loaded, loaded_with};
use crate::fixtures::{gzip, tar};
use crate::layout_files::{archive, folders, named};
use crate::made::{Held, held};

/// Two classes in two splits.
pub fn splits(train: &str, valid: &str) -> Vec<(String, Vec<u8>)> {
    folders(&[
        (&format!("{train}/cat"), 0, 10),
        (&format!("{train}/dog"), 1, 10),
        (&format!("{valid}/cat"), 2, 5),
        (&format!("{valid}/dog"), 3, 5),
    ])
}

/// Two classes without splits.
pub fn classes(cat: &str, dog: &str) -> Vec<(String, Vec<u8>)> {
    folders(&[(cat, 0, 10), (dog, 1, 10)])
}

/// What [`splits`] gives, whatever the folders are called.
pub const SPLIT: u64 = 0x4a94_7979_7352_3575;
/// What [`classes`] gives.
pub const DRAWN: u64 = 0x174f_f1fe_a41e_ffe4;
pub const KEPT: &[(&str, u32, u32)] = &[("cat", 10, 5), ("dog", 10, 5)];
pub const ONE_IN_FIVE: &[(&str, u32, u32)] = &[("cat", 8, 2), ("dog", 8, 2)];

const UNLABELLED: &str = "these pictures lie in no class folders, so nothing says what they show; to use them, sort them into folders that are called like the classes";
const LAST_TEST: &str = "other folders hold the training and the validation pictures, so these are kept for a last test; choose this folder for validation to use it";

/// The rows.
pub fn rows() -> Vec<Row> {
    let parts = [kept_splits(), tests_left_out(), classes_first()];
    parts.into_iter().flatten().collect()
}

pub fn row(
    opened: &'static str,
    outcome: &'static str,
    files: Vec<Held>,
    expected: super::Expected,
) -> Row {
    Row::new(opened, outcome, files, expected)
}

fn kept_splits() -> Vec<Row> {
    let same = || loaded(KEPT, SPLIT);
    let split = |train: &str, valid: &str| held(&splits(train, valid));
    let kept = "two classes; the split is kept";
    vec![
        row(
            "`train/cat`, `train/dog`, `val/cat`, `val/dog`",
            kept,
            split("pets/train", "pets/val"),
            same(),
        ),
        row(
            "the same as `.tgz`",
            kept,
            archive("pets.tgz", &splits("pets/train", "pets/val")),
            same(),
        ),
        row(
            "a folder called `test` that holds `train` and `val`",
            "its own name is no split; the split is kept",
            split("test/train", "test/val"),
            same(),
        ),
        row(
            "the same as `.tar`",
            "the same",
            archive("test.tar", &splits("test/train", "test/val")),
            same(),
        ),
        row(
            "`train` and `val` in an archive called `train.tgz`",
            kept,
            archive("train.tgz", &splits("train", "val")),
            same(),
        ),
        row("`Training`, `Validation`", kept, split("pets/Training", "pets/Validation"), same()),
        row("`TRAIN`, `VALID`", kept, split("pets/TRAIN", "pets/VALID"), same()),
        row("`training`, `testing`", kept, split("pets/training", "pets/testing"), same()),
        row(
            "`training_set`, `test_set`",
            kept,
            split("pets/training_set", "pets/test_set"),
            same(),
        ),
        row(
            "`train-images`, `dev-images`",
            kept,
            split("pets/train-images", "pets/dev-images"),
            same(),
        ),
        row("`train2017`, `val2017`", kept, split("pets/train2017", "pets/val2017"), same()),
        row(
            "`Training Set (80 %)`, `Evaluation Set (20 %)`",
            kept,
            split("pets/Training Set (80 %)", "pets/Evaluation Set (20 %)"),
            same(),
        ),
        row(
            "`train/images/cat`, `val/images/cat`, …",
            "a folder `images` is no class; the split is kept",
            split("pets/train/images", "pets/val/images"),
            same(),
        ),
        row(
            "`train/cat/indoors`, `train/cat/outdoors`, `train/dog/indoors`, `val/cat/indoors`, …",
            "the class is the folder in the split, however deep the pictures lie",
            held(&folders(&[
                ("pets/train/cat/indoors", 0, 5),
                ("pets/train/cat/outdoors", 0, 5),
                ("pets/train/dog/indoors", 1, 10),
                ("pets/val/cat/indoors", 2, 5),
                ("pets/val/dog/indoors", 3, 5),
            ])),
            same(),
        ),
        row("two folders dropped at once, `train` and `val`", kept, split("train", "val"), same()),
        row(
            "two archives, `train.tgz` and `val.tgz`",
            kept,
            {
                let files = splits("train", "val");
                let part = |name: &str| -> Vec<_> {
                    files
                        .iter()
                        .filter(|(path, _)| path.starts_with(name))
                        .map(|(path, bytes)| (path[name.len() + 1..].to_owned(), bytes.clone()))
                        .collect()
                };
                vec![
                    Held::new("train.tgz", gzip(&tar(&part("train")))),
                    Held::new("val.tgz", gzip(&tar(&part("val")))),
                ]
            },
            same(),
        ),
        row(
            "two sets side by side, `a/train`, `a/val`, `b/train`, `b/val`",
            "their classes are put together; both splits are kept",
            held(&folders(&[
                ("sets/a/train/cat", 0, 10),
                ("sets/a/val/cat", 2, 5),
                ("sets/b/train/dog", 1, 10),
                ("sets/b/val/dog", 3, 5),
            ])),
            same(),
        ),
        row(
            "`cat` and `dog` beside `test/cat` and `test/dog`",
            "`test` validates",
            split("pets", "pets/test"),
            same(),
        ),
        row(
            "`images/cat`, `images/dog` beside `test/cat`, `test/dog`",
            "`test` validates",
            split("pets/images", "pets/test"),
            same(),
        ),
        row(
            "vehicles, `train/car`, `train/train`, `val/car`, `val/train`",
            "a class in `train` may be called `train`",
            held(&folders(&[
                ("vehicles/train/car", 0, 10),
                ("vehicles/train/train", 1, 10),
                ("vehicles/val/car", 2, 5),
                ("vehicles/val/train", 3, 5),
            ])),
            loaded(&[("car", 10, 5), ("train", 10, 5)], 0xfb4a_35f5_3969_6807),
        ),
        row(
            "`train` and `val` without class folders, but with ImageNet's file names",
            "the names tell the classes; the split is kept",
            held(&named(&[
                ("set/train", "n01440764", 0, 10),
                ("set/train", "n03888257", 9, 10),
                ("set/val", "n01440764", 2, 5),
                ("set/val", "n03888257", 3, 5),
            ])),
            loaded(&[("tench", 10, 5), ("parachute", 10, 5)], 0x7f45_0a13_c625_9a28),
        ),
    ]
}

fn tests_left_out() -> Vec<Row> {
    let split = splits("pets/train", "pets/val");
    let with = |more: &[(&str, usize, u64)]| [split.clone(), folders(more)].concat();
    let labelled = with(&[("pets/test/cat", 4, 6), ("pets/test/dog", 5, 6)]);
    let unlabelled = with(&[("pets/test", 4, 12)]);
    let intel = [
        splits("intel/seg_train/seg_train", "intel/seg_test/seg_test"),
        folders(&[("intel/seg_pred/seg_pred", 4, 7)]),
    ]
    .concat();
    let train = || classes("pets/train/cat", "pets/train/dog");
    let out = |name: &str, pictures: u32, reason: &str| format!("{name} ({pictures}): {reason}");
    let kept = |left_out: String| loaded_with(KEPT, SPLIT, &[], &[&left_out]);
    let drawn = |left_out: String| loaded_with(ONE_IN_FIVE, DRAWN, &[], &[&left_out]);
    vec![
        row(
            "`train`, `val` and `test`, all with class folders",
            "`val` validates; `test` is left out and told",
            held(&labelled),
            kept(out("pets/test", 12, LAST_TEST)),
        ),
        row(
            "the same as `.tgz`",
            "the same",
            archive("pets.tgz", &labelled),
            kept(out("pets/test", 12, LAST_TEST)),
        ),
        row(
            "`train`, `val`, and `test` with pictures without class folders",
            "`test` is left out and told, and no class",
            held(&unlabelled),
            kept(out("pets/test", 12, UNLABELLED)),
        ),
        row(
            "the same as `.tar`",
            "the same",
            archive("pets.tar", &unlabelled),
            kept(out("pets/test", 12, UNLABELLED)),
        ),
        row(
            "Intel's set: `seg_train/seg_train/…`, `seg_test/seg_test/…`, `seg_pred/seg_pred`",
            "`seg_test` validates; `seg_pred` is left out and told",
            held(&intel),
            kept(out("intel/seg_pred", 7, UNLABELLED)),
        ),
        row(
            "`train` with class folders, `test` without",
            "one in five validates; `test` is left out and told",
            held(&[train(), folders(&[("pets/test", 4, 12)])].concat()),
            drawn(out("pets/test", 12, UNLABELLED)),
        ),
        row(
            "`train` with class folders, and `test/unknown`",
            "the same",
            held(&[train(), folders(&[("pets/test/unknown", 4, 12)])].concat()),
            drawn(out(
                "pets/test",
                12,
                "none of the folders in it is called like a class that is trained; to use these pictures, sort them into folders that are",
            )),
        ),
        row(
            "`train` with class folders, and pictures called `test_images`, `unlabeled`",
            "the same",
            held(
                &[train(), folders(&[("pets/test_images", 4, 3), ("pets/unlabeled", 5, 4)])]
                    .concat(),
            ),
            loaded_with(
                ONE_IN_FIVE,
                DRAWN,
                &[],
                &[&out("pets/test_images", 3, UNLABELLED), &out("pets/unlabeled", 4, UNLABELLED)],
            ),
        ),
        row(
            "`extra/cat` beside `train` and `val`",
            "`extra` is left out and told",
            held(&with(&[("pets/extra/cat", 4, 3)])),
            kept(out(
                "pets/extra",
                3,
                "these pictures lie beside the folders of training and validation pictures; to use them, move them into those",
            )),
        ),
        row(
            "pictures in `train` beside its class folders",
            "they are left out and told",
            held(&with(&[("pets/train", 4, 2)])),
            kept(out(
                "pets/train",
                2,
                "these pictures lie beside the class folders, so nothing says what they show; to use them, move each into its class's folder",
            )),
        ),
    ]
}

fn classes_first() -> Vec<Row> {
    let files = |train: &str, valid: &str| {
        folders(&[
            (&format!("pets/cat/{train}"), 0, 10),
            (&format!("pets/cat/{valid}"), 2, 5),
            (&format!("pets/dog/{train}"), 1, 10),
            (&format!("pets/dog/{valid}"), 3, 5),
        ])
    };
    let test = folders(&[("pets/cat/test", 4, 4), ("pets/dog/test", 5, 4)]);
    let left_out = format!("pets/*/test (8): {LAST_TEST}");
    let kept = "cat and dog; the split in each is kept";
    vec![
        row(
            "`cat/train`, `cat/val`, `dog/train`, `dog/val`",
            kept,
            held(&files("train", "val")),
            loaded(KEPT, SPLIT),
        ),
        row(
            "`cat/train`, `cat/test`, `dog/train`, `dog/test`, as `.tar`",
            kept,
            archive("pets.tar", &files("train", "test")),
            loaded(KEPT, SPLIT),
        ),
        row(
            "`cat/Train_Set`, `cat/Test_Set`, …",
            kept,
            held(&files("Train_Set", "Test_Set")),
            loaded(KEPT, SPLIT),
        ),
        row(
            "`cat/train`, `cat/val`, `cat/test`, …",
            "`val` validates; `test` is left out and told",
            held(&[files("train", "val"), test].concat()),
            loaded_with(KEPT, SPLIT, &[], &[&left_out]),
        ),
        row(
            "`cat/train` and `dog/train` alone",
            "cat and dog; one in five validates",
            held(&classes("pets/cat/train", "pets/dog/train")),
            loaded(ONE_IN_FIVE, DRAWN),
        ),
    ]
}
