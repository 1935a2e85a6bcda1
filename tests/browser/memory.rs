//! A gigabyte of archive passes through the tab, and the browser's memory hardly grows.

use std::collections::HashMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use libtest_mimic::{Completion, Failed};

use crate::fixtures::{jpeg, raw_entry};
use crate::page::tiny_with;
use crate::stage::{Outcome, Stage, scratch};

/// Length of each entry, with its header.
const ENTRY: usize = 1 << 20;
const ENTRIES: usize = 1024;
/// What may be needed above the pictures that are kept.
const ABOVE: u64 = 300_000_000;

/// Entries of a megabyte: a drawing, and behind its end what no decoder looks at.
fn write_gigabyte(file: &Path) -> Result<(), Failed> {
    let mut out = BufWriter::new(fs::File::create(file)?);
    let drawings: Vec<_> = (0..4).map(|class| jpeg(class, 1)).collect();
    for index in 0..ENTRIES {
        let mut picture = drawings[index % 4].clone();
        picture.resize(ENTRY - 512, 0x55);
        let name = format!("big/class {}/{index}.jpg", index % 4);
        out.write_all(&raw_entry(&name, tar::EntryType::Regular, picture.len() as u64, &picture))?;
    }
    // Two blocks of zeros end an archive.
    out.write_all(&[0; 1024])?;
    Ok(out.into_inner()?.sync_all()?)
}

/// A field of `/proc/PID/status` in bytes.
fn status(process: u32, field: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    value.trim().split(' ').next()?.parse().ok()
}

/// All processes below this one.
fn below(process: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let parents: HashMap<u32, u32> =
        all.filter_map(|child| Some((child, status(child, "PPid")? as u32))).collect();
    let is_below = |mut child: u32| {
        while let Some(&parent) = parents.get(&child) {
            if parent == process {
                return true;
            }
            child = parent;
        }
        false
    };
    parents.keys().copied().filter(|&child| is_below(child)).collect()
}

/// The archive is read in the worker, piece by piece; renderer, browser and all others are counted.
pub async fn a_gigabyte_streams_through(stage: &Stage) -> Outcome {
    if !Path::new("/proc/self/status").exists() {
        return Ok(Completion::ignored_with(
            "skipped: this system does not tell a process's memory",
        ));
    }
    let root = scratch("gigabyte")?;
    let file = root.join("big.tar");
    write_gigabyte(&file)?;
    stage.open(&tiny_with("view=data")).await?;
    // The engine is up before anything is measured.
    stage.chrome.click("Draw pictures").await?;
    stage.fingerprint().await?;
    let processes = below(stage.chrome.process());
    let before: HashMap<u32, u64> = processes
        .iter()
        .filter_map(|&process| Some((process, status(process, "VmRSS")? * 1024)))
        .collect();
    assert!(before.len() >= 3, "a browser has more processes than {processes:?}");
    for process in &processes {
        // Starts counting the peak again.
        fs::write(format!("/proc/{process}/clear_refs"), "5")?;
    }
    stage.choose("Open pictures or archives", &[file]).await?;
    crate::chrome::wait_for("the end of the archive", Duration::from_secs(300), async || {
        Ok(stage.chrome.text().await?.contains("Source: big.tar").then_some(()))
    })
    .await?;
    // The same few drawings come again and again.
    let problems = stage.problems().await?;
    let copies = "big.tar: all 16 validation pictures are training pictures too";
    assert!(problems.len() == 1 && problems[0].starts_with(copies), "{problems:?}");
    // The sum of each process's own peak: more than there ever was at once.
    let peaks = below(stage.chrome.process())
        .into_iter()
        .filter_map(|process| Some((process, status(process, "VmHWM")? * 1024)));
    let grown: u64 = peaks
        .map(|(process, peak)| {
            peak.saturating_sub(before.get(&process).copied().unwrap_or_default())
        })
        .sum();
    println!(
        "{} MB of archive, and the browser grew by {:.1} MB at most",
        ENTRY * ENTRIES / 1_000_000,
        grown as f64 / 1e6
    );
    // 48 drawings of 24 pixels are kept: next to nothing.
    assert!(grown < ABOVE, "{grown}");
    stage.chrome.nothing_panicked().await?;
    fs::remove_dir_all(root)?;
    Ok(Completion::Completed)
}
