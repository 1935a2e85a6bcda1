//! What people's files really look like: the page and the command line make the same of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Completion, Failed};
use serde_json::Value;

use crate::chrome::wait_for;
use crate::data::{PATIENCE, write};
use crate::fixtures::folder;
use crate::native::native;
use crate::page::tiny_with;
use crate::stage::{Outcome, Stage, scratch};

/// How pictures are kept follows from their augmentation, so both are told the same one.
const SETTINGS: &str = "train=20&valid=10&size=32&seed=7&augment=none";

/// What came of opening files.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    /// Each class as `name: train, valid`.
    classes: Vec<String>,
    /// Empty if nothing was loaded.
    fingerprint: String,
    /// Each as `name: reason`.
    problems: BTreeSet<String>,
    /// Why nothing was loaded; empty if something was.
    refusal: String,
}

/// Archives and parquet files opened by themselves, and pictures in a folder of two classes.
pub async fn page_and_command_line_agree(stage: &Stage) -> Outcome {
    let Some(native) = native() else {
        return Ok(Completion::ignored_with("skipped: resnette is not built (cargo build)"));
    };
    let root = scratch("odd")?;
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/images/tests/data/cases");
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases");
    let mut opened: Vec<PathBuf> = Vec::new();
    for cases in [ours, shared] {
        let Ok(entries) = fs::read_dir(cases) else { continue };
        let mut files: Vec<PathBuf> =
            entries.filter_map(|entry| entry.ok()?.path().canonicalize().ok()).collect();
        files.sort();
        for file in files {
            let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            let is_seen = opened.iter().any(|other| other.ends_with(name) || *other == file);
            match ending {
                "tar" | "tgz" | "parquet" if !is_seen => opened.push(file),
                "jpg" | "webp" if !is_seen => {
                    let pets = root.join(name);
                    write(&pets, &folder("pets", &["cat", "dog"], 10))?;
                    fs::copy(&file, pets.join(format!("pets/cat/odd.{ending}")))?;
                    opened.push(pets);
                }
                _ => {}
            }
        }
    }
    assert!(opened.len() >= 9, "{opened:?}");
    let mut different = Vec::new();
    for place in &opened {
        let place = if place.is_dir() { place.join("pets") } else { place.clone() };
        let told = by_command_line(&native, &place)?;
        let shown = by_page(stage, &place).await?;
        if place.ends_with("17-arithmetic/pets") {
            // The browser decodes what Rust does not.
            assert_eq!((told.problems.len(), shown.problems.len()), (1, 0), "{told:?} {shown:?}");
            continue;
        }
        if told != shown {
            different.push(format!("{}\n{told:#?}\n{shown:#?}", place.display()));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n\n"));
    fs::remove_dir_all(root)?;
    Ok(Completion::Completed)
}

fn by_command_line(native: &Path, place: &Path) -> Result<Found, Failed> {
    let mut command = Command::new(native);
    command.arg("data").arg(place).args([&format!("#{SETTINGS}"), "--json"]);
    let told: Value = serde_json::from_slice(&command.output()?.stdout)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |key: &str| told[key].as_array().cloned().unwrap_or_default();
    Ok(Found {
        classes: list("classes")
            .iter()
            .map(|class| {
                format!("{}: {}, {}", text(&class["name"]), class["train"], class["valid"])
            })
            .collect(),
        fingerprint: text(&told["fingerprint"]),
        problems: list("problems")
            .iter()
            .map(|problem| format!("{}: {}", text(&problem["name"]), text(&problem["reason"])))
            .collect(),
        refusal: text(&told["refused"]),
    })
}

async fn by_page(stage: &Stage, place: &Path) -> Result<Found, Failed> {
    stage.open(&tiny_with(&format!("{SETTINGS}&source=files&view=data"))).await?;
    let input = if place.is_dir() { "Open a folder" } else { "Open pictures or archives" };
    stage.choose(input, &[place.to_path_buf()]).await?;
    let script = "
        const warning = document.querySelector('.warning p')?.innerText ?? '';
        const refusal = (warning.match(/^Loading failed: (.*)\\. What was loaded before is kept\\.$/s) ?? [])[1] ?? '';
        const fingerprint = (document.body.innerText.match(/Fingerprint ([0-9a-f]{16})/) ?? [])[1] ?? '';
        if (!refusal && !fingerprint) return null;
        const classes = [...document.querySelectorAll('section[aria-label=Classes] section')].map(section => {
            const counts = section.innerText.match(/(\\d+) train, (\\d+) valid/);
            return counts && `${section.querySelector('h3').innerText}: ${counts[1]}, ${counts[2]}`;
        }).filter(Boolean);
        const problems = [...document.querySelectorAll('ul[aria-label=Problems] li')].map(item => item.innerText);
        return { classes, fingerprint, problems, refusal };";
    let shown = wait_for("what came of the files", PATIENCE, async || {
        Ok(Some(stage.chrome.js(script).await?).filter(|shown| !shown.is_null()))
    })
    .await?;
    let list = |key: &str| -> Vec<String> {
        let items = shown[key].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item.as_str().unwrap_or_default().to_owned()).collect()
    };
    let text = |key: &str| shown[key].as_str().unwrap_or_default().to_owned();
    Ok(Found {
        classes: list("classes"),
        fingerprint: text("fingerprint"),
        problems: list("problems").into_iter().collect(),
        refusal: text("refusal"),
    })
}
