//! The command line keeps what was trained, whatever ends it.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Instant, SystemTime};
use std::{env, fs};

use support::runs::{SETTINGS, ended, results, signal, start, unbroken, wait_for_epochs};
use support::{Folder, PROGRAM, refused, works};

#[cfg(unix)]
#[test]
fn a_run_that_is_told_to_stop_goes_on_to_the_same_bits() {
    let folder = Folder::new("stop");
    let wanted = unbroken(&folder);
    for name in ["-INT", "-TERM", "-HUP"] {
        let out = folder.file(name.trim_start_matches('-'));
        let mut child = start(&["train", SETTINGS, "--out", &out]);
        let rows = wait_for_epochs(&mut child, 1);
        signal(&child, name, 1);
        let (status, told) = ended(child);
        drop(rows);
        assert_eq!(status, Some(130), "{name}: {told}");
        assert!(told.contains("stopped and saved; go on with: resnette train --resume"), "{told}");
        works(&["train", "--resume", "--out", &out]);
        assert!(results(&out) == wanted, "{name}: another run");
    }
}

/// Kills runs at random moments, six of them or `RESNETTE_KILLS`; `RESNETTE_SEED` draws the same
/// moments again. At most the epoch under way is lost.
#[cfg(unix)]
#[test]
fn a_killed_run_loses_at_most_its_epoch() {
    let number = |name: &str| env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let seed = number("RESNETTE_SEED").unwrap_or(now.subsec_nanos().into());
    println!("RESNETTE_SEED={seed}");
    let folder = Folder::new("kill");
    let out = folder.file("unbroken");
    let mut child = start(&["train", SETTINGS, "--out", &out]);
    let rows = wait_for_epochs(&mut child, 0);
    let began = Instant::now();
    assert_eq!(ended(child).0, Some(0));
    let whole = began.elapsed();
    drop(rows);
    let wanted = results(&out);
    let (mut random, mut resumed, mut begun_anew) = (seed, 0, 0);
    for kill in 0..number("RESNETTE_KILLS").unwrap_or(6) {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // From before the first step to after the last.
        let moment = whole.mul_f64((random >> 40) as f64 / f64::from(1 << 24));
        let out = folder.file(&format!("kill-{kill}"));
        let mut child = start(&["train", SETTINGS, "--out", &out]);
        let rows = wait_for_epochs(&mut child, 0);
        sleep(moment);
        child.kill().unwrap();
        child.wait().unwrap();
        // The last epoch in the table may have been printed just before it was saved.
        let printed = rows.count();
        let saved = fs::read_to_string(Path::new(&out).join("history.csv")).unwrap_or_default();
        let saved = saved.lines().count().saturating_sub(1);
        assert!(saved + 1 >= printed, "{kill}: {saved} of {printed} epochs are kept");
        if Path::new(&out).join("run.resnette").exists() {
            works(&["train", "--resume", "--out", &out]);
            resumed += 1;
        } else {
            // Before its first epoch was complete: the same command starts over.
            works(&["train", SETTINGS, "--out", &out]);
            begun_anew += 1;
        }
        assert!(results(&out) == wanted, "{kill}: another run");
        let mut names = fs::read_dir(&out).unwrap().map(|file| file.unwrap().file_name());
        assert!(names.all(|name| !name.to_string_lossy().ends_with(".part")), "pieces are left");
    }
    println!("{resumed} runs were resumed, {begun_anew} had been killed before their first save");
}

#[test]
fn a_run_that_nobody_reads_is_kept_all_the_same() {
    let folder = Folder::new("head");
    let out = folder.file("out");
    let mut child = start(&["train", SETTINGS, "--out", &out]);
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert!(results(&out) == unbroken(&folder));
    // Not even what is printed beside the table.
    let deaf = folder.file("deaf");
    let mut child = start(&["train", SETTINGS, "--out", &deaf]);
    drop((child.stdout.take(), child.stderr.take()));
    assert!(child.wait().unwrap().success());
    assert!(results(&deaf) == results(&out));
    // A disk without room is no reader who has left.
    if cfg!(target_os = "linux") {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let told = Command::new(PROGRAM).arg("summary").stdout(full).output().unwrap();
        let reason = String::from_utf8_lossy(&told.stderr);
        assert!(
            !told.status.success() && reason.contains("the output cannot be written"),
            "{reason}"
        );
    }
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
