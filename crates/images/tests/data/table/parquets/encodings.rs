//! Parquet files: encodings of pages.

use parquet::basic::{Compression, Encoding};

use super::{EVEN, NUMBERED, PETS, alone, pets, row};
use crate::made::Held;
use crate::parquet_tables::{Table, claim_encoding, numbers, texts};
use crate::table::{Row, loaded, loaded_with, refused};

/// The rows.
pub fn rows() -> Vec<Row> {
    let all = |pictures, labels, second_version| Table {
        encodings: vec![("image.bytes", pictures), ("label", labels)],
        second_version,
        ..pets()
    };
    let text = |labels| Table {
        encodings: vec![("label", labels)],
        ..Table::flat(
            3,
            "message m { optional binary image; optional binary label (UTF8); }",
            texts(&PETS, 30),
        )
    };
    let (lengths, packed) = (Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BINARY_PACKED);
    vec![
        row(
            "pictures in DELTA_LENGTH_BYTE_ARRAY, labels in DELTA_BINARY_PACKED",
            "read",
            alone(&all(lengths, packed, false)),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        ),
        row(
            "the same in pages of version 2, Snappy",
            "read",
            alone(&Table { compression: Compression::SNAPPY, ..all(lengths, packed, true) }),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        ),
        row(
            "pictures in DELTA_BYTE_ARRAY, labels in BYTE_STREAM_SPLIT",
            "read",
            alone(&all(Encoding::DELTA_BYTE_ARRAY, Encoding::BYTE_STREAM_SPLIT, true)),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        ),
        row(
            "labels as text in DELTA_LENGTH_BYTE_ARRAY",
            "read",
            alone(&text(lengths)),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        ),
        row(
            "labels as text in DELTA_BYTE_ARRAY",
            "read",
            alone(&text(Encoding::DELTA_BYTE_ARRAY)),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        ),
        row(
            "int32 labels in DELTA_BINARY_PACKED, no names",
            "class 0, class 1, class 2",
            alone(&Table {
                encodings: vec![("label", packed)],
                ..Table::flat(
                    3,
                    "message m { optional binary image; required int32 label; }",
                    numbers(3, 30),
                )
            }),
            loaded(&NUMBERED, 0xb422_bcf6_0f70_f255),
        ),
        row(
            "one page of pictures in an encoding that is not read (BIT_PACKED)",
            "its pictures are left out, with this one reason",
            vec![Held::new("pets.parquet", claim_encoding(pets().bytes(), 7, &[0], 4))],
            loaded_with(
                &[("cat", 6, 1), ("dog", 6, 2), ("fox", 6, 2)],
                0xb277_449a_720b_053c,
                &[
                    "pets.parquet: 7 rows use parquet's encoding BIT_PACKED, which is not read here; 7 pictures are left out. Write the file again with plain encoding",
                ],
                &[],
            ),
        ),
        row(
            "every page of pictures in an encoding that is not read",
            "refused, with this one reason",
            vec![Held::new("pets.parquet", {
                let bytes = claim_encoding(pets().bytes(), 7, &[0, 3, 6], 4);
                claim_encoding(bytes, 3, &[0, 3, 6], 4)
            })],
            refused(
                "pets.parquet: 30 rows use parquet's encoding BIT_PACKED, which is not read here; 30 pictures are left out. Write the file again with plain encoding",
            ),
        ),
    ]
}
