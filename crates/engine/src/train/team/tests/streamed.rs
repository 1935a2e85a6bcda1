//! Runs whose pictures are read when they are needed, alone and in a team, against runs whose
//! pictures are in memory.

use std::fs;
use std::path::PathBuf;

use resnette_images::load::disk::DiskFile;
use resnette_images::load::{SilentObserver, load_files, load_streamed};
use resnette_images::problems::Problems;
use resnette_images::stream::{StreamError, StreamStats};
use resnette_picture::report::ClassCorrections;
use resnette_spec::DataConfig;

use super::*;

/// Bytes that made pictures may take: a few of them.
const MEMORY: u64 = 40_000;

/// A folder with 32 training and 16 validation pictures of two classes, which goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let place =
            std::env::temp_dir().join(format!("resnette-streamed-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        for index in 0..24 {
            for (label, class) in [(1, "cat"), (2, "dog")] {
                let part = if index < 16 { "train" } else { "valid" };
                let folder = place.join(part).join(class);
                fs::create_dir_all(&folder).unwrap();
                let drawn = drawn::draw(label, index, 1, 56);
                let image = image::RgbImage::from_raw(drawn.width, drawn.height, drawn.rgb);
                image.unwrap().save(folder.join(format!("{index}.png"))).unwrap();
            }
        }
        Self(place)
    }

    fn files(&self) -> Vec<DiskFile> {
        DiskFile::open(&self.0).unwrap()
    }

    fn config(more: &str) -> (DataConfig, u32) {
        let (config, problems) = read_run(&format!("{SETTINGS}&{more}"));
        assert!(problems.is_empty(), "{problems:?}");
        (config.pictures(), config.seed)
    }

    fn in_memory(&self, more: &str) -> Arc<Dataset> {
        let ((data, seed), none) = (Self::config(more), ClassCorrections::default());
        let (problems, observer) = (&mut Problems::default(), &mut SilentObserver);
        let files = self.files();
        let loaded = load_files(&files, &none, &data, seed, problems, observer);
        Arc::new(block_on(loaded).unwrap())
    }

    fn streamed(&self, more: &str, memory: u64) -> Arc<Dataset> {
        let ((data, seed), none) = (Self::config(more), ClassCorrections::default());
        let (problems, observer) = (&mut Problems::default(), &mut SilentObserver);
        let loaded = load_streamed(self.files(), &none, &data, seed, memory, problems, observer);
        Arc::new(block_on(loaded).unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn stats(set: &Dataset) -> StreamStats {
    set.stream.as_ref().unwrap().stats()
}

/// The same run to the last bit, running statistics included.
fn assert_same_bits(found: &Outcome, wanted: &Outcome, case: &str) {
    assert_same(found, wanted, case);
    assert!(found.weights == wanted.weights && found.logits == wanted.logits, "{case}");
    assert_eq!(found.saved.header.dataset, wanted.saved.header.dataset, "{case}");
}

/// Mixup, full augmentation, growing pictures, steps across the end of an epoch, and epochs with
/// pictures left over, within a bound that holds a tenth of the set.
#[test]
fn a_streamed_run_has_the_bits_of_one_in_memory() {
    let folder = Folder::new("bits");
    for more in ["", "accumulate=2&grow=24", "augment=crop-flip&mixup=0&cutmix=1", "augment=none"] {
        let (memory, set) = (folder.in_memory(more), folder.streamed(more, MEMORY));
        assert_eq!((set.train.len(), set.valid.len()), (32, 16));
        assert!(memory.bytes() > 4 * MEMORY, "{more}: {} bytes", memory.bytes());
        let wanted = trained(&mut begun(more, &memory));
        let found = trained(&mut begun(more, &set));
        assert_same_bits(&found, &wanted, more);
        let stats = stats(&set);
        assert!(stats.most > 0 && stats.most <= MEMORY, "{more}: {stats:?}");
        // Three epochs of five batches of six, and of 16 validation pictures.
        assert_eq!(stats.asked, 3 * (5 * 6 + 16), "{more}");
    }
}

/// With room for all of them, each picture is made once.
#[test]
fn pictures_that_fit_stay_from_epoch_to_epoch() {
    let folder = Folder::new("fit");
    let set = folder.streamed("", 100_000_000);
    trained(&mut begun("", &set));
    let stats = stats(&set);
    assert!(stats.found + 48 >= stats.asked, "{stats:?}");
}

/// The run ends with the file's name, is whole, and goes on once the file is back.
#[test]
fn a_run_whose_files_vanish_is_kept_and_goes_on() {
    let folder = Folder::new("vanish");
    let wanted = trained(&mut begun("", &folder.in_memory("")));
    let mut learner = begun("", &folder.streamed("", MEMORY));
    while !matches!(block_on(learner.tick()).unwrap(), Tick::Epoch(_)) {}
    let (cats, away) = (folder.0.join("train/cat"), folder.0.join("away"));
    fs::rename(&cats, &away).unwrap();
    let error = loop {
        match block_on(learner.tick()) {
            Ok(Tick::Epoch(_) | Tick::Done) => panic!("nothing was missing"),
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    match &error {
        LearnerError::Stream(StreamError::Unreadable { file, .. }) => {
            assert!(file.contains("train/cat/") && error.to_string().contains(file), "{error}");
        }
        other => panic!("{other:?}"),
    }
    let saved = block_on(learner.checkpoint()).unwrap().write(1).unwrap();
    fs::rename(&away, &cats).unwrap();
    let rest = trained(&mut learner);
    assert!(rest.weights == wanted.weights && rest.rows.len() == 3);
    // From the saved run too, with the pictures in memory and streamed again.
    let (_, checkpoint) = Checkpoint::read(&saved).unwrap();
    for set in [folder.in_memory(""), folder.streamed("", MEMORY)] {
        let mut resumed = Learner::resume(&checkpoint, set, &Device::flex(), 1).unwrap();
        assert!(trained(&mut resumed).weights == wanted.weights);
    }
}

/// In an epoch each picture is needed once. With room for all of them, a rank makes those that it
/// asks for and no others: none is made ahead for a batch of another rank.
#[test]
fn ranks_of_a_team_make_their_own_part() {
    let folder = Folder::new("own");
    let more = "accumulate=2&epochs=1";
    let found = in_team(2, |team| {
        let set = folder.streamed(more, 100_000_000);
        let mut learner = begun(more, &set);
        block_on(learner.join(Box::new(team))).unwrap();
        while !matches!(block_on(learner.tick()).unwrap(), Tick::Done) {}
        stats(&set)
    });
    // Of five batches in turn, and of three batches of validation (6, 6 and 4 pictures).
    let asked = [3 * 6 + 6 + 4, 2 * 6 + 6];
    assert_eq!(found.iter().map(|stats| stats.asked).collect::<Vec<_>>(), asked);
    assert_eq!(found.iter().map(|stats| stats.made).collect::<Vec<_>>(), asked);
}

/// Two ranks with a stream each: the bits of a process alone, and no rank asks for a picture of a
/// batch that is not its own.
#[test]
fn ranks_of_a_team_read_their_own_part() {
    let folder = Folder::new("team");
    let more = "accumulate=2";
    let wanted = trained(&mut begun(more, &folder.in_memory(more)));
    let found = in_team(2, |team| {
        let set = folder.streamed(more, MEMORY);
        let mut learner = begun(more, &set);
        block_on(learner.join(Box::new(team))).unwrap();
        (trained(&mut learner), stats(&set))
    });
    for (rank, (found, stats)) in found.iter().enumerate() {
        assert_same(found, &wanted, &format!("rank {rank}"));
        assert!(stats.most > 0 && stats.most <= MEMORY, "{stats:?}");
    }
    // Of 15 batches in turn, and of three batches of validation (6, 6 and 4 pictures) three times.
    assert_eq!(found[0].1.asked, 8 * 6 + 3 * (6 + 4));
    assert_eq!(found[1].1.asked, 7 * 6 + 3 * 6);
}
