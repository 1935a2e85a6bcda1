//! Bounds where work is asked for: how large a set may be is known before it is made, and loading
//! can be ended while nothing but labels is read.

use futures::executor::block_on;
use resnette_image_parquet::source::MemorySource;
use resnette_image_parquet::{Footer, ParquetError, watched_labels};
use resnette_images::load::{LoadError, load_drawn, load_parquet};
use resnette_images::problems::Problems;
use resnette_picture::report::{ClassCorrections, LoadProgress};
use resnette_spec::limits::{MAX_SET_BYTES, set_bytes};
use resnette_spec::{DataConfig, Keep};

use crate::made::{Patience, config};
use crate::parquet_tables::{Table, Values};

/// A table of so many rows, all with the same few bytes for a picture, in groups of `group` rows.
fn long_table(rows: usize, group: usize) -> Table {
    let mut table = Table::new(2).named(&["cat", "dog"]);
    table.columns = vec![
        Values::Bytes(vec![Some(b"no picture".to_vec()); rows]),
        Values::Bytes(vec![None; rows]),
        Values::Int64((0..rows as i64).map(|row| Some(row % 2)).collect()),
    ];
    table.group = group;
    table.statistics = false;
    table
}

#[test]
fn drawn_sets_take_what_was_said_before() {
    for keep in [Keep::SQUARE, Keep::CROPS, Keep::SMALL_CROPS, Keep::BATCH] {
        let data = DataConfig { train: 3, valid: 2, size: 37, keep, ..DataConfig::default() };
        let set = block_on(load_drawn(&data, 1, &mut Patience::default())).unwrap();
        assert_eq!(set.report().memory, set_bytes(keep, 37, 30, 20), "{keep:?}");
        assert_eq!((set.keep, set.problems.len()), (keep, 0));
        let squares = set.valid.iter().map(|sample| &sample.picture);
        assert!(squares.into_iter().all(|square| (square.width, square.height) == (37, 37)));
    }
}

#[test]
fn a_drawn_set_that_is_too_large_is_refused_before_it_is_drawn() {
    // 200,000 pictures of 400 pixels: 96 GB.
    let data = DataConfig { train: 20_000, valid: 1, size: 320, ..DataConfig::default() };
    let mut patience = Patience::default();
    let refused = block_on(load_drawn(&data, 1, &mut patience)).unwrap_err();
    assert!(matches!(refused, LoadError::LargeSet { is_all: true, .. }), "{refused}");
    let words = refused.to_string();
    assert!(words.contains("about 96.") && words.contains("at most 1.5 GB"), "{words}");
    assert_eq!(patience.left, u32::MAX, "nothing was drawn");
    // One picture less than too many is drawn, until its observer has seen enough.
    let most = (MAX_SET_BYTES / set_bytes(Keep::SQUARE, 320, 10, 0)) as u32;
    let mut patience = Patience { left: 3, ..Patience::default() };
    let data = DataConfig { train: most, valid: 1, size: 320, ..DataConfig::default() };
    let large = set_bytes(Keep::SQUARE, 320, u64::from(most) * 10, 10) > MAX_SET_BYTES;
    let data = DataConfig { train: most - u32::from(large), ..data };
    assert_eq!(block_on(load_drawn(&data, 1, &mut patience)).unwrap_err(), LoadError::Stopped);
    // Kept for fastai's crops as many are kept smaller, and are not refused: 400 px, not 541.
    let mut patience = Patience { left: 3, ..Patience::default() };
    let data = DataConfig { keep: Keep::CROPS, train: data.train - 10, ..data };
    assert_eq!(block_on(load_drawn(&data, 1, &mut patience)).unwrap_err(), LoadError::Stopped);
}

#[test]
fn a_parquet_set_that_is_too_large_is_refused_before_its_pictures_are_read() {
    let rows = 5_200;
    let bytes = long_table(rows, 1_000).bytes();
    let source = |name: &str| MemorySource::new(name, bytes.clone());
    let data = DataConfig { train: 1, valid: 20_000, size: 320, ..DataConfig::default() };
    let load = |data: &DataConfig| {
        let (train, valid) = (source("train.parquet"), source("valid.parquet"));
        block_on(load_parquet(train, valid, data, 1, &mut Patience::default())).unwrap_err()
    };
    let bytes = set_bytes(Keep::SQUARE, 320, 0, rows as u64);
    assert_eq!(load(&data), LoadError::LargeSet { bytes, is_all: true });
    // Fewer are tried, and are no pictures.
    let fewer = load(&DataConfig { valid: 20, ..data });
    assert!(!matches!(fewer, LoadError::LargeSet { .. }), "{fewer}");
}

#[test]
fn reading_labels_can_be_ended() {
    // Six groups of the same labels, and one large group.
    for (rows, group, least) in [(300, 50, 6), (140_000, 140_000, 3)] {
        let bytes = long_table(rows, group).bytes();
        let read = |left: u32| {
            let mut source = MemorySource::new("long.parquet", bytes.clone());
            let mut calls = 0;
            let labels = block_on(async {
                let footer = Footer::read(&mut source).await?;
                watched_labels(&mut source, &footer, false, async || {
                    calls += 1;
                    calls < left
                })
                .await
            });
            (labels, calls)
        };
        let (labels, calls) = read(u32::MAX);
        assert_eq!(labels.unwrap().groups.iter().flatten().count(), rows);
        assert!(calls >= least, "{calls} calls for {rows} rows");
        for left in 1..=least {
            let (labels, calls) = read(left);
            assert!(matches!(labels, Err(ParquetError::Stopped)), "{left}");
            assert_eq!(calls, left);
        }
    }
}

/// Opened files too: the first rows are only counted, and counting can be ended.
#[test]
fn counting_rows_can_be_ended() {
    let files = [long_table(20_000, 20_000).file("long.parquet")];
    let load = |left: u32| {
        let mut patience = Patience { left, ..Patience::default() };
        let (corrections, mut problems) = (ClassCorrections::default(), Problems::default());
        let (data, observer) = (config(1, 1), &mut patience);
        let loading = resnette_images::load::load_files(
            &files,
            &corrections,
            &data,
            1,
            &mut problems,
            observer,
        );
        (block_on(loading).err(), patience.last)
    };
    for left in 1..5 {
        let (error, last) = load(left);
        assert_eq!(error, Some(LoadError::Stopped), "{left}");
        assert_eq!(last, LoadProgress::default(), "before any picture");
    }
}
