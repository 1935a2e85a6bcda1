//! Parquet files: names of classes.

use super::{NUMBERED, alone, copies, row};
use crate::parquet_tables::Table;
use crate::table::{Expected, Row, loaded, loaded_with};

/// The rows.
pub fn rows() -> Vec<Row> {
    let long: Vec<String> =
        ["a", "b", "c"].map(|end| format!("{}{end}", "Animalia Chordata ".repeat(5))).to_vec();
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    let shown = ["a", "b", "c"]
        .map(|end| format!("Animalia Chordata Animalia Cho… Chordata Animalia Chordata {end}"));
    let shown: Vec<(&str, u32, u32)> = shown.iter().map(|name| (name.as_str(), 10, 10)).collect();
    let twelve: Vec<(String, u32, u32)> =
        (0..12).map(|label| (format!("class {label}"), 8, 2)).collect();
    let twelve: Vec<(&str, u32, u32)> =
        twelve.iter().map(|(name, train, valid)| (name.as_str(), *train, *valid)).collect();
    let ten_given: Vec<(String, u32, u32)> =
        (0..10).map(|label| (format!("class {label}"), 10, 10)).collect();
    let ten_given: Vec<(&str, u32, u32)> =
        ten_given.iter().map(|(name, train, valid)| (name.as_str(), *train, *valid)).collect();
    let pair = |table: &Table| {
        ["train", "validation"].map(|part| table.file(&format!("{part}/0000.parquet"))).to_vec()
    };
    // Both files of a pair hold the same pictures.
    let given = |classes: &[(&str, u32, u32)], fingerprint: u64| -> Expected {
        let all: u32 = classes.iter().map(|(_, _, valid)| valid).sum();
        loaded_with(classes, fingerprint, &[&copies(2, &format!("all {all}"))], &[])
    };
    vec![
        row(
            "labels 0, 1, 2 without names",
            "class 0, class 1, class 2",
            alone(&Table::new(3)),
            loaded(&NUMBERED, 0xb422_bcf6_0f70_f255),
        ),
        row(
            "labels 0 to 11 without names",
            "class 0 to class 11, in numeric order",
            alone(&Table::new(12)),
            loaded(&twelve, 0xdbc5_36d9_def0_b7a3),
        ),
        row(
            "ten labels without names, as training and validation file",
            "class 0 to class 9, and not Imagenette's names",
            pair(&Table::new(10)),
            given(&ten_given, 0x7fd1_8fcf_1776_a086),
        ),
        row(
            "names that are WordNet ids",
            "their English names",
            pair(&Table::new(3).named(&["n01440764", "n02102040", "n02979186"])),
            given(
                &[("tench", 10, 10), ("English springer", 10, 10), ("cassette player", 10, 10)],
                0x1390_eab8_1f28_4154,
            ),
        ),
        row(
            "the ids of ImageNet's two cranes",
            "two classes",
            pair(&Table::new(2).named(&["n02012849", "n03126707"])),
            given(&[("crane bird", 10, 10), ("crane", 10, 10)], 0xb3fa_1940_1b59_44be),
        ),
        row(
            "the name “crane” beside the other crane's id",
            "two classes",
            pair(&Table::new(2).named(&["crane", "n03126707"])),
            given(&[("crane", 10, 10), ("crane (n03126707)", 10, 10)], 0xc196_e518_714c_057a),
        ),
        row(
            "the name “crane” twice",
            "two classes",
            alone(&Table::new(3).named(&["crane", "gull", "crane"])),
            loaded(
                &[("crane (class 0)", 8, 2), ("crane (class 2)", 8, 2), ("gull", 8, 2)],
                0x4e43_9696_211c_c30c,
            ),
        ),
        row(
            "names that differ after 90 characters",
            "kept apart",
            pair(&Table::new(3).named(&long)),
            given(&shown, 0x620a_ce87_e314_3d9a),
        ),
    ]
}
