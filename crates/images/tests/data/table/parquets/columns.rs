//! Parquet files: columns as published.

use resnette_picture::report::ClassCorrections;

use super::{EVEN, NUMBERED, PETS, alone, pets, row};
use crate::fixtures::jpeg;
use crate::parquet_tables::{Table, Values, class_label, numbers, pictures, texts};
use crate::table::{Row, loaded, loaded_with, refused};

/// The rows.
pub fn rows() -> Vec<Row> {
    let scan = Table {
        schema: "message m { optional group scan { optional binary bytes; optional binary path (UTF8); } optional int64 label; }".into(),
        ..Table::new(3)
    };
    let others = Table {
        columns: vec![
            Values::Double(vec![0.5; 30]),
            texts(&["a caption"], 30),
            Values::Bytes(pictures(3, 30)),
            numbers(7, 30),
            texts(&PETS, 30),
        ],
        ..Table::flat(
            3,
            "message m { required double width; optional binary caption (UTF8); optional group image { optional binary bytes; } optional int32 height; optional binary label (UTF8); }",
            numbers(3, 30),
        )
    };
    let both = |first: &str, second: &str| {
        let schema = format!(
            "message m {{ optional binary img; optional int64 {first}; optional int64 {second}; }}"
        );
        let labels = |classes: i64| Values::Int64((0..30).map(|row| Some(row % classes)).collect());
        Table {
            columns: vec![Values::Bytes(pictures(3, 30)), labels(2), labels(3)],
            ..Table::flat(3, &schema, numbers(3, 30))
        }
    };
    let fine = Table {
        features: Some(serde_json::json!({
            "coarse_label": class_label(&["pet", "wild"]),
            "fine_label": class_label(&PETS),
        })),
        ..both("coarse_label", "fine_label")
    };
    let text = Table {
        schema: "message m { optional binary img; optional int64 label; optional binary class_name (UTF8); }".into(),
        columns: vec![
            Values::Bytes(pictures(3, 30)),
            Values::Int64((0..30).map(|row| Some(row % 2)).collect()),
            texts(&PETS, 30),
        ],
        ..Table::new(3)
    };
    vec![
        row(
            "`image: struct<bytes, path>`, `label: int64`, names in the footer",
            "classes by their names; one in five pictures validates",
            alone(&pets()),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        ),
        row(
            "`img: binary`, `labels: int32`",
            "the same",
            alone(&Table {
                features: Some(serde_json::json!({ "labels": class_label(&PETS) })),
                ..Table::flat(
                    3,
                    "message m { optional binary img; optional int32 labels; }",
                    numbers(3, 30),
                )
            }),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        ),
        row(
            "`picture: struct<bytes>`, `target: int16`, required",
            "the same",
            alone(&Table {
                features: Some(serde_json::json!({ "target": class_label(&PETS) })),
                ..Table::flat(
                    3,
                    "message m { required group picture { required binary bytes; } required int32 target (INTEGER(16,true)); }",
                    numbers(3, 30),
                )
            }),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        ),
        row(
            "`pixel_values: binary`, `class: int8`, no names",
            "class 0, class 1, class 2",
            alone(&Table::flat(
                3,
                "message m { optional binary pixel_values; optional int32 class (INTEGER(8,true)); }",
                numbers(3, 30),
            )),
            loaded(&NUMBERED, 0xb422_bcf6_0f70_f255),
        ),
        row(
            "labels as text",
            "each text is a class",
            alone(&Table::flat(
                3,
                "message m { optional binary image; optional binary label (UTF8); }",
                texts(&PETS, 30),
            )),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        ),
        row(
            "labels as text in a dictionary",
            "the same",
            alone(&Table {
                dictionaries: true,
                ..Table::flat(
                    3,
                    "message m { optional binary image; optional binary label (UTF8); }",
                    texts(&PETS, 30),
                )
            }),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        ),
        row(
            "pictures in a structure of another name, `scan: struct<bytes, path>`",
            "found",
            alone(&scan.named(&PETS)),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        ),
        row(
            "captions, sizes and other columns",
            "ignored",
            alone(&others),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        ),
        row(
            "`coarse_label` and `fine_label`, both with names",
            "the finer one is used, and told",
            alone(&fine),
            loaded_with(
                &EVEN,
                0xe5bc_b05a_acee_212f,
                &[
                    "pets.parquet: it has 2 columns of labels (fine_label, coarse_label); “fine_label” is used",
                ],
                &[],
            ),
        ),
        row(
            "`label` with numbers, `class_name` with text",
            "the text is used, and told",
            alone(&text),
            loaded_with(
                &EVEN,
                0xe5bc_b05a_acee_212f,
                &[
                    "pets.parquet: it has 2 columns of labels (class_name, label); “class_name” is used",
                ],
                &[],
            ),
        ),
        row(
            "`class` and `label`, both numbers without names",
            "`label` is used, and told",
            alone(&both("class", "label")),
            loaded_with(
                &NUMBERED,
                0xb422_bcf6_0f70_f255,
                &["pets.parquet: it has 2 columns of labels (label, class); “label” is used"],
                &[],
            ),
        ),
    ]
    .into_iter()
    .chain(chosen(&fine, &both("class", "label")))
    .collect()
}

/// Where several columns would do, the reader's choice counts.
fn chosen(fine: &Table, both: &Table) -> Vec<Row> {
    let other = Table {
        schema: "message m { optional binary image; optional binary caption (UTF8); optional binary kind (UTF8); }".into(),
        columns: vec![
            Values::Bytes(pictures(3, 30)),
            texts(&["a picture", "another"], 30),
            texts(&PETS, 30),
        ],
        ..Table::new(3)
    };
    // The other column has the same drawings, each with the class after its own.
    let thumbs = Table {
        schema: "message m { optional binary thumb; optional binary image; optional binary label (UTF8); }".into(),
        columns: vec![
            Values::Bytes((0..30).map(|row| Some(jpeg((row + 1) % 3, row as u64))).collect()),
            Values::Bytes(pictures(3, 30)),
            texts(&PETS, 30),
        ],
        features: Some(serde_json::json!({
            "image": { "_type": "Image" },
            "thumb": { "_type": "Image" },
        })),
        ..Table::new(3)
    };
    let label = |name: &'static str| {
        move |corrections: &mut ClassCorrections| corrections.label_column = Some(name.into())
    };
    let image = |name: &'static str| {
        move |corrections: &mut ClassCorrections| corrections.image_column = Some(name.into())
    };
    const TWO: &str = "pets.parquet: it has 2 columns of pictures (image, thumb); “image” is used";
    vec![
        row(
            "`coarse_label` and `fine_label`, and the reader chooses `coarse_label`",
            "the coarser one is used",
            alone(fine),
            loaded_with(
                &[("pet", 12, 3), ("wild", 12, 3)],
                0x150c_321a_42db_c034,
                &[
                    "pets.parquet: it has 2 columns of labels (fine_label, coarse_label); “coarse_label” is used",
                ],
                &[],
            ),
        )
        .corrected(label("coarse_label")),
        row(
            "`class` and `label`, and the reader chooses `class`",
            "`class` is used",
            alone(both),
            loaded_with(
                &[("class 0", 12, 3), ("class 1", 12, 3)],
                0x0f70_c075_e840_63ea,
                &["pets.parquet: it has 2 columns of labels (label, class); “class” is used"],
                &[],
            ),
        )
        .corrected(label("class")),
        row(
            "a column of another name, `kind`, that is named on the command line",
            "it is used",
            alone(&other),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        )
        .corrected(label("kind")),
        row(
            "the same, called `Kind` on the command line",
            "it is used: capital letters do not matter where one column is meant",
            alone(&other),
            loaded(&EVEN, 0xe5bc_b05a_acee_212f),
        )
        .corrected(label("Kind")),
        row(
            "a column of labels that is chosen and not there",
            "refused, with the columns it has",
            alone(&other),
            refused(
                "pets.parquet: it has no column “species” that could hold labels; it has: image, caption, kind. Choose another",
            ),
        )
        .corrected(label("species")),
        row(
            "two columns of pictures, `image` and `thumb`",
            "`image` is used, and told",
            alone(&thumbs),
            loaded_with(&EVEN, 0xe5bc_b05a_acee_212f, &[TWO], &[]),
        ),
        row(
            "the same, and the reader chooses `thumb`",
            "`thumb` is used",
            alone(&thumbs),
            loaded_with(
                &EVEN,
                0xd3bd_a916_7740_7c05,
                &["pets.parquet: it has 2 columns of pictures (thumb, image); “thumb” is used"],
                &[],
            ),
        )
        .corrected(image("thumb")),
        row(
            "a column of pictures that is chosen and holds none",
            "refused, with the columns it has",
            alone(&thumbs),
            refused(
                "pets.parquet: it has no column “scan” that could hold pictures; it has: thumb, image, label. Choose another",
            ),
        )
        .corrected(image("scan")),
        row(
            "two parts, of which one lacks the chosen column",
            "that part is left out, and told",
            vec![fine.file("a.parquet"), pets().file("b.parquet")],
            loaded_with(
                &[("pet", 12, 3), ("wild", 12, 3)],
                0x96df_e667_1aff_5a7e,
                &[
                    "a.parquet: it has 2 columns of labels (fine_label, coarse_label); “coarse_label” is used",
                    "b.parquet: it has no column “coarse_label” that could hold labels; it has: image, label (whole numbers). Choose another",
                ],
                &[],
            ),
        )
        .corrected(label("coarse_label")),
    ]
}
