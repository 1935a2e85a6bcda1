//! Folders and archives that are neither a class nor a split, and names that could be either.

use super::layouts::{DRAWN, KEPT, ONE_IN_FIVE, SPLIT, classes, row, splits};
use super::{Row, loaded, loaded_with, refused};
use crate::archive_fixtures::zip;
use crate::fixtures::{jpeg, tar};
use crate::layout_files::{archive, folders};
use crate::made::{Held, held};

const NOTES: &str = "going by this folder's name, these are masks or other notes about the pictures in the folder beside it, so they are in no class; if they are pictures of a class, give the folder another name";
const UNLABELLED: &str = "these pictures lie in no class folders, so nothing says what they show; to use them, sort them into folders that are called like the classes";
const BESIDE: &str = "each picture in it has a file with its label beside it, as in WebDataset, and such files are not read; sort the pictures into folders that are called like the classes, or write the set as parquet";
const LAST_TEST: &str = "other folders hold the training and the validation pictures, so these are kept for a last test; choose this folder for validation to use it";

/// The rows.
pub fn rows() -> Vec<Row> {
    [usual_exports(), notes(), labels_beside(), vague_names()].into_iter().flatten().collect()
}

fn text(path: &str) -> (String, Vec<u8>) {
    (path.into(), b"0 0.5 0.5 0.1 0.1".to_vec())
}

fn without_classes(folders: &str) -> super::Expected {
    refused(&format!(
        "the pictures lie in {folders} without a folder for each class, so nothing says what they show. Put those of each class into a folder of its own, as in train/cat, train/dog, test/cat and test/dog, and open the folder around these"
    ))
}

fn usual_exports() -> Vec<Row> {
    let roboflow = [
        splits("pets/train", "pets/valid"),
        folders(&[("pets/test/cat", 4, 2), ("pets/test/dog", 5, 2)]),
        vec![text("pets/README.roboflow.txt"), text("pets/README.dataset.txt")],
    ]
    .concat();
    let systems = [
        classes("pets/cat", "pets/dog"),
        folders(&[
            ("pets/cat/@eaDir/0001.jpg", 4, 1),
            ("pets/dog/@eaDir", 4, 3),
            ("pets/#recycle", 4, 6),
            ("pets/$RECYCLE.BIN", 4, 6),
            ("pets/lost+found", 4, 6),
            ("pets/.ipynb_checkpoints", 4, 6),
            ("pets/cat/.ipynb_checkpoints", 4, 6),
        ]),
        vec![text("pets/cat/Thumbs.db"), text("pets/desktop.ini"), text("pets/dog/Icon\r")],
    ]
    .concat();
    let doubled = zip(&splits("dataset/dataset/train", "dataset/dataset/test"));
    vec![
        row(
            "Roboflow's export of a classification set: `train`, `valid`, `test`, `README.roboflow.txt`",
            "`valid` validates; `test` is left out and told",
            held(&roboflow),
            loaded_with(KEPT, SPLIT, &[], &[&format!("pets/test (4): {LAST_TEST}")]),
        ),
        row(
            "Kaggle's `archive.zip` with a doubled folder, `dataset/dataset/train/cat`, …",
            "two classes; the split is kept",
            vec![Held::new("archive.zip", doubled)],
            loaded(KEPT, SPLIT),
        ),
        row(
            "thumbnails and waste bins of network storage and systems (`@eaDir`, `#recycle`, `$RECYCLE.BIN`, `lost+found`), `.ipynb_checkpoints`, `Thumbs.db`, macOS's icons",
            "they are left out without a word",
            held(&systems),
            loaded(ONE_IN_FIVE, DRAWN),
        ),
        row(
            "the same as `.tar`",
            "the same",
            archive("pets.tar", &systems),
            loaded(ONE_IN_FIVE, DRAWN),
        ),
        row(
            "`_unlabeled` beside `cat` and `dog`, as FiftyOne exports it",
            "it is left out and told",
            held(
                &[classes("pets/cat", "pets/dog"), folders(&[("pets/_unlabeled", 4, 7)])].concat(),
            ),
            loaded_with(ONE_IN_FIVE, DRAWN, &[], &[&format!("pets/_unlabeled (7): {UNLABELLED}")]),
        ),
    ]
}

fn notes() -> Vec<Row> {
    let masks = |name: &str| -> Vec<(String, Vec<u8>)> {
        let (cat, dog) = (format!("pets/{name}/cat"), format!("pets/{name}/dog"));
        let masks = folders(&[(&cat, 8, 10), (&dog, 9, 10)]);
        [classes("pets/images/cat", "pets/images/dog"), masks].concat()
    };
    let left_out = |name: &str| {
        let told = format!("pets/{name} (20): {NOTES}");
        loaded_with(ONE_IN_FIVE, DRAWN, &[], &[&told])
    };
    vec![
        row(
            "`images/cat`, `images/dog` beside `segmentations/cat`, `segmentations/dog`",
            "the masks are left out and told",
            held(&masks("segmentations")),
            left_out("segmentations"),
        ),
        row(
            "the same with `Ground_Truth`, as `.tar`",
            "the same",
            archive("pets.tar", &masks("Ground_Truth")),
            left_out("Ground_Truth"),
        ),
        row(
            "`annotations/cat`, `annotations/dog` beside `cat` and `dog`",
            "the same",
            held(
                &[
                    classes("pets/cat", "pets/dog"),
                    folders(&[("pets/annotations/cat", 8, 10), ("pets/annotations/dog", 9, 10)]),
                ]
                .concat(),
            ),
            left_out("annotations"),
        ),
        row(
            "`cat/images`, `cat/masks`, `dog/images`, `dog/masks`",
            "the folders around `images` name the classes; the masks are left out and told",
            held(
                &[
                    classes("pets/cat/images", "pets/dog/images"),
                    folders(&[("pets/cat/masks", 8, 10), ("pets/dog/masks", 9, 10)]),
                ]
                .concat(),
            ),
            loaded_with(
                ONE_IN_FIVE,
                DRAWN,
                &[],
                &[
                    &format!("pets/cat/masks (10): {NOTES}"),
                    &format!("pets/dog/masks (10): {NOTES}"),
                ],
            ),
        ),
        row(
            "`images` and `masks`",
            "refused, with how to arrange them",
            held(&folders(&[("pets/images", 0, 10), ("pets/masks", 1, 10)])),
            without_classes("“images”"),
        ),
        row(
            "`train/images`, `train/masks`, `val/images`, `val/masks`",
            "refused, with how to arrange them",
            held(&folders(&[
                ("pets/train/images", 0, 10),
                ("pets/train/masks", 1, 10),
                ("pets/val/images", 2, 5),
                ("pets/val/masks", 3, 5),
            ])),
            without_classes("“pets/train” and “pets/val”"),
        ),
        row(
            "Pascal VOC's `JPEGImages`, `SegmentationClass`, `SegmentationObject`",
            "refused, with how to arrange them",
            held(&folders(&[
                ("VOC2012/JPEGImages", 0, 10),
                ("VOC2012/SegmentationClass", 1, 10),
                ("VOC2012/SegmentationObject", 2, 10),
            ])),
            without_classes("“JPEGImages”"),
        ),
        row(
            "YOLO's `images` beside `labels` with lists",
            "refused, with how to arrange them",
            held(&[folders(&[("pets/images", 0, 10)]), vec![text("pets/labels/0.txt")]].concat()),
            without_classes("“images”"),
        ),
        row(
            "YOLO's `images/train`, `images/val`, `labels/train`, `labels/val`",
            "refused, with how to arrange them",
            held(
                &[
                    folders(&[("pets/images/train", 0, 10), ("pets/images/val", 1, 10)]),
                    vec![text("pets/labels/train/0.txt"), text("pets/labels/val/0.txt")],
                ]
                .concat(),
            ),
            without_classes("“pets/images/train” and “pets/images/val”"),
        ),
    ]
}

/// A shard in which each picture has files beside it.
fn shard(endings: &[&str], from: usize) -> Vec<u8> {
    let files = (from..from + 10).flat_map(|number| {
        let beside = endings.iter().map(move |ending| text(&format!("{number:05}.{ending}")));
        beside.chain([(format!("{number:05}.jpg"), jpeg(number % 2, number as u64))])
    });
    tar(&files.collect::<Vec<_>>())
}

fn labels_beside() -> Vec<Row> {
    let refusal = |name: &str| refused(&format!("{name}: {BESIDE}"));
    let nothing = "shards holds no picture that could be used; choose other pictures";
    vec![
        row(
            "WebDataset's `.tar` with `00000.jpg` and `00000.cls`",
            "refused: labels beside the pictures are not read",
            vec![Held::new("imgs.tar", shard(&["cls"], 0))],
            refusal("imgs.tar"),
        ),
        row(
            "two shards, `00000.tar` and `00001.tar`, with `.json` and `.txt` beside each picture",
            "refused; their names are no classes",
            vec![
                Held::new("shards/00000.tar", shard(&["json", "txt"], 0)),
                Held::new("shards/00001.tar", shard(&["json", "txt"], 10)),
            ],
            refused(nothing),
        ),
        row(
            "one archive for each class, `cat.tar` and `dog.tar`, with `.json` beside each picture",
            "the archives' names are the classes",
            vec![
                Held::new("pets/cat.tar", shard(&["json"], 0)),
                Held::new("pets/dog.tar", shard(&["json"], 10)),
            ],
            loaded(&[("cat", 8, 2), ("dog", 8, 2)], 0xcea0_a374_7dbb_5b19),
        ),
    ]
}

fn vague_names() -> Vec<Row> {
    let sorted = |names: &[&str]| {
        let paths: Vec<String> = names.iter().map(|name| format!("pets/{name}")).collect();
        let all: Vec<_> = paths.iter().enumerate().map(|(at, path)| (&**path, at, 10)).collect();
        held(&folders(&all))
    };
    const SPLIT_NAMES: &str = "these names say which pictures are for training as well as what they show, and are not taken apart, so each counts as a class of its own; sort the pictures into folders such as train/cats and test/cats";
    let doubled = |train: &str, test: &str| {
        held(&splits(&format!("pets/{train}/{train}"), &format!("pets/{test}/{test}")))
    };
    vec![
        row(
            "`images` beside `cat` and `dog`",
            "it counts as a class, and is told",
            held(&[classes("pets/cat", "pets/dog"), folders(&[("pets/images", 4, 10)])].concat()),
            loaded_with(
                &[("cat", 8, 2), ("dog", 8, 2), ("images", 8, 2)],
                0xcab3_4e8d_c9c3_adf3,
                &[
                    "images: this name does not say what the pictures show, and yet it counts as the name of a class, as those of the folders beside it do; if it is none, leave it out, or put its pictures into the folders of their classes",
                ],
                &[],
            ),
        ),
        row(
            "`pets_train/cat`, `pets_train/dog`, `pets_test/cat`, `pets_test/dog`",
            "two classes; the split is kept",
            held(&splits("set/pets_train", "set/pets_test")),
            loaded(KEPT, SPLIT),
        ),
        row(
            "`rps/rps/cat`, …, `rps-test-set/rps-test-set/cat`, …, as TensorFlow's sets are packed",
            "two classes; the split is kept",
            doubled("rps", "rps-test-set"),
            loaded(KEPT, SPLIT),
        ),
        row(
            "`horse-or-human/cat`, …, `validation-horse-or-human/cat`, …",
            "the same",
            held(&splits("set/horse-or-human", "set/validation-horse-or-human")),
            loaded(KEPT, SPLIT),
        ),
        row(
            "`asl_train/asl_train/cat`, …, and pictures in `asl_test/asl_test`",
            "one in five validates; `asl_test` is left out and told",
            held(
                &[
                    classes("set/asl_train/asl_train/cat", "set/asl_train/asl_train/dog"),
                    folders(&[("set/asl_test/asl_test", 4, 28)]),
                ]
                .concat(),
            ),
            loaded_with(ONE_IN_FIVE, DRAWN, &[], &[&format!("set/asl_test (28): {UNLABELLED}")]),
        ),
        row(
            "`train_cats`, `train_dogs`, `test_cats`, `test_dogs`",
            "refused, with how to arrange them",
            sorted(&["train_cats", "train_dogs", "test_cats", "test_dogs"]),
            without_classes(
                "“pets/test_cats”, “pets/test_dogs”, “pets/train_cats” and “pets/train_dogs”",
            ),
        ),
        row(
            "CycleGAN's `trainA`, `trainB`, `testA`, `testB`",
            "refused, with how to arrange them",
            sorted(&["trainA", "trainB", "testA", "testB"]),
            without_classes("“pets/testA”, “pets/testB”, “pets/trainA” and “pets/trainB”"),
        ),
        row(
            "`train_cats` and `test_cats` beside `dog`, `fox`",
            "each is a class of its own, and told",
            sorted(&["train_cats", "test_cats", "dog", "fox"]),
            loaded_with(
                &[("dog", 8, 2), ("fox", 8, 2), ("test_cats", 8, 2), ("train_cats", 8, 2)],
                0xc50a_26c7_1102_8542,
                &[&format!("test_cats, train_cats: {SPLIT_NAMES}")],
                &[],
            ),
        ),
        row(
            "`train station` and `station`, `test tube` and `tube`",
            "four classes",
            sorted(&["train station", "station", "test tube", "tube"]),
            loaded(
                &[("station", 8, 2), ("test tube", 8, 2), ("train station", 8, 2), ("tube", 8, 2)],
                0xcab9_4421_b675_55a2,
            ),
        ),
    ]
}
