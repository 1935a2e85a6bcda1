//! What is written can be read: files of networks and runs over class names, sizes and every
//! setting, and files of which a bit was flipped.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;

use burn::tensor::Device;
use futures::executor::block_on;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use resnette_engine::model::file::ModelFile;
use resnette_engine::model::safetensors::{ContainerError, Precision};
use resnette_engine::model::weights::{Array, Weights};
use resnette_engine::train::checkpoint::Checkpoint;
use resnette_engine::train::export::export_model;
use resnette_engine::train::learner::{Learner, LearnerError, Tick};
use resnette_images::dataset::Dataset;
use resnette_images::load::disk::DiskFile;
use resnette_images::load::{SilentObserver, load_files};
use resnette_images::problems::Problems;
use resnette_picture::drawn::draw;
use resnette_picture::report::ClassCorrections;
use resnette_spec::architecture::{Architecture, is_trained};
use resnette_spec::epoch::EpochRow;
use resnette_spec::limits::{FileSizes, check_run_classes};
use resnette_spec::settings::{Kind, SETTINGS};
use resnette_spec::{RunConfig, read_run};

/// A number between two others, the two more often than any other.
fn between(min: u32, max: u32) -> BoxedStrategy<u32> {
    prop_oneof![1 => Just(min), 1 => Just(max), 4 => min..=max].boxed()
}

/// A value for every setting, as it stands in a link. Only what would make the network or the
/// pictures large is kept small, since every case is built.
fn settings() -> impl Strategy<Value = RunConfig> {
    let values: Vec<BoxedStrategy<(&'static str, String)>> = SETTINGS
        .iter()
        .map(|setting| {
            let small = match setting.key {
                "layers" => Some((3, 2)),
                "stem" => Some((3, 9)),
                "grow" => Some((4, 40)),
                _ => None,
            };
            let value = match &setting.kind {
                Kind::Integer { min, max, .. } => {
                    let max = match setting.key {
                        "width" => 9,
                        "size" => 48,
                        _ => *max,
                    };
                    between(*min, max).prop_map(|number| number.to_string()).boxed()
                }
                Kind::Real { min, max, .. } => {
                    let (min, max) = (*min, *max);
                    prop_oneof![Just(min), Just(max), min..=max]
                        .prop_map(|number| number.to_string())
                        .boxed()
                }
                Kind::List { max_len, min, max, .. } => {
                    let (longest, max) = small.unwrap_or((*max_len, *max));
                    prop::collection::vec(between(*min, max), 0..=longest)
                        .prop_map(|list| {
                            list.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
                        })
                        .boxed()
                }
                Kind::Blocks { max_len, .. } => {
                    prop::collection::vec((1_u32..=6, between(1, 64)), 0..=*max_len)
                        .prop_map(|list| {
                            let places =
                                list.iter().map(|(stage, block)| format!("{stage}.{block}"));
                            places.collect::<Vec<_>>().join(",")
                        })
                        .boxed()
                }
                Kind::Choice { choices, .. } => {
                    let names: Vec<&str> = choices.iter().map(|choice| choice.name).collect();
                    prop::sample::select(names).prop_map(str::to_string).boxed()
                }
                Kind::Address { .. } => prop_oneof![
                    Just(String::new()),
                    "https://[a-z]{1,9}/[ -~é☃]{0,600}",
                    // As long as addresses may be, and each byte takes three in a link.
                    Just(format!("/{}", "☃".repeat(666))),
                ]
                .boxed(),
            };
            value.prop_map(|value| (setting.key, value)).boxed()
        })
        .collect();
    values.prop_map(|values| {
        let mut config = RunConfig::default();
        for (key, value) in values {
            config.set(key, &value).unwrap();
        }
        config
    })
}

/// Names that a file can hold, with some that mean something to JSON, JavaScript or a terminal.
fn class_names() -> impl Strategy<Value = Vec<String>> {
    let name = prop_oneof![
        Just("__proto__".to_string()),
        Just("\"checksum\":\"crc32:00000000\"".to_string()),
        Just("hchecksumncrc32:00000000".to_string()),
        Just("\u{202e}cat\\".to_string()),
        Just("é".repeat(200)),
        "\\PC{1,60}"
            .prop_filter("no control characters", |name| !name.chars().any(char::is_control)),
    ];
    prop::collection::vec(name, 2..7)
        .prop_filter("as in a file", |names| check_run_classes(names).is_ok())
}

/// Weights that the network could have.
fn weights(architecture: &Architecture, seed: u64) -> Weights {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let tensors = architecture.tensors().into_iter();
    tensors
        .map(|(name, shape)| {
            let numbers = shape.iter().product();
            let least = if name.ends_with("running_var") { 0.0 } else { -1.5 };
            let values = (0..numbers).map(|_| rng.random_range(least..1.5)).collect();
            (name, Array { shape, values })
        })
        .collect()
}

fn open(bytes: &[u8]) -> ModelFile {
    ModelFile::read("written", bytes, &RunConfig::default()).unwrap()
}

/// Two drawn pictures of each class for training and one for validation.
fn pictures(classes: Vec<String>, config: &RunConfig) -> Arc<Dataset> {
    let mut set = Dataset { classes, ..Dataset::default() };
    let size = config.data.size;
    for label in 0..set.classes.len() {
        for index in 0..2 {
            set.push_train(&draw(label % 10, index, 1, 48), label as u32, size);
        }
        set.push_valid(&draw(label % 10, 0, 2, 48), label as u32, size);
    }
    Arc::new(set)
}

/// A short run, and a few steps of it.
fn learner() -> Learner {
    let settings = "size=32&layers=1&stem=4&width=8&expansion=1&bs=4&epochs=2&augment=none";
    let config = read_run(settings).0;
    let set = pictures(vec!["cat".into(), "dog".into()], &config);
    let mut learner = Learner::new(config, set, &Device::flex(), 1).unwrap();
    while !matches!(block_on(learner.tick()).unwrap(), Tick::Epoch(_)) {}
    learner
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_network_that_is_written_is_read(
        config in settings(),
        classes in class_names(),
        losses in prop::collection::vec(-3f32..1e9, 0..4),
        seed in any::<u64>(),
    ) {
        let architecture = Architecture::new(&config.net, classes.len() as u32);
        let weights = weights(&architecture, seed);
        let history = losses.into_iter().zip(0..).map(|(loss, epoch)| EpochRow {
            epoch, train_loss: loss, valid_loss: loss / 7.0, accuracy: 0.1, top5: 1.0, seconds: 0.3,
        });
        let file = ModelFile::new(config, classes, history.collect(), weights).unwrap();
        let written = file.write(Precision::F32).unwrap();
        prop_assert!(written.len() as u64 <= FileSizes::new(&architecture, 1).model + 30_000);
        for bytes in [written, file.write_burnpack().unwrap()] {
            let again = open(&bytes);
            prop_assert_eq!(&again.config, &file.config);
            prop_assert_eq!(&again.info.classes, &file.info.classes);
            prop_assert_eq!(&again.info.history, &file.info.history);
            prop_assert_eq!(&again.weights, &file.weights);
        }
        let half = open(&file.write(Precision::F16).unwrap());
        prop_assert_eq!((&half.config, &half.info.classes), (&file.config, &file.info.classes));
        // Numbers that 16 bits hold stay as they are from then on.
        let again = open(&half.write(Precision::F16).unwrap());
        prop_assert_eq!(again.weights, half.weights);
    }

    /// A run with any settings, saved at any of its first steps.
    #[test]
    fn every_run_that_is_written_is_read(
        mut config in settings(),
        classes in class_names(),
        ticks in 0usize..4,
        scale in prop_oneof![Just(1.0), Just(0.0), Just(f64::INFINITY), 1e-3..1e3],
    ) {
        // Of a few small pictures all fit into a batch; the smallest sizes are those of the test.
        config.recipe.grow.retain(|size| *size <= 48);
        let set = pictures(classes, &config);
        let mut learner = match Learner::new(config, set.clone(), &Device::flex(), 1) {
            Ok(learner) => learner,
            // Refused before anything was made of it.
            Err(LearnerError::TooSmall { .. }) => return Ok(()),
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        learner.scale_rate(scale);
        for _ in 0..ticks {
            match block_on(learner.tick()) {
                Ok(_) => {}
                Err(LearnerError::Diverged(..) | LearnerError::DivergedInValidation(..)) => {
                    return Ok(());
                }
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            }
        }
        // A learning rate of 10 breaks some of them: those are not written.
        let Ok(checkpoint) = block_on(learner.checkpoint()) else { return Ok(()) };
        let Ok(bytes) = checkpoint.write(7) else {
            return Err(TestCaseError::fail(format!("{:?}", checkpoint.write(7))));
        };
        let (sequence, again) = Checkpoint::read(&bytes).unwrap();
        prop_assert_eq!(sequence, 7);
        prop_assert_eq!(&again, &checkpoint);
        Learner::resume(&again, set, &Device::flex(), 1).unwrap();
    }
}

/// Whichever bit of a written file flips, on a bad disk or a bad line, the file is not opened.
#[test]
fn files_with_a_flipped_bit_are_refused() {
    let mut learner = learner();
    let model = block_on(export_model(&learner)).unwrap();
    let run = block_on(learner.checkpoint()).unwrap().write(1).unwrap();
    let files = [
        ("safetensors", model.write(Precision::F32).unwrap()),
        ("safetensors, 16 bits", model.write(Precision::F16).unwrap()),
        ("burnpack", model.write_burnpack().unwrap()),
        ("run", run),
    ];
    let mut rng = ChaCha8Rng::seed_from_u64(19);
    for (kind, bytes) in files {
        let refusal = |bytes: &[u8]| match kind {
            "run" => Checkpoint::read(bytes).err().map(|error| error.to_string()),
            _ => ModelFile::read("flipped", bytes, &RunConfig::default())
                .err()
                .map(|error| error.to_string()),
        };
        assert_eq!(refusal(&bytes), None, "{kind}");
        // Half of the places in the header, where texts are, and half anywhere.
        for turn in 0..200 {
            let bits = if turn % 2 == 0 { bytes.len().min(4_000) } else { bytes.len() } * 8;
            let bit = rng.random_range(0..bits);
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(refusal(&flipped).is_some(), "{kind}: bit {bit} of {}", bytes.len() * 8);
        }
        // In the numbers of a network it is the checksum that tells.
        let mut flipped = bytes.clone();
        let last = flipped.len() - 6;
        flipped[last] ^= 1;
        assert!(refusal(&flipped).is_some_and(|words| words.contains("damaged")), "{kind}");
    }
}

/// What could not be opened again is not written, and a run for it is not begun.
#[test]
fn names_and_sizes_that_cannot_be_read_are_not_written() {
    let learner = learner();
    let model = block_on(export_model(&learner)).unwrap();
    for name in ["", "a\nb", "\u{7}", &"x".repeat(201)] {
        let mut odd = model.clone();
        odd.info.classes[1] = name.into();
        for written in [odd.write(Precision::F32), odd.write_burnpack()] {
            assert!(matches!(written, Err(ContainerError::Names(_))), "{name:?}: {written:?}");
        }
        let set = pictures(vec!["cat".into(), name.into()], &learner.config);
        let begun = Learner::new(learner.config.clone(), set, &Device::flex(), 1);
        assert!(matches!(begun, Err(LearnerError::Classes(_))), "{name:?}");
    }
    // 31 million numbers: 124 MB, and half of it in 16 bits.
    let mut large = model.clone();
    let numbers = 31_000_000;
    let array = Array { shape: vec![numbers], values: vec![0.25; numbers] };
    large.weights.insert("head.weight".into(), array);
    let refused = large.write(Precision::F32).unwrap_err();
    assert!(matches!(refused, ContainerError::TooLarge(bytes) if bytes > 124_000_000));
    assert!(refused.to_string().contains("125 MB"), "{refused}");
    assert!(large.write(Precision::F16).is_ok());
}

/// The run of a network with more tensors than were read before.
#[test]
fn the_deepest_run_is_read() {
    let settings = "size=16&layers=64,64,64,64,64,64&stem=4&width=4&expansion=1&bs=4";
    let config = read_run(settings).0;
    let classes = vec!["cat".into(), "dog".into()];
    let architecture = Architecture::new(&config.net, 2);
    assert!(architecture.tensors().len() > 5_000);
    let file = ModelFile::new(config, classes, Vec::new(), weights(&architecture, 1));
    let bytes = file.unwrap().write(Precision::F32).unwrap();
    assert_eq!(open(&bytes).architecture, architecture);
    // As many tensors as the run has: those that are trained three times more.
    let mut many = Weights::new();
    for (name, shape) in architecture.tensors() {
        let copies = if is_trained(&name) { 4 } else { 1 };
        for copy in 0..copies {
            let array = Array { shape: vec![1; shape.len()], values: vec![0.5] };
            many.insert(format!("{copy}/{name}"), array);
        }
    }
    assert!(many.len() > 10_000, "{}", many.len());
    let bytes =
        resnette_engine::model::safetensors::write(&Default::default(), &many, Precision::F32);
    let (_, again) = resnette_engine::model::safetensors::read(&bytes.unwrap()).unwrap();
    assert_eq!(again.len(), many.len());
}

/// Files that were found to be lost: each opens and can be written again, or is refused before
/// anything is made of it.
#[test]
fn files_with_odd_names_open_or_are_refused() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/attack");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    };
    let mut counts = [0; 2];
    for path in entries.map(|entry| entry.unwrap().path()) {
        let (bytes, name) = (std::fs::read(&path).unwrap(), path.display().to_string());
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("safetensors") => match ModelFile::read(&name, &bytes, &RunConfig::default()) {
                Ok(file) => {
                    let again = open(&file.write(Precision::F32).unwrap());
                    assert_eq!(again.info.classes, file.info.classes, "{name}");
                    counts[0] += 1;
                }
                Err(error) => {
                    assert!(error.to_string().contains("class"), "{name}: {error}");
                    counts[1] += 1;
                }
            },
            Some("resnette") => match Checkpoint::read(&bytes) {
                Ok((_, run)) => {
                    assert_eq!(Checkpoint::read(&run.write(2).unwrap()).unwrap().1, run, "{name}");
                    counts[0] += 1;
                }
                Err(error) => {
                    assert!(error.to_string().contains("class"), "{name}: {error}");
                    counts[1] += 1;
                }
            },
            Some("parquet") => {
                let files = DiskFile::open(&path).unwrap();
                let config = read_run("source=files&size=32&layers=1&stem=4&width=8&epochs=1").0;
                let mut problems = Problems::default();
                let corrections = ClassCorrections::default();
                let set = block_on(load_files(
                    &files,
                    &corrections,
                    &config.data,
                    1,
                    &mut problems,
                    &mut SilentObserver,
                ))
                .unwrap();
                assert_eq!(check_run_classes(&set.classes), Ok(()), "{:?}", set.classes);
                let device = Device::flex();
                let mut learner = Learner::new(config, Arc::new(set), &device, 1).unwrap();
                let run = block_on(learner.checkpoint()).unwrap();
                assert_eq!(Checkpoint::read(&run.write(1).unwrap()).unwrap().1, run);
                let model = block_on(export_model(&learner)).unwrap();
                let again = open(&model.write(Precision::F32).unwrap());
                assert_eq!(again.info.classes, model.info.classes);
                counts[0] += 1;
            }
            _ => {}
        }
    }
    assert!(counts[0] > 3, "{counts:?} opened and refused");
}
