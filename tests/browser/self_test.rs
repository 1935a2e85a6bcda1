//! Both engines against PyTorch's numbers, in the browser.

use std::time::Duration;

use libtest_mimic::Completion;

use crate::chrome::wait_for;
use crate::page::tiny_with;
use crate::stage::{Outcome, Stage};

/// Presses the button and reads the verdict.
async fn check(stage: &Stage, backend: &str, limit: Duration) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with(&format!("backend={backend}"))).await?;
    chrome.unfold(".advanced").await?;
    chrome.unfold(".engine-check").await?;
    chrome.click("Check the engine").await?;
    let verdict = wait_for("the verdict", limit, async || {
        let words = chrome.js("return document.querySelector('.engine-words').textContent").await?;
        let words = words.as_str().unwrap_or_default().to_owned();
        Ok(words.starts_with("This engine computes").then_some(words))
    })
    .await?;
    println!("{backend}: {verdict}");
    assert!(verdict.contains("what PyTorch computes"), "{verdict}");
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

pub async fn the_cpu_engine_computes_right(stage: &Stage) -> Outcome {
    check(stage, "cpu", Duration::from_secs(120)).await
}

/// On SwiftShader, where a step takes seconds.
pub async fn the_webgpu_engine_computes_right(stage: &Stage) -> Outcome {
    check(stage, "webgpu", Duration::from_secs(600)).await?;
    let worker = stage
        .site
        .log()
        .iter()
        .any(|served| served.path.ends_with("/worker_gpu_bg.wasm") && served.status == 200);
    assert!(worker, "the WebGPU worker was fetched");
    Ok(Completion::Completed)
}
