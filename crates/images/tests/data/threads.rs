//! Any number of threads comes to what one comes to: pictures, problems, progress, and where it is
//! stopped. What several gain is measured by
//! `cargo test --release -p resnette-images --features rayon
//! --test data -- --ignored --nocapture threads`.

use std::time::{Duration, Instant};

use futures::executor::block_on;
use rayon::ThreadPoolBuilder;
use resnette_images::dataset::Dataset;
use resnette_images::decode::kind::PictureKind;
use resnette_images::fingerprint::fingerprint;
use resnette_images::load::disk::DiskFile;
use resnette_images::load::fallback_decoder::FallbackDecoder;
use resnette_images::load::open_file::OpenFile;
use resnette_images::load::{LoadError, LoadObserver, load_files};
use resnette_images::problems::Problems;
use resnette_picture::Picture;
use resnette_picture::report::{ClassCorrections, LoadProgress, Problem};
use resnette_spec::DataConfig;

use crate::archive_fixtures::zip;
use crate::fixtures::{end_early, folder, gzip, lying_jpeg, tar};
use crate::made::{Held, config, held};
use crate::parquet_tables::{Table, Values};

/// Notes every report, decodes every AVIF to the same colour and stops after `left` reports.
struct Witness {
    left: usize,
    seen: Vec<LoadProgress>,
}

impl LoadObserver for Witness {
    async fn on_progress(&mut self, progress: &LoadProgress) -> bool {
        self.seen.push(progress.clone());
        self.seen.len() < self.left
    }

    fn fallback(&self) -> impl FallbackDecoder {
        Blue
    }
}

struct Blue;

impl FallbackDecoder for Blue {
    async fn decode(&self, _: &[u8], kind: PictureKind) -> Option<Picture> {
        (kind == PictureKind::Avif).then(|| Picture::filled(20, 20, [0, 0, 255]))
    }
}

/// All that loading comes to.
#[derive(Debug, PartialEq)]
struct Loaded {
    set: Result<Dataset, LoadError>,
    problems: Vec<Problem>,
    seen: Vec<LoadProgress>,
}

fn load<F: OpenFile>(files: &[F], config: &DataConfig, left: usize) -> Loaded {
    let corrections = ClassCorrections { accept_cut: true, ..ClassCorrections::default() };
    let mut problems = Problems::default();
    let mut witness = Witness { left, seen: Vec::new() };
    let set = block_on(load_files(files, &corrections, config, 3, &mut problems, &mut witness));
    Loaded { set, problems: problems.into_vec(), seen: witness.seen }
}

/// The same in a pool of so many threads.
fn load_on<F: OpenFile + Sync>(
    threads: usize,
    files: &[F],
    config: &DataConfig,
    left: usize,
) -> Loaded {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| load(files, config, left))
}

/// Forty pictures of each of three classes. Some are damaged, end early, are of a kind that the
/// fallback decodes or that nobody does, are no pictures or nothing at all.
fn pictures() -> Vec<(String, Vec<u8>)> {
    let mut files = folder("pets", &["cat", "dog", "hen"], 40);
    let odd: [&[u8]; 5] =
        [b"\0\0\0\x10ftypavif\0\0\0\0", b"\0\0\0\x10ftypheic\0\0\0\0", b"%PDF-1.7", b"", &[0; 50]];
    for (index, (_, bytes)) in files.iter_mut().enumerate() {
        match index % 13 {
            2 => *bytes = odd[index / 13 % odd.len()].to_vec(),
            5 => end_early(bytes),
            7 if index % 2 == 0 => *bytes = lying_jpeg(),
            9 => bytes.truncate(60),
            _ => {}
        }
    }
    // The classes in turn, as in a file that has been shuffled.
    files.sort_by_key(|(path, _)| path.rsplit('/').next().map(str::to_owned));
    files
}

/// The same pictures from every source.
fn sources() -> Vec<Vec<Held>> {
    let files = pictures();
    let table = {
        let bytes = files.iter().map(|(_, bytes)| Some(bytes.clone())).collect();
        let classes = ["cat", "dog", "hen"];
        let label = |path: &str| classes.iter().position(|class| path.contains(class));
        let labels = files.iter().map(|(path, _)| label(path).map(|label| label as i64)).collect();
        let labels = Values::Int64(labels);
        let schema = "message m { optional binary image; optional int64 label; }";
        let columns = vec![Values::Bytes(bytes), labels.clone()];
        Table { columns, group: 17, ..Table::flat(3, schema, labels) }
    };
    vec![
        held(&files),
        vec![Held::new("pets.tar", tar(&files))],
        vec![Held::new("pets.zip", zip(&files))],
        vec![table.file("pets.parquet")],
        vec![table.file("train/0.parquet"), table.file("validation/0.parquet")],
    ]
}

#[test]
fn they_come_to_the_same_set_problems_and_reports() {
    for files in sources() {
        // Few of each class, so that most are passed over or dropped again; and all.
        for config in [config(4, 2), config(9, 3), config(100, 100)] {
            let name = &files[0].path;
            let one = load_on(1, &files, &config, usize::MAX);
            let set = one.set.as_ref().unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(set.train.len() >= 6 && !one.seen.is_empty(), "{name}");
            let told = one.problems.len() + set.problems.len();
            assert!(config.train < 100 || told > 10, "{name}: {told}");
            for threads in [2, 3, 8] {
                let found = load_on(threads, &files, &config, usize::MAX);
                let print = fingerprint(found.set.as_ref().unwrap());
                assert_eq!(print, fingerprint(set), "{name}, {threads} threads");
                assert!(found == one, "{name}, {threads} threads");
            }
        }
    }
}

/// A reader who stops after a report has seen the same reports and is told the same.
#[test]
fn they_are_stopped_at_the_same_place() {
    for files in sources() {
        let config = config(9, 3);
        let reports = load_on(1, &files, &config, usize::MAX).seen.len();
        for left in (1..=reports).step_by(7).chain([reports]) {
            let one = load_on(1, &files, &config, left);
            assert_eq!((one.set.as_ref().err(), one.seen.len()), (Some(&LoadError::Stopped), left));
            for threads in [2, 3] {
                let found = load_on(threads, &files, &config, left);
                assert!(found == one, "{}, {threads} threads, {left} reports", files[0].path);
            }
        }
    }
}

/// As in a browser, where the thread that loads is one of those that decode.
#[test]
fn the_thread_that_loads_may_be_one_of_them() {
    let files = &sources()[1];
    let one = load_on(1, files, &config(9, 3), usize::MAX);
    let found = std::thread::scope(|scope| {
        let loading = scope.spawn(|| {
            let pool = ThreadPoolBuilder::new().num_threads(3).use_current_thread();
            let _pool = pool.build().unwrap();
            assert_eq!(rayon::current_num_threads(), 3);
            load(files, &config(9, 3), usize::MAX)
        });
        loading.join().unwrap()
    });
    assert!(found == one);
}

/// What is told of the archive comes between its pictures.
#[test]
fn a_damaged_archive_is_told_at_the_same_place() {
    let whole = tar(&pictures());
    let gzipped = gzip(&whole);
    for tenth in 3..10 {
        for (name, bytes) in [("pets.tar", &whole), ("pets.tgz", &gzipped)] {
            let mut damaged = bytes[..bytes.len() * tenth / 10].to_vec();
            let middle = damaged.len() / 2;
            damaged[middle..middle + 3].fill(0x5a);
            let files = [Held::new(name, damaged)];
            let one = load_on(1, &files, &config(9, 3), usize::MAX);
            let found = load_on(3, &files, &config(9, 3), usize::MAX);
            assert!(found == one, "{name} {tenth}: {:?} {:?}", found.problems, one.problems);
        }
    }
}

/// The time for all photos of `160px` and of the archive, kept for 64 px: the best of five rounds,
/// in each of which every number of threads has its turn.
#[test]
#[ignore = "measures time"]
fn what_threads_gain() {
    let Some(shared) = crate::photos::shared() else { return };
    let cores = std::thread::available_parallelism().unwrap().get();
    let config = DataConfig { train: 10_000, valid: 10_000, size: 64, ..DataConfig::default() };
    for place in ["160px", "imagenette2-160-subset.tgz"] {
        let files = DiskFile::open(&shared.join(place)).unwrap();
        let mut least = vec![Duration::MAX; cores];
        for _ in 0..5 {
            for (before, least) in least.iter_mut().enumerate() {
                let began = Instant::now();
                assert!(load_on(before + 1, &files, &config, usize::MAX).set.is_ok());
                *least = began.elapsed().min(*least);
            }
        }
        for (before, took) in least.iter().enumerate() {
            let times = least[0].as_secs_f64() / took.as_secs_f64();
            println!("{place}, threads: {}, {took:.2?}, {times:.2} times as fast", before + 1);
        }
    }
}
