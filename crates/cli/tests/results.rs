//! What the command line makes of a run: the same files for the same run, the best epoch, and what
//! a fine-tuned network says of itself.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;

use resnette_engine::model::safetensors::{self, Metadata};
use resnette_spec::read_run;
use support::{Folder, refused, works};

const SETTINGS: &str = "#source=drawn&train=8&valid=2&size=32&bs=16&lr=0.01&augment=none\
                        &layers=1&width=8&stem=8&seed=3";

fn metadata(model: &str) -> Metadata {
    safetensors::read(&fs::read(model).unwrap()).unwrap().0
}

#[test]
fn the_same_run_writes_the_same_bytes() {
    let folder = Folder::new("same");
    let settings = format!("{SETTINGS}&epochs=2");
    let files = ["one", "other"].map(|name| {
        let out = folder.file(name);
        works(&["train", &settings, "--out", &out]);
        ["model.safetensors", "model-f16.safetensors", "model.bpk", "load.py"]
            .map(|file| fs::read(Path::new(&out).join(file)).unwrap())
    });
    assert!(files[0] == files[1]);
    assert!(!metadata(&folder.file("one/model.safetensors"))["history"].contains("seconds"));
    // The times are in the table, from which a recorded run takes them.
    let table = folder.file("one/history.csv");
    let slow = fs::read_to_string(&table).unwrap().replace(",00:", ",02:");
    fs::write(&table, slow).unwrap();
    let (model, record) = (folder.file("one/model.safetensors"), folder.file("record.json"));
    let common = ["evaluate", &settings, "--model", &model, "--record", &record];
    works(&[&common[..], &["--table", &table]].concat());
    let record: serde_json::Value = serde_json::from_slice(&fs::read(record).unwrap()).unwrap();
    let seconds = |epoch: usize| record["rows"][epoch]["seconds"].as_f64().unwrap();
    assert!(seconds(0) >= 120.0 && seconds(1) >= 120.0, "{record}");
}

#[test]
fn a_run_stops_early_and_its_file_is_of_the_best_epoch() {
    let folder = Folder::new("best");
    let out = folder.file("out");
    // No epoch is better than the first by as much.
    let keep = "&save=valid_loss&stop=valid_loss&min_delta=10";
    let table = works(&["train", &format!("{SETTINGS}&epochs=4{keep}"), "--out", &out]);
    assert_eq!(table.lines().count(), 1 + 2, "{table}");
    let best = folder.file("out/model.safetensors");
    let said = metadata(&best);
    assert_eq!((said["epoch"].as_str(), said["config"].contains(keep)), ("0", true));
    let bytes = fs::read(&best).unwrap();
    works(&["train", "--resume", "--out", &out]);
    assert!(fs::read(&best).unwrap() == bytes);
    // It is the network that a run has after its first epoch.
    let last = folder.file("last");
    works(&["train", &format!("{SETTINGS}&epochs=4{keep}&save=last"), "--out", &last]);
    let said = metadata(&folder.file("last/model.safetensors"));
    assert!(!said.contains_key("epoch"));
    assert!(fs::read(folder.file("last/model.safetensors")).unwrap() != bytes);
}

#[test]
fn a_tuned_network_says_what_it_was_tuned_from_and_its_link_repeats_it() {
    let folder = Folder::new("repeat");
    works(&["train", &format!("{SETTINGS}&epochs=1"), "--out", &folder.file("base")]);
    let base = folder.file("base.safetensors");
    fs::rename(folder.file("base/model.safetensors"), &base).unwrap();
    let tuned = format!("{SETTINGS}&epochs=2&seed=5");
    let table = works(&["fine-tune", &base, &tuned, "--out", &folder.file("one")]);
    assert_eq!(table.lines().count(), 1 + 3, "{table}");
    let model = folder.file("one/model.safetensors");
    let said = metadata(&model);
    let from: serde_json::Value = serde_json::from_str(&said["fine_tuned_from"]).unwrap();
    assert_eq!(from["name"], "base.safetensors");
    assert_eq!(read_run(&said["config"]).0.recipe.epochs, 2);
    let link = format!("#{}", said["config"]);
    works(&["fine-tune", &base, &link, "--out", &folder.file("other")]);
    let again = fs::read(folder.file("other/model.safetensors")).unwrap();
    assert!(again == fs::read(&model).unwrap());
}

#[test]
fn the_rate_of_a_fine_tuning_is_searched_with_the_network() {
    let folder = Folder::new("rate");
    works(&["train", &format!("{SETTINGS}&epochs=1"), "--out", &folder.file("base")]);
    let model = folder.file("base/model.safetensors");
    let (fresh, tuned) =
        (works(&["lr-find", SETTINGS]), works(&["lr-find", SETTINGS, "--model", &model]));
    assert!(fresh.lines().count() > 20 && tuned.lines().count() > 20, "{tuned}");
    assert_ne!(fresh.lines().nth(1), tuned.lines().nth(1));
}

#[test]
fn sizes_that_grow_beyond_the_full_one_are_refused() {
    for command in ["train", "lr-find", "summary"] {
        let told = refused(&[command, "#size=32&grow=24,48"]);
        assert!(told.contains("grow=24,48 was refused: no size above the run's own"), "{told}");
    }
}
