//! A page whose runs its class's host trains: it says so, has the table, and finds it again when it
//! comes back; a page outside of a class trains as ever.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Completion, Failed};
use resnette_class_host::ClassSite;
use resnette_host_engine::HostEngine;

use crate::chrome::{Chrome, wait_for};
use crate::page::tiny_with;
use crate::stage::{Outcome, Stage, dist, scratch};

const LIMIT: Duration = Duration::from_secs(120);

/// Waits until these words are on the page.
async fn wait_words(chrome: &Chrome, words: &str) -> Result<(), Failed> {
    wait_for(words, LIMIT, async || {
        let text = chrome.text().await?;
        Ok(text.contains(words).then_some(()))
    })
    .await
}

/// The run is on the host, where it stays while the page is elsewhere.
pub async fn a_page_trains_on_its_host_and_comes_back(stage: &Stage) -> Outcome {
    let engine = HostEngine::start(None, None).map_err(|error| error.to_string())?;
    let engine = Arc::new(engine);
    let site = ClassSite { dist: dist()?, port: Some(0), ..ClassSite::default() };
    let host = site.start_with(Some(engine.clone())).map_err(|error| format!("{error:#}"))?;
    let chrome = &stage.chrome;
    let link = |changes: &str| format!("{}&{}", host.join_link(), tiny_with(changes));

    chrome.goto(&link("epochs=2&backend=host")).await?;
    wait_words(chrome, "This run trains on the class’s host").await?;
    assert_eq!(engine.turns(), 0, "nothing is asked of the host before the reader does");
    chrome.click("Train").await?;
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    let rows = chrome.epochs().await?;
    assert_eq!(rows.len(), 2);
    assert!(engine.turns() > 0, "somebody else has trained");

    // Other settings than those of the run, which the page takes over from its seat.
    let back = link("epochs=5&backend=host");
    let (url, settings) = back.split_once('#').ok_or("the join link has no hash")?;
    stage.open_at(url, settings).await?;
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    let found = chrome.epochs().await?;
    let losses = |rows: &[crate::page::EpochRow]| -> Vec<f64> {
        rows.iter().map(|row| row.valid_loss).collect()
    };
    assert_eq!(losses(&found), losses(&rows));

    stage.open(&tiny_with("epochs=1&backend=host")).await?;
    wait_words(chrome, "backend=host needs a class’s link").await?;
    let before = engine.turns();
    chrome.click("Train").await?;
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    assert_eq!(engine.turns(), before, "this page knows no host");

    // A join link that is opened in a tab which has the page already.
    chrome.goto(&format!("{}#{}", host.url(), tiny_with("epochs=1"))).await?;
    let offers = "
        const options = [...document.querySelectorAll('#knob-backend option')];
        return options.length > 0 ? options.some(option => option.value === 'host') : null;";
    let offers = async |wanted: bool| {
        wait_for("the engines on offer", LIMIT, async || {
            Ok((chrome.js(offers).await? == wanted).then_some(()))
        })
        .await
    };
    offers(false).await?;
    let link = link("epochs=1");
    let hash = link.split_once('#').map(|(_, hash)| hash).unwrap_or_default();
    chrome.js_with("location.hash = arguments[0]", vec![hash.into()]).await?;
    offers(true).await?;
    Ok(Completion::Completed)
}

/// The host ends in the middle of a run and is started again with the same words: the page says
/// what is the matter meanwhile, and shows the run to its end, every epoch once.
pub async fn a_run_survives_its_host(stage: &Stage) -> Outcome {
    let folder = scratch("host-again")?;
    let start = |port: u16| -> Result<_, Failed> {
        let runs = folder.join("class.db-runs");
        let engine = HostEngine::start(None, Some(&runs)).map_err(|error| error.to_string())?;
        let keep = Some(folder.join("class.db"));
        let site = ClassSite { dist: dist()?, port: Some(port), keep, ..ClassSite::default() };
        let host = site.start_with(Some(Arc::new(engine)));
        Ok(host.map_err(|error| format!("{error:#}"))?)
    };
    let chrome = &stage.chrome;
    let host = start(0)?;
    let port =
        host.url().trim_end_matches('/').rsplit(':').next().and_then(|port| port.parse().ok());
    let port: u16 = port.ok_or("no port")?;
    let settings = tiny_with("epochs=150&backend=host");
    chrome.goto(&format!("{}&{settings}", host.join_link())).await?;
    wait_words(chrome, "This run trains on the class’s host").await?;
    chrome.click("Train").await?;
    wait_for("the first epochs", LIMIT, async || {
        Ok((chrome.epochs().await?.len() >= 2).then_some(()))
    })
    .await?;
    drop(host);
    wait_words(chrome, "is broken, and is being made again").await?;
    let host = start(port)?;
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    let rows = chrome.epochs().await?;
    let epochs: Vec<&str> = rows.iter().map(|row| row.cells[0].as_str()).collect();
    let expected: Vec<String> = (0..150).map(|epoch| epoch.to_string()).collect();
    assert_eq!(epochs, expected);
    assert!(!chrome.text().await?.contains("is being made again"));
    drop(host);
    fs::remove_dir_all(folder)?;
    Ok(Completion::Completed)
}
