//! Pictures as files in class folders: drawn ones, the photos where they are, both in one folder.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use resnette_images::decode::decode;
use resnette_picture::classes::IMAGENETTE;
use resnette_picture::drawn;
use support::{Folder, refused, works};

const DRAWINGS: &str = "#train=3&valid=2&size=40&seed=9";

/// The 1,500 + 500 photos; `None` where they are not.
fn photos() -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let given = std::env::var_os("RESNETTE_SHARED").map(PathBuf::from);
    let mut places = given.into_iter().chain(above.map(|up| up.join("shared/imagenette")));
    let found = places.find(|folder| folder.join("160px/train/0000.parquet").is_file());
    if found.is_none() {
        println!("skipped: shared/imagenette is not there");
    }
    found.map(|folder| folder.join("160px"))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn drawings_are_those_of_the_run_and_never_replaced() {
    let folder = Folder::new("export");
    let out = folder.file("set");
    works(&["export-pictures", DRAWINGS, "--out", &out]);
    let set = Path::new(&out);
    assert_eq!(names(set), ["train", "valid"]);
    let mut classes: Vec<&str> = IMAGENETTE.iter().map(|(_, name)| *name).collect();
    classes.sort_unstable();
    for (split, count) in [("train", 3), ("valid", 2)] {
        assert_eq!(names(&set.join(split)), classes);
        assert_eq!(names(&set.join(split).join("French horn")).len(), count, "{split}");
    }
    let read = |path: &str| decode(&fs::read(set.join(path)).unwrap()).unwrap();
    // Class 7 is the gas pump; the two validation pictures come after the three training ones.
    assert_eq!(read("train/gas pump/drawing-00001.png"), drawn::draw(7, 0, 9, 40));
    assert_eq!(read("valid/gas pump/drawing-00002.png"), drawn::draw(7, 4, 9, 40));
    // What is made of them is a set with both parts, in Imagenette's order.
    let report = works(&["data", &out, "--json"]);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let found = report["classes"].as_array().unwrap();
    let found: Vec<&str> = found.iter().map(|class| class["name"].as_str().unwrap()).collect();
    assert_eq!(found, IMAGENETTE.map(|(_, name)| name));
    assert_eq!(report["classes"][0]["train"], 3);
    assert_eq!(report["problems"], serde_json::json!([]));
    let before = fs::read(set.join("train/tench/drawing-00001.png")).unwrap();
    let told = refused(&["export-pictures", "#train=1&seed=1", "--out", &out]);
    assert!(told.contains("is there already"), "{told}");
    assert_eq!(fs::read(set.join("train/tench/drawing-00001.png")).unwrap(), before);
}

#[test]
fn one_part_alone_is_written_and_another_source_refused() {
    let folder = Folder::new("export-part");
    let out = folder.file("set");
    works(&["export-pictures", DRAWINGS, "--only", "train", "--out", &out]);
    assert_eq!(names(Path::new(&out)), ["train"]);
    // A folder of class folders is no pair of parquet files.
    let other = folder.file("other");
    let told = refused(&["export-pictures", "--data", &out, "--out", &other]);
    assert!(told.contains("train/0000.parquet is not there"), "{told}");
    assert!(!Path::new(&other).exists());
}

#[test]
fn photos_and_drawings_share_a_folder() {
    let Some(photos) = photos() else { return };
    let folder = Folder::new("export-both");
    let (out, data) = (folder.file("set"), photos.display().to_string());
    works(&["export-pictures", "#train=5&valid=4", "--data", &data, "--out", &out]);
    works(&["export-pictures", DRAWINGS, "--only", "train", "--out", &out]);
    let set = Path::new(&out);
    let files = names(&set.join("train/English springer"));
    assert_eq!(files.len(), 8, "{files:?}");
    assert_eq!((&files[0][..], &files[7][..]), ("drawing-00001.png", "photo-00005.jpg"));
    assert_eq!(names(&set.join("valid/English springer")).len(), 4);
    // The bytes are those of the file: each is found in it as it is, since JPEGs do not shrink.
    let photo = fs::read(set.join("valid/church/photo-00001.jpg")).unwrap();
    let parquet = fs::read(photos.join("validation/0000.parquet")).unwrap();
    let start = &photo[200..264];
    assert!(parquet.windows(64).any(|window| window == start));
    let told = refused(&["export-pictures", "--data", &data, "--out", &out]);
    assert!(told.contains("is there already"), "{told}");
}
