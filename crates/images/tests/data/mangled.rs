//! Files mangled at random: whatever comes of them, nothing panics and nothing swallows the memory.

use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;

use crate::fixtures::{Writing, compressions, folder, gzip, jpeg, parquet, rows, tar};
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
    fn nonsense(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        for path in ["p.tar", "p.tgz", "p.parquet", "p/a/b.jpg"] {
            try_all(&bytes, path);
        }
        let length = bytes.len() as u32;
        try_all(&[b"PAR1", &bytes[..], &length.to_le_bytes(), b"PAR1"].concat(), "p.parquet");
        try_all(&gzip(&bytes), "p.tgz");
    }
}
