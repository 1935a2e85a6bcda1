//! Parquet files: damaged pages, groups and files.

use super::{GIVEN, copies, pets, row};
use crate::fixtures::jpeg;
use crate::made::Held;
use crate::parquet_tables::{Table, claim_encoding, damage_header, damage_levels, damage_picture};
use crate::table::{Row, loaded_with, refused};

/// The rows.
pub fn rows() -> Vec<Row> {
    let plain = Table { statistics: false, ..pets() };
    let page = || damage_picture(plain.bytes(), &jpeg(1, 10));
    let mut cut = pets().bytes();
    cut.truncate(cut.len() / 2);
    let by_class = Table {
        columns: (0..30)
            .fold(Table::new(3), |table, row| table.relabel(&[row], Some(row as i64 / 10)))
            .columns,
        ..plain.clone()
    };
    vec![
        row(
            "one damaged page",
            "its seven pictures are in no count; the rest is used",
            vec![Held::new("pets.parquet", page())],
            loaded_with(
                &[("cat", 6, 2), ("dog", 6, 1), ("fox", 6, 2)],
                0x5e1e_9734_35cf_fd50,
                &[
                    "pets.parquet: row group 1 cannot be read completely (a page's values end too early): 7 pictures are left out. The file is damaged there, load it again",
                ],
                &[],
            ),
        ),
        row(
            "a damaged page header",
            "the pictures of its row group are in no count",
            vec![Held::new("pets.parquet", damage_header(plain.bytes(), 7, 0))],
            loaded_with(
                &[("cat", 5, 1), ("dog", 6, 1), ("fox", 6, 1)],
                0xd48c_821c_c67f_a8a9,
                &[
                    "pets.parquet: row group 0 cannot be read completely (a page's header is broken: a number or type in it makes no sense): 10 pictures are left out. The file is damaged there, load it again",
                ],
                &[],
            ),
        ),
        row(
            "a page of labels in an encoding that is not read",
            "its rows have no label, and get no neighbour's",
            vec![Held::new("pets.parquet", claim_encoding(plain.bytes(), 7, &[2], 4))],
            loaded_with(
                &[("cat", 6, 1), ("dog", 6, 2), ("fox", 6, 2)],
                0xb277_449a_720b_053c,
                &[
                    "pets.parquet: the labels of 7 rows use parquet's encoding BIT_PACKED, which is not read here; 7 pictures are left out. Write the file again with plain encoding",
                ],
                &[],
            ),
        ),
        row(
            "a damaged page of labels",
            "the same",
            vec![Held::new("pets.parquet", damage_levels(plain.bytes(), 7, 2))],
            loaded_with(
                &[("cat", 6, 1), ("dog", 6, 2), ("fox", 6, 2)],
                0xb277_449a_720b_053c,
                &[
                    "pets.parquet: the labels of 7 rows in row group 0 cannot be read (a page's levels are broken); 7 pictures are left out. The file is damaged there, load it again",
                ],
                &[],
            ),
        ),
        row(
            "the only row group of a class is damaged",
            "no class without pictures appears",
            vec![Held::new("pets.parquet", damage_header(by_class.bytes(), 7, 0))],
            loaded_with(
                &[("dog", 8, 2), ("fox", 8, 2)],
                0x6ddf_3c05_6c5f_dec6,
                &[
                    "pets.parquet: row group 0 cannot be read completely (a page's header is broken: a number or type in it makes no sense): 10 pictures are left out. The file is damaged there, load it again",
                ],
                &[],
            ),
        ),
        row(
            "the same in both parts",
            "the same",
            ["train", "test"]
                .map(|part| {
                    Held::new(format!("{part}.parquet"), damage_header(by_class.bytes(), 7, 0))
                })
                .to_vec(),
            loaded_with(
                &[("dog", 10, 10), ("fox", 10, 10)],
                0xb97d_db27_34ba_1868,
                &[
                    "train.parquet: row group 0 cannot be read completely (a page's header is broken: a number or type in it makes no sense): 10 pictures are left out. The file is damaged there, load it again",
                    "test.parquet: row group 0 cannot be read completely (a page's header is broken: a number or type in it makes no sense): 10 pictures are left out. The file is damaged there, load it again",
                    &copies(2, "all 20"),
                ],
                &[],
            ),
        ),
        row(
            "the validation file's only group of a class is damaged",
            "told; the class trains",
            vec![
                by_class.file("train.parquet"),
                Held::new("test.parquet", damage_header(by_class.bytes(), 7, 0)),
            ],
            loaded_with(
                &[("cat", 10, 0), ("dog", 10, 10), ("fox", 10, 10)],
                0xfc9f_94a2_07e9_cab9,
                &[
                    "test.parquet: row group 0 cannot be read completely (a page's header is broken: a number or type in it makes no sense): 10 pictures are left out. The file is damaged there, load it again",
                    "train.parquet: there are no validation pictures of “cat”, so nothing will show how well the network recognises them; add some, or use one in five of all pictures for validation",
                    &copies(2, "all 20"),
                ],
                &[],
            ),
        ),
        row(
            "one of two training parts is damaged",
            "told; the other part and the validation file are used",
            vec![
                pets().file("train-00000-of-00002.parquet"),
                Held::new("train-00001-of-00002.parquet", cut.clone()),
                pets().file("validation-00000-of-00001.parquet"),
            ],
            loaded_with(
                &GIVEN,
                0xd892_f208_4368_2834,
                &[
                    "train-00001-of-00002.parquet: it cannot be read as parquet (the end of the file is missing); the file is damaged or cut off, load it again or choose another",
                    &copies(3, "all 30"),
                ],
                &[],
            ),
        ),
        row(
            "the only validation part is damaged",
            "refused: nothing else takes its place",
            vec![
                pets().file("train-00000-of-00002.parquet"),
                pets().file("train-00001-of-00002.parquet"),
                Held::new("validation-00000-of-00001.parquet", cut.clone()),
            ],
            refused(
                "validation-00000-of-00001.parquet: it cannot be read as parquet (the end of the file is missing); the file is damaged or cut off, load it again or choose another. So there is nothing to validate with: load the validation file again, or open the other files without it to have one in five pictures validate",
            ),
        ),
        row(
            "the validation file of two is damaged",
            "refused",
            vec![pets().file("train.parquet"), Held::new("validation.parquet", cut.clone())],
            refused(
                "validation.parquet cannot be read as parquet (the end of the file is missing); the file is damaged or cut off, load it again or choose another",
            ),
        ),
        row(
            "no picture of the validation file can be read",
            "refused",
            vec![
                pets().file("train.parquet"),
                Held::new("validation.parquet", {
                    let bytes = damage_header(plain.bytes(), 7, 6);
                    let bytes = damage_header(bytes, 7, 3);
                    damage_header(bytes, 7, 0)
                }),
            ],
            refused(
                "validation.parquet: no picture in it can be used: row groups 0, 1 and 2 cannot be read completely (a page's header is broken: a number or type in it makes no sense): 30 pictures are left out. The file is damaged there, load it again",
            ),
        ),
        row(
            "the end of the file is missing",
            "refused",
            vec![Held::new("pets.parquet", cut)],
            refused(
                "pets.parquet: it cannot be read as parquet (the end of the file is missing); the file is damaged or cut off, load it again or choose another",
            ),
        ),
    ]
}
