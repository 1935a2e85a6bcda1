#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use burn::tensor::{Tensor, TensorData};
use futures::executor::block_on;
use resnette_picture::classes::imagenette_names;
use resnette_spec::pytorch::pytorch_snippet;
use resnette_spec::{ResizeMethod, Room, read_run};

use crate::model::file::*;
use crate::model::weights::{Array, read_weights};

const SMALL: &str = "size=32&layers=1,1&expansion=2&width=8&stem=4,8";

/// A network whose norms do something: no gamma is 0, no running statistic the first.
fn network(settings: &str) -> ModelFile {
    let (run, problems) = read_run(settings);
    assert_eq!(problems, []);
    let classes = imagenette_names();
    let architecture = Architecture::new(&run.net, classes.len() as u32);
    let fresh = ResNet::new(&architecture, stream(5, Purpose::Init, 0), &Device::flex());
    let mut weights = block_on(read_weights(&fresh)).unwrap();
    for (name, array) in &mut weights {
        for (index, value) in array.values.iter_mut().enumerate() {
            let wave = (index as f32 * 1.7 + name.len() as f32).sin();
            match name.rsplit('.').next() {
                Some("running_var") => *value = 1.0 + 0.5 * wave,
                Some("running_mean" | "bias") => *value = 0.3 * wave,
                Some("gamma") => *value = 0.02,
                Some("weight") if array.shape.len() == 1 => *value = 1.0 + 0.4 * wave,
                _ => {}
            }
        }
    }
    let row = EpochRow {
        epoch: 0,
        train_loss: 1.5,
        valid_loss: 1.25,
        accuracy: 0.5,
        top5: 0.875,
        seconds: 9.0,
    };
    ModelFile::new(run, classes, vec![row], weights).unwrap()
}

fn pixels(n: usize, size: usize) -> Vec<f32> {
    (0..n * 3 * size * size).map(|index| (index as f32 * 0.37).sin() * 1.5).collect()
}

fn logits(file: &ModelFile, n: usize, size: usize) -> Vec<f32> {
    let device = Device::flex();
    let images = Tensor::from_data(TensorData::new(pixels(n, size), [n, 3, size, size]), &device);
    file.build(&device).unwrap().forward(images).into_data().try_to_vec::<f32>().unwrap()
}

fn read(bytes: &[u8]) -> Result<ModelFile, FileError> {
    ModelFile::read("some.safetensors", bytes, &RunConfig::default())
}

/// The file with one metadata entry changed.
fn with(file: &ModelFile, key: &str, value: &str) -> Vec<u8> {
    let bytes = file.write(Precision::F32).unwrap();
    let (mut metadata, weights) = safetensors::read(&bytes).unwrap();
    // Whoever changes a file on purpose recomputes its checksum.
    metadata.insert(checksum::KEY.into(), checksum::PLACEHOLDER.into());
    metadata.insert(key.into(), value.into());
    let mut bytes = safetensors::write(&metadata, &weights, Precision::F32).unwrap();
    checksum::seal(&mut bytes);
    bytes
}

#[test]
fn a_saved_network_comes_back_whole() {
    let file = network(SMALL);
    let again = read(&file.write(Precision::F32).unwrap()).unwrap();
    assert_eq!(
        (again.config.clone(), &again.weights, &again.architecture),
        (file.config.clone(), &file.weights, &file.architecture)
    );
    assert_eq!(
        (&again.info.classes, &again.info.history),
        (&file.info.classes, &file.info.history)
    );
    assert_eq!(
        (again.info.size, again.info.trained, again.info.name.as_str()),
        (32, true, "some.safetensors")
    );
    assert_eq!(logits(&again, 2, 32), logits(&file, 2, 32));
}

/// What the network sees of a picture stands in its file.
#[test]
fn a_file_says_how_pictures_become_squares() {
    for (more, keep) in [
        ("", Keep::CROPS),
        ("&resize=pad", Keep { method: ResizeMethod::Pad, ..Keep::CROPS }),
        ("&augment=none&resize=squish", Keep { method: ResizeMethod::Squish, ..Keep::SQUARE }),
        ("&min_scale=0.08&resize=crop", Keep { room: Room::Crops(80), method: ResizeMethod::Crop }),
    ] {
        let file = network(&format!("{SMALL}{more}"));
        for bytes in [file.write(Precision::F16).unwrap(), file.write_burnpack().unwrap()] {
            let again = read(&bytes).unwrap();
            assert_eq!((again.info.keep, again.config.clone()), (keep, file.config.clone()));
        }
    }
}

/// How long an epoch took says nothing of the network.
#[test]
fn the_same_run_gives_the_same_bytes_however_long_it_took() {
    let file = network(SMALL);
    let mut slower = file.clone();
    slower.info.history[0].seconds = 77.7;
    for precision in [Precision::F32, Precision::F16] {
        assert_eq!(file.write(precision).unwrap(), slower.write(precision).unwrap());
    }
    assert_eq!(file.write_burnpack().unwrap(), slower.write_burnpack().unwrap());
    let (metadata, _) = safetensors::read(&slower.write(Precision::F32).unwrap()).unwrap();
    assert!(!metadata["history"].contains("seconds"), "{}", metadata["history"]);
    // Files of earlier versions have seconds.
    let old = r#"[{"epoch":0,"train_loss":1.5,"valid_loss":1.25,"accuracy":0.5,"top5":0.875,"seconds":9.0}]"#;
    assert_eq!(read(&with(&file, "history", old)).unwrap().info.history, file.info.history);
}

#[test]
fn a_file_says_which_epoch_it_is_of_and_what_it_was_tuned_from() {
    let mut file = network(SMALL);
    let plain = file.write(Precision::F32).unwrap();
    let (metadata, _) = safetensors::read(&plain).unwrap();
    assert!(!metadata.contains_key("epoch") && !metadata.contains_key("fine_tuned_from"));
    let base = BaseModel { name: "resnet18 “a”.safetensors".into(), crc32: "0123abcd".into() };
    (file.info.best, file.info.fine_tuned_from) = (Some(0), Some(base));
    for bytes in [file.write(Precision::F32).unwrap(), file.write_burnpack().unwrap()] {
        let again = read(&bytes).unwrap().info;
        assert_eq!((again.best, &again.fine_tuned_from), (Some(0), &file.info.fine_tuned_from));
    }
    let plain = read(&plain).unwrap();
    assert_eq!((plain.info.best, &plain.info.fine_tuned_from), (None, &None));
    // The fingerprint is that of the weights, whatever else the file says.
    assert_eq!(plain.as_base().crc32, file.as_base().crc32);
    assert_eq!(plain.as_base().name, "some.safetensors");
    assert_ne!(plain.as_base().crc32, network("size=32&layers=1&width=8&stem=4").as_base().crc32);
}

#[test]
fn a_file_says_what_is_unlike_its_pictures() {
    let mut file = network(SMALL);
    let bytes = file.write(Precision::F32).unwrap();
    assert_eq!(read(&bytes).unwrap().familiarity, None);
    let features = file.architecture.features as usize;
    let mut means = vec![[-32_767, 12].repeat(features / 2); 10];
    means[3].clear();
    file.familiarity = Some(Familiarity {
        least: 0.810_307,
        most: 12.345_678,
        means,
        lengths: vec![3.25; 10],
        deviations: vec![0.1; features],
    });
    for bytes in [file.write(Precision::F32).unwrap(), file.write_burnpack().unwrap()] {
        assert_eq!(read(&bytes).unwrap().familiarity, file.familiarity);
    }
    let wrongs: [fn(&mut Familiarity); 6] = [
        |known: &mut Familiarity| known.means.truncate(9),
        |known: &mut Familiarity| known.means[4].truncate(3),
        |known: &mut Familiarity| known.lengths.truncate(9),
        |known: &mut Familiarity| known.lengths[2] = -1.0,
        |known: &mut Familiarity| known.deviations.truncate(3),
        |known: &mut Familiarity| known.deviations[0] = 0.0,
    ];
    for wrong in wrongs {
        let mut known = file.familiarity.clone().unwrap();
        wrong(&mut known);
        let wrong = serde_json::to_string(&known).unwrap();
        let error = read(&with(&file, "familiarity", &wrong)).unwrap_err();
        assert!(matches!(error, FileError::Metadata { key: "familiarity", .. }), "{error}");
    }
}

#[test]
fn half_precision_answers_nearly_the_same_from_half_the_bytes() {
    let file = network("size=64");
    let (whole, half) = (file.write(Precision::F32).unwrap(), file.write(Precision::F16).unwrap());
    assert!(half.len() < whole.len() * 6 / 10);
    let (a, b) = (logits(&file, 2, 64), logits(&read(&half).unwrap(), 2, 64));
    let most = a.iter().fold(0f32, |most, x| most.max(x.abs()));
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 5e-3 * most), "{a:?} {b:?}");
    assert_ne!(a, b);
}

#[test]
fn a_state_dict_without_a_word_is_recognised() {
    let file = network(SMALL);
    let bare = safetensors::write(&Metadata::new(), &file.weights, Precision::F32).unwrap();
    let mut assumed = RunConfig::default();
    assumed.data.size = 48;
    let again = ModelFile::read("torch.safetensors", &bare, &assumed).unwrap();
    assert_eq!(
        (again.architecture.clone(), again.info.size, again.info.trained),
        (file.architecture.clone(), 48, true)
    );
    assert_eq!(logits(&again, 1, 32), logits(&file, 1, 32));
    // Ten classes need not be Imagenette's.
    assert_eq!(again.info.classes[..2], ["class 0", "class 1"]);
}

/// What has no tensors is taken from the run beside which the file is opened.
#[test]
fn what_a_state_dict_cannot_tell_is_that_of_the_run_beside_it() {
    let two = "size=32&layers=2,1&block=basic&expansion=1&width=8&stem=4,8";
    for settings in
        [format!("{SMALL}&act=mish"), format!("{SMALL}&pool=blur"), format!("{two}&cut=1.2")]
    {
        let file = network(&settings);
        let bare = safetensors::write(&Metadata::new(), &file.weights, Precision::F32).unwrap();
        let assumed = RunConfig { net: file.config.net.clone(), ..RunConfig::default() };
        let again = ModelFile::read("torch.safetensors", &bare, &assumed).unwrap();
        assert_eq!(again.architecture, file.architecture, "{settings}");
        assert_eq!(logits(&again, 1, 32), logits(&file, 1, 32), "{settings}");
        let alone = read(&bare).unwrap();
        assert_ne!(logits(&alone, 1, 32), logits(&file, 1, 32), "{settings}: otherwise another");
    }
    // A skip with a convolution on it is not cut, whatever the run beside it has.
    let whole = network(two);
    let bare = safetensors::write(&Metadata::new(), &whole.weights, Precision::F32).unwrap();
    let mut assumed = RunConfig::default();
    assumed.net.cut = network(&format!("{two}&cut=2.1")).config.net.cut;
    let again = ModelFile::read("torch.safetensors", &bare, &assumed).unwrap();
    assert_eq!(again.architecture, whole.architecture);
}

/// Without metadata nothing tells a basic block from a plain one if no block changes the number of
/// channels; the network is then the chapter's, with skip connections.
#[test]
fn a_state_dict_of_basic_blocks_without_projections_keeps_its_skip_connections() {
    let file = network("size=32&layers=2&expansion=1&width=8&stem=4,8&block=basic");
    assert!(!file.weights.keys().any(|name| name.contains(".idconv.")));
    let bare = safetensors::write(&Metadata::new(), &file.weights, Precision::F32).unwrap();
    let again = read(&bare).unwrap();
    assert_eq!(again.architecture, file.architecture);
    assert_eq!(logits(&again, 2, 32), logits(&file, 2, 32));
    // A plain network with the same tensors is what its own file says it is.
    let plain = network("size=32&layers=2&expansion=1&width=8&stem=4,8&block=plain");
    let again = read(&plain.write(Precision::F32).unwrap()).unwrap();
    assert_eq!(again.architecture, plain.architecture);
    assert_ne!(logits(&again, 2, 32), logits(&file, 2, 32));
}

/// Ten classes of a network with torchvision's names are somebody's own and not Imagenette's.
#[test]
fn a_pretrained_network_has_imagenets_names_or_numbers() {
    let names = |classes| {
        let architecture = Architecture::torchvision([1, 0, 0, 0], false, classes);
        let zeros = |(name, shape): (String, Vec<usize>)| {
            let values = vec![0.0; shape.iter().product()];
            (name, Array { shape, values })
        };
        let weights = architecture.tensors().into_iter().map(zeros).collect();
        let bytes = safetensors::write(&Metadata::new(), &weights, Precision::F16).unwrap();
        read(&bytes).unwrap().info.classes
    };
    assert_eq!(names(1000), imagenet_names());
    assert_eq!(names(10)[..2], ["class 0", "class 1"]);
    assert_eq!(names(10).len(), 10);
}

#[test]
fn what_a_file_says_of_itself_is_checked() {
    let file = network(SMALL);
    for (key, value) in [
        ("resnette", "99"),
        ("config", "layers=999"),
        ("config", "width=many"),
        ("classes", "[]"),
        ("classes", "{"),
        ("classes", "[1,2]"),
        ("classes", r#"["a","b","c","d","e","f","g","h","i"]"#),
        ("classes", r#"["a","b","c","d","e","f","g","h","i","\u0007"]"#),
        ("mean", "[0.5,0.5,0.5]"),
        ("std", "[0.229]"),
        ("size", "9999"),
        ("size", ""),
        ("history", "null"),
        ("history", r#"[{"epoch":-1}]"#),
        ("epoch", "1"),
        ("epoch", "-0"),
        ("epoch", ""),
        ("fine_tuned_from", "resnet18"),
        ("fine_tuned_from", r#"{"name":"a","crc32":"0123456"}"#),
        ("fine_tuned_from", r#"{"name":"a\u0007","crc32":"01234567"}"#),
        ("fine_tuned_from", r#"{"name":"a"}"#),
        ("familiarity", ""),
        ("familiarity", "[]"),
        ("familiarity", r#"{"least":0.5}"#),
        ("familiarity", r#"{"least":0.5,"means":[[40000]]}"#),
    ] {
        let error = read(&with(&file, key, value)).unwrap_err();
        assert!(
            matches!(&error, FileError::Metadata { key: told, .. } if *told == key)
                || key == "classes",
            "{key}={value}: {error}"
        );
    }
}

#[test]
fn a_file_that_asks_for_a_giant_is_refused_before_it_is_built() {
    let giant = "layers=64,64,64,64,64,64&width=512&expansion=8&stem=1024,1024,1024";
    let error = read(&with(&network(SMALL), "config", giant)).unwrap_err();
    assert!(matches!(error, FileError::Weights(_)), "{error}");
}

#[test]
fn missing_extra_and_misshaped_tensors_are_named() {
    let file = network(SMALL);
    let name = "stages.1.0.convs.1.conv.weight".to_string();
    let mut changed = file.clone();
    let array = changed.weights.remove(&name).unwrap();
    let told = |changed: &ModelFile| read(&changed.write(Precision::F32).unwrap()).unwrap_err();
    assert_eq!(told(&changed), FileError::Weights(WeightsError::Missing(name.clone())));
    changed.weights.insert("stages.9.extra".into(), array.clone());
    changed.weights.insert(name.clone(), array.clone());
    assert_eq!(told(&changed), FileError::Weights(WeightsError::Extra("stages.9.extra".into())));
    changed.weights.remove("stages.9.extra");
    changed
        .weights
        .insert(name.clone(), Array { shape: vec![array.values.len()], values: array.values });
    assert!(matches!(
        told(&changed),
        FileError::Weights(WeightsError::Shape { name: told, .. }) if told == name
    ));
    let other = safetensors::write(
        &Metadata::new(),
        &[("embed".to_string(), Array { shape: vec![1], values: vec![0.0] })].into(),
        Precision::F32,
    );
    assert!(matches!(read(&other.unwrap()), Err(FileError::Unknown(_))));
    let mut broken = file.weights.clone();
    broken.get_mut("head.bias").unwrap().values[0] = f32::NAN;
    assert_eq!(
        ModelFile::new(file.config, file.info.classes, vec![], broken),
        Err(WeightsError::NotFinite("head.bias".into()))
    );
}

/// A stand-in for `safetensors.torch`, which Debian does not have.
const LOADER: &str = include_str!("../../../../../tests/browser/safetensors_torch.py");

fn python(folder: &Path, program: &str) -> std::process::Output {
    Command::new("/usr/bin/python3")
        .args(["-c", program])
        .current_dir(folder)
        .env("PYTHONPATH", folder)
        .output()
        .unwrap()
}

/// The generated snippet, run by PyTorch itself, gives our logits.
#[test]
fn pytorch_loads_the_file_with_the_snippet_and_agrees() {
    let folder = std::env::temp_dir().join(format!("resnette-snippet-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("safetensors")).unwrap();
    std::fs::write(folder.join("safetensors/__init__.py"), "").unwrap();
    std::fs::write(folder.join("safetensors/torch.py"), LOADER).unwrap();
    if !python(&folder, "import torch").status.success() {
        eprintln!("skipped: no PyTorch in /usr/bin/python3 (apt install python3-torch)");
        return;
    }
    let cases = [
        SMALL,
        "size=40&layers=2,1,1&block=basic&expansion=1&width=8&stem=4,8",
        "size=32&layers=1,1&block=plain&expansion=1&width=8&stem=4,8",
        "size=40&net=fcn&layers=&stem=4,8,8",
        "size=40&net=fcn&layers=2,1,1&block=basic&expansion=1&width=4&stem=",
        "size=32&layers=1,1&expansion=2&width=8&stem=4,8&head=fastai",
        "size=40&layers=1,1&block=basic&expansion=1&width=8&stem=4,8&act=mish",
        "size=32&layers=1,1&block=plain&expansion=1&width=8&stem=4,8&act=mish",
        "size=40&layers=2,2&block=basic&expansion=1&width=8&stem=4,8&cut=1.2,2.1",
        "size=40&layers=1,2&expansion=2&width=8&stem=4,8&act=mish&cut=2.1",
        "size=32&layers=1,1&expansion=2&width=24&stem=4,8&se=2",
        "size=32&layers=1&block=plain&expansion=1&width=8&stem=4,8&act=mish&se=16",
        "size=38&layers=1,1&expansion=2&width=8&stem=4,8&pool=blur",
        "size=40&layers=1,2&expansion=2&width=8&stem=4,8&act=mish&cut=2.1&se=2&pool=blur",
        "size=32&layers=2,1&block=basic&expansion=1&width=8&stem=4,8&sa=1",
        "size=32&layers=1,1&expansion=2&width=16&stem=4,8&groups=4",
        "size=32&layers=1,1&block=basic&expansion=1&width=8&stem=6&groups=4&se=2&sa=1",
        "size=32&layers=1,2,1,1,1&block=plain&expansion=1&width=4&stem=4&sa=1",
        "size=40&layers=2,1&expansion=2&width=8&stem=4,8&act=mish&cut=1.2,2.1&se=2&sa=1&pool=blur",
    ];
    let mut program = String::from("import json, math\n");
    let mut wanted = Vec::new();
    for (index, settings) in cases.iter().enumerate() {
        let file = network(settings);
        let name = format!("case{index}.safetensors");
        std::fs::write(folder.join(&name), file.write(Precision::F32).unwrap()).unwrap();
        let size = file.info.size as usize;
        wanted.push(logits(&file, 2, size));
        let (net, size_px, keep) = (&file.config.net, file.info.size, file.info.keep);
        program += &pytorch_snippet(net, 10, size_px, keep, &name);
        program += &format!(
            "x = torch.tensor([math.sin(i * .37) * 1.5 for i in range(2 * 3 * {size} * {size})])\
             .reshape(2, 3, {size}, {size})\n\
             with torch.no_grad(): print(json.dumps(net(x).flatten().tolist()))\n"
        );
    }
    let output = python(&folder, &program);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Vec<f32>> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for ((settings, ours), theirs) in cases.iter().zip(&wanted).zip(&answers) {
        let most = ours.iter().fold(0f32, |most, x| most.max(x.abs()));
        let gap = ours.iter().zip(theirs).fold(0f32, |gap, (a, b)| gap.max((a - b).abs()));
        assert!(
            ours.len() == theirs.len() && gap < 1e-4 * most.max(1.0),
            "{settings}: {gap} of {most}"
        );
    }
    std::fs::remove_dir_all(folder).unwrap();
}
