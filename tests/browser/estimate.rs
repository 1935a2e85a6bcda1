//! How long Train would take, before it is pressed, and settings that fit into a lesson.

use std::time::Duration;

use libtest_mimic::{Completion, Failed};

use crate::chrome::{Chrome, wait_for};
use crate::learn::go;
use crate::page::tiny_with;
use crate::stage::{Outcome, Stage, screenshots};

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// What stands in the line below the status about the time of a run; empty if it says nothing.
async fn said(chrome: &Chrome) -> Result<String, Failed> {
    let line = chrome.js("return document.querySelector('.status-more').textContent").await?;
    let line = line.as_str().unwrap_or_default();
    let words = line.split(" · ").find(|words| words.starts_with("Train takes "));
    Ok(words.unwrap_or_default().to_owned())
}

async fn wait_said(chrome: &Chrome) -> Result<String, Failed> {
    wait_for("the time that Train takes", PATIENCE, async || {
        Ok(Some(said(chrome).await?).filter(|words| !words.is_empty()))
    })
    .await
}

/// Draws the pictures of these settings, which starts the engine, and opens Train.
async fn draw_and_open_train(stage: &Stage, settings: &str) -> Result<(), Failed> {
    let chrome = &stage.chrome;
    stage.open(&tiny_with(&format!("{settings}&view=data"))).await?;
    assert_eq!(said(chrome).await?, "", "no engine is up");
    chrome.click("Draw pictures").await?;
    let drawn =
        "return document.querySelector('[aria-label=\"Loaded pictures\"]') !== null || null";
    wait_for("the pictures", PATIENCE, async || {
        Ok(Some(chrome.js(drawn).await?).filter(|drawn| !drawn.is_null()))
    })
    .await?;
    go(chrome, "Train").await
}

/// The time is said where Train is open, without a press and without a live region; a run is none
/// the worse for it.
pub async fn the_time_is_said_before_train(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    draw_and_open_train(stage, "epochs=2").await?;
    let words = wait_said(chrome).await?;
    assert!(words.ends_with(" on this computer"), "{words}");
    assert_eq!(chrome.status().await?, "Ready");
    let spoken = "return document.querySelector('.status-more').closest('[aria-live=polite], [aria-live=assertive], [role=status]') !== null";
    assert_eq!(chrome.js(spoken).await?, false);
    let offer = "return document.querySelector('.lesson-offer') !== null";
    assert_eq!(chrome.js(offer).await?, false, "a few seconds are no trouble: {words}");
    chrome.screenshot(&screenshots().join("estimate.png")).await?;
    assert_eq!(stage.train(PATIENCE).await?.len(), 2);
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// A network that takes an hour gets an offer; a press sets the settings, the time falls, and Train
/// begins though the new settings are being measured.
pub async fn settings_that_fit_are_one_press_away(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let large = "size=64&width=64&layers=2,2,2,2&block=basic&stem=32,32,64&epochs=1000&train=40&valid=10&bs=64";
    draw_and_open_train(stage, large).await?;
    let before = wait_said(chrome).await?;
    let button = "return document.querySelector('.lesson-offer button')?.textContent ?? ''";
    let offered = wait_for("the offer", PATIENCE, async || {
        let text = chrome.js(button).await?.as_str().unwrap_or_default().to_owned();
        Ok((!text.is_empty()).then_some(text))
    })
    .await?;
    assert!(offered.starts_with("Use settings that take "), "{offered}");
    chrome.screenshot(&screenshots().join("estimate-offer.png")).await?;
    chrome.js("document.querySelector('.lesson-offer button').click()").await?;
    let hash = wait_for("fewer epochs in the address", PATIENCE, async || {
        let hash = chrome.js("return location.hash").await?.as_str().unwrap_or_default().to_owned();
        Ok((!hash.contains("epochs=1000&")).then_some(hash))
    })
    .await?;
    assert!(hash.contains("train=30&") && hash.contains("block=basic"), "{hash}");
    let after = said(chrome).await?;
    assert!(!after.is_empty() && after != before, "{before}, then {after}");
    assert!(!after.contains("hour") && !after.contains("day"), "{after}");
    println!("{before}; {offered}; then: {after}");
    chrome.click("Train").await?;
    chrome.wait_status(PATIENCE, |status| status.starts_with("Training epoch ")).await?;
    assert_eq!(said(chrome).await?, "", "not while a run is under way");
    chrome.click("Stop").await?;
    chrome.wait_status(PATIENCE, |status| status.starts_with("Stopped")).await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
