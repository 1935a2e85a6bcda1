//! What holds while a run is under way: the screen stays on, leaving asks first, the rate can be
//! changed, the background trains on.

use std::time::Duration;

use libtest_mimic::{Completion, Failed};
use serde_json::json;

use crate::chrome::{Chrome, wait_for};
use crate::page::tiny_with;
use crate::runs::train_until;
use crate::stage::{Outcome, Stage};

/// Whether leaving the page would ask first.
async fn asks_before_leaving(chrome: &Chrome) -> Result<bool, Failed> {
    let script = "
        const event = new Event('beforeunload', { cancelable: true });
        window.dispatchEvent(event);
        return event.defaultPrevented;";
    Ok(chrome.js(script).await? == json!(true))
}

/// The newest learning rate, as the chart's text alternative says it.
async fn rate(chrome: &Chrome) -> Result<f64, Failed> {
    let script = "return document.querySelector('svg[aria-label^=\"Learning rate by epoch, now \"]')?.getAttribute('aria-label')";
    wait_for("the rate", Duration::from_secs(20), async || {
        Ok(chrome
            .js(script)
            .await?
            .as_str()
            .and_then(|label| label.rsplit(' ').next()?.parse().ok()))
    })
    .await
}

/// The wake lock is taken and given back, leaving asks only during a run, and a change of the rate
/// counts from the next step on.
pub async fn a_run_is_guarded_and_steered(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    // A rate that stands for three quarters of a long run, with a network that takes its time.
    stage.open(&tiny_with("epochs=800&schedule=flat-cos&lr=0.002&size=64&width=32")).await?;
    let locks = "
        window.locks = [];
        navigator.wakeLock.request = async kind => {
            const lock = { kind, held: true, release: async () => { lock.held = false; } };
            window.locks.push(lock);
            return lock;
        };";
    chrome.js(locks).await?;
    assert!(!asks_before_leaving(chrome).await?, "nothing is under way");
    chrome.click("Train").await?;
    wait_for("a row", Duration::from_secs(120), async || {
        Ok((!chrome.epochs().await?.is_empty()).then_some(()))
    })
    .await?;
    assert!(asks_before_leaving(chrome).await?, "a run is under way");
    let held = "return window.locks.map(lock => [lock.kind, lock.held])";
    assert_eq!(chrome.js(held).await?, json!([["screen", true]]));
    for (button, wanted) in [("Learning rate × 3", 0.006), ("Learning rate ÷ 3", 0.002)] {
        chrome.click(button).await?;
        wait_for(button, Duration::from_secs(30), async || {
            Ok(((rate(chrome).await? / wanted - 1.0).abs() < 0.02).then_some(()))
        })
        .await?;
    }
    chrome.click("Stop").await?;
    chrome.wait_status(Duration::from_secs(20), |status| status.starts_with("Stopped")).await?;
    assert!(!asks_before_leaving(chrome).await?, "the run has ended");
    assert_eq!(chrome.js(held).await?, json!([["screen", false]]));
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Another tab is in front: this one is hidden, and its epochs go on.
pub async fn a_tab_in_the_background_trains_on(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    train_until(stage, &tiny_with("epochs=800"), 1).await?;
    let watch = "
        window.hiddenFor = 0;
        let since = null;
        document.addEventListener('visibilitychange', () => {
            if (document.hidden) since = performance.now();
            else if (since !== null) { window.hiddenFor += performance.now() - since; since = null; }
        });";
    chrome.js(watch).await?;
    let first = chrome.client.window().await?;
    let before = chrome.epochs().await?.len();
    let second = chrome.client.new_window(true).await?;
    chrome.client.switch_to_window(second.handle).await?;
    chrome.cdp("Page.bringToFront", json!({})).await?;
    tokio::time::sleep(Duration::from_secs(8)).await;
    chrome.client.switch_to_window(first).await?;
    let after = chrome.epochs().await?.len();
    chrome.cdp("Page.bringToFront", json!({})).await?;
    let hidden = wait_for("the tab in front again", Duration::from_secs(10), async || {
        Ok(chrome.js("return document.hidden ? null : window.hiddenFor").await?.as_f64())
    })
    .await?;
    println!("hidden for {hidden:.0} ms: epochs {before} to {after}");
    assert!(hidden > 4_000.0, "the tab was in the background for {hidden} ms");
    assert!(after >= before + 2, "{before} to {after}");
    assert!(chrome.status().await?.starts_with("Training"));
    Ok(Completion::Completed)
}
