//! The real photos, where they are.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use futures::executor::block_on;
use resnette_image_parquet::source::RangeSource;
use resnette_image_parquet::{Footer, SubsetRequest, all_labels, read_subset};
use resnette_images::dataset::{Dataset, Sample};
use resnette_images::load::disk::DiskFile;
use resnette_images::load::open_file::{FileRanges, OpenFile};

use crate::made::{Held, config, load};

/// The folder of the real photos.
pub fn shared() -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/imagenette"));
    let given = std::env::var_os("RESNETTE_SHARED").map(PathBuf::from);
    let found = given
        .into_iter()
        .chain(above)
        .find(|folder| folder.join("160px/train/0000.parquet").is_file());
    if found.is_none() {
        println!("skipped: shared/imagenette is not there");
    }
    found
}

/// How often each picture occurs, by class, as hashes of its pixels.
fn contents(samples: &[Sample], classes: &[String]) -> BTreeMap<(String, u64), usize> {
    let mut contents = BTreeMap::new();
    for Sample { picture, label, .. } in samples {
        let mut hash = DefaultHasher::new();
        (picture.width, picture.height, &picture.rgb).hash(&mut hash);
        *contents.entry((classes[*label as usize].clone(), hash.finish())).or_default() += 1;
    }
    contents
}

fn counts(set: &Dataset) -> Vec<(usize, usize)> {
    let count =
        |samples: &[Sample], label| samples.iter().filter(|sample| sample.label == label).count();
    (0..set.classes.len() as u32)
        .map(|label| (count(&set.train, label), count(&set.valid, label)))
        .collect()
}

#[test]
fn parquet_archive_and_folder_give_the_same_pictures_and_labels() {
    let Some(shared) = shared() else { return };
    let config = config(150, 50);
    let (parquet, problems) = load(&DiskFile::open(&shared.join("160px")).unwrap(), &config, 1);
    assert_eq!(problems, []);
    let parquet = parquet.unwrap();
    assert_eq!(parquet.classes[0], "tench");
    assert_eq!(counts(&parquet), [(150, 50); 10]);
    let archive = DiskFile::open(&shared.join("imagenette2-160-subset.tgz")).unwrap();
    let (tgz, problems) = load(&archive, &config, 1);
    assert_eq!(problems, []);
    let tgz = tgz.unwrap();
    assert_eq!(tgz.classes, parquet.classes);
    assert_eq!(contents(&tgz.train, &tgz.classes), contents(&parquet.train, &parquet.classes));
    assert_eq!(contents(&tgz.valid, &tgz.classes), contents(&parquet.valid, &parquet.classes));

    // The archive unpacked: the same draw, picture by picture.
    let small = crate::made::config(12, 5);
    let unpacked = unpack(&archive[0]);
    let (folder, problems) = load(&unpacked, &small, 9);
    assert_eq!(problems, []);
    let (drawn, _) = load(&archive, &small, 9);
    let (folder, drawn) = (folder.unwrap(), drawn.unwrap());
    assert_eq!(
        (folder.classes, folder.train, folder.valid),
        (drawn.classes, drawn.train, drawn.valid)
    );
}

fn unpack(archive: &DiskFile) -> Vec<Held> {
    let bytes = archive.read_at(0, archive.size()).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        std::io::copy(&mut entry, &mut bytes).unwrap();
        Held::new(entry.path().unwrap().to_string_lossy().into_owned(), bytes)
    });
    entries.filter(|held| !held.bytes.is_empty()).collect()
}

#[test]
fn the_same_seed_draws_the_same_pictures_and_another_seed_others() {
    let Some(shared) = shared() else { return };
    for place in ["160px", "imagenette2-160-subset.tgz"] {
        let files = DiskFile::open(&shared.join(place)).unwrap();
        let draw = |seed| load(&files, &config(10, 4), seed).0.unwrap();
        let (one, again, other) = (draw(1), draw(1), draw(2));
        assert_eq!(counts(&one), [(10, 4); 10]);
        assert_eq!((&one.train, &one.valid), (&again.train, &again.valid), "{place}");
        assert_ne!(one.train, other.train, "{place}");
    }
}

#[test]
fn twenty_a_class_take_a_quarter_of_the_file_at_most() {
    let Some(shared) = shared() else { return };
    for (file, each, most) in [
        ("160px-full/train", 20, 0.25),
        ("160px-full/train", 150, 0.4),
        ("160px-full/validation", 50, 0.6),
        ("160px/train", 20, 1.0),
    ] {
        let files = DiskFile::open(&shared.join(file)).unwrap();
        let mut source = FileRanges::new(&files[0]);
        let footer = block_on(Footer::read(&mut source)).unwrap();
        let labels = block_on(all_labels(&mut source, &footer)).unwrap();
        let wanted = SubsetRequest { per_class: each, seed: 3, file: 0 };
        let mut expected = 0;
        let subset = block_on(read_subset(&mut source, &footer, labels, wanted, async |row| {
            expected = row.bytes_expected;
            true
        }));
        assert_eq!(subset.unwrap().taken, [each; 10]);
        let share = source.bytes_read() as f64 / files[0].size() as f64;
        println!(
            "{file}: {} rows in {} groups; {each} a class took {:.1} of {:.1} MB, {:.1} %",
            footer.rows(),
            footer.groups.len(),
            source.bytes_read() as f64 / 1e6,
            files[0].size() as f64 / 1e6,
            share * 100.0
        );
        assert!(share <= most, "{share}");
        assert_eq!(expected, source.bytes_read(), "the estimate is right at the end");
    }
}

#[test]
fn every_photo_decodes() {
    let Some(shared) = shared() else { return };
    let files = DiskFile::open(&shared.join("uploads")).unwrap();
    assert_eq!(files.len(), 10);
    for file in files {
        let picture =
            resnette_images::decode::decode(&file.read_at(0, file.size()).unwrap()).unwrap();
        assert!(picture.width >= 100 && picture.height >= 100, "{}", file.path());
    }
}

/// The second decoder, the guards and the counting of blocks change nothing about ordinary photos:
/// fingerprints and results that were published depend on their pixels.
#[test]
fn ordinary_photos_have_the_pixels_of_the_image_crates_decoder() {
    let Some(shared) = shared() else { return };
    let archive = DiskFile::open(&shared.join("imagenette2-160-subset.tgz")).unwrap();
    let mut compared = 0;
    for file in unpack(&archive[0]).iter().filter(|file| file.path.ends_with("JPEG")) {
        let expected = image::load_from_memory(&file.bytes).unwrap();
        let found = resnette_images::decode::decode(&file.bytes).unwrap();
        // None of these photos is turned by Exif.
        assert_eq!((found.width, found.height), (expected.width(), expected.height()));
        assert!(found.rgb == expected.into_rgb8().into_raw(), "{}", file.path);
        compared += 1;
    }
    assert!(compared > 1_000, "{compared}");
}
