//! The search for a learning rate on the page.

use std::time::Duration;

use libtest_mimic::{Completion, Failed};

use crate::chrome::{Chrome, wait_for};
use crate::page::tiny_with;
use crate::stage::{Outcome, Stage, screenshots};

/// What the search says of itself.
async fn words(chrome: &Chrome) -> Result<String, Failed> {
    Ok(chrome
        .js("return document.querySelector('.finder-words')?.textContent ?? ''")
        .await?
        .as_str()
        .unwrap_or_default()
        .to_owned())
}

async fn begin(stage: &Stage, settings: &str) -> Result<(), Failed> {
    stage.open(&tiny_with(settings)).await?;
    stage.chrome.unfold(".finder").await?;
    stage.chrome.click("Find learning rate").await
}

/// The curve is drawn, four rates are offered, a press on the first makes it the run's, and the run
/// can begin.
pub async fn a_suggestion_becomes_a_setting(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    begin(stage, "lr=0.00001").await?;
    let offers =
        "return [...document.querySelectorAll('.finder .chip')].map(chip => chip.textContent)";
    let offered = wait_for("suggestions", Duration::from_secs(180), async || {
        let texts: Vec<String> = serde_json::from_value(chrome.js(offers).await?)?;
        Ok((!texts.is_empty()).then_some(texts))
    })
    .await?;
    assert_eq!(offered.len(), 4, "{offered:?}");
    let valley =
        offered.iter().find(|offer| offer.ends_with("(valley)")).expect("the valley is offered");
    let rate: f64 = valley.split(' ').nth(1).and_then(|rate| rate.parse().ok()).expect("a rate");
    assert!((1e-6..1.0).contains(&rate), "{valley}");
    let chart = chrome
        .js("return document.querySelector('.finder .plot svg').getAttribute('aria-label')")
        .await?;
    assert!(
        chart.as_str().is_some_and(|label| label.starts_with("Loss by learning rate, valley at")),
        "{chart}"
    );
    chrome.screenshot(&screenshots().join("find-rate.png")).await?;
    chrome.click(valley).await?;
    let hash = wait_for("the new rate in the address", Duration::from_secs(10), async || {
        let hash = chrome.js("return location.hash").await?.as_str().unwrap_or_default().to_owned();
        Ok((!hash.contains("lr=0.00001&")).then_some(hash))
    })
    .await?;
    assert!(hash.contains(&format!("lr={rate}&")), "{hash}");
    assert_eq!(stage.train(Duration::from_secs(120)).await?.len(), 1);
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// “End the search” ends it within a step, and another can begin.
pub async fn a_search_can_be_ended(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    begin(stage, "size=64&width=32&bs=64&train=20").await?;
    wait_for("the first rate", Duration::from_secs(120), async || {
        Ok(words(chrome).await?.starts_with("Rate ").then_some(()))
    })
    .await?;
    chrome.click("End the search").await?;
    wait_for("the button to search again", Duration::from_secs(30), async || {
        Ok(chrome.button("Find learning rate").await.ok())
    })
    .await?;
    assert!(!words(chrome).await?.starts_with("Rate "));
    assert_eq!(chrome.status().await?, "Ready");
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
