//! `cargo xtask serve` shows the page while the WebGPU engine is still being built.

use std::fs;
use std::time::Duration;

use libtest_mimic::Completion;
use resnette_static_host::Site;
use xtask::stand_in;

use crate::chrome::wait_for;
use crate::page::tiny_with;
use crate::sites::copy;
use crate::stage::{Outcome, Stage, dist, scratch};

/// Kernels are compiled in software.
const WEBGPU_RUN: Duration = Duration::from_secs(300);

/// The page trains on the CPU before the WebGPU engine is there. A run on WebGPU waits for it, can
/// be stopped while it waits, and begins without a reload.
pub async fn the_page_is_there_before_the_webgpu_engine(stage: &Stage) -> Outcome {
    let folder = scratch("stand-in")?;
    copy(&dist()?, &folder)?;
    let built = folder.join("built");
    fs::create_dir_all(&built)?;
    for file in ["worker_gpu_bg.wasm", "worker_gpu_glue.js"] {
        fs::rename(folder.join(file), built.join(file))?;
    }
    stand_in::place(&folder, "worker_gpu").map_err(|error| format!("{error:#}"))?;
    xtask::offline::write_service_worker(&folder).map_err(|error| format!("{error:#}"))?;
    let site = Site { dist: folder.clone(), port: Some(0), ..Site::default() };
    let site = site.start().map_err(|error| format!("{error:#}"))?;
    let chrome = &stage.chrome;

    stage.open_at(&site.url(), &tiny_with("epochs=1&backend=cpu")).await?;
    stage.train(Duration::from_secs(120)).await?;
    chrome.js("window.sameVisit = true").await?;
    chrome.js(&format!("location.hash = '{}'", tiny_with("epochs=1&backend=webgpu"))).await?;
    let note = async || {
        let text = chrome
            .js("return document.querySelector('[aria-label=\"About the engine\"]')?.innerText ?? null")
            .await?;
        Ok(text.as_str().map(str::to_owned))
    };
    chrome.click("Train").await?;
    let told = wait_for("the note on the engine", Duration::from_secs(30), note).await?;
    assert!(told.contains("still being built"), "{told}");
    chrome.click("Stop").await?;
    chrome.wait_status(Duration::from_secs(10), |status| status == "Stopped").await?;
    chrome.click("Train").await?;
    wait_for("the note again", Duration::from_secs(30), note).await?;
    stand_in::replace(&folder, "worker_gpu", &built).map_err(|error| format!("{error:#}"))?;
    chrome.wait_status(WEBGPU_RUN, |status| status == "Done").await?;
    assert_eq!(note().await?, None, "the note is gone");
    assert_eq!(chrome.js("return window.sameVisit").await?, true, "the page was loaded again");

    drop(site);
    fs::remove_dir_all(folder)?;
    Ok(Completion::Completed)
}
