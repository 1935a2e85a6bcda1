//! Files mangled at random: whatever comes of them, nothing panics and nothing swallows the memory.

use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;

use crate::archive_fixtures::{
    ZipItem, byte_tar, in_bytes, pax_record, pax_tar, unicode_path, zip_items, zip_of,
};
use crate::fixtures::{Writing, compressions, folder, gzip, jpeg, parquet, raw_entry, rows, tar};
use crate::jpegs;
use crate::made::{Held, config, load};

/// Small files of every kind, so that most bytes matter.
static FILES: LazyLock<Vec<Held>> = LazyLock::new(|| {
    let archive = tar(&folder("p", &["a", "b"], 2));
    let mut files = vec![Held::new("p.tar", archive.clone()), Held::new("p.tgz", gzip(&archive))];
    let mut groups = rows(2, 4, 5);
    for (row, (picture, _)) in groups.iter_mut().flatten().enumerate() {
        *picture = (row != 3).then(|| vec![row as u8; 9]);
    }
    for compression in compressions() {
        for (dictionary, second_version) in [(true, false), (false, true), (true, true)] {
            let writing = Writing { compression, dictionary, second_version, ..Writing::default() };
            files.push(Held::new("p.parquet", parquet(&groups, &writing)));
        }
    }
    files
});

fn try_all(bytes: &[u8], path: &str) {
    let (set, _) = load(&[Held::new(path, bytes.to_vec())], &config(3, 2), 0);
    drop(set);
}

/// What the fuzzers begin with (`fuzz/README.md`).
#[test]
#[ignore = "writes fuzz/corpus"]
fn seeds_for_the_fuzzers() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let plant = |target: &str, name: &str, bytes: &[u8]| {
        std::fs::create_dir_all(corpus.join(target)).unwrap();
        std::fs::write(corpus.join(target).join(name), bytes).unwrap();
    };
    for (number, file) in FILES.iter().enumerate() {
        let target = if file.path.ends_with("parquet") { "parquet" } else { "archive" };
        plant(target, &format!("{number}"), &file.bytes);
        if target == "parquet" {
            // The footer alone, which the same target reads too.
            let end = file.bytes.len() - 8;
            let length = u32::from_le_bytes(file.bytes[end..end + 4].try_into().unwrap()) as usize;
            plant(target, &format!("{number}-footer"), &file.bytes[end - length..end]);
        }
    }
    for (number, file) in ARCHIVES.iter().enumerate() {
        let target = if file.path.ends_with("zip") { "zip" } else { "archive" };
        plant(target, &format!("dialect-{number}"), &file.bytes);
    }
    for frame in [jpegs::BASELINE, jpegs::PROGRESSIVE] {
        for (values, adobe) in
            [(&[200][..], None), (&[76, 85, 255], None), (&[10, 120, 230, 5], Some(0))]
        {
            plant(
                "picture",
                &format!("{frame:x}-{}.jpg", values.len()),
                &jpegs::flat(frame, values, adobe),
            );
        }
    }
    plant("picture", "turned.jpg", &jpegs::turned(6));
    plant("picture", "drawn.jpg", &jpeg(0, 0));
    let clear = image::RgbaImage::from_fn(9, 7, |x, y| {
        image::Rgba([x as u8 * 20, y as u8 * 30, 90, x as u8 * 28])
    });
    for (name, format) in
        [("clear.png", image::ImageFormat::Png), ("clear.webp", image::ImageFormat::WebP)]
    {
        let mut out = std::io::Cursor::new(Vec::new());
        clear.write_to(&mut out, format).unwrap();
        plant("picture", name, &out.into_inner());
    }
}

/// Archives in every dialect, so that most bytes matter.
static ARCHIVES: LazyLock<Vec<Held>> = LazyLock::new(|| {
    let files = folder("p", &["a", "b"], 2);
    let latin: Vec<_> = in_bytes(&files)
        .into_iter()
        .map(|(name, bytes)| ([b"\xe4", &name[..]].concat(), bytes))
        .collect();
    let zipped = |change: &dyn Fn(&mut ZipItem)| {
        let mut items = zip_items(&files);
        items.iter_mut().for_each(change);
        zip_of(&items)
    };
    let cut = |bytes: Vec<u8>| {
        bytes[..bytes.windows(4).position(|at| at == b"PK\x01\x02").unwrap() + 30].to_vec()
    };
    let sparse = raw_entry("p/a/s.jpg", tar::EntryType::GNUSparse, 3, b"abc");
    let link = raw_entry("p/a/l.jpg", tar::EntryType::Symlink, 9, b"");
    let archives = [
        ("p.tar", byte_tar(&in_bytes(&files), true)),
        ("p.tar", byte_tar(&latin, false)),
        ("p.tar", pax_tar(&files, &pax_record("SCHILY.xattr.user.a", &[b'x'; 900]))),
        ("p.tar", pax_tar(&files, &pax_record("GNU.sparse.major", b"1"))),
        ("p.tar", [sparse, link, tar(&files)].concat()),
        ("p.tar", [tar(&files), tar(&files)].concat()),
        ("p.tgz", [gzip(&tar(&files)), vec![0; 99], gzip(&tar(&files))].concat()),
        ("p.zip", zipped(&|_| {})),
        ("p.zip", zipped(&|item| item.method = 0)),
        ("p.zip", zipped(&|item| item.zip64 = true)),
        ("p.zip", zipped(&|item| item.flags = 8)),
        ("p.zip", zipped(&|item| (item.host, item.name[0]) = (0, b'\\'))),
        ("p.zip", zipped(&|item| item.name[0] = 0x84)),
        ("p.zip", zipped(&|item| item.extra = unicode_path(&item.name.clone(), "p/é/1.jpg"))),
        ("p.zip", zipped(&|item| (item.flags, item.method) = (1, 9))),
        ("p.zip", cut(zipped(&|_| {}))),
        ("p.zip", cut(zipped(&|item| item.flags = 8))),
        ("p.zip", [vec![b'M'; 700], zipped(&|_| {})].concat()),
    ];
    archives.into_iter().map(|(name, bytes)| Held::new(name, bytes)).collect()
});

/// Two readings of the same archive tell the same, whatever is in it.
fn try_archive(bytes: &[u8], path: &str) {
    let file = [Held::new(path, bytes.to_vec())];
    let told = || load(&file, &config(3, 2), 0);
    let ((one, told_one), (two, told_two)) = (told(), told());
    assert_eq!((told_one, one.is_ok()), (told_two, two.is_ok()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn bytes_changed_anywhere(file in 0..17_usize, edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = FILES[file].bytes.to_vec();
        for (at, value) in edits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        try_all(&bytes, &FILES[file].path);
    }

    #[test]
    fn footers_changed(file in 2..17_usize, edits in prop::collection::vec((0..600_usize, any::<u8>()), 1..4)) {
        let mut bytes = FILES[file].bytes.to_vec();
        let length = bytes.len();
        // Not the last eight bytes: those are the footer's length and the magic.
        for (back, value) in edits {
            let at = length.saturating_sub(9 + back);
            bytes[at] = value;
        }
        try_all(&bytes, &FILES[file].path);
    }

    #[test]
    fn cut_and_joined(file in 0..17_usize, from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let bytes = &FILES[file].bytes;
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        try_all(&bytes[..from], &FILES[file].path);
        try_all(&[&bytes[..from], &bytes[to..]].concat(), &FILES[file].path);
    }

    #[test]
    fn archives_changed_anywhere(file in 0..18_usize, edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = ARCHIVES[file].bytes.to_vec();
        for (at, value) in edits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        try_archive(&bytes, &ARCHIVES[file].path);
    }

    // Names, numbers and marks stand in headers; what lies between them is pictures.
    #[test]
    fn headers_of_zips_changed(file in 7..18_usize, edits in prop::collection::vec((any::<prop::sample::Index>(), 0..60_usize, any::<u8>()), 1..6)) {
        let mut bytes = ARCHIVES[file].bytes.to_vec();
        let headers: Vec<usize> = (0..bytes.len() - 4).filter(|at| bytes[*at..].starts_with(b"PK")).collect();
        for (header, after, value) in edits {
            let at = (headers[header.index(headers.len())] + after).min(bytes.len() - 1);
            bytes[at] = value;
        }
        try_archive(&bytes, &ARCHIVES[file].path);
    }

    // With sums made right, since a wrong one ends the reading.
    #[test]
    fn headers_of_tars_changed(file in 0..6_usize, edits in prop::collection::vec((0..8_usize, 0..512_usize, any::<u8>()), 1..6)) {
        let mut bytes = ARCHIVES[file].bytes.to_vec();
        for (header, at, value) in edits {
            let block = header * 512 % bytes.len();
            bytes[block + at] = value;
            if bytes[block + 100..block + 108].starts_with(b"0000") {
                bytes[block + 148..block + 156].fill(b' ');
                let sum: u32 = bytes[block..block + 512].iter().copied().map(u32::from).sum();
                bytes[block + 148..block + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            }
        }
        try_archive(&bytes, &ARCHIVES[file].path);
        try_archive(&gzip(&bytes), &ARCHIVES[file].path);
    }

    #[test]
    fn archives_cut_and_joined(file in 0..18_usize, from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let bytes = &ARCHIVES[file].bytes;
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        try_archive(&bytes[..from], &ARCHIVES[file].path);
        try_archive(&[&bytes[..from], &bytes[to..]].concat(), &ARCHIVES[file].path);
    }

    #[test]
    fn nonsense(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        for path in ["p.tar", "p.tgz", "p.zip", "p.parquet", "p/a/b.jpg"] {
            try_all(&bytes, path);
        }
        let length = bytes.len() as u32;
        try_all(&[b"PAR1", &bytes[..], &length.to_le_bytes(), b"PAR1"].concat(), "p.parquet");
        try_all(&gzip(&bytes), "p.tgz");
        try_all(&[b"PK\x03\x04", &bytes[..]].concat(), "p.zip");
    }
}
