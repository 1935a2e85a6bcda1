//! `SIGKILL` at any moment: of the page's process, of the GPU's, of the whole browser, and the end
//! of the worker alone. At most the epoch under way is lost, and **Continue** ends with the numbers
//! of the run that was left alone.
//!
//! A few moments each, drawn by `RESNETTE_SEED`; `RESNETTE_KILLS=100` tries as many of each.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use libtest_mimic::{Completion, Failed};
use resnette_static_host::Site;
use serde_json::json;

use crate::chance::Chance;
use crate::chrome::{Adapter, Chrome, wait_for};
use crate::page::{EpochRow, tiny_with};
use crate::runs::{BARE, figures, go_on};
use crate::stage::{Outcome, Stage, dist, scratch};

/// Long enough to be caught in the middle.
const LONG: &str = "epochs=10&train=60";
/// What a run may take, with other work on the machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// Of each kind, where the environment does not say.
const A_FEW: usize = 4;

/// What lies in the page's private file system, for whoever looks for a save that is not offered.
const FILES: &str = "
    const done = arguments[arguments.length - 1];
    const below = async folder => {
        const found = {};
        for await (const [name, it] of folder.entries()) {
            found[name] = it.kind === 'file' ? (await it.getFile()).size : await below(it);
        }
        return found;
    };
    navigator.storage.getDirectory().then(below).then(done, error => done(String(error)));";

fn moments() -> usize {
    env::var("RESNETTE_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(A_FEW)
}

/// What the tests of this file know of the run that was left alone.
struct Whole {
    rows: Vec<EpochRow>,
    /// From **Train** to the end, in milliseconds.
    millis: usize,
}

impl Whole {
    /// Trains it.
    async fn of(stage: &Stage) -> Result<Self, Failed> {
        stage.open(&tiny_with(LONG)).await?;
        let start = std::time::Instant::now();
        let rows = stage.train(PATIENCE).await?;
        Ok(Self { rows, millis: start.elapsed().as_millis() as usize })
    }
}

/// Starts a run and waits until a moment of it; answers with the number of rows that the page
/// showed last.
async fn train_for(stage: &Stage, millis: usize) -> Result<usize, Failed> {
    let chrome = &stage.chrome;
    stage.open(&tiny_with(LONG)).await?;
    // What an earlier moment saved must not be taken for this one's.
    let origin = chrome.js("return location.origin").await?;
    let kept = json!({ "origin": origin, "storageTypes": "file_systems,local_storage" });
    chrome.cdp("Storage.clearDataForOrigin", kept).await?;
    stage.open(&tiny_with(LONG)).await?;
    chrome.click("Train").await?;
    tokio::time::sleep(Duration::from_millis(millis as u64)).await;
    Ok(chrome.epochs().await?.len())
}

/// Continues what was saved, if an epoch can have been, and compares. Answers whether anything was
/// there to go on with.
async fn go_on_from(stage: &Stage, shown: usize, whole: &Whole) -> Result<bool, Failed> {
    let chrome = &stage.chrome;
    stage.open(BARE).await?;
    let saved = wait_for(
        "what was saved",
        Duration::from_secs(if shown > 1 { 30 } else { 3 }),
        async || {
            let text = chrome.text().await?;
            let done = text.contains("Show the last run");
            let at = text.split("Continue from epoch ").nth(1).and_then(|rest| {
                rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse::<usize>().ok()
            });
            Ok(if done { Some(whole.rows.len()) } else { at })
        },
    )
    .await;
    let Ok(saved) = saved else {
        // The last row that was shown may not have been saved yet.
        if shown > 1 {
            let files = chrome.client.execute_async(FILES, Vec::new()).await?;
            return Err(format!("{shown} epochs were shown, and nothing is kept; {files}").into());
        }
        return Ok(false);
    };
    assert!(saved + 1 >= shown, "{shown} epochs were shown, {saved} are kept");
    if saved == whole.rows.len() {
        chrome.click("Show the last run").await?;
        chrome.wait_status(PATIENCE, |status| status == "Done").await?;
    } else {
        go_on(chrome).await?;
    }
    assert_eq!(figures(&chrome.epochs().await?), figures(&whole.rows), "another run");
    Ok(true)
}

/// Processes of this browser whose command line has these words.
fn processes(chrome: &Chrome, words: &str) -> Vec<u32> {
    let mut family = vec![chrome.process()];
    let mut all: Vec<(u32, u32, String)> = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        // After the name in brackets: state, parent.
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1));
        let Some(parent) = parent.and_then(|parent| parent.parse().ok()) else { continue };
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        all.push((id, parent, String::from_utf8_lossy(&line).replace('\0', " ")));
    }
    let mut found = Vec::new();
    while let Some(parent) = family.pop() {
        for (id, _, line) in all.iter().filter(|(_, above, _)| *above == parent) {
            family.push(*id);
            if words.is_empty() || line.contains(words) {
                found.push(*id);
            }
        }
    }
    found
}

/// The time that a process has computed, in the system's ticks.
fn ticks(id: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|part| part.parse::<u64>().ok()).sum()
}

/// The process that computes most right now, or has computed most if none does. A page that the
/// tab has left may be kept in a process of its own, which has computed more altogether.
async fn busiest(chrome: &Chrome, words: &str) -> Option<u32> {
    let before: Vec<_> = processes(chrome, words).into_iter().map(|id| (id, ticks(id))).collect();
    tokio::time::sleep(Duration::from_millis(600)).await;
    let now = before.into_iter().map(|(id, before)| {
        let ticks = ticks(id);
        (ticks.saturating_sub(before), ticks, id)
    });
    now.max().map(|(_, _, id)| id)
}

/// Kills them; there must be one.
fn kill(processes: &[u32]) {
    assert!(!processes.is_empty(), "there is nothing to kill");
    for id in processes {
        // One may have gone with another.
        let _ = Command::new("kill").args(["-KILL", &id.to_string()]).status();
    }
}

/// Says which moment it was, so that a failure can be had again.
fn tell(what: &str, moment: usize, millis: usize, shown: usize, went_on: bool) {
    let end = if went_on { "went on to the same numbers" } else { "nothing was kept yet" };
    println!("{what} {moment}: killed after {millis} ms with {shown} rows; {end}");
}

/// The process that the page and its worker live in.
pub async fn of_the_page(stage: &Stage) -> Outcome {
    let whole = Whole::of(stage).await?;
    let (client, mut chance) = (&stage.chrome.client, Chance::from_environment("of_the_page"));
    let mut resumed = 0;
    for moment in 0..moments() {
        let millis = chance.below(whole.millis);
        let shown = train_for(stage, millis).await?;
        let page = busiest(&stage.chrome, "--type=renderer").await;
        // The driver can do nothing with a tab that has died.
        let spare = client.new_window(true).await?;
        kill(&page.into_iter().collect::<Vec<_>>());
        client.switch_to_window(spare.handle).await?;
        let went_on = go_on_from(stage, shown, &whole).await?;
        tell("page", moment, millis, shown, went_on);
        resumed += usize::from(went_on);
    }
    assert!(resumed > 0, "no run was killed after an epoch");
    Ok(Completion::Completed)
}

/// The worker alone, in silence: its end is no event. The reader opens the page again.
pub async fn of_the_worker(stage: &Stage) -> Outcome {
    let hook = "
        window.workers = [];
        const Original = Worker;
        window.Worker = class extends Original { constructor(...rest) { super(...rest); window.workers.push(this); } };";
    let chrome = &stage.chrome;
    chrome.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": hook })).await?;
    let whole = Whole::of(stage).await?;
    let mut chance = Chance::from_environment("of_the_worker");
    let mut resumed = 0;
    for moment in 0..moments() {
        let millis = chance.below(whole.millis);
        let shown = train_for(stage, millis).await?;
        chrome.js("window.workers.forEach(worker => worker.terminate())").await?;
        let went_on = go_on_from(stage, shown, &whole).await?;
        tell("worker", moment, millis, shown, went_on);
        resumed += usize::from(went_on);
    }
    assert!(resumed > 0, "no run was killed after an epoch");
    Ok(Completion::Completed)
}

/// The process that draws: the browser starts another, and the run on the CPU hears nothing of it.
pub async fn of_the_gpu_process(stage: &Stage) -> Outcome {
    let whole = Whole::of(stage).await?;
    let (chrome, mut chance) = (&stage.chrome, Chance::from_environment("of_the_gpu_process"));
    for moment in 0..moments() {
        let millis = chance.below(whole.millis);
        let shown = train_for(stage, millis).await?;
        // The next one has to be there before it can be killed.
        let killed = wait_for("a GPU process", PATIENCE, async || {
            let there = processes(chrome, "--type=gpu-process");
            Ok((!there.is_empty()).then_some(there))
        })
        .await?;
        kill(&killed);
        chrome.wait_status(PATIENCE, |status| status == "Done").await?;
        assert_eq!(figures(&chrome.epochs().await?), figures(&whole.rows), "another run");
        tell("GPU process", moment, millis, shown, true);
    }
    Ok(Completion::Completed)
}

/// Everything: the browser is started again with the same profile.
pub async fn of_the_browser(stage: &Stage) -> Outcome {
    let whole = Whole::of(stage).await?;
    let profile = Profile(scratch("killed-profile")?);
    let site = Site { dist: dist()?, port: Some(0), ..Site::default() }.start();
    let mut doomed =
        Stage { site: site.map_err(|error| format!("{error:#}"))?, chrome: profile.start().await? };
    let mut chance = Chance::from_environment("of_the_browser");
    let mut resumed = 0;
    for moment in 0..moments() {
        let millis = chance.below(whole.millis);
        let shown = train_for(&doomed, millis).await?;
        kill(&processes(&doomed.chrome, ""));
        let Stage { site, chrome } = doomed;
        // The driver has nobody to close.
        let _ = chrome.stop().await;
        doomed = Stage { site, chrome: profile.start().await? };
        let went_on = go_on_from(&doomed, shown, &whole).await?;
        tell("browser", moment, millis, shown, went_on);
        resumed += usize::from(went_on);
    }
    doomed.chrome.stop().await?;
    assert!(resumed > 0, "no run was killed after an epoch");
    Ok(Completion::Completed)
}

/// A profile's folder that outlives its browsers, and goes with the test.
struct Profile(PathBuf);

impl Profile {
    /// A browser with this profile: of two folders that are named the browser takes the last.
    async fn start(&self) -> Result<Chrome, Failed> {
        let folder = format!("--user-data-dir={}", self.0.display());
        Chrome::start_with(Adapter::Software, Some(folder)).await
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
