//! The command line, run as a program: a pretrained network predicts, is fine-tuned, and what comes
//! of it predicts.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;

use resnette_engine::model::safetensors;
use resnette_engine::model::safetensors::{Metadata, Precision};
use resnette_engine::model::weights::{Array, Weights};
use resnette_images::imagenet::imagenet_names;
use resnette_picture::classes::imagenette_names;
use resnette_picture::drawn;
use resnette_spec::architecture::Architecture;
use serde_json::Value;
use support::{Folder, refused, works};

const SETTINGS: &str =
    "#source=drawn&train=8&valid=4&size=32&bs=16&epochs=1&lr=0.01&augment=none&seed=7";

/// A residual network with torchvision's names and a thousand classes, one block a stage, of
/// pseudo-random weights.
fn pretrained() -> Weights {
    let architecture = Architecture::torchvision([1, 1, 1, 1], false, 1000);
    let mut state = 1u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let fill = |(name, shape): (String, Vec<usize>)| {
        let count: usize = shape.iter().product();
        let bound = (6.0 / shape[1..].iter().product::<usize>() as f32).sqrt();
        let values = match name.rsplit('.').next() {
            _ if shape.len() > 1 => (0..count).map(|_| bound * random()).collect(),
            Some("weight" | "running_var") => vec![1.0; count],
            _ => vec![0.0; count],
        };
        (name, Array { shape, values })
    };
    architecture.tensors().into_iter().map(fill).collect()
}

fn picture(path: &Path) {
    let drawn = drawn::draw(4, 1, 7, 96);
    image::RgbImage::from_raw(drawn.width, drawn.height, drawn.rgb).unwrap().save(path).unwrap();
}

fn classes(told: &str) -> Vec<(String, f64)> {
    let answer: Value = serde_json::from_str(told.trim()).unwrap();
    let classes = answer["predictions"].as_array().unwrap();
    classes
        .iter()
        .map(|class| {
            (class["class"].as_str().unwrap().into(), class["probability"].as_f64().unwrap())
        })
        .collect()
}

#[test]
fn a_pretrained_network_is_tuned_and_used() {
    let folder = Folder::new("tune");
    let (model, out, church) =
        (folder.file("pretrained.safetensors"), folder.file("out"), folder.file("church.png"));
    let weights = pretrained();
    fs::write(&model, safetensors::write(&Metadata::new(), &weights, Precision::F32).unwrap())
        .unwrap();
    picture(Path::new(&church));
    // At once, with ImageNet's names.
    let before = classes(&works(&["predict", "--json", "--model", &model, &church]));
    let mut names: Vec<String> = before.iter().map(|(name, _)| name.clone()).collect();
    let mut wanted = imagenet_names();
    names.sort();
    wanted.sort();
    assert_eq!(names, wanted);
    // An epoch with a frozen body, and one with all.
    let table = works(&["fine-tune", &model, SETTINGS, "--out", &out]);
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!((rows.len(), rows[0].split_whitespace().next()), (3, Some("epoch")), "{table}");
    let tuned = folder.file("out/model.safetensors");
    let found = safetensors::read(&fs::read(&tuned).unwrap()).unwrap().1;
    // fastai's head, whose layer after a norm has no bias.
    assert_eq!(
        (&found["fc.weight"].shape[..], &found["fc.hidden.linear.weight"].shape[..]),
        (&[10, 512][..], &[512, 1024][..])
    );
    assert!(!found.contains_key("fc.bias"));
    let program = fs::read_to_string(folder.file("out/load.py")).unwrap();
    assert!(program.contains("net.avgpool, net.fc = MaxAvgPool(), Head(512, 10)"), "{program}");
    // A linear one is torchvision's own, which needs no program.
    let (linear, plain) = (format!("{SETTINGS}&head=linear"), folder.file("plain"));
    works(&["fine-tune", &model, &linear, "--out", &plain]);
    let found_plain =
        safetensors::read(&fs::read(folder.file("plain/model.safetensors")).unwrap()).unwrap().1;
    assert_eq!(found_plain["fc.bias"].shape, [10]);
    assert!(!Path::new(&plain).join("load.py").exists());
    assert!(
        weights
            .iter()
            .filter(|(name, _)| !name.starts_with("fc."))
            .all(|(name, array)| found[name].shape == array.shape)
    );
    let after = classes(&works(&["predict", "--json", "--model", &tuned, &church]));
    assert!(
        after.iter().all(|(name, _)| imagenette_names().contains(name)) && after.len() == 10,
        "{after:?}"
    );
    assert!((after.iter().map(|(_, probability)| probability).sum::<f64>() - 1.0).abs() < 1e-4);
    let measured = works(&["evaluate", "--model", &tuned, SETTINGS]);
    assert!(measured.contains("| is \\ said to be | tench |"), "{measured}");
}

#[test]
fn what_is_no_such_network_is_refused_by_name() {
    let folder = Folder::new("refuse");
    let model = folder.file("model.safetensors");
    let refusal = |bytes: &[u8]| {
        fs::write(&model, bytes).unwrap();
        refused(&["fine-tune", &model, SETTINGS])
    };
    let write =
        |weights: &Weights| safetensors::write(&Metadata::new(), weights, Precision::F16).unwrap();
    let weights = pretrained();
    let whole = write(&weights);
    assert!(refusal(b"<!doctype html><title>404</title>").contains("this is a web page"));
    assert!(refusal(&whole[..whole.len() / 2]).contains("not as long as its header says"));
    let mut missing = weights.clone();
    missing.remove("layer4.0.bn2.bias");
    assert!(refusal(&write(&missing)).contains("layer4.0.bn2.bias"));
    let absent = refused(&["fine-tune", &folder.file("nothing.safetensors"), SETTINGS]);
    assert!(absent.contains("nothing.safetensors cannot be read"), "{absent}");
}

/// A state dict that PyTorch saved says neither the size of its pictures nor its activation. With
/// the link of its run it answers as the network's own file does.
#[test]
fn a_bare_state_dict_is_read_like_the_run_that_trained_it() {
    let folder = Folder::new("like");
    let (bare, out, church) =
        (folder.file("bare.safetensors"), folder.file("out"), folder.file("church.png"));
    picture(Path::new(&church));
    let link = format!("{SETTINGS}&layers=1&width=8&stem=8&act=mish");
    works(&["train", &link, "--out", &out]);
    let own = folder.file("out/model.safetensors");
    let (_, weights) = safetensors::read(&fs::read(&own).unwrap()).unwrap();
    fs::write(&bare, safetensors::write(&Metadata::new(), &weights, Precision::F32).unwrap())
        .unwrap();
    let probabilities = |model: &str, more: &[&str]| -> Vec<f64> {
        let command =
            [&["predict", "--json", "--model", model, church.as_str()][..], more].concat();
        classes(&works(&command)).into_iter().map(|(_, probability)| probability).collect()
    };
    let is_same = |one: &[f64], other: &[f64]| {
        one.len() == other.len() && one.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-6)
    };
    let wanted = probabilities(&own, &[]);
    assert_eq!(wanted.len(), 10);
    assert!(is_same(&probabilities(&bare, &["--like", link.as_str()]), &wanted));
    // The size of the pictures alone is not enough, and nothing at all is less.
    assert!(!is_same(&probabilities(&bare, &["--like", "#size=32"]), &wanted));
    assert!(!is_same(&probabilities(&bare, &[]), &wanted));
    // What a file says itself is not overruled.
    assert!(is_same(&probabilities(&own, &["--like", "#size=64&act=relu"]), &wanted));
    let told = refused(&["predict", "--model", &bare, "--like", "#act=swish", &church]);
    assert!(told.contains("--like #act=swish") && told.contains("act=swish was refused"), "{told}");
    let told = refused(&["lr-find", SETTINGS, "--like", &link]);
    assert!(told.contains("--model <MODEL>"), "{told}");
    for command in ["predict", "evaluate", "calibrate", "fine-tune", "lr-find"] {
        assert!(works(&[command, "--help"]).contains("--like <LINK>"), "{command}");
    }
}

#[test]
fn help_lists_every_setting_that_a_link_takes() {
    for command in
        ["train", "fine-tune", "lr-find", "evaluate", "export-pictures", "bench", "summary"]
    {
        let help = works(&[command, "--help"]);
        for setting in resnette_spec::SETTINGS {
            assert!(help.contains(&format!("\n  {}  [default: ", setting.key)), "{help}");
            assert!(help.contains(&setting.kind.bounds()), "{help}");
        }
    }
}

#[test]
fn data_says_what_is_made_of_a_folder() {
    let folder = Folder::new("data");
    for (path, count) in [
        ("test/train/cat", 6),
        ("test/train/dog", 6),
        ("test/val/cat", 2),
        ("test/val/dog", 2),
        ("test/test", 3),
    ] {
        fs::create_dir_all(Path::new(&folder.file(path))).unwrap();
        (0..count).for_each(|at| picture(&Path::new(&folder.file(path)).join(format!("{at}.png"))));
    }
    let place = folder.file("test");
    let told = |more: &[&str]| -> Value {
        let arguments = [&["data", &place, "--json"], more].concat();
        serde_json::from_str(works(&arguments).trim()).unwrap()
    };
    let counts = |told: &Value| -> Vec<(String, u64, u64)> {
        let classes = told["classes"].as_array().unwrap().iter();
        classes
            .map(|class| {
                let count = |part: &str| class[part].as_u64().unwrap();
                (class["name"].as_str().unwrap().into(), count("train"), count("valid"))
            })
            .collect()
    };
    let plain = told(&[]);
    assert_eq!(counts(&plain), [("cat".into(), 6, 2), ("dog".into(), 6, 2)]);
    assert_eq!(plain["split"]["valid"][0], "test/val");
    assert_eq!(
        (&plain["left_out"][0]["name"], &plain["left_out"][0]["pictures"]),
        (&"test/test".into(), &3.into())
    );
    assert_eq!(plain["fingerprint"].as_str().unwrap().len(), 16);
    let renamed = told(&["--rename", "dog=wolf", "--draw-validation"]);
    assert_eq!(counts(&renamed), [("cat".into(), 6, 2), ("wolf".into(), 6, 2)]);
    assert_eq!(renamed["split"]["kind"], "drawn");
    let text = works(&["data", &place]);
    assert!(text.contains("Trains: test/train. Validates: test/val."), "{text}");
    assert!(refused(&["data", &place, "--leave-out", "dog"]).contains("one class only (cat)"));
    // A JPEG that ends early is counted, and used where that is asked for.
    let early = include_bytes!("../../images/tests/data/cases/08-cut-at-half.jpg");
    fs::write(Path::new(&place).join("train/cat/early.jpg"), early).unwrap();
    let (without, with) = (told(&[]), told(&["--accept-cut"]));
    assert_eq!((&without["cut"], counts(&without)), (&1.into(), counts(&plain)));
    assert_eq!((&with["cut"], counts(&with)[0].1), (&1.into(), 7));
    fs::remove_file(Path::new(&place).join("train/cat/early.jpg")).unwrap();
    // Training takes the same corrections. The threads on which it computes decode the pictures
    // too.
    let settings = "#size=32&bs=4&epochs=1&layers=1&width=8&stem=8&seed=7&threads=2";
    let out = folder.file("out");
    works(&["train", settings, "--data", &place, "--rename", "dog=wolf", "--out", &out]);
    // The run brings them when it goes on, and takes no others.
    works(&["train", "#threads=3", "--resume", "--data", &place, "--out", &out]);
    let other =
        refused(&["train", "--resume", "--data", &place, "--rename", "dog=fox", "--out", &out]);
    assert!(other.contains("not the corrections"), "{other}");
    let model = folder.file("out/model.safetensors");
    let known =
        classes(&works(&["predict", "--json", "--model", &model, &folder.file("test/test/0.png")]));
    let mut known: Vec<String> = known.into_iter().map(|(name, _)| name).collect();
    known.sort();
    assert_eq!(known, ["cat", "wolf"]);
}
