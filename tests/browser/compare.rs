//! The table of all runs: what the book keeps doing, one thing changed and the curves laid over
//! each other.

use std::time::Duration;

use libtest_mimic::{Completion, Failed};
use serde_json::{Value, json};

use crate::chrome::{Chrome, wait_for};
use crate::page::tiny_with;
use crate::runs::download;
use crate::stage::{Outcome, Stage, screenshots};

const LIMIT: Duration = Duration::from_secs(120);

/// Names of the runs, newest first.
async fn names(chrome: &Chrome) -> Result<Vec<String>, Failed> {
    Ok(serde_json::from_value(
        chrome
            .js("return [...document.querySelectorAll('.run-name')].map(input => input.value)")
            .await?,
    )?)
}

/// Waits until the runs are these.
async fn wait_names(chrome: &Chrome, wanted: &[&str]) -> Result<(), Failed> {
    wait_for(&format!("{wanted:?}"), Duration::from_secs(20), async || {
        Ok((names(chrome).await? == wanted).then_some(()))
    })
    .await
}

/// Ticks or unticks a run.
async fn compare(chrome: &Chrome, name: &str) -> Result<(), Failed> {
    chrome
        .js_with(
            "document.querySelector(`[aria-label=\"Compare ${arguments[0]}\"]`).click()",
            vec![json!(name)],
        )
        .await
        .map(drop)
}

/// Two runs are compared, one is repeated with one setting changed, all are exported; names stay
/// after a reload, deleted ones do not.
pub async fn runs_are_compared_renamed_repeated_and_deleted(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    for settings in ["epochs=2", "epochs=2&lr=0.01"] {
        stage.open(&tiny_with(settings)).await?;
        stage.train(LIMIT).await?;
    }
    wait_names(chrome, &["Run 2", "Run 1"]).await?;
    let (_, rows) = chrome.table("Runs").await?;
    let last = chrome.epochs().await?[1].cells.clone();
    assert_eq!(
        rows[0][2..6],
        [&["2".to_string()], &last[1..4]].concat()[..],
        "the newest run's last row"
    );

    compare(chrome, "Run 1").await?;
    compare(chrome, "Run 2").await?;
    let (head, rows) = chrome.table("Settings that differ").await?;
    assert_eq!(
        (head, rows),
        (strings(&["setting", "Run 1", "Run 2"]), vec![strings(&["lr", "0.003", "0.01"])])
    );
    let overlay = "
        const svg = document.querySelector('svg[aria-label^=\"valid_loss of the selected runs\"]');
        return [svg.getAttribute('aria-label'), [...svg.querySelectorAll('.line-run')].map(line => line.getAttribute('d'))];";
    let (label, lines): (String, Vec<String>) = serde_json::from_value(chrome.js(overlay).await?)?;
    assert!(label.contains("Run 1 ") && label.contains("Run 2 "), "{label}");
    assert!(
        lines.len() == 2 && lines[0] != lines[1] && lines.iter().all(|line| line.starts_with('M')),
        "{lines:?}"
    );
    chrome.js("document.querySelector('.runs').scrollIntoView({ behavior: 'instant' })").await?;
    for scheme in ["light", "dark"] {
        chrome.prefer(scheme).await?;
        // Colours change over a moment.
        tokio::time::sleep(Duration::from_millis(300)).await;
        chrome.screenshot(&screenshots().join(format!("runs-{scheme}.png"))).await?;
    }

    compare(chrome, "Run 1").await?;
    let rename = "
        const input = document.querySelector('[aria-label=\"Name of Run 2\"]');
        input.value = 'A higher rate';
        input.dispatchEvent(new Event('change', { bubbles: true }));";
    chrome.js(rename).await?;
    wait_names(chrome, &["A higher rate", "Run 1"]).await?;
    // The experiment of the chapter: only the skip connections go.
    chrome.click("Repeat without skip connections").await?;
    wait_for("the third run", LIMIT, async || Ok((names(chrome).await?.len() == 3).then_some(())))
        .await?;
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    compare(chrome, "Run 3").await?;
    let (_, rows) = chrome.table("Settings that differ").await?;
    assert_eq!(rows, [strings(&["block", "bottleneck", "plain"])]);

    download(chrome, "Export all").await?;
    let text = chrome.js("return new TextDecoder().decode(window.kept)").await?;
    let exported: Vec<Value> = serde_json::from_str(text.as_str().unwrap_or_default())?;
    let told: Vec<_> = exported
        .iter()
        .map(|run| (run["name"].clone(), run["rows"].as_array().map_or(0, Vec::len)))
        .collect();
    assert_eq!(told, [(json!("Run 1"), 2), (json!("A higher rate"), 2), (json!("Run 3"), 2)]);

    chrome.click("Delete Run 1").await?;
    wait_names(chrome, &["Run 3", "A higher rate"]).await?;
    stage.open("view=train").await?;
    wait_names(chrome, &["Run 3", "A higher rate"]).await?;
    chrome.viewport(360, 740).await?;
    chrome.js("document.querySelector('.runs').scrollIntoView({ behavior: 'instant' })").await?;
    chrome.screenshot(&screenshots().join("runs-phone.png")).await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Each of two open tabs sees the other's runs and keeps its own.
pub async fn two_tabs_keep_each_others_runs(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("epochs=1")).await?;
    stage.train(LIMIT).await?;
    let first = chrome.client.window().await?;
    let second = chrome.client.new_window(true).await?.handle;
    chrome.client.switch_to_window(second.clone()).await?;
    stage.open(&tiny_with("epochs=1&seed=8")).await?;
    wait_names(chrome, &["Run 1"]).await?;
    stage.train(LIMIT).await?;
    wait_names(chrome, &["Run 2", "Run 1"]).await?;
    chrome.client.switch_to_window(first).await?;
    wait_names(chrome, &["Run 2", "Run 1"]).await?;
    chrome.click("Train").await?;
    wait_for("the third run", LIMIT, async || Ok((names(chrome).await?.len() == 3).then_some(())))
        .await?;
    chrome.client.switch_to_window(second).await?;
    wait_names(chrome, &["Run 3", "Run 2", "Run 1"]).await?;
    stage.open("view=train").await?;
    wait_names(chrome, &["Run 3", "Run 2", "Run 1"]).await?;
    Ok(Completion::Completed)
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_string()).collect()
}
