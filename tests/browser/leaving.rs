//! A page that is left in the middle of a run, and opened again.

use std::time::Duration;

use libtest_mimic::Completion;
use serde_json::json;

use crate::chrome::wait_for;
use crate::page::tiny_with;
use crate::runs::train_until;
use crate::stage::{Outcome, Stage};

/// Left by a link while it trains: the browser may put the page into its back/forward cache, where
/// it must not go on holding what the next visit needs to keep its run.
pub async fn a_page_that_comes_back_keeps_its_run(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    train_until(stage, &tiny_with("epochs=1000"), 2).await?;
    chrome.goto(&format!("{}manifest.webmanifest", stage.site.url())).await?;
    chrome.goto(&format!("{}#{}", stage.site.url(), tiny_with("epochs=2&seed=8"))).await?;
    wait_for("the page again", Duration::from_secs(30), async || {
        Ok(chrome.button("Train").await.ok())
    })
    .await?;
    stage.train(Duration::from_secs(60)).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let text = chrome.text().await?;
    assert!(!text.contains("another tab of this page"), "{text}");
    let storage = "
        const done = arguments[0];
        (async () => { await navigator.storage.getDirectory(); return true; })().then(done, () => done(false));";
    if chrome.client.execute_async(storage, Vec::new()).await? == json!(true) {
        assert!(!text.contains("not kept"), "{text}");
    }
    Ok(Completion::Completed)
}
