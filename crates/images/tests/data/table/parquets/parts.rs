//! Parquet files: several files.

use super::{GIVEN, PETS, row};
use crate::fixtures::jpeg;
use crate::parquet_tables::{Table, Values};
use crate::table::{Row, loaded, loaded_with, refused};

/// The rows.
pub fn rows() -> Vec<Row> {
    let part = |start: usize, names: &[&str], path: &str| {
        let mut table = Table::new(3).named(names);
        table.columns[0] =
            Values::Bytes((start..start + 30).map(|row| Some(jpeg(row % 3, row as u64))).collect());
        table.file(path)
    };
    vec![
        row(
            "`train-00000-of-00002`, `train-00001-of-00002`, `validation-00000-of-00001`",
            "joined; the split as given",
            vec![
                part(0, &PETS, "pets/train-00000-of-00002.parquet"),
                part(30, &PETS, "pets/train-00001-of-00002.parquet"),
                part(60, &PETS, "pets/validation-00000-of-00001.parquet"),
            ],
            loaded(&[("cat", 20, 10), ("dog", 20, 10), ("fox", 20, 10)], 0x4aa9_4ef9_c9bc_d9cd),
        ),
        row(
            "`train/0000.parquet`, `validation/0000.parquet`",
            "classes in the file's order; the split as given",
            vec![
                part(0, &PETS, "pets/train/0000.parquet"),
                part(30, &PETS, "pets/validation/0000.parquet"),
            ],
            loaded(&GIVEN, 0x07ed_7665_af90_6914),
        ),
        row(
            "two parts that number the same names differently",
            "matched by name",
            vec![
                Table::new(3).named(&PETS).file("a.parquet"),
                Table {
                    columns: vec![
                        Values::Bytes(
                            (0..30)
                                .map(|row| Some(jpeg((row + 2) % 3, 100 + row as u64)))
                                .collect(),
                        ),
                        Values::Bytes(vec![None; 30]),
                        Values::Int64((0..30).map(|row| Some(row % 3)).collect()),
                    ],
                    ..Table::new(3).named(&["fox", "cat", "dog"])
                }
                .file("b.parquet"),
            ],
            loaded(&[("cat", 16, 4), ("dog", 16, 4), ("fox", 16, 4)], 0xce24_ce62_9c09_e45f),
        ),
        row(
            "a training and a validation file that number the same names differently",
            "matched by name",
            vec![
                Table::new(3).named(&PETS).file("train.parquet"),
                Table::new(3).named(&["fox", "cat", "dog"]).file("validation.parquet"),
            ],
            loaded(&GIVEN, 0xcfa2_3c1f_4a24_c91a),
        ),
        row(
            "a training file with a class more than the validation file",
            "told; the class trains",
            vec![
                Table::new(3).named(&PETS).file("train.parquet"),
                Table::new(2).named(&["dog", "cat"]).file("validation.parquet"),
            ],
            loaded_with(
                &[("cat", 10, 10), ("dog", 10, 10), ("fox", 10, 0)],
                0x019e_ba69_9579_2574,
                &[
                    "train.parquet: no picture validates of “fox”, so nothing will tell how well such pictures are recognised; add some to the validation pictures, or have one in five of all pictures validate",
                ],
                &[],
            ),
        ),
        row(
            "a validation file that does not name its classes",
            "they are those of the training file, which is told",
            vec![
                Table::new(3).named(&PETS).file("train.parquet"),
                Table::new(3).file("validation.parquet"),
            ],
            loaded_with(
                &GIVEN,
                0xd892_f208_4368_2834,
                &[
                    "validation.parquet: it does not name its classes; its labels are taken to be the numbers of the classes that train.parquet names",
                ],
                &[],
            ),
        ),
        row(
            "a training and a validation file without a class in common",
            "refused",
            vec![
                Table::new(3).named(&PETS).file("train.parquet"),
                Table::new(3).named(&["ant", "bee", "fly"]).file("validation.parquet"),
            ],
            refused(
                "train.parquet and validation.parquet have different classes; they are no two parts of one set",
            ),
        ),
        row(
            "two parts, one of them without names",
            "its labels are classes of their own, which is told",
            vec![
                Table::new(2).named(&["cat", "dog"]).file("a.parquet"),
                Table::new(2).file("b.parquet"),
            ],
            loaded_with(
                &[("cat", 8, 2), ("class 0", 8, 2), ("class 1", 8, 2), ("dog", 8, 2)],
                0x9071_3ecc_bd61_07b1,
                &[
                    "b.parquet: it does not name its classes, unlike a.parquet: its labels are classes of their own, called “class 0” and so on. Give both files names, or rename these classes",
                ],
                &[],
            ),
        ),
    ]
}
