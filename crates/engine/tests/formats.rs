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

#[test]
fn a_saved_run_of_an_earlier_build_ends_with_the_same_bits() {
    for name in ["bottleneck", "everything"] {
        let learner = continued(name);
        let rows: Vec<EpochRow> =
            serde_json::from_slice(&fixture(&format!("{name}-rows.json"))).unwrap();
        let found = learner.history.iter().map(|row| EpochRow { seconds: 0.0, ..*row });
        assert_eq!(found.collect::<Vec<_>>(), rows, "{name}");
        let wanted = fixture(&format!("{name}.safetensors"));
        let wanted = ModelFile::read(name, &wanted, &learner.config).unwrap();
        let found = block_on(export_model(&learner)).unwrap();
        assert_eq!(found.weights, wanted.weights, "{name}");
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
