//! `.tar` and `.tgz`, friendly and hostile.

use futures::executor::block_on;
use resnette_images::load::{LoadError, load_files};
use resnette_images::problems::Problems;
use resnette_picture::report::ClassCorrections;

use crate::archive_fixtures::{ZipItem, byte_tar, end_mark, in_bytes, pax_record, pax_tar, zip_of};
use crate::fixtures::{folder, gzip, jpeg, raw_entry, tar};
use crate::made::{Held, Patience, config, held, load};

/// Two classes in ImageNet's layout.
fn split() -> Vec<(String, Vec<u8>)> {
    let mut files = folder("set/train", &["n01440764", "n03888257"], 12);
    let mut valid = folder("set/val", &["n01440764", "n03888257"], 6);
    // Not the drawings that train.
    for (index, (_, bytes)) in valid.iter_mut().enumerate() {
        *bytes = jpeg(2 + index / 6, index as u64);
    }
    files.extend(valid);
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

#[test]
fn every_dialect_gives_the_same_pictures() {
    let files = folder("pets", &["cat", "dog"], 10);
    let (open, _) = load(&held(&files), &config(100, 100), 0);
    let open = open.unwrap();
    let halves = files.split_at(10);
    let attribute = pax_record("SCHILY.xattr.user.thumbnail", &vec![b'7'; 200_000]);
    let padded = |bytes: Vec<u8>, to: usize| {
        let mut padded = bytes;
        padded.resize(padded.len().next_multiple_of(to), 0);
        padded
    };
    for (what, bytes) in [
        ("v7", byte_tar(&in_bytes(&files), true)),
        ("v7, compressed", gzip(&byte_tar(&in_bytes(&files), true))),
        ("ustar", byte_tar(&in_bytes(&files), false)),
        ("gnu", tar(&files)),
        ("pax", pax_tar(&files, b"")),
        ("pax with long attributes", pax_tar(&files, &attribute)),
        ("pax with long attributes, compressed", gzip(&pax_tar(&files, &attribute))),
        ("pax with its own lengths", {
            let mut out = Vec::new();
            for (path, bytes) in &files {
                let length = bytes.len().to_string();
                let records = [
                    pax_record("path", path.as_bytes()),
                    pax_record("size", length.as_bytes()),
                    pax_record("hdrcharset", b"BINARY"),
                ]
                .concat();
                let kind = tar::EntryType::XHeader;
                out.extend(raw_entry("x", kind, records.len() as u64, &records));
                // Too long a length for the header's field: it holds another one.
                let mut entry = raw_entry("x", tar::EntryType::Regular, 0, bytes);
                out.append(&mut entry);
            }
            out.extend(end_mark());
            out
        }),
        ("joined", [tar(halves.0), tar(halves.1)].concat()),
        ("with a label, whose length is blank", {
            let mut label = raw_entry("pets", tar::EntryType::new(b'V'), 0, b"");
            label[124..136].fill(0);
            label[148..156].fill(b' ');
            let sum: u32 = label.iter().copied().map(u32::from).sum();
            label[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            [label, tar(&files)].concat()
        }),
        (
            "joined, filled up",
            [padded(tar(halves.0), 10_240), padded(tar(halves.1), 10_240)].concat(),
        ),
        ("joined, then compressed", gzip(&[tar(halves.0), tar(halves.1)].concat())),
        ("compressed, then joined", [gzip(&tar(halves.0)), gzip(&tar(halves.1))].concat()),
        (
            "compressed, filled up, then joined",
            [padded(gzip(&tar(halves.0)), 512), padded(gzip(&tar(halves.1)), 512)].concat(),
        ),
        ("after an empty one", [end_mark(), tar(&files)].concat()),
    ] {
        let (set, problems) = load(&[Held::new("pets.tar", bytes)], &config(100, 100), 0);
        assert_eq!(problems, [], "{what}");
        let set = set.unwrap();
        assert_eq!(
            (&set.classes, &set.train, &set.valid),
            (&open.classes, &open.train, &open.valid),
            "{what}"
        );
    }
}

#[test]
fn what_has_no_contents_may_claim_a_length() {
    let files = folder("pets", &["cat", "dog"], 10);
    for kind in [tar::EntryType::Directory, tar::EntryType::Link, tar::EntryType::Symlink] {
        for contents in [&b""[..], &[b'x'; 1000], &[b'x'; 1024], &[b'x'; 5000]] {
            let claimed = if contents.is_empty() { 4096 } else { contents.len() as u64 };
            let odd = raw_entry("pets/cat/odd", kind, claimed, contents);
            let bytes = [odd, tar(&files)].concat();
            for bytes in [gzip(&bytes), bytes] {
                let (set, problems) = load(&[Held::new("pets.tar", bytes)], &config(100, 100), 0);
                let set = set.unwrap();
                assert_eq!(set.train.len() + set.valid.len(), 20, "{kind:?} {claimed}");
                let links = usize::from(kind != tar::EntryType::Directory);
                assert_eq!(problems.len(), links, "{problems:?}");
            }
        }
    }
}

#[test]
fn a_file_whose_long_name_is_lost_gets_no_wrong_class() {
    let mut bytes =
        raw_entry("././@LongLink", tar::EntryType::GNULongName, 1 << 20, &vec![b'a'; 1 << 20]);
    let cut = format!("pets/{}/x.jpg", "c".repeat(100));
    bytes.extend(raw_entry(&cut, tar::EntryType::Regular, 700, &[0; 700]));
    bytes.extend(tar(&folder("pets", &["cat", "dog"], 10)));
    let (set, problems) = load(&[Held::new("pets.tar", bytes)], &config(100, 100), 0);
    let set = set.unwrap();
    assert_eq!((set.classes.len(), set.train.len() + set.valid.len()), (2, 20));
    assert_eq!(problems.len(), 2);
    assert!(problems[1].reason.contains("left out"), "{problems:?}");
}

#[test]
fn names_in_old_encodings_are_kept_apart() {
    // In Shift JIS, two numbers stand for the same character (NEC's and the standard one): what the
    // encoding itself would not write is shown in numbers.
    let class = |name: &[u8]| -> Vec<_> {
        let path = |index: u64| [&b"p/"[..], name, format!("/{index}.jpg").as_bytes()].concat();
        (0..10).map(|index| (path(index), jpeg(usize::from(name[0]), index))).collect()
    };
    let shift_jis: [&[u8]; 4] =
        [b"\x8c\xa2\x82\xb5\x82\xce", b"\x94\x4c\x82\xdd\x82\xaf", b"\x87\x90", b"\x81\xe0"];
    let files: Vec<_> = shift_jis.iter().flat_map(|name| class(name)).collect();
    let (set, problems) =
        load(&[Held::new("p.tar", byte_tar(&files, false))], &config(100, 100), 0);
    let set = set.unwrap();
    assert_eq!(set.classes, ["<87><90>", "≒", "犬しば", "猫みけ"]);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].reason.contains("read as Japanese (Shift_JIS)"), "{problems:?}");
    assert!(problems[1].reason.contains("10 names in it are not readable"), "{problems:?}");
}

/// Every name in an encoding gives the same class, whether its archive is read by tar or by zip.
#[test]
fn one_encoding_is_found_for_all_names() {
    for (names, expected, encoding) in [
        ([&b"B\xe4r"[..], b"B\xf6r"], ["Bär", "Bör"], "windows-1252"),
        (
            [b"\xf1\xee\xe1\xe0\xea\xe8", b"\xea\xee\xf8\xea\xe8"],
            ["кошки", "собаки"],
            "windows-1251",
        ),
        (
            [b"\xb0\xad\xbe\xc6\xc1\xf6", b"\xb0\xed\xbe\xe7\xc0\xcc"],
            ["강아지", "고양이"],
            "EUC-KR",
        ),
    ] {
        let files: Vec<(Vec<u8>, Vec<u8>)> = names
            .iter()
            .enumerate()
            .flat_map(|(class, name)| {
                (0..6).map(move |index| {
                    let path = [&b"p/"[..], name, format!("/{index}.jpg").as_bytes()].concat();
                    (path, jpeg(class, index))
                })
            })
            .collect();
        let items: Vec<_> =
            files.iter().map(|(name, bytes)| ZipItem::new(name.clone(), bytes.clone())).collect();
        let packed = byte_tar(&files, true);
        for (name, bytes) in
            [("p.tgz", gzip(&packed)), ("p.tar", packed), ("p.zip", zip_of(&items))]
        {
            let (set, problems) = load(&[Held::new(name, bytes)], &config(100, 100), 0);
            assert_eq!(set.unwrap().classes, expected, "{name}");
            assert_eq!(problems.len(), 1);
            assert!(problems[0].reason.contains(encoding), "{problems:?}");
        }
    }
}

/// Files that were found to be read wrongly, made after public reports: `cases/README.md`.
#[test]
fn reported_archives_are_read() {
    let two = &["cat", "dog"][..];
    for (name, bytes, classes) in [
        ("13-v7.tar", &include_bytes!("cases/13-v7.tar")[..], two),
        (
            "14-joined-archives.tgz",
            include_bytes!("cases/14-joined-archives.tgz"),
            &["bird", "cat", "dog"],
        ),
        ("20-long-pax-header.tgz", include_bytes!("cases/20-long-pax-header.tgz"), two),
    ] {
        let (set, problems) = load(&[Held::new(name, bytes)], &config(100, 100), 0);
        let set = set.unwrap();
        assert_eq!(
            (&set.classes[..], problems),
            (&classes.iter().map(|class| (*class).to_owned()).collect::<Vec<_>>()[..], vec![]),
            "{name}"
        );
        assert_eq!(
            (set.train.len(), set.valid.len()),
            (classes.len() * 8, classes.len() * 2),
            "{name}"
        );
    }
    let bytes = &include_bytes!("cases/11-latin1-names.tar")[..];
    let (set, problems) = load(&[Held::new("11-latin1-names.tar", bytes)], &config(100, 100), 0);
    let set = set.unwrap();
    assert_eq!(
        (&set.classes[..], problems.len()),
        (&["Bär", "Bör", "Kuh"].map(String::from)[..], 1)
    );
    assert!(problems[0].reason.contains("windows-1252"), "{problems:?}");
}
