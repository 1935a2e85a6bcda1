//! `.zip`, friendly and hostile.

use crate::archive_fixtures::{ZipItem, zip, zip_items, zip_of};
use crate::fixtures::{folder, gzip, jpeg, tar};
use crate::made::{Held, config, held, load};

fn pets() -> Vec<(String, Vec<u8>)> {
    folder("pets", &["cat", "dog"], 10)
}

#[test]
fn a_zip_a_tar_and_the_folder_give_the_same_draw() {
    let files = folder("pets", &["cat", "dog", "אבג", "🐟"], 30);
    let (open, _) = load(&held(&files), &config(9, 3), 4);
    let open = open.unwrap();
    assert_eq!((open.train.len(), open.valid.len()), (36, 12));
    for (name, bytes) in [
        ("pets.zip", zip(&files)),
        ("pets.tar", tar(&files)),
        ("pets.tgz", gzip(&tar(&files))),
        // The contents count, not the ending.
        ("pets.tgz", zip(&files)),
        ("pets.zip", gzip(&tar(&files))),
    ] {
        let (packed, problems) = load(&[Held::new(name, bytes)], &config(9, 3), 4);
        let packed = packed.unwrap();
        assert_eq!(problems, [], "{name}");
        assert_eq!(
            (&packed.classes, &packed.train, &packed.valid),
            (&open.classes, &open.train, &open.valid),
            "{name}"
        );
    }
}

#[test]
fn hostile_entries_are_named_and_the_rest_is_used() {
    let mut items = zip_items(&pets());
    for name in
        ["../../escape/cat/x.jpg", "/etc/cat/x.jpg", "C:\\windows\\cat\\x.jpg", "..\\..\\y\\z.jpg"]
    {
        items.push(ZipItem::new(name, jpeg(0, 1)));
    }
    let link =
        ZipItem { attributes: 0o120_777 << 16, ..ZipItem::new("pets/cat/link.jpg", "1.jpg") };
    items.push(link);
    items.push(ZipItem::new("pets/cat/large.jpg", vec![0; 65 << 20]));
    items.push(ZipItem { crc: Some(1), ..ZipItem::new("pets/cat/sum.jpg", jpeg(0, 77)) });
    items.push(ZipItem::new("pets/cat/inner.zip", zip(&pets())));
    items.push(ZipItem::new("pets/cat/", ""));
    let (set, problems) = load(&[Held::new("pets.zip", zip_of(&items))], &config(100, 100), 0);
    let set = set.unwrap();
    assert_eq!((set.classes.len(), set.train.len() + set.valid.len()), (2, 20));
    let told: Vec<String> =
        problems.iter().map(|problem| format!("{}: {}", problem.name, problem.reason)).collect();
    for part in [
        "escape",
        "/etc/cat",
        "C:/windows",
        "../../y",
        "link.jpg",
        "large.jpg: it is larger",
        "sum.jpg: it is damaged (its checksum",
        "inner.zip",
    ] {
        assert!(told.iter().any(|told| told.contains(part)), "{part}: {told:#?}");
    }
    assert_eq!(told.len(), 8, "{told:#?}");
}

#[test]
fn bombs_are_given_up() {
    // Zeros deflate to a thousandth.
    let one: Vec<_> =
        (0..8).map(|index| ZipItem::new(format!("a/b/{index}.jpg"), vec![0; 32 << 20])).collect();
    // The same contents again and again: each entry of the table points to the first one.
    let large = ZipItem { method: 0, ..ZipItem::new("a/b/0.jpg", vec![7; 8 << 20]) };
    let mut again = zip_of(&[large]);
    let entry_at = again.len() - 22 - 46 - "a/b/0.jpg".len();
    let entry = again[entry_at..again.len() - 22].to_vec();
    let mut end = again.split_off(again.len() - 22);
    (0..40).for_each(|_| again.extend(&entry));
    let length = (entry.len() * 41) as u32;
    end[12..16].copy_from_slice(&length.to_le_bytes());
    again.extend(end);
    for bomb in [zip_of(&one), again] {
        assert!(bomb.len() < 9 << 20);
        let (set, problems) = load(&[Held::new("bomb.zip", bomb)], &config(100, 10), 0);
        assert!(set.is_err());
        assert!(
            problems.iter().any(|problem| problem.name == "bomb.zip"
                && problem.reason.contains("20 times its size")),
            "{problems:?}"
        );
    }
}

#[test]
fn an_entry_that_lies_about_its_length_is_left_out() {
    let whole = zip(&pets());
    let directory = whole.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    for (at, value) in [(24, 1), (24, 0xff), (20, 1), (20, 0xff)] {
        let mut bytes = whole.clone();
        bytes[directory + at + 1] = value;
        let (set, problems) = load(&[Held::new("pets.zip", bytes)], &config(100, 100), 0);
        let set = set.unwrap();
        assert_eq!(set.train.len() + set.valid.len(), 19);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].name, "pets.zip: pets/cat/0.jpg");
        assert!(problems[0].reason.contains("damaged"), "{problems:?}");
    }
}

#[test]
fn a_cut_zip_keeps_what_came_and_says_so() {
    let streamed: Vec<_> =
        zip_items(&pets()).into_iter().map(|item| ZipItem { flags: 8, ..item }).collect();
    let stored: Vec<_> =
        zip_items(&pets()).into_iter().map(|item| ZipItem { method: 0, ..item }).collect();
    for whole in [zip(&pets()), zip_of(&streamed), zip_of(&stored)] {
        let directory = whole.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        for part in 0..20 {
            let cut = whole[..whole.len() * part / 20].to_vec();
            let cut_at = cut.len();
            let (set, problems) = load(&[Held::new("pets.zip", cut)], &config(100, 100), 0);
            let told = format!("{problems:?} {set:?}");
            assert!(told.contains("cut off") || cut_at == 0, "{part}: {problems:?}");
            if cut_at > directory {
                let set = set.unwrap();
                assert_eq!(set.train.len() + set.valid.len(), 20, "{part}");
            } else if cut_at > directory * 4 / 5 {
                let set = set.unwrap();
                assert!((15..20).contains(&(set.train.len() + set.valid.len())), "{part}");
            }
        }
    }
}

#[test]
fn thousands_of_locked_entries_are_one_line() {
    let mut items = zip_items(&pets());
    let locked =
        |index| ZipItem { flags: 1, ..ZipItem::new(format!("pets/cat/l{index}.jpg"), "x") };
    items.extend((0..5_000).map(locked));
    let odd = |index| ZipItem { method: 9, ..ZipItem::new(format!("pets/cat/d{index}.jpg"), "x") };
    items.extend((0..5_000).map(odd));
    let (set, problems) = load(&[Held::new("pets.zip", zip_of(&items))], &config(100, 100), 0);
    let set = set.unwrap();
    assert_eq!((set.train.len() + set.valid.len(), problems.len()), (20, 2));
    assert!(problems[0].reason.starts_with("5000 files in it are locked with a password"));
    assert!(problems[1].reason.starts_with("5000 files in it are packed with Deflate64"));
}

/// Streams, as macOS and Google Drive write them, have lengths and checksums after the contents,
/// and without the table of contents nothing else tells where an entry ends.
#[test]
fn a_cut_stream_is_read_in_every_spelling() {
    let mut items = vec![ZipItem { flags: 8, method: 8, ..ZipItem::new("pets/", "") }];
    items.push(ZipItem { flags: 8, method: 0, ..ZipItem::new("pets/cat/", "") });
    items.extend(zip_items(&pets()).into_iter().map(|item| ZipItem { flags: 8, ..item }));
    let whole = zip_of(&items);
    let directory = whole.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    // The mark before the lengths may be missing.
    let mut unmarked = whole[..directory].to_vec();
    while let Some(at) = unmarked.windows(4).position(|window| window == b"PK\x07\x08") {
        unmarked.drain(at..at + 4);
    }
    for bytes in [whole[..directory].to_vec(), unmarked] {
        let (set, problems) = load(&[Held::new("pets.zip", bytes)], &config(100, 100), 0);
        let set = set.unwrap();
        assert_eq!((set.train.len() + set.valid.len(), problems.len()), (20, 1), "{problems:?}");
    }
    // A wrong checksum after the contents is noticed as well.
    let wrong = whole.windows(4).position(|window| window == b"PK\x07\x08").unwrap();
    let third =
        wrong + whole[wrong + 1..].windows(4).position(|at| at == b"PK\x07\x08").unwrap() + 1;
    let third =
        third + whole[third + 1..].windows(4).position(|at| at == b"PK\x07\x08").unwrap() + 1;
    let mut bytes = whole[..directory].to_vec();
    bytes[third + 4] ^= 1;
    let (set, problems) = load(&[Held::new("pets.zip", bytes)], &config(100, 100), 0);
    let set = set.unwrap();
    assert_eq!((set.train.len() + set.valid.len(), problems.len()), (19, 2), "{problems:?}");
}
