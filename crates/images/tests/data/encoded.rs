//! Pictures that are taken out of parquet files without being decoded.

use std::collections::BTreeMap;

use futures::executor::block_on;
use resnette_image_parquet::source::MemorySource;
use resnette_images::load::LoadError;
use resnette_images::load::encoded::{EncodedPicture, read_encoded};
use resnette_images::load::entry::Split;
use resnette_images::problems::Problems;

use crate::fixtures::{Groups, Writing, parquet, rows};
use crate::made::config;

/// The pictures of two files, until `most` have come.
fn read(
    files: [Vec<u8>; 2],
    per_class: [u32; 2],
    most: usize,
) -> (Result<(), LoadError>, Vec<EncodedPicture>) {
    let [train, valid] = files;
    let sources =
        [MemorySource::new("train.parquet", train), MemorySource::new("valid.parquet", valid)];
    let mut config = config(1, 1);
    [config.train, config.valid] = per_class;
    let (mut problems, mut pictures) = (Problems::default(), Vec::new());
    let read = block_on(read_encoded(sources, &config, 3, &mut problems, async |picture| {
        pictures.push(picture);
        pictures.len() < most
    }));
    assert_eq!(problems.into_vec(), []);
    (read, pictures)
}

fn named(groups: &Groups, names: &[&str]) -> Vec<u8> {
    let names = Some(names.iter().map(|name| name.to_string()).collect());
    parquet(groups, &Writing { names, ..Writing::default() })
}

#[test]
fn every_byte_is_as_it_was_and_classes_go_by_their_names() {
    let (train, valid) = (rows(2, 12, 5), rows(2, 6, 4));
    // The validation file numbers the same classes the other way round.
    let files =
        [named(&train, &["n01440764", "gas pump"]), named(&valid, &["gas pump", "n01440764"])];
    let (read, pictures) = read(files, [100, 100], usize::MAX);
    read.unwrap();
    let mut found: BTreeMap<(bool, &str), Vec<Vec<u8>>> = BTreeMap::new();
    for picture in &pictures {
        let key = (picture.split == Split::Valid, picture.class.as_str());
        found.entry(key).or_default().push(picture.bytes.to_vec());
    }
    let wanted = |groups: &Groups, label: i64| {
        let rows = groups.iter().flatten().filter(|row| row.1 == label);
        let mut pictures: Vec<Vec<u8>> = rows.filter_map(|row| row.0.clone()).collect();
        pictures.sort();
        pictures
    };
    found.values_mut().for_each(|pictures| pictures.sort());
    assert_eq!(
        found,
        BTreeMap::from([
            ((false, "tench"), wanted(&train, 0)),
            ((false, "gas pump"), wanted(&train, 1)),
            ((true, "gas pump"), wanted(&valid, 0)),
            ((true, "tench"), wanted(&valid, 1)),
        ])
    );
}

#[test]
fn counts_of_each_part_are_kept_and_reading_stops_when_it_should() {
    let files = || [named(&rows(2, 12, 5), &["a", "b"]), named(&rows(2, 6, 4), &["a", "b"])];
    let (ended, pictures) = read(files(), [3, 0], usize::MAX);
    ended.unwrap();
    assert!(pictures.iter().all(|picture| picture.split == Split::Train));
    assert_eq!(pictures.len(), 6);
    let (ended, pictures) = read(files(), [0, 2], usize::MAX);
    ended.unwrap();
    assert_eq!(pictures.iter().filter(|picture| picture.split == Split::Valid).count(), 4);
    let (stopped, pictures) = read(files(), [9, 9], 4);
    assert!(matches!(stopped, Err(LoadError::Stopped)), "{stopped:?}");
    assert_eq!(pictures.len(), 4);
    let others = [named(&rows(2, 12, 5), &["a", "b"]), named(&rows(2, 6, 4), &["c", "d"])];
    let (refused, _) = read(others, [9, 9], usize::MAX);
    assert!(matches!(refused, Err(LoadError::Classes { .. })), "{refused:?}");
}
