//! Parquet files in every encoding, mangled at random: whatever comes of them, nothing panics and
//! nothing swallows the memory.

use std::path::Path;
use std::sync::LazyLock;

use parquet::basic::{Compression, Encoding};
use proptest::prelude::*;

use crate::made::{Held, config, load};
use crate::parquet_tables::{Table, Values, class_label, numbers, texts};

/// Small files, so that most bytes matter.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let pictures = || {
        let picture = |row: u8| (row != 3).then(|| vec![7; usize::from(row) + 4]);
        Values::Bytes((0..12).map(picture).collect())
    };
    let struct_of = |kind| {
        format!(
            "message m {{ optional group image {{ optional binary bytes; }} optional {kind}; }}"
        )
    };
    let labels = [
        ("int64 label", Values::Int64((0..12).map(|row| (row != 5).then_some(row % 3)).collect())),
        ("int32 labels", numbers(3, 12)),
        ("binary class (UTF8)", texts(&["ant", "ape", "apple"], 12)),
    ];
    let mut files = Vec::new();
    for (kind, labels) in labels {
        let name = kind.split(' ').nth(1).unwrap();
        for (number, pictures_in) in
            [Encoding::PLAIN, Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY]
                .into_iter()
                .enumerate()
        {
            let labels_in = match (&labels, number) {
                (_, 0) => Encoding::PLAIN,
                (Values::Bytes(_), _) => pictures_in,
                (_, 1) => Encoding::DELTA_BINARY_PACKED,
                _ => Encoding::BYTE_STREAM_SPLIT,
            };
            files.push(
                Table {
                    schema: struct_of(kind),
                    columns: vec![pictures(), labels.clone()],
                    encodings: vec![("image.bytes", pictures_in), (name, labels_in)],
                    second_version: number == 1,
                    compression: if number == 2 {
                        Compression::SNAPPY
                    } else {
                        Compression::UNCOMPRESSED
                    },
                    features: Some(serde_json::json!({ name: class_label(&["a", "b", "c"]) })),
                    group: 8,
                    ..Table::new(3)
                }
                .bytes(),
            );
        }
    }
    files
});

fn try_all(bytes: &[u8]) {
    let file = |path: &str| Held::new(path, bytes.to_vec());
    drop(load(&[file("p.parquet")], &config(3, 2), 0));
    drop(load(&[file("train-0.parquet"), file("validation-0.parquet")], &config(3, 2), 0));
}

#[test]
#[ignore = "writes fuzz/corpus"]
fn seeds_for_the_fuzzer_of_parquet() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/parquet");
    std::fs::create_dir_all(&corpus).unwrap();
    for (number, file) in FILES.iter().enumerate() {
        std::fs::write(corpus.join(format!("encoding-{number}")), file).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn bytes_changed_in_any_encoding(file in 0..9_usize, edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = FILES[file].clone();
        for (at, value) in edits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        try_all(&bytes);
    }

    #[test]
    fn pages_changed_in_any_encoding(file in 0..9_usize, edits in prop::collection::vec((0..700_usize, any::<u8>()), 1..4)) {
        let mut bytes = FILES[file].clone();
        for (at, value) in edits {
            let at = at % (bytes.len() / 2);
            bytes[at] = value;
        }
        try_all(&bytes);
    }
}
