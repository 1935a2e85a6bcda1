//! What is told about a set: names that look alike, corrections of what is not there, JPEGs that
//! end early, names that could not be decoded.

use std::rc::Rc;

use resnette_images::load::{NameCodec, use_name_codec};
use resnette_picture::report::{ClassCorrections, Problem};

use crate::archive_fixtures::{ZipItem, byte_tar, zip_of};
use crate::fixtures::{Writing, end_early, folder, gzip, jpeg, parquet, rows};
use crate::layout_files::folders;
use crate::made::{Held, config, held, load, load_corrected};

fn corrections(names: &[(&str, &str)], left_out: &[&str]) -> ClassCorrections {
    let owned = |(key, name): &(&str, &str)| ((*key).into(), (*name).into());
    ClassCorrections {
        names: names.iter().map(owned).collect(),
        left_out: left_out.iter().map(|key| (*key).into()).collect(),
        ..ClassCorrections::default()
    }
}

fn named_parquet(path: &str, names: &[&str]) -> Held {
    let names = Some(names.iter().map(|name| (*name).to_owned()).collect());
    let writing = Writing { names, ..Writing::default() };
    Held::new(path, parquet(&rows(4, 10, 9), &writing))
}

/// Classes `Cat`, `cat`, `dog` and `fox` in every kind of source.
fn alike() -> Vec<Vec<Held>> {
    const NAMES: [&str; 4] = ["Cat", "cat", "dog", "fox"];
    let files = folder("pets", &NAMES, 10);
    let beside = [
        held(&folder("pets", &["Cat", "dog", "fox"], 10)),
        vec![named_parquet("pets/a.parquet", &["cat", "dog", "fox", "Fox"])],
    ];
    vec![
        held(&files),
        vec![Held::new("pets.tar", crate::fixtures::tar(&files))],
        vec![named_parquet("pets.parquet", &NAMES)],
        ["train.parquet", "validation.parquet"].map(|path| named_parquet(path, &NAMES)).to_vec(),
        beside.concat(),
    ]
}

fn apart(problems: &[Problem], set: &[Problem], names: &str) -> bool {
    problems.iter().chain(set).any(|told| told.name == names && told.reason.contains("kept apart"))
}

#[test]
fn names_are_kept_apart_until_the_reader_puts_them_together() {
    for files in alike() {
        let name = &files[0].path;
        let told = |corrections: &ClassCorrections| {
            let (set, problems) = load_corrected(&files, corrections, &config(100, 100), 0);
            apart(&problems, &set.unwrap().problems, "Cat, cat")
        };
        assert!(told(&ClassCorrections::default()), "{name}");
        assert!(told(&corrections(&[("dog", "hound")], &["fox"])), "{name}");
        for (names, left_out) in [
            (&[("Cat", "cat")][..], &[][..]),
            (&[("cat", "Cat")], &[]),
            (&[("Cat", "tiger"), ("cat", "tiger")], &[]),
            (&[("Cat", "tiger")], &[]),
            (&[], &["cat"]),
        ] {
            assert!(!told(&corrections(names, left_out)), "{name}: {names:?} {left_out:?}");
        }
        // A new name may look like another as well.
        let (set, problems) =
            load_corrected(&files, &corrections(&[("dog", "FOX")], &[]), &config(100, 100), 0);
        let set = set.unwrap();
        let is_told = |names: &str| apart(&problems, &set.problems, names);
        assert!(is_told("FOX, fox") || is_told("FOX, Fox, fox"), "{name}: {problems:?}");
    }
}

#[test]
fn what_classes_there_are_is_told_where_one_is_not() {
    let many: Vec<String> = (0..30).map(|number| format!("pets/class {number:02}")).collect();
    let many: Vec<_> = many.iter().map(|path| (path.as_str(), 0, 5)).collect();
    let ids = [("pets/n01440764", 0, 5), ("pets/Dog", 1, 5), ("pets/a", 2, 5)];
    for (all, asked, told) in [
        (
            &many[..],
            "x",
            "“class 00”, “class 01”, “class 02”, “class 03”, “class 04”, “class 05”, “class 06”, “class 07” and 22 more",
        ),
        // First what could be meant.
        (&many[..], "Class 23", "“class 23”, “class 00”, “class 01”, "),
        (&ids[..], "tench", "“n01440764” (tench), “Dog”, “a”"),
        (&ids[..], "dog", "“Dog”, “a”, “n01440764” (tench)"),
    ] {
        for changes in [corrections(&[(asked, "y")], &[]), corrections(&[], &[asked])] {
            let (set, problems) = load_corrected(&held(&folders(all)), &changes, &config(9, 9), 0);
            set.unwrap();
            let [problem] = &problems[..] else { panic!("{problems:?}") };
            assert_eq!(problem.name, asked);
            let (_, names) = problem.reason.split_once("in the files: ").unwrap();
            assert!(names.starts_with(told), "{names}");
        }
    }
}

/// How many JPEGs end early is told of those that were read, with how many were not.
#[test]
fn jpegs_that_end_early_are_counted_among_those_that_were_read() {
    let mut files = folder("pets", &["cat", "dog"], 30);
    files.iter_mut().for_each(|(_, bytes)| end_early(bytes));
    files.extend(folder("pets/more", &["cat", "dog"], 30));
    let accept = ClassCorrections { accept_cut: true, ..ClassCorrections::default() };
    for all in [
        held(&files),
        vec![Held::new("pets.tar", crate::fixtures::tar(&files))],
        vec![Held::new("pets.zip", crate::archive_fixtures::zip(&files))],
    ] {
        let (set, problems) = load_corrected(&all, &accept, &config(8, 2), 3);
        let opened = set.unwrap().opened.unwrap();
        assert!(opened.cut > 0 && opened.cut < opened.read && opened.unread > 0, "{opened:?}");
        assert!(opened.read + opened.unread >= 120, "{opened:?}");
        let (cut, read, unread) = (opened.cut, opened.read, opened.unread);
        let said =
            format!("of the {read} pictures that were read, {cut} end early and may be used");
        let [problem] = &problems[..] else { panic!("{problems:?}") };
        assert!(problem.reason.starts_with(&said), "{problem:?}");
        assert!(problem.reason.contains(&format!("The other {unread} pictures")), "{problem:?}");
        // Where everything is read, everything is counted.
        let opened = load(&all, &config(100, 100), 3).0.unwrap().opened.unwrap();
        assert_eq!((opened.cut, opened.read, opened.unread), (60, 120, 0));
    }
}

/// Names are not blamed for what decodes them and could not be fetched.
#[test]
fn a_decoder_that_could_not_be_fetched_is_told() {
    struct Missing;
    impl NameCodec for Missing {
        fn detect(&self, _: &[u8], _: bool) -> Option<String> {
            None
        }

        fn decode(&self, _: &str, _: &[u8]) -> Option<String> {
            None
        }
    }
    let path = |name: &[u8], at: u64| [b"p/", name, format!("/{at}.jpg").as_bytes()].concat();
    let class = |name: &'static [u8], label: usize| -> Vec<_> {
        (0..5).map(|at| (path(name, at), jpeg(label, at))).collect()
    };
    let files = [class(b"B\xe4r", 0), class(b"cat", 1)].concat();
    let items: Vec<_> =
        files.iter().map(|(name, bytes)| ZipItem::new(name.clone(), bytes.clone())).collect();
    let archives = [
        Held::new("p.tar", byte_tar(&files, false)),
        Held::new("p.tgz", gzip(&byte_tar(&files, true))),
        Held::new("p.zip", zip_of(&items)),
    ];
    use_name_codec(Rc::new(Missing));
    for archive in archives {
        let (set, problems) = load(std::slice::from_ref(&archive), &config(100, 100), 0);
        assert_eq!(set.unwrap().classes, ["B<E4>r", "cat"]);
        let told = problems.iter().find(|told| told.reason.starts_with("5 names in it are"));
        let told = &told.unwrap().reason;
        assert!(told.contains("could not be fetched") && told.contains("connection"), "{told}");
        assert!(!told.contains("Rename") && !told.contains("not readable"), "{told}");
    }
}
