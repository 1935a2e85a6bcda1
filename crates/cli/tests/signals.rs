//! Signals: what is asked to stop saves and stops, once, and what is to go on goes on.
#![allow(clippy::unwrap_used)]
#![cfg(unix)]

mod support;

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use support::runs::{SETTINGS, ended, results, signal, start, unbroken, wait_for_epochs};
use support::{Folder, PROGRAM, works};

/// The shell and the system both tell of a closed terminal, and `timeout` tells a program and its
/// group.
#[test]
fn a_signal_that_comes_twice_is_one() {
    let folder = Folder::new("twice");
    let wanted = unbroken(&folder);
    for name in ["-HUP", "-TERM", "-INT"] {
        let out = folder.file(name.trim_start_matches('-'));
        let mut child = start(&["train", SETTINGS, "--out", &out]);
        let rows = wait_for_epochs(&mut child, 1);
        signal(&child, name, 3);
        let (status, told) = ended(child);
        drop(rows);
        assert_eq!(status, Some(130), "{name}: {told}");
        assert!(told.contains("stopped and saved"), "{name}: {told}");
        works(&["train", "--resume", "--out", &out]);
        assert!(results(&out) == wanted, "{name}: another run");
    }
}

/// What is ignored when the program starts, as `nohup` has it, stays ignored.
#[test]
fn under_nohup_a_run_goes_on() {
    let folder = Folder::new("nohup");
    let wanted = unbroken(&folder);
    let out = folder.file("out");
    let mut child = Command::new("nohup")
        .args([PROGRAM, "train", SETTINGS, "--out", &out])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let rows = wait_for_epochs(&mut child, 1);
    signal(&child, "-HUP", 2);
    let (status, told) = ended(child);
    drop(rows);
    assert_eq!(status, Some(0), "{told}");
    assert!(results(&out) == wanted);
    // It can still be ended.
    let out = folder.file("ended");
    let mut child = Command::new("nohup")
        .args([PROGRAM, "train", SETTINGS, "--out", &out])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let rows = wait_for_epochs(&mut child, 1);
    signal(&child, "-TERM", 1);
    let (status, told) = ended(child);
    drop(rows);
    assert!(status == Some(130) && told.contains("stopped and saved"), "{told}");
}

/// Before the first step there is nothing to save, and nobody waits until all pictures are made.
#[test]
fn a_signal_before_the_first_step_ends_at_once() {
    let folder = Folder::new("early");
    let out = folder.file("out");
    let settings = "#source=drawn&train=500&valid=4&size=96&layers=1&width=8&stem=8&bs=8";
    let child = start(&["train", settings, "--out", &out]);
    while fs::metadata(&out).is_err() {
        sleep(Duration::from_millis(5));
    }
    // The folder has been tried.
    sleep(Duration::from_millis(100));
    signal(&child, "-INT", 1);
    let (status, told) = ended(child);
    assert_eq!(status, Some(130), "{told}");
    assert!(!told.contains("steps an epoch"), "it waited for the pictures: {told}");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
}
