//! torchvision's own ResNet-18 and ResNet-50, with random weights that `torchvision_weights.py`
//! writes here and now.

use std::path::{Path, PathBuf};
use std::process::Command;

use burn::tensor::Device;
use resnette_engine::model::file::{FileError, ModelFile};
use resnette_engine::model::safetensors;
use resnette_engine::model::safetensors::{Metadata, Precision};
use resnette_engine::model::weights::{Array, Weights, WeightsError};
use resnette_spec::RunConfig;

use super::fixture::{download, folder, upload};

/// The files, made once a process; nothing where there is no torchvision.
fn made() -> Option<PathBuf> {
    let python = |arguments: &[&str]| {
        Command::new("/usr/bin/python3").args(arguments).current_dir(folder()).status()
    };
    if !python(&["-c", "import torchvision"]).is_ok_and(|status| status.success()) {
        eprintln!("skipped: no torchvision in /usr/bin/python3 (apt install python3-torchvision)");
        return None;
    }
    let out = std::env::temp_dir().join(format!("resnette-torchvision-{}", std::process::id()));
    let made = python(&["torchvision_weights.py", out.to_str().unwrap()]).unwrap();
    assert!(made.success());
    Some(out)
}

fn read(folder: &Path, name: &str) -> (Vec<u8>, Weights) {
    let bytes = std::fs::read(folder.join(format!("{name}.safetensors"))).unwrap();
    let weights = safetensors::read(&bytes).unwrap().1;
    (bytes, weights)
}

fn open(bytes: &[u8]) -> Result<ModelFile, FileError> {
    ModelFile::read("torchvision.safetensors", bytes, &RunConfig::default())
}

#[test]
fn resnet_18_and_50_answer_as_torchvisions() {
    let Some(folder) = made() else { return };
    for (name, people) in [("resnet18", "ResNet-18"), ("resnet50", "ResNet-50")] {
        let (bytes, _) = read(&folder, name);
        let file = open(&bytes).unwrap();
        assert_eq!((file.info.classes.len(), file.info.size), (1000, 224));
        let network = file.build(&Device::flex()).unwrap();
        let wanted = read(&folder, &format!("{name}_io")).1;
        let features = network.features(upload(&wanted["input"], &Device::flex()));
        let logits = network.classify(features.clone());
        for (what, found) in [("features", download(features)), ("logits", download(logits))] {
            let wanted = &wanted[what];
            let most = wanted.values.iter().fold(0f32, |most, x| most.max(x.abs()));
            let gap = found
                .values
                .iter()
                .zip(&wanted.values)
                .fold(0f32, |gap, (a, b)| gap.max((a - b).abs()));
            assert!(
                found.shape == wanted.shape && gap < 1e-4 * most,
                "{people}, {what}: {gap} of {most}"
            );
        }
    }
    refusals(&read(&folder, "resnet18").1);
    std::fs::remove_dir_all(folder).unwrap();
}

/// A tensor too few, one too many, one of another shape: refused by name.
fn refusals(weights: &Weights) {
    let told = |weights: &Weights| {
        open(&safetensors::write(&Metadata::new(), weights, Precision::F32).unwrap()).unwrap_err()
    };
    let name = "layer3.1.bn2.running_var".to_string();
    let mut changed = weights.clone();
    let array = changed.remove(&name).unwrap();
    assert_eq!(told(&changed), FileError::Weights(WeightsError::Missing(name.clone())));
    changed.insert(name.clone(), array.clone());
    changed.insert("layer5.0.conv1.weight".into(), array.clone());
    assert_eq!(
        told(&changed),
        FileError::Weights(WeightsError::Extra("layer5.0.conv1.weight".into()))
    );
    changed.remove("layer5.0.conv1.weight");
    changed.insert(
        name.clone(),
        Array { shape: vec![2, array.values.len() / 2], values: array.values },
    );
    assert!(
        matches!(told(&changed), FileError::Weights(WeightsError::Shape { name: found, .. }) if found == name)
    );
}
