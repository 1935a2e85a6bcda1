//! Folders that name classes and no splits, or nothing at all.

use super::layouts::{DRAWN, KEPT, ONE_IN_FIVE, SPLIT, classes, row, splits};
use super::{Row, loaded, loaded_with, refused};
use crate::archive_fixtures::zip;
use crate::fixtures::{gzip, tar};
use crate::layout_files::{archive, folders, named};
use crate::made::{Held, held};

/// The rows.
pub fn rows() -> Vec<Row> {
    [without_splits(), uneven(), refusals()].into_iter().flatten().collect()
}

/// The pictures of a class as they lie in an archive of their own.
fn one_class(name: &str) -> Vec<(String, Vec<u8>)> {
    let all = classes("cat", "dog").into_iter();
    all.filter_map(|(path, bytes)| Some((path.strip_prefix(name)?.get(1..)?.to_owned(), bytes)))
        .collect()
}

/// A zip for each class, by its path.
fn zips(paths: &[&str]) -> Vec<Held> {
    let class = |path: &str| if path.contains("cat") { "cat" } else { "dog" };
    paths.iter().map(|path| Held::new(*path, zip(&one_class(class(path))))).collect()
}

fn without_splits() -> Vec<Row> {
    let drawn = |opened, outcome, cat: &str, dog: &str| {
        row(opened, outcome, held(&classes(cat, dog)), loaded(ONE_IN_FIVE, DRAWN))
    };
    let vehicles = |names: &[&str]| {
        let paths: Vec<String> = names.iter().map(|name| format!("vehicles/{name}")).collect();
        let all: Vec<(&str, usize, u64)> =
            paths.iter().enumerate().map(|(drawing, path)| (path.as_str(), drawing, 10)).collect();
        folders(&all)
    };
    let five = "two classes; one in five validates";
    vec![
        drawn("a folder called `train` that holds `cat` and `dog`", five, "train/cat", "train/dog"),
        drawn("`pets/train` alone", five, "pets/train/cat", "pets/train/dog"),
        drawn("`pets/val` alone", five, "pets/val/cat", "pets/val/dog"),
        drawn(
            "`cat` and `dog`, many folders further in",
            five,
            "a/b/c/images/cat",
            "a/b/c/images/dog",
        ),
        drawn("two folders dropped at once, `cat` and `dog`", five, "cat", "dog"),
        drawn(
            "`cat/images` and `dog/images`",
            "the folder around `images` names the class",
            "pets/cat/images",
            "pets/dog/images",
        ),
        row(
            "one archive for each class, `cat.tgz` and `dog.tgz`",
            "the archives' names are the classes",
            {
                let one = |name| gzip(&tar(&one_class(name)));
                vec![Held::new("cat.tgz", one("cat")), Held::new("dog.tgz", one("dog"))]
            },
            loaded(ONE_IN_FIVE, DRAWN),
        ),
        row(
            "one zip for each class, as Teachable Machine saves them",
            "the archives' names are the classes",
            zips(&["cat.zip", "dog.zip"]),
            loaded(ONE_IN_FIVE, DRAWN),
        ),
        row(
            "the same in a folder",
            "the same",
            zips(&["samples/cat.zip", "samples/dog.zip"]),
            loaded(ONE_IN_FIVE, DRAWN),
        ),
        row(
            "one of these zips alone",
            "refused: the others are needed",
            zips(&["cat.zip"]),
            refused(
                "cat.zip has pictures of one class only (cat), and at least 2 are needed; if each class is in an archive of its own, open all of these together, else put the pictures of each class into a folder of its own",
            ),
        ),
        row(
            "one of these zips, and a folder for the other class",
            "the archive's name is a class like the folder's",
            {
                let mut files = zips(&["cat.zip"]);
                files.extend(
                    one_class("dog")
                        .into_iter()
                        .map(|(path, bytes)| Held::new(format!("dog/{path}"), bytes)),
                );
                files
            },
            loaded(ONE_IN_FIVE, DRAWN),
        ),
        row(
            "the same classes in several folders, `webcam/cat`, `amazon/cat`, …",
            "folders of one name are one class",
            held(&folders(&[
                ("office/webcam/cat", 0, 5),
                ("office/amazon/cat", 0, 5),
                ("office/webcam/dog", 1, 5),
                ("office/amazon/dog", 1, 5),
            ])),
            loaded(ONE_IN_FIVE, DRAWN),
        ),
        row(
            "`cat` with pictures and a folder `kittens`, and `dog`",
            "what lies in a class's folder is of the class",
            held(&folders(&[("pets/cat", 0, 5), ("pets/cat/kittens", 0, 5), ("pets/dog", 1, 10)])),
            loaded(ONE_IN_FIVE, DRAWN),
        ),
        row(
            "pictures beside the folders `cat` and `dog`",
            "they are left out and told",
            held(&[classes("pets/cat", "pets/dog"), folders(&[("pets", 4, 3)])].concat()),
            loaded_with(
                ONE_IN_FIVE,
                DRAWN,
                &[],
                &[
                    "pets (3): these pictures lie beside the class folders, so nothing says what they show; to use them, move each into its class's folder",
                ],
            ),
        ),
        row(
            "vehicles, `car`, `train`, `plane`",
            "`train` is a class",
            held(&vehicles(&["car", "train", "plane"])),
            loaded(&[("car", 8, 2), ("plane", 8, 2), ("train", 8, 2)], 0x7a46_52f4_fc42_e3bb),
        ),
        row(
            "the same as `.tgz`",
            "the same",
            archive("vehicles.tgz", &vehicles(&["car", "train", "plane"])),
            loaded(&[("car", 8, 2), ("plane", 8, 2), ("train", 8, 2)], 0x7a46_52f4_fc42_e3bb),
        ),
        row(
            "`car`, `plane`, `test`, `train`, each with pictures",
            "among other classes, `test` and `train` are classes",
            held(&vehicles(&["car", "plane", "test", "train"])),
            loaded(
                &[("car", 8, 2), ("plane", 8, 2), ("test", 8, 2), ("train", 8, 2)],
                0x6132_6ee4_b6f1_7533,
            ),
        ),
        row(
            "`valid` and `invalid`",
            "two classes",
            held(&vehicles(&["valid", "invalid"])),
            loaded(&[("invalid", 8, 2), ("valid", 8, 2)], 0x918f_8be5_5335_d53a),
        ),
        row(
            "a folder of pictures with ImageNet's file names",
            "the names tell the classes",
            held(&named(&[("loose", "n01440764", 0, 10), ("loose", "n03888257", 9, 10)])),
            loaded(&[("tench", 8, 2), ("parachute", 8, 2)], 0x0bbc_b982_3736_62cb),
        ),
    ]
}

fn uneven() -> Vec<Row> {
    let split = splits("pets/train", "pets/val");
    vec![
        row(
            "a class that is in `train` and not in `val`",
            "its pictures train; that nothing validates it is told",
            held(&[split.clone(), folders(&[("pets/train/mouse", 4, 9)])].concat()),
            loaded_with(
                &[("cat", 10, 5), ("dog", 10, 5), ("mouse", 9, 0)],
                0x428e_5906_652d_85ea,
                &[
                    "pets: there are no validation pictures of “mouse”, so nothing will show how well the network recognises them; add some, or use one in five of all pictures for validation",
                ],
                &[],
            ),
        ),
        row(
            "a class that is in `val` and not in `train`",
            "it is left out and told",
            held(&[split, folders(&[("pets/val/mouse", 4, 9)])].concat()),
            loaded_with(
                KEPT,
                SPLIT,
                &[],
                &[
                    "mouse (9): there are pictures of this class to validate with and none to train on; to use them, add some of the class to the training pictures",
                ],
            ),
        ),
    ]
}

fn refusals() -> Vec<Row> {
    let files = folders(&[("pets/train", 0, 10), ("pets/test", 1, 10)]);
    let message = refused(
        "the pictures lie in “pets/test” and “pets/train” without a folder for each class, so nothing says what they show. Put those of each class into a folder of its own, as in train/cat, train/dog, test/cat and test/dog, and open the folder around these",
    );
    let again = refused(
        "the pictures lie in “pets/test” and “pets/train” without a folder for each class, so nothing says what they show. Put those of each class into a folder of its own, as in train/cat, train/dog, test/cat and test/dog, and open the folder around these",
    );
    vec![
        row(
            "`train` and `test` without class folders",
            "refused, with how to arrange them",
            held(&files),
            message,
        ),
        row("the same as `.tgz`", "the same", archive("pets.tgz", &files), again),
        row(
            "a folder of pictures without class folders",
            "refused, with how to arrange them",
            held(&folders(&[("holiday", 0, 10)])),
            refused(
                "holiday has pictures of one class only (holiday), and at least 2 are needed; put the pictures of each class into a folder of its own, and open the folder that holds these folders",
            ),
        ),
    ]
}
