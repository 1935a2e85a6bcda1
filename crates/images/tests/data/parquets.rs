//! Parquet files: every way of writing them that a writer of image sets uses, and what is refused.

use futures::executor::block_on;
use parquet::basic::Compression;
use resnette_image_parquet::source::MemorySource;
use resnette_image_parquet::{Footer, ParquetError, all_labels, read_group};

use crate::fixtures::{Groups, Writing, compressions, jpeg, parquet, required_parquet, rows};
use crate::made::{Held, config, load};

fn read(bytes: Vec<u8>) -> Result<(Vec<u32>, Vec<Vec<u8>>), ParquetError> {
    let mut source = MemorySource::new("photos.parquet", bytes);
    block_on(async {
        let footer = Footer::read(&mut source).await?;
        let labels = all_labels(&mut source, &footer, 10).await?.concat();
        let mut pictures = Vec::new();
        for group in 0..footer.groups.len() {
            pictures.extend(
                read_group(&mut source, &footer, group)
                    .await?
                    .into_iter()
                    .map(|bytes| bytes.to_vec()),
            );
        }
        Ok((labels, pictures))
    })
}

#[test]
fn codecs_dictionaries_versions_and_nulls_change_nothing() {
    let mut groups: Groups = rows(3, 20, 25);
    groups[0][4].0 = None;
    groups[1][0].0 = None;
    let labels: Vec<u32> = groups.iter().flatten().map(|(_, label)| *label as u32).collect();
    let pictures: Vec<Vec<u8>> =
        groups.iter().flatten().map(|(picture, _)| picture.clone().unwrap_or_default()).collect();
    for compression in compressions() {
        for bits in 0..8 {
            let writing = Writing {
                compression,
                dictionary: bits & 1 == 1,
                second_version: bits & 2 == 2,
                statistics: bits & 4 == 4,
                ..Writing::default()
            };
            let (read_labels, read_pictures) = read(parquet(&groups, &writing)).unwrap();
            assert_eq!(read_labels, labels, "{compression:?} {bits}");
            assert_eq!(read_pictures, pictures, "{compression:?} {bits}");
        }
    }
}

#[test]
fn required_columns_and_columns_in_another_order_are_read() {
    let groups = rows(2, 6, 12);
    let expected: Vec<(u32, Vec<u8>)> = groups
        .iter()
        .flatten()
        .map(|(picture, label)| (*label as u32, picture.clone().unwrap_or_default()))
        .collect();
    for schema in [
        "message m { required int64 label; required group image { required binary bytes; } }",
        "message m { required group image { required binary path (UTF8); required binary bytes; } required int64 label; }",
    ] {
        let (labels, pictures) = read(required_parquet(&groups, schema)).unwrap();
        assert_eq!(labels.into_iter().zip(pictures).collect::<Vec<_>>(), expected, "{schema}");
    }
}

#[test]
fn a_file_without_pictures_names_the_missing_column() {
    let file = parquet(
        &rows(2, 6, 12),
        &Writing { schema: "message m { required int64 label; }", ..Writing::default() },
    );
    assert!(matches!(read(file), Err(ParquetError::MissingColumn { column: "image.bytes", .. })));
}

#[test]
fn other_columns_and_types_are_refused_by_name() {
    let groups = rows(2, 6, 12);
    for (schema, wanted) in [
        (
            "message m { optional group picture { optional binary bytes; optional binary path; } optional int64 label; }",
            "image.bytes",
        ),
        (
            "message m { optional group image { optional binary bytes; optional binary path; } optional int32 label; }",
            "label",
        ),
        (
            "message m { optional group image { optional binary bytes; optional binary path; } optional int64 class; }",
            "label",
        ),
    ] {
        let error = read(parquet(&groups, &Writing { schema, ..Writing::default() }))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&format!("“{wanted}”")) && error.contains("photos.parquet"),
            "{error}"
        );
    }
}

#[test]
fn labels_out_of_range_and_other_files_are_refused() {
    let mut groups = rows(2, 6, 12);
    groups[0][3].1 = 10;
    assert!(matches!(
        read(parquet(&groups, &Writing::default())),
        Err(ParquetError::LabelOutOfRange { label: 10, classes: 10, .. })
    ));
    groups[0][3].1 = -1;
    assert!(matches!(
        read(parquet(&groups, &Writing::default())),
        Err(ParquetError::LabelOutOfRange { label: -1, .. })
    ));
    assert!(matches!(
        read(b"<!doctype html><title>Not here</title>".repeat(9)),
        Err(ParquetError::NotParquet(_))
    ));
    assert!(matches!(read(Vec::new()), Err(ParquetError::NotParquet(_))));
    let mut half = parquet(&groups, &Writing::default());
    half.truncate(half.len() / 2);
    let error = read(half).unwrap_err().to_string();
    assert!(error.contains("the end of the file is missing"), "{error}");
}

#[test]
fn an_unknown_codec_is_named() {
    // LZ4 in Hadoop's framing has no decoder here.
    let file =
        parquet(&rows(2, 6, 12), &Writing { compression: Compression::LZ4, ..Writing::default() });
    assert!(matches!(read(file), Err(ParquetError::UnsupportedCodec { codec: 5, .. })));
}

#[test]
fn the_files_own_class_names_are_used() {
    let writing = Writing {
        names: Some(vec!["cat".into(), "n01440764".into(), "ant".into()]),
        ..Writing::default()
    };
    let files = ["train", "validation"].map(|part| {
        Held::new(format!("pets/{part}/0000.parquet"), parquet(&rows(3, 10, 8), &writing))
    });
    let (set, problems) = load(&files, &config(8, 5), 0);
    let set = set.unwrap();
    assert_eq!(problems, []);
    assert_eq!(set.classes, ["cat", "tench", "ant"]);
    assert_eq!((set.train.len(), set.valid.len()), (24, 15));
    assert_eq!(set.source, "pets");
}

#[test]
fn one_file_alone_is_split() {
    let writing = Writing { names: Some(vec!["cat".into(), "ant".into()]), ..Writing::default() };
    let (set, problems) = load(
        &[Held::new("0000.parquet", parquet(&rows(2, 20, 9), &writing))],
        &config(100, 100),
        0,
    );
    let set = set.unwrap();
    assert_eq!(problems, []);
    assert_eq!((set.train.len(), set.valid.len()), (32, 8));
    assert_eq!(set.classes, ["ant", "cat"]);
}

#[test]
fn a_null_or_broken_picture_is_a_problem_and_the_rest_is_used() {
    let mut groups = rows(2, 10, 20);
    groups[0][4].0 = None;
    groups[0][5].0 = Some(b"<html>".to_vec());
    let files = ["train", "validation"].map(|part| {
        Held::new(format!("{part}/0000.parquet"), parquet(&groups, &Writing::default()))
    });
    let (set, _) = load(&files, &config(10, 10), 0);
    let set = set.unwrap();
    assert_eq!(set.train.len(), 18);
    let reasons: Vec<&str> = set.problems.iter().map(|problem| problem.reason.as_str()).collect();
    assert_eq!(reasons.len(), 4);
    assert!(
        reasons.contains(&"the file is empty")
            && reasons.iter().any(|reason| reason.contains("but a web page")),
        "{reasons:?}"
    );
    assert!(set.problems[0].name.contains("row 4 of group 0 (tench)"), "{}", set.problems[0].name);
}

#[test]
fn statistics_that_lie_do_not_mislabel() {
    // All labels of the group are 0, says the footer; half of them are 1.
    let same: Groups = vec![(0..20).map(|row| (Some(jpeg(0, row)), 0)).collect()];
    let honest = parquet(&same, &Writing { dictionary: false, ..Writing::default() });
    let mixed: Groups = vec![(0..20).map(|row| (Some(jpeg(0, row)), (row % 2) as i64)).collect()];
    let file = parquet(&mixed, &Writing { dictionary: false, ..Writing::default() });
    assert_eq!(read(honest).unwrap().0, [0; 20]);
    // The highest label stands in the footer as eight bytes behind the field's head, in both
    // spellings.
    let mut lying = file.clone();
    let at: Vec<usize> = (file.len() - 400..file.len() - 9)
        .filter(|&at| file[at] == 8 && file[at + 1..at + 9] == 1_i64.to_le_bytes())
        .collect();
    assert!(!at.is_empty());
    at.iter().for_each(|at| lying[at + 1] = 0);
    let mut source = MemorySource::new("lying.parquet", lying);
    let footer = block_on(Footer::read(&mut source)).unwrap();
    assert_eq!(footer.groups[0].common_label, Some(0));
    let wanted =
        resnette_image_parquet::SubsetRequest { per_class: 8, classes: 2, seed: 0, file: 0 };
    let mut wrong = 0;
    let taken =
        block_on(resnette_image_parquet::read_subset(&mut source, &footer, wanted, async |row| {
            let number: u32 = row.position.split(' ').nth(1).unwrap().parse().unwrap();
            wrong += u32::from(number % 2 != row.label);
            true
        }))
        .unwrap();
    assert_eq!(wrong, 0);
    assert!(taken.iter().sum::<usize>() >= 8, "{taken:?}");
}

/// The file that the example in the documentation of `resnette-image-parquet` reads.
#[test]
#[ignore = "writes crates/image-parquet/tests/two-classes.parquet"]
fn the_file_of_the_documentations_example() {
    let png = |row: u64| {
        let picture = resnette_picture::drawn::draw(row as usize % 2, row, 1, 8);
        let mut out = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_raw(picture.width, picture.height, picture.rgb)
            .unwrap()
            .write_to(&mut out, image::ImageFormat::Png)
            .unwrap();
        out.into_inner()
    };
    let rows = (0..4).map(|row| (Some(png(row)), row as i64 % 2)).collect();
    let writing = Writing { names: Some(vec!["cat".into(), "dog".into()]), ..Writing::default() };
    let file = parquet(&vec![rows], &writing);
    let path = "../image-parquet/tests/two-classes.parquet";
    std::fs::create_dir_all("../image-parquet/tests").unwrap();
    std::fs::write(path, file).unwrap();
}
