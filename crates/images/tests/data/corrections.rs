//! A reader's corrections: what is loaded with them is what a folder gives that is arranged so.

use std::collections::BTreeSet;

use proptest::prelude::*;
use resnette_images::dataset::Dataset;
use resnette_images::fingerprint::fingerprint;
use resnette_picture::report::{ClassCorrections, SplitOrigin, Validation};

use crate::fixtures::{Writing, parquet, rows};
use crate::layout_files::{archive, folders};
use crate::made::{Held, config, held, load, load_corrected};

fn corrections(names: &[(&str, &str)], left_out: &[&str]) -> ClassCorrections {
    let owned = |(key, name): &(&str, &str)| ((*key).into(), (*name).into());
    ClassCorrections {
        names: names.iter().map(owned).collect(),
        left_out: left_out.iter().map(|key| (*key).into()).collect(),
        ..ClassCorrections::default()
    }
}

fn validated_by(folder: Option<&str>) -> ClassCorrections {
    let validation = folder.map_or(Validation::Drawn, |name| Validation::Folder(name.into()));
    ClassCorrections { validation: Some(validation), ..ClassCorrections::default() }
}

/// Loads what fits into 12 and 4 pictures a class, so that much is left out.
fn corrected(files: &[Held], corrections: &ClassCorrections) -> Dataset {
    load_corrected(files, corrections, &config(12, 4), 3).0.unwrap()
}

fn counts(set: &Dataset) -> Vec<(String, u32, u32)> {
    let classes = set.report().classes;
    classes.into_iter().map(|class| (class.name, class.train, class.valid)).collect()
}

fn pets() -> Vec<(String, Vec<u8>)> {
    folders(&[
        ("pets/train/cat", 0, 20),
        ("pets/train/kitten", 4, 20),
        ("pets/train/dog", 1, 20),
        ("pets/val/cat", 2, 5),
        ("pets/val/kitten", 5, 5),
        ("pets/val/dog", 3, 5),
        ("pets/test/dog", 6, 5),
        ("pets/test/cat", 7, 5),
    ])
}

/// The same pictures with folders renamed or dropped.
fn arranged(rename: impl Fn(&str) -> Option<String>) -> Vec<Held> {
    let files = pets().into_iter();
    files.filter_map(|(path, bytes)| Some(Held::new(rename(&path)?, bytes))).collect()
}

#[test]
fn renaming_merging_and_leaving_out_are_as_if_the_folders_were_so() {
    let all = held(&pets());
    let both = [("kitten", "cat"), ("dog", " hound ")];
    let set = corrected(&all, &corrections(&both, &[]));
    let so = arranged(|path| Some(path.replace("kitten", "cat").replace("dog", "hound")));
    let expected = corrected(&so, &ClassCorrections::default());
    assert_eq!(fingerprint(&set), fingerprint(&expected));
    assert_eq!(
        (&set.classes, &set.train, &set.valid),
        (&expected.classes, &expected.train, &expected.valid)
    );
    assert_eq!(counts(&set), [("cat".into(), 12, 4), ("hound".into(), 12, 4)]);
    let report = set.report();
    assert_eq!(report.classes[0].keys, ["cat", "kitten"]);
    assert_eq!(report.classes[1].keys, ["dog"]);
    assert_eq!(
        report.classes[0].origins,
        ["pets/test/cat", "pets/train/cat", "pets/train/kitten", "pets/val/cat", "pets/val/kitten"]
    );
    // The same from an archive.
    let packed = corrected(&archive("pets.tgz", &pets()), &corrections(&both, &[]));
    assert_eq!((packed.train, packed.valid), (set.train, set.valid));
    assert_eq!(packed.origins, set.origins);

    let set = corrected(&all, &corrections(&[], &["kitten"]));
    let so = arranged(|path| (!path.contains("kitten")).then(|| path.into()));
    let expected = corrected(&so, &ClassCorrections::default());
    assert_eq!((fingerprint(&set), counts(&set)), (fingerprint(&expected), counts(&expected)));
    let told = &set.left_out[0];
    assert_eq!((told.name.as_str(), told.pictures), ("kitten", 25));
    // One class too few is told as always.
    let (set, problems) =
        load_corrected(&all, &corrections(&[], &["kitten", "dog"]), &config(9, 9), 0);
    assert!(set.unwrap_err().to_string().contains("one class only (cat)"));
    assert!(problems.iter().any(|problem| problem.name == "dog"), "{problems:?}");
}

#[test]
fn validation_comes_from_where_the_reader_says() {
    let all = held(&pets());
    let plain = corrected(&all, &ClassCorrections::default());
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        plain.split,
        SplitOrigin::Named { train: named(&["pets/train"]), valid: named(&["pets/val"]) }
    );
    assert_eq!(plain.left_out[0].name, "pets/test");

    // The test folder validates; all others train.
    let set = corrected(&all, &validated_by(Some("pets/test")));
    assert_eq!(
        set.split,
        SplitOrigin::Named {
            train: named(&["pets/train", "pets/val"]),
            valid: named(&["pets/test"])
        }
    );
    assert_eq!(set.left_out, []);
    let so = arranged(|path| Some(path.replace("/val/", "/train/").replace("/test/", "/val/")));
    assert_eq!(fingerprint(&set), fingerprint(&corrected(&so, &ClassCorrections::default())));

    // One in five of all pictures, whatever the folders are called.
    let set = corrected(&all, &validated_by(None));
    let so = arranged(|path| {
        Some(path.replace("/val/", "/").replace("/test/", "/").replace("/train/", "/"))
    });
    assert_eq!(set.split, SplitOrigin::Drawn);
    assert_eq!(fingerprint(&set), fingerprint(&corrected(&so, &ClassCorrections::default())));

    // A folder beside the others, whose name says nothing.
    let more = [pets(), folders(&[("pets/new/cat", 8, 6), ("pets/new/dog", 9, 6)])].concat();
    let set = corrected(&held(&more), &validated_by(Some("pets/new")));
    assert_eq!(counts(&set)[0], ("cat".into(), 12, 4));
    assert!(matches!(&set.split, SplitOrigin::Named { valid, .. } if *valid == ["pets/new"]));

    // Classes that hold splits: the folders of one name together.
    let first = folders(&[
        ("pets/cat/train", 0, 10),
        ("pets/cat/val", 2, 5),
        ("pets/cat/test", 4, 5),
        ("pets/dog/train", 1, 10),
        ("pets/dog/val", 3, 5),
        ("pets/dog/test", 5, 5),
    ]);
    let set = load_corrected(&held(&first), &validated_by(Some("pets/*/test")), &config(99, 99), 0);
    assert_eq!(counts(&set.0.unwrap()), [("cat".into(), 15, 5), ("dog".into(), 15, 5)]);
}

#[test]
fn what_is_not_there_changes_nothing() {
    let all = held(&pets());
    let plain = corrected(&all, &ClassCorrections::default());
    let nothing = ClassCorrections {
        validation: Some(Validation::Folder("elsewhere/val".into())),
        ..corrections(&[("mouse", "rat"), ("cat", "\u{202e}")], &["elephant"])
    };
    let (set, problems) = load_corrected(&all, &nothing, &config(12, 4), 3);
    assert_eq!(fingerprint(&set.unwrap()), fingerprint(&plain));
    assert_eq!(problems[0].name, "elsewhere/val");
    assert!(problems[0].reason.contains("cannot validate"));
}

/// A parquet file with so many pictures of each of three classes.
fn ants_bees_and_cows(path: &str, each: usize) -> Held {
    let names = Some(["ant", "bee", "cow"].map(String::from).to_vec());
    Held::new(path, parquet(&rows(3, each, 9), &Writing { names, ..Writing::default() }))
}

#[test]
fn parquet_files_are_corrected_too() {
    let pair = [
        ants_bees_and_cows("set/train/0000.parquet", 12),
        ants_bees_and_cows("set/validation/0000.parquet", 6),
    ];
    let changes = corrections(&[("ant", "insect"), ("bee", "insect")], &[]);
    let set = corrected(&pair, &changes);
    assert_eq!(counts(&set), [("insect".into(), 12, 4), ("cow".into(), 12, 4)]);
    assert_eq!(set.report().classes[0].keys, ["ant", "bee"]);
    let set = corrected(&pair, &corrections(&[], &["bee"]));
    assert_eq!(counts(&set), [("ant".into(), 12, 4), ("cow".into(), 12, 4)]);
    assert_eq!((set.left_out[0].name.as_str(), set.left_out[0].pictures), ("bee", 16));
    let single = corrected(&[ants_bees_and_cows("set/all.parquet", 20)], &changes);
    assert_eq!(counts(&single), [("cow".into(), 12, 4), ("insect".into(), 12, 4)]);
    // The files change places.
    let swapped = corrected(&pair, &validated_by(Some("set/train/0000.parquet")));
    assert_eq!(counts(&swapped)[0], ("ant".into(), 6, 4));
    let drawn = corrected(&pair, &validated_by(None));
    assert_eq!(
        (drawn.split.clone(), counts(&drawn)[0].clone()),
        (SplitOrigin::Drawn, ("ant".into(), 12, 4))
    );
}

/// A chosen name that no opened file has is told, and the split stays, both for a pair of files and
/// for several parts.
#[test]
fn parquet_files_keep_their_split_where_nothing_validates() {
    let pair = [
        ants_bees_and_cows("set/train/0000.parquet", 12),
        ants_bees_and_cows("set/validation/0000.parquet", 6),
    ];
    let parts = [
        ants_bees_and_cows("set/train/0000.parquet", 12),
        ants_bees_and_cows("set/train/0001.parquet", 12),
        ants_bees_and_cows("set/validation/0000.parquet", 6),
    ];
    for files in [&pair[..], &parts[..]] {
        let plain = corrected(files, &ClassCorrections::default());
        let (set, problems) =
            load_corrected(files, &validated_by(Some("set/tst")), &config(12, 4), 3);
        let set = set.unwrap();
        assert_eq!(fingerprint(&set), fingerprint(&plain));
        assert_eq!(set.split, plain.split);
        assert!(
            problems.iter().any(|problem| problem.name == "set/tst"
                && problem.reason.ends_with("the split stays as it was found")),
            "{problems:?}"
        );
    }
}

/// The keys of classes are the names in the files, however the files are read: a correction made
/// for a pair of files also holds when their pictures are split again.
#[test]
fn a_correction_of_a_pair_holds_when_its_validation_pictures_are_drawn() {
    let names = Some(["n01440764", "n02102040", "n02979186"].map(String::from).to_vec());
    let writing = Writing { names, ..Writing::default() };
    let file = |path: &str, each| Held::new(path, parquet(&rows(3, each, 9), &writing));
    let pair = [file("set/train/0000.parquet", 12), file("set/validation/0000.parquet", 6)];
    let found = corrected(&pair, &ClassCorrections::default()).report().classes;
    assert_eq!((found[0].name.as_str(), &found[0].keys[..]), ("tench", &["n01440764".into()][..]));
    let changes = corrections(&[("n01440764", "fish")], &["n02979186"]);
    let whole = corrected(&pair, &changes);
    assert_eq!(whole.classes, ["fish", "English springer"]);
    assert_eq!(whole.left_out[0].name, "n02979186");
    let drawn = ClassCorrections { validation: Some(Validation::Drawn), ..changes };
    let drawn = corrected(&pair, &drawn);
    assert_eq!(drawn.classes, ["fish", "English springer"]);
    assert_eq!(drawn.left_out[0].name, "n02979186");
}

#[test]
fn a_pair_whose_validated_classes_are_left_out_is_refused() {
    let file = |path: &str, names: &[&str]| {
        let names = Some(names.iter().map(|name| (*name).to_owned()).collect());
        Held::new(path, parquet(&rows(3, 10, 9), &Writing { names, ..Writing::default() }))
    };
    let pair = [
        file("set/train/0000.parquet", &["ant", "bee", "cow"]),
        file("set/validation/0000.parquet", &["ant", "dog", "emu"]),
    ];
    let (set, _) = load_corrected(&pair, &corrections(&[], &["ant"]), &config(12, 4), 3);
    let told = set.unwrap_err().to_string();
    assert!(
        told.starts_with(
            "set/validation/0000.parquet: no picture in it is of a class that is used"
        ),
        "{told}"
    );
    let drawn =
        ClassCorrections { validation: Some(Validation::Drawn), ..corrections(&[], &["ant"]) };
    assert_eq!(corrected(&pair, &drawn).classes, ["bee", "cow", "dog", "emu"]);
}

#[test]
fn corrections_of_classes_that_are_not_there_are_told() {
    let changes = corrections(&[("mouse", "rat"), ("cat", "tomcat")], &["kitten", "dgo"]);
    let (_, problems) = load_corrected(&held(&pets()), &changes, &config(12, 4), 3);
    let told: Vec<&str> = problems.iter().map(|problem| problem.name.as_str()).collect();
    assert_eq!(told, ["dgo", "mouse"], "{problems:?}");
    assert!(problems[0].reason.starts_with("there is no class of this name"));
    assert!(problems[0].reason.ends_with("“cat”, “dog”, “kitten”"), "{problems:?}");
    // A parquet file that validates is no folder that is missing.
    let writing = Writing { names: Some(vec!["ant".into(), "bee".into()]), ..Writing::default() };
    let file = |path: &str| Held::new(path, parquet(&rows(2, 10, 9), &writing));
    let pair = [file("set/train/0000.parquet"), file("set/validation/0000.parquet")];
    let swapped = validated_by(Some("set/train/0000.parquet"));
    let (set, problems) = load_corrected(&pair, &swapped, &config(12, 4), 3);
    // Both files hold the same pictures.
    assert!(problems.iter().all(crate::copies::is_told), "{problems:?}");
    assert_eq!((set.unwrap().valid.len(), problems.len()), (8, 1));
}

/// Names of folders as they come: splits, classes, wrappers, and what looks like them.
const NAMES: [&str; 14] = [
    "train",
    "val",
    "test",
    "Test_Set",
    "cat",
    "Cat",
    "cat ",
    "dog",
    "images",
    "caf\u{e9}",
    "cafe\u{301}",
    "n01440764",
    "tench",
    "extra",
];

fn tree() -> impl Strategy<Value = Vec<(String, usize, u64)>> {
    let path = prop::collection::vec(prop::sample::select(&NAMES[..]), 1..4);
    let folder = (path, 0..10_usize, 1..7_u64)
        .prop_map(|(path, drawing, count)| (format!("set/{}", path.join("/")), drawing, count));
    prop::collection::vec(folder, 1..9)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever the folders are: every picture is used, left out and told, or the whole is refused;
    /// the order of the files does not matter; and an archive is as its folder.
    #[test]
    fn no_picture_is_lost_and_no_order_matters(all in tree(), shuffle in any::<u64>()) {
        let all: Vec<(&str, usize, u64)> =
            all.iter().map(|(path, drawing, count)| (path.as_str(), *drawing, *count)).collect();
        let files = folders(&all);
        let (set, problems) = load(&held(&files), &config(100, 100), 5);
        let mut other = files.clone();
        other.sort_by_key(|(path, _)| {
            path.bytes().fold(shuffle | 1, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
        });
        for again in [held(&other), archive("set.tar", &other), archive("x.tgz", &files)] {
            let (again, _) = load(&again, &config(100, 100), 5);
            match (&set, &again) {
                (Ok(set), Ok(again)) => {
                    prop_assert_eq!((&set.classes, &set.train, &set.valid), (&again.classes, &again.train, &again.valid));
                    prop_assert_eq!((&set.split, &set.left_out, &set.origins), (&again.split, &again.left_out, &again.origins));
                }
                (Err(_), Err(_)) => {}
                _ => prop_assert!(false, "{:?} and {:?}", set.as_ref().err(), again.as_ref().err()),
            }
        }
        if let Ok(set) = set {
            let left_out: u32 = set.left_out.iter().map(|left_out| left_out.pictures).sum();
            let used = (set.train.len() + set.valid.len()) as u32;
            prop_assert_eq!(used + left_out, files.len() as u32, "{:?} {:?}", set.left_out, problems);
            let names: BTreeSet<&String> = set.classes.iter().collect();
            prop_assert_eq!(names.len(), set.classes.len());
        }
    }
}
