//! What opened files leave to the reader: the columns that would do, and JPEGs that end early.

use resnette_images::dataset::Dataset;
use resnette_images::fingerprint::fingerprint;
use resnette_images::load::LoadError;
use resnette_picture::report::{ClassCorrections, OpenedReport, SplitOrigin, Validation};

use crate::fixtures::{end_early, folder};
use crate::made::{Held, config, held, load, load_corrected};
use crate::parquet_tables::{Table, Values, class_label, pictures};

/// Two columns of labels with names, and one of pictures.
fn two_columns(rows: usize) -> Table {
    let labels =
        |classes: usize| Values::Int64((0..rows).map(|row| Some((row % classes) as i64)).collect());
    Table {
        schema: "message m { optional binary img; optional int64 coarse_label; optional int64 fine_label; }".into(),
        columns: vec![Values::Bytes(pictures(3, rows)), labels(2), labels(3)],
        features: Some(serde_json::json!({
            "coarse_label": class_label(&["pet", "wild"]),
            "fine_label": class_label(&["cat", "dog", "fox"]),
        })),
        ..Table::new(3)
    }
}

fn opened(set: &Dataset) -> &OpenedReport {
    set.opened.as_ref().unwrap()
}

fn coarse() -> ClassCorrections {
    ClassCorrections { label_column: Some("coarse_label".into()), ..ClassCorrections::default() }
}

#[test]
fn the_columns_that_would_do_are_reported_in_the_same_order_whichever_is_used() {
    let alone = [two_columns(30).file("pets.parquet")];
    let pair = [
        two_columns(30).file("pets/train/0000.parquet"),
        two_columns(30).file("pets/validation/0000.parquet"),
    ];
    for files in [&alone[..], &pair[..]] {
        let set = load(files, &config(100, 100), 0).0.unwrap();
        let found = opened(&set);
        assert_eq!(found.label_columns.names, ["fine_label", "coarse_label"]);
        assert_eq!(found.label_columns.used, "fine_label");
        assert_eq!((&found.image_columns.names[..], found.cut), (&["img".to_string()][..], 0));
        assert_eq!(set.classes, ["cat", "dog", "fox"]);
        let set = load_corrected(files, &coarse(), &config(100, 100), 0).0.unwrap();
        let found = opened(&set);
        assert_eq!(found.label_columns.names, ["fine_label", "coarse_label"]);
        assert_eq!(
            (found.label_columns.used.as_str(), &found.corrections),
            ("coarse_label", &coarse())
        );
        assert_eq!(set.classes, ["pet", "wild"]);
        assert_eq!(set.report().opened.as_ref(), Some(found));
    }
}

#[test]
fn a_chosen_column_goes_with_the_other_corrections() {
    let pair = [
        two_columns(30).file("pets/train/0000.parquet"),
        two_columns(30).file("pets/validation/0000.parquet"),
    ];
    let corrections =
        ClassCorrections { names: [("wild".to_string(), "fox".to_string())].into(), ..coarse() };
    let set = load_corrected(&pair, &corrections, &config(100, 100), 0).0.unwrap();
    assert_eq!(set.classes, ["pet", "fox"]);
    assert_eq!((set.train.len(), set.valid.len()), (30, 30));
    let drawn = ClassCorrections { validation: Some(Validation::Drawn), ..corrections };
    let set = load_corrected(&pair, &drawn, &config(100, 100), 0).0.unwrap();
    assert_eq!((set.split.clone(), set.train.len() + set.valid.len()), (SplitOrigin::Drawn, 60));
    assert_eq!(set.classes, ["fox", "pet"]);
    // A file of the pair that lacks the column is refused, and never read by another.
    let lacking = [pair[0].clone(), Table::new(3).file("pets/validation/0000.parquet")];
    let (refused, problems) = load_corrected(&lacking, &coarse(), &config(100, 100), 0);
    let refused = refused.unwrap_err();
    assert!(matches!(refused, LoadError::Parquet(_)), "{refused}");
    let told = refused.to_string();
    assert!(
        told.starts_with("pets/validation/0000.parquet has no column “coarse_label”"),
        "{told}"
    );
    assert_eq!(problems.len(), 1);
}

/// Whole pictures are the same whether or not others may end early, from every kind of source.
#[test]
fn jpegs_that_end_early_are_counted_and_used_if_the_reader_says_so() {
    let mut files = folder("pets", &["cat", "dog"], 10);
    let whole = files.clone();
    end_early(&mut files[3].1);
    end_early(&mut files[14].1);
    let accept = ClassCorrections { accept_cut: true, ..ClassCorrections::default() };
    let parquet = |files: &[(String, Vec<u8>)]| {
        let bytes = files.iter().map(|(_, bytes)| Some(bytes.clone())).collect();
        let label = |row: usize| Some(i64::from(row >= 10));
        let labels = Values::Int64((0..20).map(label).collect());
        let schema = "message m { optional binary image; optional int64 label; }";
        Table {
            columns: vec![Values::Bytes(bytes), labels.clone()],
            ..Table::flat(2, schema, labels)
        }
    };
    let containers = |files: &[(String, Vec<u8>)]| -> Vec<Vec<Held>> {
        let table = parquet(files);
        vec![
            held(files),
            vec![Held::new("pets.tar", crate::fixtures::tar(files))],
            vec![Held::new("pets.zip", crate::archive_fixtures::zip(files))],
            vec![table.file("pets.parquet")],
            vec![table.file("train/0.parquet"), table.file("validation/0.parquet")],
        ]
    };
    for (cut, whole) in containers(&files).iter().zip(containers(&whole)) {
        let name = &cut[0].path;
        let times = if cut.len() == 2 && name.contains("train") { 2 } else { 1 };
        let count = |set: &Dataset| set.train.len() + set.valid.len();
        let (plain, told) = load(cut, &config(100, 100), 0);
        let plain = plain.unwrap();
        assert_eq!((opened(&plain).cut, count(&plain)), (2 * times, 18 * times as usize), "{name}");
        let told = told.iter().chain(&plain.problems);
        assert_eq!(told.filter(|told| told.reason.contains("cut off")).count(), 2 * times as usize);
        // Both files of a pair hold the same pictures.
        let (used, mut told) = load_corrected(cut, &accept, &config(100, 100), 0);
        told.retain(|told| !crate::copies::is_told(told));
        let used = used.unwrap();
        assert_eq!((opened(&used).cut, count(&used)), (2 * times, 20 * times as usize), "{name}");
        let said = format!("{} pictures that end early are used", 2 * times);
        assert_eq!(told.len(), 1, "{name}: {told:?}");
        assert!(told[0].reason.starts_with(&said), "{name}: {told:?}");
        // Where none ends early, the choice changes nothing.
        let a = load(&whole, &config(100, 100), 0).0.unwrap();
        let (b, mut told) = load_corrected(&whole, &accept, &config(100, 100), 0);
        told.retain(|told| !crate::copies::is_told(told));
        let b = b.unwrap();
        assert_eq!(
            (fingerprint(&a), opened(&b).cut, told.len()),
            (fingerprint(&b), 0, 0),
            "{name}"
        );
        assert_ne!(fingerprint(&used), fingerprint(&a), "{name}");
    }
}
