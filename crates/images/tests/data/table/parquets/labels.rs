//! Parquet files: labels that stand for no class.

use super::{EVEN, GIVEN, PETS, alone, copies, pets, row};
use crate::parquet_tables::{Table, Values, texts};
use crate::table::{Row, loaded, loaded_with};

/// The rows.
pub fn rows() -> Vec<Row> {
    let nulls: Vec<usize> = (0..6).map(|number| number * 5).collect();
    let mut texts_with_nulls = texts(&PETS, 36);
    if let Values::Bytes(labels) = &mut texts_with_nulls {
        (labels[3], labels[4], labels[5]) = (None, Some(Vec::new()), Some(vec![0xff, 0xfe]));
    }
    let sorted = |null: bool| {
        let mut table = Table { group: 12, ..Table::of_rows(3, 36) }.named(&PETS);
        for row in 0..36 {
            let label = if null && row % 12 > 9 { None } else { Some(row as i64 / 12) };
            table = table.relabel(&[row], label);
        }
        table
    };
    vec![
        row(
            "groups of one class with statistics, some labels null",
            "rows without a label are left out and counted, and get no neighbour's",
            alone(&sorted(true)),
            loaded_with(
                &EVEN,
                0xda4b_2586_04fc_d78b,
                &["pets.parquet: 6 rows have no label and are left out"],
                &[],
            ),
        ),
        row(
            "the same as training and validation file",
            "the same, in both",
            ["train", "validation"]
                .map(|part| sorted(true).file(&format!("{part}.parquet")))
                .to_vec(),
            loaded_with(
                &GIVEN,
                0x5789_b497_b705_47ce,
                &[
                    "train.parquet: 6 rows have no label and are left out",
                    "validation.parquet: 6 rows have no label and are left out",
                    &copies(2, "all 30"),
                ],
                &[],
            ),
        ),
        row(
            "the same without statistics",
            "the same",
            alone(&Table { statistics: false, ..sorted(true) }),
            loaded_with(
                &EVEN,
                0xda4b_2586_04fc_d78b,
                &["pets.parquet: 6 rows have no label and are left out"],
                &[],
            ),
        ),
        row(
            "some labels null in groups of many classes",
            "left out and counted",
            alone(&pets().relabel(&nulls, None)),
            loaded_with(
                &[("cat", 6, 2), ("dog", 6, 2), ("fox", 6, 2)],
                0x4125_9fc1_dd6e_82fc,
                &["pets.parquet: 6 rows have no label and are left out"],
                &[],
            ),
        ),
        row(
            "labels 3 and 250 in a file that names three classes",
            "left out and counted",
            alone(&pets().relabel(&[0, 1], Some(3)).relabel(&[2], Some(250))),
            loaded_with(
                &[("cat", 7, 2), ("dog", 7, 2), ("fox", 7, 2)],
                0x9082_0046_b6bc_c97f,
                &[
                    "pets.parquet: 3 rows have a label (for instance 3) outside the file's 3 classes, which are numbered 0 to 2, and are left out",
                ],
                &[],
            ),
        ),
        row(
            "the label −1, which means none",
            "left out and counted",
            alone(&pets().relabel(&[0], Some(-1))),
            loaded_with(
                &[("cat", 7, 2), ("dog", 8, 2), ("fox", 8, 2)],
                0xcebf_2f85_b922_2720,
                &[
                    "pets.parquet: 1 row has a negative number as label (for instance -1), which stands for no label, and is left out",
                ],
                &[],
            ),
        ),
        row(
            "labels as text: one null, one empty, one not UTF-8",
            "left out and counted",
            alone(&Table::flat(
                3,
                "message m { optional binary image; optional binary label (UTF8); }",
                texts_with_nulls,
            )),
            loaded_with(
                &[("cat", 9, 2), ("dog", 9, 2), ("fox", 9, 2)],
                0x02fd_7d13_7434_229f,
                &[
                    "pets.parquet: 2 rows have no label and are left out",
                    "pets.parquet: 1 row has a label that is no text in UTF-8 and is left out",
                ],
                &[],
            ),
        ),
        row(
            "five named classes, pictures of three",
            "three classes",
            alone(&Table::new(3).named(&["cat", "dog", "fox", "owl", "hen"])),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        ),
        row(
            "the same as training and validation file",
            "three classes",
            ["train", "val"]
                .map(|part| {
                    Table::new(3)
                        .named(&["cat", "dog", "fox", "owl", "hen"])
                        .file(&format!("{part}.parquet"))
                })
                .to_vec(),
            loaded_with(&GIVEN, 0xd892_f208_4368_2834, &[&copies(2, "all 30")], &[]),
        ),
    ]
}
