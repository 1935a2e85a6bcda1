//! One rule for every file that is written: nothing is replaced unasked, nothing is written
//! through, and what cannot be written to its place is kept elsewhere.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use resnette_engine::model::safetensors;
use support::runs::{SETTINGS, ended, results, signal, start, unbroken, wait_for_epochs};
use support::{Folder, PROGRAM, refused, works};

/// Every file that a run writes.
const NAMES: [&str; 6] = [
    "run.resnette",
    "history.csv",
    "model.safetensors",
    "model-f16.safetensors",
    "model.bpk",
    "load.py",
];

#[test]
fn no_file_is_replaced_unasked() {
    let folder = Folder::new("unasked");
    for name in NAMES {
        let out = folder.file(&format!("has-{name}"));
        fs::create_dir(&out).unwrap();
        let file = Path::new(&out).join(name);
        fs::write(&file, "precious").unwrap();
        let told = refused(&["train", SETTINGS, "--out", &out]);
        assert!(told.contains(name) && told.contains("which is kept"), "{told}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "precious", "{name}");
        // What cannot be trained replaces nothing either, even if it is to.
        let absent = folder.file("absent");
        refused(&["train", SETTINGS, "--data", &absent, "--out", &out, "--force"]);
        assert_eq!(fs::read_to_string(&file).unwrap(), "precious", "{name}");
    }
}

#[cfg(unix)]
#[test]
fn nothing_but_a_file_is_replaced_even_if_it_is_asked() {
    let folder = Folder::new("no-files");
    let precious = folder.file("precious");
    fs::write(&precious, "precious").unwrap();
    for name in NAMES {
        let out = folder.file(name);
        let target = Path::new(&out).join(name);
        let make: [&dyn Fn(); 4] = [
            &|| assert!(Command::new("mkfifo").arg(&target).status().unwrap().success()),
            &|| fs::create_dir(&target).unwrap(),
            &|| std::os::unix::fs::symlink(&precious, &target).unwrap(),
            &|| std::os::unix::fs::symlink("/dev/null", &target).unwrap(),
        ];
        for make in make {
            fs::create_dir(&out).unwrap();
            make();
            for force in [&[][..], &["--force"]] {
                let told = refused(&[&["train", SETTINGS, "--out", &out], force].concat());
                assert!(told.contains("is no ordinary file"), "{name}: {told}");
                assert!(!told.contains("steps an epoch"), "{name}: it was not tried before");
            }
            fs::remove_dir_all(&out).unwrap();
        }
    }
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
    // A slash at its end makes no folder of a link.
    fs::create_dir(folder.file("real")).unwrap();
    std::os::unix::fs::symlink(folder.file("real"), folder.file("link")).unwrap();
    for end in ["", "/", "//", "/."] {
        let told = refused(&["train", SETTINGS, "--out", &(folder.file("link") + end)]);
        assert!(told.contains("is a link"), "{end}: {told}");
    }
    assert_eq!(fs::read_dir(folder.file("real")).unwrap().count(), 0);
}

#[test]
fn a_record_is_written_by_the_same_rule() {
    let folder = Folder::new("record");
    let out = folder.file("out");
    works(&["train", SETTINGS, "--out", &out]);
    let model = folder.file("out/model.safetensors");
    let evaluate = |record: &str, more: &[&str]| -> Vec<String> {
        let arguments = ["evaluate", SETTINGS, "--model", &model, "--record", record];
        [&arguments[..], more].concat().iter().map(|text| (*text).to_owned()).collect()
    };
    let refusal = |record: &str, more: &[&str]| {
        let arguments = evaluate(record, more);
        refused(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let record = folder.file("record.json");
    fs::write(&record, "precious").unwrap();
    let told = refusal(&record, &[]);
    assert!(told.contains("is there already, and is kept"), "{told}");
    assert_eq!(fs::read_to_string(&record).unwrap(), "precious");
    assert!(refusal(&out, &["--force"]).contains("is no ordinary file"));
    assert!(refusal(&folder.file("new/"), &[]).contains("names a folder"));
    assert!(refusal(&folder.file("absent/new.json"), &[]).contains("cannot be written"));
    let arguments = evaluate(&record, &["--force"]);
    works(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(fs::read_to_string(&record).unwrap().contains("accuracy"));
}

/// The network in Burn's format says as much of itself as the others.
#[test]
fn every_model_file_brings_its_classes() {
    let folder = Folder::new("classes");
    let out = folder.file("out");
    works(&["train", SETTINGS, "--out", &out]);
    let measured = |name: &str| {
        works(&["evaluate", SETTINGS, "--model", &folder.file(&format!("out/{name}"))])
    };
    assert!(measured("model.bpk").contains("| tench |"));
    assert_eq!(measured("model.bpk"), measured("model.safetensors"));
}

#[cfg(unix)]
#[test]
fn two_processes_do_not_share_a_folder() {
    let folder = Folder::new("two");
    let wanted = unbroken(&folder);
    let out = folder.file("out");
    let mut child = start(&["train", SETTINGS, "--out", &out]);
    // The first is saved before the second is printed.
    let rows = wait_for_epochs(&mut child, 2);
    // It waits now until somebody asks it to go on.
    signal(&child, "-STOP", 1);
    for more in ["--force", "--resume"] {
        let told = refused(&["train", more, "--out", &out]);
        assert!(told.contains("is used by another resnette"), "{told}");
    }
    signal(&child, "-CONT", 1);
    let (status, told) = ended(child);
    drop(rows);
    assert_eq!(status, Some(0), "{told}");
    assert!(results(&out) == wanted);
}

/// As soon as the run that replaces another has begun, nobody can go on with the other.
#[test]
fn a_run_that_was_replaced_is_gone() {
    let folder = Folder::new("replaced");
    let wanted = unbroken(&folder);
    let out = folder.file("out");
    works(&["train", &SETTINGS.replace("seed=3", "seed=4"), "--out", &out]);
    let mut child = start(&["train", SETTINGS, "--out", &out, "--force"]);
    let rows = wait_for_epochs(&mut child, 0);
    child.kill().unwrap();
    child.wait().unwrap();
    drop(rows);
    let mut names: Vec<_> =
        fs::read_dir(&out).unwrap().map(|file| file.unwrap().file_name()).collect();
    // It may have been killed while it wrote one.
    names.retain(|name| !name.to_string_lossy().ends_with(".part"));
    names.sort();
    assert_eq!(names, ["history.csv", "run.resnette"]);
    works(&["train", "--resume", "--out", &out]);
    assert!(results(&out) == wanted, "the other run went on");
}

/// Nobody has to know on how many threads a run was begun.
#[test]
fn a_run_goes_on_with_other_threads() {
    let folder = Folder::new("threads");
    let wanted = unbroken(&folder);
    let out = folder.file("out");
    let mut child = start(&["train", &format!("{SETTINGS}&threads=3"), "--out", &out]);
    let rows = wait_for_epochs(&mut child, 1);
    signal(&child, "-INT", 1);
    assert_eq!(ended(child).0, Some(130));
    drop(rows);
    works(&["train", "#threads=1", "--resume", "--out", &out]);
    assert!(results(&out) == wanted);
    let told = refused(&["train", "#threads=2&seed=5", "--resume", "--out", &out]);
    assert!(told.contains("not the settings of the saved run"), "{told}");
}

/// The folder goes away under the run: what it does not take is kept in a folder of its own.
#[cfg(unix)]
#[test]
fn what_the_folder_does_not_take_is_kept_elsewhere() {
    let folder = Folder::new("rescue");
    let wanted = unbroken(&folder);
    let place = folder.file("temporary");
    fs::create_dir(&place).unwrap();
    for stop in [true, false] {
        let out = folder.file(&format!("out-{stop}"));
        let mut child = Command::new(PROGRAM)
            .args(["train", SETTINGS, "--out", &out])
            .env("TMPDIR", &place)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let rows = wait_for_epochs(&mut child, 1);
        signal(&child, "-STOP", 1);
        fs::rename(&out, folder.file(&format!("away-{stop}"))).unwrap();
        fs::write(&out, "a file").unwrap();
        if stop {
            signal(&child, "-INT", 1);
        }
        signal(&child, "-CONT", 1);
        let (status, told) = ended(child);
        drop(rows);
        assert_eq!(status, Some(1), "{told}");
        let rescue = told.split_whitespace().rfind(|word| word.starts_with(&place)).unwrap();
        assert!(told.contains("instead, which only you can open"), "{told}");
        works(&["train", "--resume", "--out", rescue]);
        assert!(results(rescue) == wanted, "stopped {stop}: another run");
        assert_eq!(fs::read_to_string(&out).unwrap(), "a file");
    }
}

/// A run whose file would not be opened again keeps its network, and says so before it begins.
#[cfg(unix)]
#[test]
fn a_run_too_large_to_be_kept_keeps_its_network() {
    let folder = Folder::new("large");
    let out = folder.file("out");
    let settings = "#source=drawn&train=2&valid=2&size=32&bs=2&accumulate=4&block=basic&\
                    expansion=1&width=100&layers=2,2,2,2&epochs=9";
    let mut child = start(&["train", settings, "--out", &out]);
    let rows = wait_for_epochs(&mut child, 0);
    signal(&child, "-INT", 1);
    let (status, told) = ended(child);
    drop(rows);
    assert_eq!(status, Some(130), "{told}");
    let before = told.find("model.safetensors is written in place of run.resnette").unwrap();
    assert!(before < told.find("the network as it is now is in").unwrap(), "{told}");
    assert!(told.contains("cannot be resumed"), "{told}");
    let model = fs::read(Path::new(&out).join("model.safetensors")).unwrap();
    assert!(!safetensors::read(&model).unwrap().1.is_empty());
    assert!(!Path::new(&out).join("run.resnette").exists());
}
