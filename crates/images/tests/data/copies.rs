//! Validation pictures that are training pictures too, byte for byte, are told, whatever they come
//! in and on however many threads they are decoded.

use resnette_picture::report::Problem;
use resnette_spec::DataConfig;

use crate::archive_fixtures::zip;
use crate::fixtures::{gzip, jpeg, tar};
use crate::layout_files::folders;
use crate::made::{Held, config, held, load};
use crate::parquet_tables::{Table, Values};

/// Whether a problem is of this kind.
pub fn is_told(problem: &Problem) -> bool {
    problem.reason.contains(" too, byte for byte, so the accuracy is too high")
}

/// Two classes in two splits, and so many validation pictures more that are among those that train,
/// under other names and in turn of either class.
fn pets(copies: usize) -> Vec<(String, Vec<u8>)> {
    let mut files = folders(&[
        ("pets/train/cat", 0, 10),
        ("pets/train/dog", 1, 10),
        ("pets/val/cat", 2, 5),
        ("pets/val/dog", 3, 5),
    ]);
    for index in 0..copies {
        let class = ["cat", "dog"][index % 2];
        let bytes = files[index * 3].1.clone();
        files.push((format!("pets/val/{class}/copy {index}.jpg"), bytes));
    }
    files
}

/// The pictures of one split as a parquet file.
fn part(files: &[(String, Vec<u8>)], split: &str) -> Held {
    let folder = format!("/{split}/");
    let own: Vec<_> = files.iter().filter(|(path, _)| path.contains(&folder)).collect();
    let bytes = own.iter().map(|(_, bytes)| Some(bytes.clone())).collect();
    let label = |path: &str| Some(i64::from(path.contains("/dog/")));
    let labels = Values::Int64(own.iter().map(|(path, _)| label(path)).collect());
    let schema = "message m { optional binary image; optional int64 label; }";
    let columns = vec![Values::Bytes(bytes), labels.clone()];
    let table = Table { columns, ..Table::flat(2, schema, labels) };
    table.file(&format!("pets/{split}/0.parquet"))
}

/// The same pictures from every kind of source. Those of the last two are not drawn by their names.
fn sources(files: &[(String, Vec<u8>)]) -> Vec<Vec<Held>> {
    let pair = vec![part(files, "train"), part(files, "val")];
    let three = [part(files, "train"), part(files, "val")].into_iter().chain([{
        let more = folders(&[("pets/train/cat", 4, 3), ("pets/train/dog", 5, 3)]);
        Held::new("pets/train/1.parquet", part(&more, "train").bytes)
    }]);
    vec![
        held(files),
        vec![Held::new("pets.tar", tar(files))],
        vec![Held::new("pets.tgz", gzip(&tar(files)))],
        vec![Held::new("pets.zip", zip(files))],
        pair,
        three.collect(),
    ]
}

#[cfg(feature = "rayon")]
fn on_threads<R: Send>(threads: usize, task: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(task)
}

#[cfg(not(feature = "rayon"))]
fn on_threads<R>(_: usize, task: impl FnOnce() -> R) -> R {
    task()
}

fn problems(files: &[Held], config: &DataConfig, threads: usize) -> Vec<Problem> {
    on_threads(threads, || {
        let (set, problems) = load(files, config, 3);
        assert_eq!(set.unwrap().problems, []);
        problems
    })
}

#[test]
fn they_are_told_from_every_source() {
    const END: &str =
        "too, byte for byte, so the accuracy is too high; leave one of the copies out";
    for (copies, told) in [
        (0, None),
        (1, Some("1 of the 11 validation pictures is a training picture")),
        (4, Some("4 of the 14 validation pictures are training pictures")),
    ] {
        for files in sources(&pets(copies)) {
            let root = files[0].path.split('/').next().unwrap().to_owned();
            let expected: Vec<Problem> = told
                .iter()
                .map(|told| Problem { name: root.clone(), reason: format!("{told} {END}") })
                .collect();
            for threads in [1, 3] {
                let found = problems(&files, &config(100, 100), threads);
                assert_eq!(found, expected, "{}, {threads} threads", files[0].path);
            }
        }
    }
}

/// They are counted among the pictures that were drawn, and no order matters.
#[test]
fn they_are_told_of_the_draw() {
    let mut files = pets(6);
    let reasons = |files: &[(String, Vec<u8>)], threads: usize| -> Vec<Vec<String>> {
        let four = sources(files).into_iter().take(4);
        four.map(|files| {
            let told = problems(&files, &config(6, 5), threads);
            told.into_iter().map(|told| told.reason).collect()
        })
        .collect()
    };
    let one = reasons(&files, 1);
    assert!(one.iter().all(|told| *told == one[0]), "{one:?}");
    assert_eq!(reasons(&files, 3), one);
    files.reverse();
    assert_eq!(reasons(&files, 3), one);
}

/// A class that is one picture ten times, and no split: two of the ten validate.
#[test]
fn copies_within_a_class_are_told() {
    let mut files = folders(&[("pets/cat", 0, 10)]);
    files.extend((0..10).map(|index| (format!("pets/dog/{index}.jpg"), jpeg(1, 0))));
    let (set, problems) = load(&held(&files), &config(100, 100), 0);
    assert_eq!(set.unwrap().copies(), 2);
    let [problem] = &problems[..] else { panic!("{problems:?}") };
    assert!(
        problem.reason.starts_with("2 of the 4 validation pictures are training pictures too,"),
        "{problem:?}"
    );
    // All that validates, where the same pictures lie in both parts.
    let both = |part: &str| folders(&[(&format!("pets/{part}/cat"), 0, 5)]);
    let dogs = |part: &str| folders(&[(&format!("pets/{part}/dog"), 1, 5)]);
    let files = [both("train"), dogs("train"), both("val"), dogs("val")].concat();
    let (_, problems) = load(&held(&files), &config(100, 100), 0);
    assert!(problems[0].reason.starts_with("all 10 validation pictures are"), "{problems:?}");
}
