//! Parquet files: several files.

use super::{GIVEN, NUMBERED, PETS, copies, row};
use crate::fixtures::jpeg;
use crate::layout_files::folders;
use crate::made::held;
use crate::parquet_tables::{Table, Values, numbers, pictures, texts};
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
            loaded_with(&GIVEN, 0xcfa2_3c1f_4a24_c91a, &[&copies(2, "all 30")], &[]),
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
                    "train.parquet: there are no validation pictures of “fox”, so nothing will show how well the network recognises them; add some, or use one in five of all pictures for validation",
                    &copies(2, "8 of the 20"),
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
                    &copies(2, "all 30"),
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
                    &copies(2, "6 of the 8"),
                ],
                &[],
            ),
        ),
        row(
            "two parts with numbers in columns of other names",
            "the second is left out and told: nothing says that both mean the same",
            vec![numbered("label").file("a.parquet"), numbered("coarse_label").file("b.parquet")],
            loaded_with(
                &NUMBERED,
                0x5778_dd24_1c42_0d35,
                &[
                    "b.parquet: it has its labels in column “coarse_label” and a.parquet in “label”, and numbers without names do not tell whether both mean the same; give both columns the same name, or name their classes",
                ],
                &[],
            ),
        ),
        row(
            "a training and a validation file with numbers in columns of other names",
            "refused: nothing says that both mean the same",
            vec![
                numbered("label").file("train.parquet"),
                numbered("coarse_label").file("validation.parquet"),
            ],
            refused(
                "validation.parquet has its labels in column “coarse_label” and train.parquet in “label”, and numbers without names do not tell whether both mean the same; give both columns the same name, or name their classes",
            ),
        ),
        row(
            "two parts, the second with another column that would come first",
            "both are read by the column of the first",
            vec![numbered("label").file("a.parquet"), texts_too().file("b.parquet")],
            loaded_with(
                &[("class 0", 16, 4), ("class 1", 16, 4), ("class 2", 16, 4)],
                0x94b8_5667_8e21_d63e,
                &[
                    "b.parquet: it has 2 columns of labels (class_name, label); “label” is used",
                    &copies(2, "8 of the 12"),
                ],
                &[],
            ),
        ),
        row(
            "two parts, `label` as text in the first and numbers without names in the second",
            "the second is left out and told: nothing says which text a number stands for",
            vec![text_labels(&PETS).file("a.parquet"), numbered("label").file("b.parquet")],
            loaded_with(
                &[("cat", 8, 2), ("dog", 8, 2), ("fox", 8, 2)],
                0x83b1_7d34_0654_e367,
                &[&format!("b.parquet: it has numbers without names in its column “label”, and a.parquet has texts there; {TELL}")],
                &[],
            ),
        ),
        row(
            "the same the other way round, with `Label` in the second",
            "the same",
            vec![numbered("label").file("a.parquet"), texts_in("Label").file("b.parquet")],
            loaded_with(
                &NUMBERED,
                0x5778_dd24_1c42_0d35,
                &[&format!("b.parquet: it has texts in its column “Label”, and a.parquet has numbers without names there; {TELL}")],
                &[],
            ),
        ),
        row(
            "a training and a validation file that differ so",
            "refused",
            vec![
                text_labels(&PETS).file("train.parquet"),
                numbered("label").file("validation.parquet"),
            ],
            refused(&format!("validation.parquet has numbers without names in its column “label”, and train.parquet has texts there; {TELL}")),
        ),
        row(
            "two parts, `label` as text in the first, numbers in the second with their texts in `class_name`",
            "the second's texts are used",
            vec![text_labels(&["cow", "hen", "pig"]).file("a.parquet"), texts_too().file("b.parquet")],
            loaded_with(
                &[("cow", 16, 4), ("hen", 16, 4), ("pig", 16, 4)],
                0xde97_0219_8213_c3f7,
                &[
                    "b.parquet: it has 2 columns of labels (class_name, label); “class_name” is used",
                    &copies(2, "all 12"),
                ],
                &[],
            ),
        ),
        row(
            "the same, and the reader chooses `label`",
            "the second is left out and told",
            vec![text_labels(&["cow", "hen", "pig"]).file("a.parquet"), texts_too().file("b.parquet")],
            loaded_with(
                &[("cow", 8, 2), ("hen", 8, 2), ("pig", 8, 2)],
                0xd49b_8319_f761_f9ac,
                &[&format!("b.parquet: it has numbers without names in its column “label”, and a.parquet has texts there; {TELL}")],
                &[],
            ),
        )
        .corrected(|corrections| corrections.label_column = Some("label".into())),
        row(
            "a training and a validation file with the texts `cat` and `Cat`",
            "kept apart, and told",
            ["train.parquet", "validation.parquet"].map(|path| alike().file(path)).to_vec(),
            loaded_with(
                &[("Cat", 10, 10), ("cat", 10, 10), ("dog", 10, 10)],
                0xbb9b_c362_ef92_e162,
                &[ALIKE, &copies(2, "all 30")],
                &[],
            ),
        ),
        row(
            "a folder `Cat` beside a parquet file with `cat`",
            "kept apart, and told",
            {
                let mut files = held(&folders(&[("pets/Cat", 5, 10)]));
                files.push(text_labels(&["cat", "dog", "fox"]).file("pets/more.parquet"));
                files
            },
            loaded_with(
                &[("Cat", 8, 2), ("cat", 8, 2), ("dog", 8, 2), ("fox", 8, 2)],
                0x48a6_1b15_16f0_bc7e,
                &[ALIKE],
                &[],
            ),
        ),
    ]
}

const ALIKE: &str = "Cat, cat: these class names differ only in capital letters, spaces or characters that cannot be seen; they are kept apart: give them the same name if they are one class";

const TELL: &str = "nothing tells which text each number stands for. Write the labels as text in both, or name their classes in both";

/// Texts in a column of this name.
fn texts_in(column: &str) -> Table {
    let schema = format!("message m {{ optional binary image; optional binary {column} (UTF8); }}");
    Table::flat(3, &schema, texts(&PETS, 30))
}

/// Numbers without names in a column of this name.
fn numbered(column: &str) -> Table {
    let schema = format!("message m {{ optional binary image; optional int32 {column}; }}");
    Table::flat(3, &schema, numbers(3, 30))
}

/// Numbers without names, and texts beside them.
fn texts_too() -> Table {
    Table {
        schema: "message m { optional binary image; optional int32 label; optional binary class_name (UTF8); }".into(),
        columns: vec![Values::Bytes(pictures(3, 30)), numbers(3, 30), texts(&["cow", "hen", "pig"], 30)],
        ..Table::new(3)
    }
}

/// Texts that look alike.
fn alike() -> Table {
    text_labels(&["cat", "Cat", "dog"])
}

fn text_labels(names: &[&str]) -> Table {
    let schema = "message m { optional binary image; optional binary label (UTF8); }";
    Table::flat(3, schema, texts(names, 30))
}
