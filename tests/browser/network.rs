//! Pictures over a bad network: a busy server, a file that changes under the reader, a browser
//! without room.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::data::{CLASSES, PATIENCE, from_hub, hub};
use libtest_mimic::{Completion, Failed};
use serde_json::json;
use xtask::hub::{Faults, Hub};

use crate::chrome::wait_for;
use crate::fixtures::{Groups, Writing, jpeg, parquet};
use crate::page::tiny_with;
use crate::stage::{Outcome, Stage, scratch};

impl Stage {
    /// Waits until the run's bar says something like this.
    async fn bar_says(&self, words: &str) -> Result<(), Failed> {
        let script = "return document.querySelector('.status-more').textContent";
        wait_for(words, PATIENCE, async || {
            Ok(self
                .chrome
                .js(script)
                .await?
                .as_str()
                .is_some_and(|said| said.contains(words))
                .then_some(()))
        })
        .await
    }
}

/// A busy server is asked again when it wants to be, and the page says when; where that is too
/// long, it says so and stops.
pub async fn a_busy_server_is_waited_for(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let told = hub(
        "busy-told",
        Faults { busy: 1, retry_after: 4, expose_retry: true, ..Faults::default() },
    )?;
    stage.open(&from_hub(&told)).await?;
    chrome.click("Download").await?;
    stage.bar_says("the server is busy; asking again in 4 s").await?;
    stage.bar_says("asking again in 2 s").await?;
    assert_eq!(chrome.status().await?, "Loading pictures …");
    assert_eq!(told.log().len(), 1, "nothing is asked before the time: {:?}", told.log());
    stage.fingerprint().await?;
    assert!(!chrome.text().await?.contains("asking again"));

    // Hugging Face's time cannot be read by a page of another origin.
    let hidden = hub("busy-hidden", Faults { busy: 1, retry_after: 60, ..Faults::default() })?;
    stage.open(&from_hub(&hidden)).await?;
    chrome.click("Download").await?;
    stage.bar_says("asking again in 2 s").await?;
    stage.fingerprint().await?;

    let long = hub(
        "busy-long",
        Faults { busy: 9, retry_after: 500, expose_retry: true, ..Faults::default() },
    )?;
    stage.open(&from_hub(&long)).await?;
    chrome.click("Download").await?;
    let status = chrome.wait_status(PATIENCE, |status| status.starts_with("Failed")).await?;
    assert!(status.contains("429") && status.contains("try again in 500 seconds"), "{status}");

    // A date is as good as a number.
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(600));
    let dated = hub(
        "busy-dated",
        Faults { busy: 9, retry_at: Some(date), expose_retry: true, ..Faults::default() },
    )?;
    stage.open(&from_hub(&dated)).await?;
    chrome.click("Download").await?;
    let status = chrome.wait_status(PATIENCE, |status| status.starts_with("Failed")).await?;
    let told = status
        .split("try again in ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next()?.parse::<u32>().ok());
    assert!(told.is_some_and(|seconds| (400..=600).contains(&seconds)), "{status}");
    assert_eq!(dated.log().len(), 1, "nobody waits ten minutes: {:?}", dated.log());

    // Cancel ends the wait too.
    stage.open(&from_hub(&long)).await?;
    long.set_faults(Faults { busy: 9, retry_after: 25, expose_retry: true, ..Faults::default() });
    chrome.click("Download").await?;
    stage.bar_says("asking again in").await?;
    chrome.click("Cancel").await?;
    chrome.wait_status(Duration::from_secs(5), |status| status == "Ready").await?;
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// A connection that breaks is told, and the rest comes from where it broke off.
pub async fn a_lost_connection_is_told(stage: &Stage) -> Outcome {
    let lost = hub("lost", Faults { cuts: 4, cut_after: 2_000, ..Faults::default() })?;
    stage.open(&from_hub(&lost)).await?;
    stage.chrome.click("Download").await?;
    stage.bar_says("the connection was lost; going on in").await?;
    stage.fingerprint().await?;
    assert!(
        lost.log().iter().any(|asked| asked
            .range
            .as_deref()
            .is_some_and(|range| range.starts_with("bytes=2000-"))),
        "{:?}",
        lost.log()
    );
    stage.chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// Twelve pictures of each class in groups of two, so that a larger draw needs more of the file.
fn many_groups() -> Groups {
    let groups = CLASSES.iter().enumerate().flat_map(|(drawing, &(_, label))| {
        (0..6).map(move |group| {
            (0..2).map(|index| (Some(jpeg(drawing, group * 2 + index)), label)).collect()
        })
    });
    groups.collect()
}

/// The file is another one than the pieces that are kept of it: that is noticed, said, and mended
/// by the next download.
pub async fn a_changed_file_is_noticed(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let root = scratch("changed")?;
    let file = root.join("train/0000.parquet");
    fs::create_dir(root.join("train"))?;
    fs::create_dir(root.join("validation"))?;
    let old = parquet(&many_groups(), &Writing::default());
    fs::write(&file, &old)?;
    fs::write(root.join("validation/0000.parquet"), &old)?;
    let hub = Hub::start(&root, Faults::default()).map_err(|error| format!("{error:#}"))?;
    let settings = |train: u32| {
        tiny_with(&format!("source=url&data={}&train={train}&valid=2&view=data", hub.base()))
    };
    stage.open(&settings(2)).await?;
    chrome.click("Download").await?;
    let before = stage.fingerprint().await?;

    // As long as before: only the server's word for the version tells.
    fs::write(&file, &old)?;
    stage.open(&settings(12)).await?;
    chrome.click("Download").await?;
    let status = chrome.wait_status(PATIENCE, |status| status.starts_with("Failed")).await?;
    assert!(status.contains("has changed since its first part was loaded"), "{status}");
    assert!(chrome.text().await?.contains("What was loaded before is kept"));
    chrome.click("Download").await?;
    assert_ne!(stage.fingerprint().await?, before);
    chrome.nothing_panicked().await?;
    fs::remove_dir_all(root)?;
    Ok(Completion::Completed)
}

/// A browser that has no room keeps nothing, says so once, and the pictures are used all the same.
pub async fn no_room_is_told(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let hub = hub("room", Faults::default())?;
    stage.open(&from_hub(&hub)).await?;
    let origin = chrome.js("return location.origin").await?;
    chrome
        .cdp("Storage.overrideQuotaForOrigin", json!({ "origin": origin, "quotaSize": 2000 }))
        .await?;
    chrome.click("Download").await?;
    stage.fingerprint().await?;
    let problems = stage.problems().await?;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].starts_with("Keeping pictures for next time")
            && problems[0].contains("no room left"),
        "{problems:?}"
    );
    chrome.click("Train").await?;
    chrome.wait_status(PATIENCE, |status| status == "Done").await?;
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}
