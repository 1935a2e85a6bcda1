//! How the page starts, and what is said where it does not.

use std::fs;
use std::time::Duration;

use libtest_mimic::{Completion, Failed};
use resnette_static_host::Site;

use crate::chrome::{Browser, wait_for};
use crate::page::TINY;
use crate::sites::{Copy, copy};
use crate::stage::{Outcome, Stage, dist, scratch};

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

impl Stage {
    /// What stands in place of a page that did not start.
    async fn told(&self, url: &str) -> Result<String, Failed> {
        self.chrome.goto(url).await?;
        let note =
            "return document.querySelector('#first-paint [role=alert]')?.textContent ?? null";
        wait_for("what is said instead of the page", PATIENCE, async || {
            // A driver that waits for the page's end answers nothing yet.
            let told = self.chrome.js(note).await.ok();
            Ok(told.and_then(|told| told.as_str().map(str::to_owned)))
        })
        .await
    }
}

/// The page's module is cut short, as by a proxy that gave up.
pub async fn a_failed_start_is_told(stage: &Stage) -> Outcome {
    let site = Copy::with_cut_module("cut-module")?;
    let told = stage.told(&site.url()).await?;
    println!("{told}");
    assert!(told.contains("did not start") && told.contains("Reload"), "{told}");
    Ok(Completion::Completed)
}

/// The page's script answers with 404, as in the minutes in which a host changes its files.
pub async fn a_missing_script_is_told(stage: &Stage) -> Outcome {
    let site = Copy::without_script("no-script")?;
    let told = stage.told(&site.url()).await?;
    println!("{told}");
    assert!(told.contains("Reload"), "{told}");
    Ok(Completion::Completed)
}

/// A browser whose WebAssembly has no SIMD is told so, by name.
pub async fn an_old_browser_is_told(stage: &Stage) -> Outcome {
    let told = stage.told(&stage.site.url()).await?;
    println!("{told}");
    assert!(told.contains("SIMD") && told.contains("pdate"), "{told}");
    Ok(Completion::Completed)
}

/// A first visit downloads the page's module once, whatever a browser thinks of `preload`.
pub async fn the_module_is_fetched_once(stage: &Stage) -> Outcome {
    let folder = scratch("once")?;
    copy(&dist()?, &folder)?;
    // The service worker would fetch every file once more.
    fs::remove_file(folder.join("sw.js"))?;
    let site = Site { dist: folder.clone(), port: Some(0), ..Site::default() }
        .start()
        .map_err(|error| format!("{error:#}"))?;
    stage.open_at(&site.url(), TINY).await?;
    let fetched =
        |wanted: fn(&str) -> bool| site.log().iter().filter(|served| wanted(&served.path)).count();
    // WebKit's driver loses a navigation now and then, and the page is opened once more.
    let opened = fetched(|path| path == "/" || path.ends_with("index.html"));
    let modules = fetched(|path| path.starts_with("/page") && path.ends_with("_bg.wasm"));
    fs::remove_dir_all(folder)?;
    assert!(modules >= 1 && modules <= opened, "{modules} of {opened} visits");
    assert!(opened == 1 || stage.chrome.browser == Browser::WebKit, "{opened} visits");
    Ok(Completion::Completed)
}
