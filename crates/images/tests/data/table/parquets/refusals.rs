//! Parquet files: what is refused.

use parquet::basic::Compression;

use super::{PETS, alone, pets, row};
use crate::made::Held;
use crate::parquet_tables::{Table, Values, numbers, pictures, texts};
use crate::table::{Row, refused};

/// The rows.
pub fn rows() -> Vec<Row> {
    let schema = |schema: &str, columns: Vec<Values>| {
        alone(&Table { schema: schema.into(), columns, ..Table::new(3) })
    };
    let no_bytes = Table {
        columns: vec![Values::Bytes(vec![None; 30]), texts(&["cats/1.jpg"], 30), numbers(3, 30)],
        schema: "message m { optional group image { optional binary bytes; optional binary path (UTF8); } optional int32 label; }".into(),
        ..Table::new(3)
    };
    vec![
        row(
            "only the paths of pictures, `image: struct<path>`",
            "refused",
            schema(
                "message m { optional group image { optional binary path (UTF8); } optional int32 label; }",
                vec![texts(&["cats/1.jpg"], 30), numbers(3, 30)],
            ),
            refused(
                "pets.parquet: it holds the paths of its pictures and not the pictures; write it again with the pictures inside, or open the folder that holds them",
            ),
        ),
        row(
            "`bytes` null in every row, and paths",
            "refused",
            alone(&no_bytes),
            refused(
                "pets.parquet: 30 rows have the path of a picture and not the picture, and are left out; write the file again with the pictures inside, or open the folder that holds them",
            ),
        ),
        row(
            "no column of pictures",
            "refused, with the columns it has",
            schema(
                "message m { optional binary text (UTF8); optional int32 label; }",
                vec![texts(&PETS, 30), numbers(3, 30)],
            ),
            refused(
                "pets.parquet: it has no column of pictures that can be read; its columns are: text, label (whole numbers). Wanted are encoded pictures (JPEG, PNG or WebP) in a column such as “image”, “img” or “picture”, as bytes or as a structure with “bytes”; write the file again in this form",
            ),
        ),
        row(
            "no column of labels",
            "refused, with the columns it has",
            schema(
                "message m { optional binary image; optional binary caption (UTF8); }",
                vec![Values::Bytes(pictures(3, 30)), texts(&PETS, 30)],
            ),
            refused(
                "pets.parquet: it has no column of labels that can be read; its columns are: image, caption. Wanted are labels as whole numbers or text in a column such as “label”, “labels”, “class” or “fine_label”; rename the column that holds them",
            ),
        ),
        row(
            "labels with fractions",
            "refused",
            schema(
                "message m { optional binary image; required double label; }",
                vec![Values::Bytes(pictures(3, 30)), Values::Double(vec![0.5; 30])],
            ),
            refused(
                "pets.parquet: it has no column of labels that can be read; its columns are: image, label (fractions). Wanted are labels as whole numbers or text in a column such as “label”, “labels”, “class” or “fine_label”; rename the column that holds them",
            ),
        ),
        row(
            "pages in LZ4 with Hadoop's framing",
            "refused",
            alone(&Table { compression: Compression::LZ4, ..pets() }),
            refused(
                "pets.parquet: it is compressed with parquet's codec 5, which cannot be read here; write it with snappy, gzip, zstd or none",
            ),
        ),
        row(
            "a file without rows",
            "refused",
            alone(&Table::of_rows(3, 0)),
            refused("pets.parquet: it holds no rows, so there is no picture in it"),
        ),
        row(
            "a training file and a validation file without rows",
            "refused",
            vec![pets().file("train.parquet"), Table::of_rows(3, 0).file("validation.parquet")],
            refused(
                "validation.parquet holds no picture that could be used; choose other pictures",
            ),
        ),
        row(
            "an empty file called `.parquet`",
            "refused",
            vec![Held::new("pets.parquet", Vec::new())],
            refused(
                "pets.parquet: it is no parquet file, whatever its name says; a parquet file of labelled pictures is wanted, as Hugging Face publishes them",
            ),
        ),
        row(
            "a web page called `.parquet`",
            "refused",
            vec![Held::new("pets.parquet", b"<!doctype html><title>Not here</title>".to_vec())],
            refused(
                "pets.parquet: it is no parquet file, whatever its name says; a parquet file of labelled pictures is wanted, as Hugging Face publishes them",
            ),
        ),
    ]
}
