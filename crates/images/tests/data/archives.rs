//! `.tar` and `.tgz`, friendly and hostile.

use futures::executor::block_on;
use resnette_images::load::{LoadError, load_files};
use resnette_images::problems::Problems;
use resnette_picture::report::ClassCorrections;

use crate::fixtures::{folder, gzip, jpeg, raw_entry, tar};
use crate::made::{Held, Patience, config, held, load};

/// Two classes in ImageNet's layout.
fn split() -> Vec<(String, Vec<u8>)> {
    let mut files = folder("set/train", &["n01440764", "n03888257"], 12);
    files.extend(folder("set/val", &["n01440764", "n03888257"], 6));
    files.push(("set/noisy_imagenette.csv".into(), b"path,noisy\n".to_vec()));
    files
}

#[test]
fn tar_and_tgz_in_imagenets_layout() {
    for (name, bytes) in [
        ("set.tar", tar(&split())),
        ("set.tgz", gzip(&tar(&split()))),
        ("set.tar.gz", gzip(&tar(&split()))),
    ] {
        let (set, problems) = load(&[Held::new(name, bytes)], &config(10, 10), 0);
        let set = set.unwrap();
        assert_eq!(problems, [], "{name}");
        assert_eq!(set.classes, ["tench", "parachute"]);
        assert_eq!((set.train.len(), set.valid.len()), (20, 12));
        assert_eq!(set.source, name);
    }
}

#[test]
fn an_archive_and_its_folder_give_the_same_draw_in_any_order() {
    let mut files = folder("pets", &["cat", "dog", "אבג", "🐟"], 30);
    let (packed, _) = load(&[Held::new("pets.tgz", gzip(&tar(&files)))], &config(9, 3), 4);
    files.reverse();
    let (open, _) = load(&held(&files), &config(9, 3), 4);
    let (packed, open) = (packed.unwrap(), open.unwrap());
    assert_eq!((packed.train.len(), packed.valid.len()), (36, 12));
    assert_eq!(
        (&packed.classes, &packed.train, &packed.valid),
        (&open.classes, &open.train, &open.valid)
    );
    // Not the first: the draw of a twelfth of 30 is all but surely spread over the list.
    let (other, _) = load(&held(&files), &config(9, 3), 5);
    assert_ne!(other.unwrap().train, open.train);
}

#[test]
fn long_names_in_both_dialects() {
    let deep = "d/".repeat(70);
    let files: Vec<_> =
        split().into_iter().map(|(path, bytes)| (format!("{deep}{path}"), bytes)).collect();
    let (set, problems) = load(&[Held::new("gnu.tar", tar(&files))], &config(10, 10), 0);
    assert_eq!((set.unwrap().train.len(), problems), (20, vec![]));
    let mut pax = Vec::new();
    for (path, bytes) in &files {
        let mut length = path.len() + 7;
        length += (length + 3).to_string().len() + 1
            - usize::from((length + 3).to_string().len() == 3 && length + 4 < 1000);
        let record = (length..length + 4)
            .map(|length| format!("{length} path={path}\n"))
            .find(|record| record.len().to_string() == record.split(' ').next().unwrap())
            .unwrap();
        pax.extend(raw_entry(
            "PaxHeader",
            tar::EntryType::XHeader,
            record.len() as u64,
            record.as_bytes(),
        ));
        pax.extend(raw_entry("short", tar::EntryType::Regular, bytes.len() as u64, bytes));
    }
    pax.resize(pax.len() + 1024, 0);
    let (set, problems) = load(&[Held::new("pax.tar", pax)], &config(10, 10), 0);
    assert_eq!((set.unwrap().train.len(), problems), (20, vec![]));
}

#[test]
fn hostile_entries_are_named_and_the_rest_is_used() {
    let good = tar(&folder("pets", &["cat", "dog"], 8));
    let mut bytes = Vec::new();
    for (name, kind) in [
        ("../../escape/cat/x.jpg", tar::EntryType::Regular),
        ("/etc/cat/x.jpg", tar::EntryType::Regular),
        ("pets/cat/link.jpg", tar::EntryType::Symlink),
        ("pets/cat/hard.jpg", tar::EntryType::Link),
        ("pets/cat/device.jpg", tar::EntryType::Char),
        ("pets/cat/pipe.jpg", tar::EntryType::Fifo),
    ] {
        let content = if kind == tar::EntryType::Regular { jpeg(0, 99) } else { Vec::new() };
        bytes.extend(raw_entry(name, kind, content.len() as u64, &content));
    }
    for (name, content) in [
        ("zero", Vec::new()),
        ("page", b"<!doctype html>".to_vec()),
        ("half", jpeg(1, 1)[..300].to_vec()),
        ("noise", vec![7; 900]),
    ] {
        bytes.extend(raw_entry(
            &format!("pets/cat/{name}.jpg"),
            tar::EntryType::Regular,
            content.len() as u64,
            &content,
        ));
    }
    bytes.extend(raw_entry("pets/cat/program.exe", tar::EntryType::Regular, 3, b"MZ!"));
    bytes.extend(raw_entry(
        "pets/cat/large.jpg",
        tar::EntryType::Regular,
        65 << 20,
        &vec![0; 65 << 20],
    ));
    // A name of ten megabytes.
    bytes.extend(raw_entry(
        "././@LongLink",
        tar::EntryType::GNULongName,
        10 << 20,
        &vec![b'a'; 10 << 20],
    ));
    bytes.extend(raw_entry(
        "././@PaxHeader",
        tar::EntryType::XHeader,
        1 << 20,
        &vec![b'1'; 1 << 20],
    ));
    bytes.extend(good);
    let (set, problems) = load(&[Held::new("pets.tar", bytes)], &config(100, 100), 0);
    let set = set.unwrap();
    assert_eq!((set.classes.len(), set.train.len() + set.valid.len()), (2, 16));
    let told: Vec<String> =
        problems.iter().map(|problem| format!("{}: {}", problem.name, problem.reason)).collect();
    for part in [
        "escape",
        "/etc/cat",
        "link.jpg",
        "hard.jpg",
        "device.jpg",
        "pipe.jpg",
        "zero.jpg: the file is empty",
        "page.jpg",
        "half.jpg",
        "noise.jpg",
        "program.exe",
        "large.jpg",
        "longer than any path",
    ] {
        assert!(
            told.iter().any(|told| told.contains(part) && told.contains("pets.tar")),
            "{part}: {told:#?}"
        );
    }
    assert_eq!(told.len(), 14, "{told:#?}");
}

#[test]
fn a_bomb_is_given_up() {
    // A gigabyte of nothing in an entry that may be skipped, then in ten that are small enough to
    // be read.
    let zeros = vec![0; 128 << 20];
    let mut one = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(
        &mut one,
        &raw_entry("a/b/bomb.jpg", tar::EntryType::Regular, 1 << 30, &[]),
    )
    .unwrap();
    (0..8).for_each(|_| std::io::Write::write_all(&mut one, &zeros).unwrap());
    let one = one.finish().unwrap();
    let many: Vec<_> =
        (0..8).map(|index| (format!("a/b/{index}.jpg"), vec![0; 32 << 20])).collect();
    for bomb in [one, gzip(&tar(&many))] {
        assert!(bomb.len() < 8 << 20);
        let (set, problems) = load(&[Held::new("bomb.tgz", bomb)], &config(10, 10), 0);
        assert!(set.is_err());
        assert!(
            problems.iter().any(|problem| problem.name == "bomb.tgz"
                && problem.reason.contains("20 times its size")),
            "{problems:?}"
        );
    }
}

#[test]
fn a_cut_archive_keeps_what_came_and_says_so() {
    for (name, whole) in [("set.tar", tar(&split())), ("set.tgz", gzip(&tar(&split())))] {
        let mut used = 0;
        for tenth in 0..10 {
            let cut = whole[..whole.len() * tenth / 10].to_vec();
            let (set, problems) = load(&[Held::new(name, cut)], &config(10, 10), 0);
            assert!(!problems.is_empty() || set.is_err(), "{name} {tenth}");
            assert!(problems.iter().all(|problem| problem.name == name), "{problems:?}");
            used += usize::from(set.is_ok());
            if let Err(error) = set {
                assert!(error.to_string().contains(name), "{error}");
            }
        }
        assert!((1..9).contains(&used), "{used}");
    }
}

#[test]
fn what_is_no_archive_says_so() {
    for bytes in [b"<!doctype html>".repeat(100), Vec::new(), vec![0; 5000], gzip(b"not a tar")] {
        let (set, problems) = load(&[Held::new("photos.tgz", bytes)], &config(10, 10), 0);
        let error = set.unwrap_err();
        assert!(error.to_string().starts_with("photos.tgz"), "{error} {problems:?}");
    }
    let (_, problems) = load(&[Held::new("photos.zip", vec![1; 10])], &config(10, 10), 0);
    assert!(problems[0].reason.contains("unpack it"), "{problems:?}");
}

#[test]
fn loading_can_be_stopped() {
    let files = [Held::new("set.tgz", gzip(&tar(&split())))];
    let mut patience = Patience { left: 3, ..Patience::default() };
    let stopped = block_on(load_files(
        &files,
        &ClassCorrections::default(),
        &config(10, 10),
        0,
        &mut Problems::default(),
        &mut patience,
    ));
    assert_eq!(stopped.unwrap_err(), LoadError::Stopped);
    let stopped = block_on(load_files(
        &held(&split()),
        &ClassCorrections::default(),
        &config(10, 10),
        0,
        &mut Problems::default(),
        &mut Patience { left: 3, ..Patience::default() },
    ));
    assert_eq!(stopped.unwrap_err(), LoadError::Stopped);
}
