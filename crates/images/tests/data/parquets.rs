//! Parquet files: every way of writing them that a writer of image sets uses, and what is refused.

use futures::executor::block_on;
use parquet::basic::Compression;
use resnette_image_parquet::source::MemorySource;
use resnette_image_parquet::{
    Footer, Label, ParquetError, SubsetRequest, all_labels, read_group, read_subset,
};
use resnette_images::fingerprint::fingerprint;

use crate::fixtures::{Groups, Writing, compressions, jpeg, parquet, required_parquet, rows};
use crate::made::{Held, config, load};
use crate::parquet_tables::{Table, Values, class_label, damage_picture, numbers, pictures, texts};

fn read(bytes: Vec<u8>) -> Result<(Vec<u32>, Vec<Vec<u8>>), ParquetError> {
    let mut source = MemorySource::new("photos.parquet", bytes);
    block_on(async {
        let footer = Footer::read(&mut source).await?;
        let labels = all_labels(&mut source, &footer).await?;
        assert_eq!(labels.losses.sentences(), [""; 0]);
        // The numbers in the file are those of the classes: every number from 0 on occurs.
        let labels: Vec<u32> = labels.groups.into_iter().flatten().flatten().collect();
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
    assert!(matches!(read(file), Err(ParquetError::MissingColumn { column: "image", .. })));
}

#[test]
fn columns_of_other_types_are_told() {
    let groups = rows(2, 6, 12);
    let error = read(required_parquet(
        &groups,
        "message m { required group image { required binary bytes; } required int64 number; }",
    ))
    .unwrap_err()
    .to_string();
    for part in ["photos.parquet", "“label”", "image, number (whole numbers)"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn labels_out_of_range_are_counted_and_other_files_are_refused() {
    let named =
        Table::new(3).named(&["a", "b", "c"]).relabel(&[4], Some(3)).relabel(&[5], Some(-7));
    let mut source = MemorySource::new("photos.parquet", named.bytes());
    let (footer, labels) = block_on(async {
        let footer = Footer::read(&mut source).await.unwrap();
        let labels = all_labels(&mut source, &footer).await.unwrap();
        (footer, labels)
    });
    assert_eq!(labels.losses.rows(), 2);
    assert_eq!(
        (labels.groups[0][3], labels.groups[0][4], labels.groups[0][5]),
        (Some(0), None, None)
    );
    let wanted = SubsetRequest { per_class: 100, seed: 0, file: 0 };
    let subset =
        block_on(read_subset(&mut source, &footer, labels, wanted, async |_| true)).unwrap();
    assert_eq!(subset.taken, [10, 9, 9]);
    assert!(matches!(
        read(b"<!doctype html><title>Not here</title>".repeat(9)),
        Err(ParquetError::NotParquet(_))
    ));
    assert!(matches!(read(Vec::new()), Err(ParquetError::NotParquet(_))));
    let mut half = parquet(&rows(2, 6, 12), &Writing::default());
    half.truncate(half.len() / 2);
    let error = read(half).unwrap_err().to_string();
    assert!(error.contains("the end of the file is missing"), "{error}");
}

/// A part of which nothing is used does not decide which column the others take their labels from.
#[test]
fn an_empty_part_decides_for_no_other() {
    let schema =
        |label: &str| format!("message m {{ optional binary image; optional int32 {label}; }}");
    let empty = Table {
        columns: vec![Values::Bytes(Vec::new()), Values::Int32(Vec::new())],
        ..Table::flat(2, &schema("label"), numbers(2, 20))
    };
    let full = Table::flat(2, &schema("coarse_label"), numbers(2, 20)).file("b.parquet");
    let (set, problems) = load(&[empty.file("a.parquet"), full], &config(8, 2), 3);
    assert_eq!(set.unwrap().classes, ["class 0", "class 1"]);
    let [problem] = &problems[..] else { panic!("{problems:?}") };
    assert!(problem.name == "a.parquet" && problem.reason.contains("no rows"), "{problem:?}");
}

#[test]
fn another_column_of_labels_can_be_chosen() {
    let table = Table {
        columns: vec![
            Values::Bytes(pictures(2, 12)),
            Values::Int64((0..12).map(|row| Some(row % 2)).collect()),
            texts(&["sea", "air", "land"], 12),
        ],
        features: Some(serde_json::json!({ "label": class_label(&["cat", "dog"]) })),
        ..Table::flat(
            2,
            "message m { required binary image; optional int64 label; optional binary class (UTF8); }",
            numbers(2, 12),
        )
    };
    let mut source = MemorySource::new("photos.parquet", table.bytes());
    let mut footer = block_on(Footer::read(&mut source)).unwrap();
    let names: Vec<&str> = footer.label_columns().iter().map(|column| &column.name[..]).collect();
    assert_eq!(names, ["label", "class"]);
    assert_eq!(footer.class_names.as_deref(), Some(&["cat".to_string(), "dog".to_string()][..]));
    assert!(!footer.use_label_column("image"));
    assert!(footer.use_label_column("class"));
    assert_eq!((footer.class_names.as_ref(), footer.groups[0].common_label), (None, None));
    let labels = block_on(all_labels(&mut source, &footer)).unwrap();
    let text = |name: &str| Label::Text(name.into());
    assert_eq!(labels.classes, [text("air"), text("land"), text("sea")]);
    assert_eq!(labels.groups[0][..4], [Some(2), Some(0), Some(1), Some(2)]);
}

/// The smallest and the largest label pass over nulls, so they say nothing about rows without a
/// label.
#[test]
fn statistics_count_only_if_there_are_no_nulls() {
    let same = |label: Option<i64>| {
        let mut table = Table::new(2).relabel(&(0..20).collect::<Vec<_>>(), Some(1));
        table = table.relabel(&[3], label);
        let mut source = MemorySource::new("photos.parquet", table.bytes());
        block_on(async {
            let footer = Footer::read(&mut source).await.unwrap();
            let labels = all_labels(&mut source, &footer).await.unwrap();
            (footer.groups[0].common_label, labels.groups[0][3], labels.losses.rows())
        })
    };
    assert_eq!(same(Some(1)), (Some(1), Some(0), 0));
    assert_eq!(same(None), (None, None, 1));
}

/// A page that cannot be read loses its rows, and other rows are sampled in their place.
#[test]
fn a_sample_is_drawn_from_what_can_be_read() {
    let table = Table { statistics: false, ..Table::of_rows(2, 60) };
    let damaged = damage_picture(table.bytes(), &jpeg(1, 1));
    let mut source = MemorySource::new("photos.parquet", damaged);
    let wanted = SubsetRequest { per_class: 20, seed: 3, file: 0 };
    let subset = block_on(async {
        let footer = Footer::read(&mut source).await.unwrap();
        let labels = all_labels(&mut source, &footer).await.unwrap();
        read_subset(&mut source, &footer, labels, wanted, async |row| {
            let lost: Vec<String> = (0..7).map(|row| format!("row {row} of group 0")).collect();
            assert!(!lost.contains(&row.position));
            true
        })
        .await
        .unwrap()
    });
    assert_eq!(subset.taken, [20, 20]);
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
    // Both files hold the same pictures.
    assert!(problems.iter().all(crate::copies::is_told), "{problems:?}");
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
    assert!(
        set.problems[0].name.contains("row 4 of group 0 (class 0)"),
        "{}",
        set.problems[0].name
    );
}

#[test]
fn statistics_that_lie_do_not_mislabel() {
    // All labels of the group are 0, says the footer; half of them are 1.
    let same: Groups = vec![(0..20).map(|row| (Some(jpeg(0, row)), 0)).collect()];
    let names = Some(vec!["a".to_string(), "b".to_string()]);
    let writing = Writing { dictionary: false, names, ..Writing::default() };
    let honest = parquet(&same, &writing);
    let mixed: Groups = vec![(0..20).map(|row| (Some(jpeg(0, row)), (row % 2) as i64)).collect()];
    let file = parquet(&mixed, &writing);
    assert_eq!(read(honest).unwrap().0, [0; 20]);
    // The highest label stands in the footer as eight bytes behind the field's head, in both
    // spellings.
    let mut lying = file.clone();
    let at: Vec<usize> = (file.len() - 600..file.len() - 9)
        .filter(|&at| file[at] == 8 && file[at + 1..at + 9] == 1_i64.to_le_bytes())
        .collect();
    assert!(!at.is_empty());
    at.iter().for_each(|at| lying[at + 1] = 0);
    let mut source = MemorySource::new("lying.parquet", lying);
    let footer = block_on(Footer::read(&mut source)).unwrap();
    assert_eq!(footer.groups[0].common_label, Some(0));
    let wanted = SubsetRequest { per_class: 8, seed: 0, file: 0 };
    let mut wrong = 0;
    let labels = block_on(all_labels(&mut source, &footer)).unwrap();
    let subset = block_on(read_subset(&mut source, &footer, labels, wanted, async |row| {
        let number: u32 = row.position.split(' ').nth(1).unwrap().parse().unwrap();
        wrong += u32::from(number % 2 != row.label);
        true
    }))
    .unwrap();
    assert_eq!(wrong, 0);
    assert!(subset.taken.iter().sum::<usize>() >= 8, "{:?}", subset.taken);
    assert_eq!(subset.losses.rows(), 0);
}

/// The draws of good files are the same as ever: these fingerprints are those of commit 8efe33a.
#[test]
fn good_files_give_the_same_draw_as_ever() {
    const FINGERPRINTS: [[u64; 3]; 6] = [
        [0x2ee4_9732_6507_fd35, 0x9d2e_7bb9_34ea_26da, 0xad23_49b2_b10e_dfbc],
        [0x22d5_0150_1db6_9794, 0x64df_5454_d133_d34c, 0xabd5_8066_0e4f_f888],
        [0x8cd2_d2b9_ee5c_ff45, 0xb96a_6e8d_c109_78c0, 0x6a68_6c72_6f9c_dc99],
        [0xcfae_caa2_1cb8_8598, 0xded5_2b73_6d83_fb50, 0x523f_4878_ad9f_3903],
        [0xfe55_9353_2e9b_bab9, 0x360c_935f_a125_0bce, 0x403e_476c_d81e_7981],
        [0x54a2_44d8_d4df_fc97, 0xcff9_8b6b_a3a4_af81, 0xd459_1819_6d90_2f9e],
    ];
    let names = Some(vec!["cat".to_string(), "n01440764".into(), "ant".into()]);
    let writing = Writing { names, ..Writing::default() };
    // Each class in groups of its own, whose statistics give the label away.
    let sorted: Groups = (0..9)
        .map(|group| {
            let (class, first) = (group / 3, group % 3 * 10);
            (first..first + 10).map(|row| (Some(jpeg(class, row as u64)), class as i64)).collect()
        })
        .collect();
    let mut expected = FINGERPRINTS.iter();
    for groups in [rows(3, 30, 9), sorted] {
        let file = |path: &&str| Held::new(*path, parquet(&groups, &writing));
        for (train, valid, seed) in [(100, 100, 0), (5, 3, 0), (5, 3, 7)] {
            let lists: [&[&str]; 3] = [
                &["train/0000.parquet", "validation/0000.parquet"],
                &["a.parquet"],
                &["train-0.parquet", "train-1.parquet", "test.parquet"],
            ];
            let found = lists.map(|paths| {
                let files: Vec<Held> = paths.iter().map(file).collect();
                let (set, problems) = load(&files, &config(train, valid), seed);
                // Several files hold the same pictures.
                assert!(problems.iter().all(crate::copies::is_told), "{problems:?}");
                fingerprint(&set.unwrap())
            });
            assert_eq!(Some(&found), expected.next(), "{train} {seed}");
        }
    }
}
