//! Sets whose pictures are read when they are needed: the same pictures as in memory, within a
//! bound.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use parquet::basic::Compression;
use resnette_images::batch::{
    batch_slice, epoch_order, plan_batch, train_batch, valid_batch, valid_batch_of,
};
use resnette_images::dataset::{Dataset, Sample};
use resnette_images::load::disk::DiskFile;
use resnette_images::load::{LoadError, load_streamed};
use resnette_images::problems::Problems;
use resnette_images::stream::{Part, StreamError, Wanted};
use resnette_picture::report::ClassCorrections;
use resnette_spec::{DataConfig, Keep, ResizeMethod, read_run};

use crate::fixtures::{Writing, compressions, end_early, folder, jpeg, parquet, rows, tar};
use crate::made::{Patience, config, load, load_corrected};

/// A folder that goes with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, files: &[(String, Vec<u8>)]) -> Self {
        let place = std::env::temp_dir().join(format!("resnette-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        for (path, bytes) in files {
            let path = place.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        Self(place)
    }

    fn files(&self) -> Vec<DiskFile> {
        DiskFile::open(&self.0).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn streamed(
    files: Vec<DiskFile>,
    corrections: &ClassCorrections,
    config: &DataConfig,
    memory: u64,
) -> (Result<Dataset, LoadError>, Problems) {
    let mut problems = Problems::default();
    let observer = &mut Patience::default();
    let set =
        block_on(load_streamed(files, corrections, config, 3, memory, &mut problems, observer));
    (set, problems)
}

fn samples(set: &Dataset, part: Part, wanted: &[usize], ahead: &[Wanted]) -> Vec<Sample> {
    let held = set.samples(part, wanted, |most| ahead.iter().copied().take(most).collect());
    held.unwrap().iter().map(|held| Sample::clone(held)).collect()
}

/// Two epochs of all pictures in another order each, a few at a time with those ahead, within a
/// bound of a tenth of the set.
fn assert_same(place: &Scratch, corrections: &ClassCorrections, config: &DataConfig, case: &str) {
    let (memory, told) = load_corrected(&place.files(), corrections, config, 3);
    let memory = memory.unwrap();
    let bound = memory.bytes() / 10;
    let (set, problems) = streamed(place.files(), corrections, config, bound);
    let set = set.unwrap();
    assert_eq!(problems.into_vec(), told, "{case}");
    assert_eq!((&set.classes, &set.split), (&memory.classes, &memory.split), "{case}");
    assert_eq!((set.train.len(), set.valid.len()), (memory.train.len(), memory.valid.len()));
    assert!(set.bytes() < memory.bytes() / 2, "{case}: the pixels are in memory");
    for epoch in 0..2 {
        for (part, wanted) in [(Part::Train, &memory.train), (Part::Valid, &memory.valid)] {
            let order = epoch_order(wanted.len(), 5, epoch);
            for start in (0..order.len()).step_by(4) {
                let now = batch_slice(&order, start, 4);
                let next: Vec<Wanted> =
                    order[start + now.len()..].iter().map(|i| (part, *i)).collect();
                let expected: Vec<Sample> = now.iter().map(|i| wanted[*i].clone()).collect();
                assert!(samples(&set, part, now, &next) == expected, "{case}, {part:?} {now:?}");
            }
        }
    }
    let stats = set.stream.as_ref().unwrap().stats();
    assert_eq!(stats.limit, bound);
    assert!(stats.most > 0 && stats.most <= bound, "{case}: {stats:?}");
    assert_eq!(stats.asked, 2 * (memory.train.len() + memory.valid.len()) as u64);
}

#[test]
fn folders_give_the_same_pictures() {
    let mut files = folder("set", &["cat", "dog", "owl"], 24);
    // The same bytes twice, one that ends early, and one that is no picture.
    files[1].1 = files[0].1.clone();
    end_early(&mut files[7].1);
    files[9].1 = b"\xff\xd8\xff and no more".to_vec();
    let place = Scratch::new("stream-folders", &files);
    let padded = Keep { method: ResizeMethod::Pad, ..Keep::SQUARE };
    for keep in [Keep::SQUARE, Keep::CROPS, Keep::BATCH, padded] {
        let config = DataConfig { keep, ..config(14, 6) };
        for accept_cut in [false, true] {
            let corrections = ClassCorrections { accept_cut, ..ClassCorrections::default() };
            assert_same(&place, &corrections, &config, &format!("{keep:?} {accept_cut}"));
        }
    }
}

/// A training and a validation file, and several shards of each; with several row groups and pages.
#[test]
fn parquet_files_give_the_same_pictures() {
    let corrections = ClassCorrections::default();
    for compression in compressions() {
        for bits in 0..4 {
            let writing = Writing {
                compression,
                dictionary: bits & 1 == 1,
                second_version: bits & 2 == 2,
                names: Some(["cat", "dog", "owl"].map(String::from).to_vec()),
                ..Writing::default()
            };
            let file = |each, group| parquet(&rows(3, each, group), &writing);
            let pair = [
                ("train/0000.parquet".to_owned(), file(30, 25)),
                ("validation/0000.parquet".to_owned(), file(12, 9)),
            ];
            let name = format!("stream-parquet-{bits}");
            let case = format!("{compression:?} {bits}");
            assert_same(&Scratch::new(&name, &pair), &corrections, &config(20, 9), &case);
            let shards = [
                ("train-00000-of-00002.parquet".to_owned(), file(17, 20)),
                ("train-00001-of-00002.parquet".to_owned(), file(30, 31)),
                ("validation-00000-of-00001.parquet".to_owned(), file(12, 9)),
            ];
            assert_same(&Scratch::new(&name, &shards), &corrections, &config(20, 9), &case);
        }
    }
}

/// Random crops, moves, light and Mixup of pictures that were made again.
#[test]
fn batches_have_the_same_bits() {
    let place = Scratch::new("stream-batches", &folder("set", &["cat", "dog"], 20));
    let (run, problems) = read_run("size=16&train=14&valid=6&bs=5&augment=full&mixup=0.4&seed=3");
    assert_eq!(problems, []);
    let memory = load(&place.files(), &run.pictures(), 3).0.unwrap();
    let corrections = ClassCorrections::default();
    let set = streamed(place.files(), &corrections, &run.pictures(), 20_000).0.unwrap();
    let order = epoch_order(memory.train.len(), run.seed, 1);
    for batch in 0..5 {
        let chosen = batch_slice(&order, batch as usize * 5, 5);
        let held = set.samples(Part::Train, chosen, |_| Vec::new()).unwrap();
        let samples: Vec<&Sample> = held.iter().map(|held| &**held).collect();
        let found = plan_batch(&samples, &run, 1, batch, 16).render();
        assert!(found == train_batch(&memory, &run, &order, 1, batch, 16), "{batch}");
    }
    let held = set.samples(Part::Valid, &[0, 1, 2, 3, 4], |_| Vec::new()).unwrap();
    let samples: Vec<&Sample> = held.iter().map(|held| &**held).collect();
    assert!(valid_batch_of(&samples, 16) == valid_batch(&memory, 5, 0, 16));
}

/// With room for all, no picture is made twice.
#[test]
fn what_fits_stays() {
    let place = Scratch::new("stream-stays", &folder("set", &["cat", "dog"], 20));
    let corrections = ClassCorrections::default();
    let set = streamed(place.files(), &corrections, &config(14, 6), 10_000_000).0.unwrap();
    let all: Vec<usize> = (0..set.train.len()).collect();
    samples(&set, Part::Train, &all, &[]);
    fs::remove_dir_all(place.0.join("set")).unwrap();
    samples(&set, Part::Train, &all, &[]);
    let stats = set.stream.as_ref().unwrap().stats();
    let number = all.len() as u64;
    assert_eq!((stats.asked, stats.found, stats.made), (2 * number, number, number));
    let full: u64 = set.train.iter().map(Sample::full_bytes).sum();
    assert_eq!(stats.most, full);
}

/// With room for all, threads make what comes next while nobody asks for it, and it is there then,
/// even without its files.
#[test]
fn threads_make_what_comes_next() {
    let place = Scratch::new("stream-ahead", &folder("set", &["cat", "dog"], 20));
    let corrections = ClassCorrections::default();
    let set = streamed(place.files(), &corrections, &config(14, 6), 10_000_000).0.unwrap();
    let all: Vec<usize> = (0..set.train.len()).collect();
    let ahead: Vec<Wanted> = all.iter().map(|&index| (Part::Train, index)).collect();
    assert!(samples(&set, Part::Train, &[], &ahead).is_empty());
    let stats = || set.stream.as_ref().unwrap().stats();
    let (begun, number) = (Instant::now(), all.len() as u64);
    while stats().made < number && begun.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(5));
    }
    let full: u64 = set.train.iter().map(Sample::full_bytes).sum();
    assert_eq!((stats().made, stats().most), (number, full));
    fs::remove_dir_all(place.0.join("set")).unwrap();
    assert_eq!(samples(&set, Part::Train, &all, &[]).len(), all.len());
    let stats = stats();
    assert_eq!((stats.asked, stats.found, stats.made), (number, number, number));
}

/// The first picture that cannot be made, of all training pictures.
fn first_error(set: &Dataset) -> Option<StreamError> {
    let mut each =
        (0..set.train.len()).map(|index| set.samples(Part::Train, &[index], |_| Vec::new()));
    each.find_map(Result::err)
}

#[test]
fn files_that_change_or_vanish_are_named() {
    let place = Scratch::new("stream-vanish", &folder("set", &["cat", "dog"], 10));
    let corrections = ClassCorrections::default();
    // No room for any picture to stay.
    let set = streamed(place.files(), &corrections, &config(8, 2), 1).0.unwrap();
    assert_eq!(first_error(&set), None);
    let (cat, away) = (place.0.join("set/cat"), place.0.join("away"));
    fs::rename(&cat, &away).unwrap();
    match first_error(&set) {
        Some(StreamError::Unreadable { file, .. }) => {
            assert!(Path::new(&file).parent().unwrap().ends_with("set/cat"), "{file}");
        }
        other => panic!("{other:?}"),
    }
    fs::rename(&away, &cat).unwrap();
    assert_eq!(first_error(&set), None);
    // Another picture, and half of one.
    let mut half = fs::read(cat.join("3.jpg")).unwrap();
    half.truncate(half.len() / 2);
    for bytes in [jpeg(7, 99), half] {
        for index in 0..10 {
            fs::write(cat.join(format!("{index}.jpg")), &bytes).unwrap();
        }
        let told = first_error(&set);
        assert!(matches!(told, Some(StreamError::Changed { .. })), "{told:?}");
        assert!(told.unwrap().to_string().contains("set/cat/"));
    }
}

#[test]
fn a_parquet_file_that_changes_is_named() {
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY] {
        let writing = Writing { compression, ..Writing::default() };
        let file = parquet(&rows(2, 20, 10), &writing);
        let place = Scratch::new("stream-changed", &[("pets.parquet".to_owned(), file.clone())]);
        let corrections = ClassCorrections::default();
        let set = streamed(place.files(), &corrections, &config(9, 3), 1).0.unwrap();
        assert_eq!(first_error(&set), None);
        let name = place.0.join("pets.parquet");
        let zeros = vec![0; file.len()];
        for bytes in [&file[..file.len() / 9], &zeros[..], b""] {
            fs::write(&name, bytes).unwrap();
            match first_error(&set) {
                Some(StreamError::Changed { file }) => assert!(file.ends_with("pets.parquet")),
                other => panic!("{compression:?}: {other:?}"),
            }
        }
        fs::write(&name, &file).unwrap();
        assert_eq!(first_error(&set), None);
    }
}

#[test]
fn archives_are_refused_with_what_to_do() {
    let pictures = folder("set", &["cat", "dog"], 10);
    let place = Scratch::new("stream-archive", &[("set.tar".to_owned(), tar(&pictures))]);
    let refused = streamed(place.files(), &ClassCorrections::default(), &config(8, 2), 1).0;
    match refused {
        Err(LoadError::Refused { name, reason }) => {
            assert!(name.ends_with("set.tar") && reason.contains("unpack it"), "{name}: {reason}");
        }
        other => panic!("{other:?}"),
    }
}
