//! Files and links that earlier builds have written still mean what they meant.
//!
//! `fixtures/` was written by the build of 26 November 2026, before the program was split into
//! crates: two runs saved in the middle of their second epoch, and, for each, the table and the
//! network that the unbroken run ended with. The second run has everything turned on: basic blocks,
//! Mixup, full augmentation, accumulated gradients and progressive resizing.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;

use burn::tensor::Device;
use futures::executor::block_on;
use resnette_engine::model::file::ModelFile;
use resnette_engine::model::safetensors::Precision;
use resnette_engine::train::checkpoint::Checkpoint;
use resnette_engine::train::export::export_model;
use resnette_engine::train::learner::{Learner, Tick};
use resnette_images::load::{SilentObserver, load_drawn};
use resnette_spec::RunConfig;
use resnette_spec::epoch::EpochRow;

fn fixture(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}

/// The run of a fixture, continued to its end.
fn continued(name: &str) -> Learner {
    let (_, checkpoint) = Checkpoint::read(&fixture(&format!("{name}-half.resnette"))).unwrap();
    let (data, seed) = (checkpoint.config.pictures(), checkpoint.config.seed);
    let set = Arc::new(block_on(load_drawn(&data, seed, &mut SilentObserver)).unwrap());
    let mut learner = Learner::resume(&checkpoint, set, &Device::flex(), 4).unwrap();
    while block_on(learner.tick()).unwrap() != Tick::Done {}
    learner
}

/// Whether this processor has the vectors of the one on which the fixtures were made, on which the
/// order of Burn's sums depends: its matrix product, which the head uses, takes the widest there
/// are.
fn has_the_fixtures_vectors() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512f");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Whether numbers are equal to the last bit, or, on a processor with other vectors, but for the
/// rounding of other sums.
fn equal(found: f32, wanted: f32) -> bool {
    found == wanted
        || (!has_the_fixtures_vectors() && (found - wanted).abs() <= 1e-5 * wanted.abs().max(1.0))
}

#[test]
fn a_saved_run_of_an_earlier_build_ends_with_the_same_bits() {
    for name in ["bottleneck", "everything"] {
        let learner = continued(name);
        let rows: Vec<EpochRow> =
            serde_json::from_slice(&fixture(&format!("{name}-rows.json"))).unwrap();
        assert_eq!(learner.history.len(), rows.len(), "{name}");
        for (found, wanted) in learner.history.iter().zip(&rows) {
            let losses = [
                (found.train_loss, wanted.train_loss),
                (found.valid_loss, wanted.valid_loss),
                (found.accuracy, wanted.accuracy),
                (found.top5, wanted.top5),
            ];
            let same = losses.into_iter().all(|(found, wanted)| equal(found, wanted));
            assert!(found.epoch == wanted.epoch && same, "{name}: {found:?} {wanted:?}");
        }
        let wanted = fixture(&format!("{name}.safetensors"));
        let wanted = ModelFile::read(name, &wanted, &learner.config).unwrap();
        let found = block_on(export_model(&learner)).unwrap();
        assert!(found.weights.keys().eq(wanted.weights.keys()), "{name}");
        for ((key, found), wanted) in found.weights.iter().zip(wanted.weights.values()) {
            assert_eq!(found.shape, wanted.shape, "{name}: {key}");
            let mut pairs = found.values.iter().zip(&wanted.values);
            assert!(pairs.all(|(&found, &wanted)| equal(found, wanted)), "{name}: {key}");
        }
    }
}

#[test]
fn networks_of_an_earlier_build_open_from_both_formats() {
    for name in ["bottleneck", "everything"] {
        let open = |ending: &str| {
            let bytes = fixture(&format!("{name}.{ending}"));
            ModelFile::read(name, &bytes, &RunConfig::default()).unwrap()
        };
        let (safetensors, burnpack) = (open("safetensors"), open("bpk"));
        assert_eq!(safetensors, burnpack, "{name}");
        assert_eq!(safetensors.info.history.len(), 3);
        // Written again, it says the same.
        let again = safetensors.write(Precision::F32).unwrap();
        assert_eq!(ModelFile::read(name, &again, &RunConfig::default()).unwrap(), safetensors);
    }
}
