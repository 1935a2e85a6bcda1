//! The command line keeps what was trained, whatever ends it.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use resnette_engine::model::safetensors;
use resnette_engine::model::weights::Weights;
use support::{Folder, PROGRAM, refused, works};

/// A run of a few seconds, with gradients that wait for a step when it is stopped.
const SETTINGS: &str = "#source=drawn&train=16&valid=4&size=32&bs=8&epochs=4&lr=0.01&\
                        layers=1&width=8&stem=8&accumulate=2&seed=3";

/// The results of a run that nothing interrupted: the table without times, and the weights.
fn unbroken(folder: &Folder) -> (Vec<String>, Weights) {
    let out = folder.file("unbroken");
    works(&["train", SETTINGS, "--out", &out]);
    results(&out)
}

fn results(out: &str) -> (Vec<String>, Weights) {
    let table = fs::read_to_string(Path::new(out).join("history.csv")).unwrap();
    let rows: Vec<String> =
        table.lines().map(|row| row.rsplit_once(',').unwrap().0.to_string()).collect();
    assert_eq!(rows.len(), 5, "{table}");
    let model = fs::read(Path::new(out).join("model.safetensors")).unwrap();
    (rows, safetensors::read(&model).unwrap().1)
}

fn start(out: &str) -> Child {
    let mut command = Command::new(PROGRAM);
    command.args(["train", SETTINGS, "--out", out]).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_run_that_is_told_to_stop_goes_on_to_the_same_bits() {
    let folder = Folder::new("stop");
    let wanted = unbroken(&folder);
    for name in ["-INT", "-TERM", "-HUP"] {
        let out = folder.file(name.trim_start_matches('-'));
        let mut child = start(&out);
        // The header of the table and one epoch.
        let mut rows = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(rows.next().is_some() && rows.next().is_some());
        signal(&child, name);
        let status = child.wait().unwrap();
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!(status.code(), Some(130), "{name}: {told}");
        assert!(told.contains("stopped and saved; go on with: resnette train --resume"), "{told}");
        works(&["train", "--resume", "--out", &out]);
        assert!(results(&out) == wanted, "{name}: another run");
    }
}

/// Kills a run at several moments. At most the epoch under way is lost.
fn killed(moments: u64) {
    let folder = Folder::new("kill");
    let wanted = unbroken(&folder);
    let mut resumed = 0;
    for moment in 0..moments {
        let out = folder.file(&format!("kill-{moment}"));
        let mut child = start(&out);
        sleep(Duration::from_millis(100 + moment * 3500 / moments));
        child.kill().unwrap();
        let mut table = String::new();
        child.stdout.take().unwrap().read_to_string(&mut table).unwrap();
        child.wait().unwrap();
        // The last epoch in the table may have been printed just before it was saved.
        let printed = table.lines().count().saturating_sub(1);
        let saved = fs::read_to_string(Path::new(&out).join("history.csv")).unwrap_or_default();
        let saved = saved.lines().count().saturating_sub(1);
        assert!(saved + 1 >= printed, "{moment}: {saved} of {printed} epochs are kept");
        if Path::new(&out).join("run.resnette").exists() {
            works(&["train", "--resume", "--out", &out]);
            assert!(results(&out) == wanted, "{moment}: another run");
            resumed += 1;
        }
    }
    assert!(resumed > 0, "no run was killed after an epoch");
}

#[cfg(unix)]
#[test]
fn a_killed_run_loses_at_most_its_epoch() {
    killed(6);
}

#[cfg(unix)]
#[test]
#[ignore = "takes minutes: a hundred runs are killed"]
fn a_hundred_killed_runs_lose_at_most_their_epochs() {
    killed(100);
}

#[test]
fn a_run_that_nobody_reads_is_kept_all_the_same() {
    let folder = Folder::new("head");
    let out = folder.file("out");
    let mut child = start(&out);
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert!(results(&out) == unbroken(&folder));
    // Not even what is printed beside the table.
    let deaf = folder.file("deaf");
    let mut child = start(&deaf);
    drop((child.stdout.take(), child.stderr.take()));
    assert!(child.wait().unwrap().success());
    assert!(results(&deaf) == results(&out));
    // And what only prints ends in silence.
    let mut child = Command::new(PROGRAM)
        .args(["summary", "#layers=6,6,6,6"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(child.wait().unwrap().success() && told.is_empty(), "{told}");
}

#[test]
fn a_folder_is_tried_before_the_first_step_and_no_run_is_replaced_unasked() {
    let folder = Folder::new("occupied");
    let out = folder.file("out");
    works(&["train", SETTINGS, "--out", &out]);
    let kept = results(&out);
    let told = refused(&["train", SETTINGS, "--out", &out]);
    assert!(told.contains("holds a run of 4 epochs already") && told.contains("--force"), "{told}");
    assert!(results(&out) == kept);
    works(&["train", SETTINGS, "--out", &out, "--force"]);
    // A complete run is complete, and other settings are not its settings.
    works(&["train", "--resume", "--out", &out]);
    assert!(results(&out) == kept);
    let told = refused(&["train", "#epochs=9", "--resume", "--out", &out]);
    assert!(told.contains("not the settings of the saved run"), "{told}");
    let told = refused(&["train", "--resume", "--out", &folder.file("nothing")]);
    assert!(told.contains("holds no run"), "{told}");
    let file = folder.file("file");
    fs::write(&file, "notes").unwrap();
    let told = refused(&["train", SETTINGS, "--out", &file]);
    assert!(told.contains("is no folder"), "{told}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "notes");
    fs::write(folder.file("out/run.resnette"), "a damaged run").unwrap();
    let told = refused(&["train", "--resume", "--out", &out]);
    assert!(told.contains("cannot be used"), "{told}");
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_not_written_through() {
    use std::os::unix::fs::symlink;

    let folder = Folder::new("links");
    fs::create_dir(folder.file("real")).unwrap();
    symlink(folder.file("real"), folder.file("link")).unwrap();
    let told = refused(&["train", SETTINGS, "--out", &folder.file("link")]);
    assert!(told.contains("is a link"), "{told}");
    fs::write(folder.file("precious"), "precious").unwrap();
    symlink(folder.file("precious"), folder.file("real/history.csv")).unwrap();
    let told = refused(&["train", SETTINGS, "--out", &folder.file("real"), "--force"]);
    assert!(told.contains("is no ordinary file"), "{told}");
    assert_eq!(fs::read_to_string(folder.file("precious")).unwrap(), "precious");
    let pipe = folder.file("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let told = refused(&["predict", "--model", &pipe, "picture.png"]);
    assert!(told.contains("is no ordinary file"), "{told}");
    let told = refused(&["train", SETTINGS, "--out", &pipe]);
    assert!(told.contains("is no folder"), "{told}");
}

/// A disk without room: the files of the results are kept elsewhere, and the message says where.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_loses_nothing() {
    let folder = Folder::new("full");
    let out = folder.file("out");
    // The most that a file may have, in blocks of 1,024 bytes: enough for the table, and too little
    // for the network.
    let script =
        format!("trap '' XFSZ; ulimit -f 2; exec {PROGRAM} train '{SETTINGS}' --out {out}");
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{told}");
    assert!(told.contains("the run is not saved after this epoch"), "{told}");
    assert!(told.contains("cannot be written"), "{told}");
    let table = fs::read_to_string(Path::new(&out).join("history.csv")).unwrap();
    assert_eq!(table.lines().count(), 5, "{table}");
    let rest = fs::read_dir(&out)
        .unwrap()
        .filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().ends_with(".part"));
    assert_eq!(rest.count(), 0, "pieces are left");
}
