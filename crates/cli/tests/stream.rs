//! `--stream`: a run whose pictures are read when they are needed is the run of the same link with
//! the pictures in memory. How much memory they take is counted in
//! `crates/images/tests/data/streamed.rs`.
#![allow(clippy::unwrap_used)]

mod support;

use support::runs::{SETTINGS, results};
use support::{Folder, refused, works};

#[test]
fn a_streamed_run_is_the_same_run() {
    let folder = Folder::new("stream");
    let (set, memory, streamed) =
        (folder.file("set"), folder.file("memory"), folder.file("streamed"));
    works(&["export-pictures", SETTINGS, "--out", &set]);
    works(&["train", SETTINGS, "--data", &set, "--out", &memory]);
    let stream = ["--stream", "--memory", "1"];
    works(&[&["train", SETTINGS, "--data", &set, "--out", &streamed][..], &stream].concat());
    assert!(results(&memory) == results(&streamed));
}

#[cfg(unix)]
#[test]
fn a_streamed_run_that_is_stopped_goes_on_with_pictures_in_memory() {
    use support::runs::{ended, signal, start, wait_for_epochs};

    let folder = Folder::new("stream-stop");
    let (set, whole, out) = (folder.file("set"), folder.file("whole"), folder.file("out"));
    works(&["export-pictures", SETTINGS, "--out", &set]);
    works(&["train", SETTINGS, "--data", &set, "--out", &whole]);
    let mut child = start(&["train", SETTINGS, "--data", &set, "--out", &out, "--stream"]);
    let rows = wait_for_epochs(&mut child, 1);
    signal(&child, "-INT", 1);
    let (status, told) = ended(child);
    drop(rows);
    assert_eq!(status, Some(130), "{told}");
    let command = told.rsplit("go on with: ").next().unwrap_or_default();
    assert!(command.contains("--resume") && command.contains(" --stream"), "{told}");
    works(&["train", "--resume", "--out", &out, "--data", &set]);
    assert!(results(&out) == results(&whole));
}

/// The epoch under way is saved too, and the run goes on to the same end once the pictures are
/// back.
#[cfg(unix)]
#[test]
fn a_run_whose_pictures_vanish_is_saved_where_it_stopped() {
    use std::fs;

    use support::runs::{ended, start, wait_for_epochs};

    // More pictures than fit into a megabyte, so that each epoch reads some again.
    let settings = &SETTINGS.replace("train=16", "train=24").replace("size=32", "size=128");
    let folder = Folder::new("stream-vanish");
    let (set, whole, out) = (folder.file("set"), folder.file("whole"), folder.file("out"));
    let away = folder.file("away");
    works(&["export-pictures", settings, "--out", &set]);
    works(&["train", settings, "--data", &set, "--out", &whole]);
    let stream = ["--data", &set, "--out", &out, "--stream", "--memory", "1"];
    let mut child = start(&[&["train", settings][..], &stream].concat());
    let rows = wait_for_epochs(&mut child, 1);
    fs::rename(&set, &away).unwrap();
    let (status, told) = ended(child);
    drop(rows);
    assert_eq!(status, Some(1), "{told}");
    assert!(told.contains("the run stopped and is saved"), "{told}");
    assert!(told.contains("--resume") && told.contains(" --stream --memory 1"), "{told}");
    fs::rename(&away, &set).unwrap();
    works(&[&["train", "--resume"][..], &stream].concat());
    assert!(results(&out) == results(&whole));
}

#[test]
fn streaming_needs_files() {
    let told = refused(&["train", "#source=drawn", "--stream"]);
    assert!(told.contains("--data"), "{told}");
    let told = refused(&["train", "#source=drawn", "--memory", "100"]);
    assert!(told.contains("--stream"), "{told}");
}
