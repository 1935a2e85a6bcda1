//! What a test plays on: the built page on a server of its own, and a browser.

use std::any::Any;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, fs};

use futures::FutureExt;
use libtest_mimic::{Completion, Failed, Trial};
use resnette_static_host::{Running, Site};

use crate::chrome::{Browser, Chrome};
use crate::durations::Watch;
use crate::lanes::Lane;
use crate::table;

/// The server and the browser. The shared photos, where there are any, are at `/data/`.
pub struct Stage {
    pub site: Running,
    pub chrome: Chrome,
}

/// What a test comes to.
pub type Outcome = Result<Completion, Failed>;

/// A test that needs the page in Chromium.
pub fn on_stage<Test>(name: &'static str, test: Test) -> Trial
where
    Test: AsyncFn(&Stage) -> Outcome + Send + 'static,
{
    in_browser(Browser::Chromium, name, test)
}

/// A test that needs the page in this browser. What it came to is noted for the table.
pub fn in_browser<Test>(browser: Browser, name: &'static str, test: Test) -> Trial
where
    Test: AsyncFn(&Stage) -> Outcome + Send + 'static,
{
    let full = match browser {
        Browser::Chromium => name.to_owned(),
        _ => format!("{}::{name}", browser.prefix()),
    };
    Trial::ignorable_test(full.clone(), move || {
        let missing = browser.missing();
        if !missing.is_empty() && browser != Browser::Chromium {
            let reason = format!("skipped: {} is not there", missing.join(" and "));
            table::note(browser, name, None, &Ok(Completion::ignored_with(reason.clone())));
            return Ok(Completion::ignored_with(reason));
        }
        let _lane = Lane::enter(&full);
        let _watch = Watch::start(&full);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            for attempt in 1.. {
                let (outcome, version) = once(browser, &full, &test).await?;
                let failed = !matches!(outcome, Ok(Ok(_)));
                if failed && attempt < attempts(browser) {
                    let why = outcome.as_ref().ok().and_then(|outcome| outcome.as_ref().err());
                    let why = why.and_then(Failed::message).unwrap_or("it panicked");
                    eprintln!("{full} is tried again: {why}");
                    continue;
                }
                let outcome = match outcome {
                    Ok(outcome) => outcome,
                    Err(panic) => {
                        table::note(browser, name, Some(version), &Err("it panicked".into()));
                        resume_unwind(panic)
                    }
                };
                let outcome = outcome.or_else(|failed| driver_failed(browser, failed));
                table::note(browser, name, Some(version), &outcome);
                return outcome;
            }
            Err("no attempt was made".into())
        })
    })
}

/// A driver of WebKit's that loses a navigation may answer no command any more, so that its tests
/// have a second try.
fn attempts(browser: Browser) -> u32 {
    if browser == Browser::WebKit { 2 } else { 1 }
}

/// A failure of WebKit's driver, twice, says nothing of the page: the test is skipped by name.
fn driver_failed(browser: Browser, failed: Failed) -> Outcome {
    let why = failed.message().unwrap_or_default();
    // What a script threw, or a part of the page that is not there, is the page's fault.
    let is_pages = ["javascript error", "no such element"].iter().any(|what| why.contains(what));
    let is_drivers = why.starts_with("webdriver returned error") && !is_pages;
    if browser == Browser::WebKit && is_drivers {
        return Ok(Completion::ignored_with(format!(
            "skipped: WebKit's driver failed twice ({why})"
        )));
    }
    Err(failed)
}

/// What one attempt came to, or its panic, and the browser's version.
type Attempt = (Result<Outcome, Box<dyn Any + Send>>, String);

/// Longer than any test takes: WebKit's driver may never answer.
const WEBKITS_LIMIT: Duration = Duration::from_secs(420);

async fn once<Test>(browser: Browser, full: &str, test: &Test) -> Result<Attempt, Failed>
where
    Test: AsyncFn(&Stage) -> Outcome,
{
    let site = Site { dist: dist()?, data: shared_photos(), port: Some(0), ..Site::default() }
        .start()
        .map_err(|error| format!("{error:#}"))?;
    let stage = Stage { site, chrome: Chrome::start_browser(browser).await? };
    let version = stage.chrome.version();
    let tested = AssertUnwindSafe(test(&stage)).catch_unwind();
    let outcome = match browser {
        Browser::WebKit => tokio::time::timeout(WEBKITS_LIMIT, tested)
            .await
            .unwrap_or_else(|_| Ok(Err("webdriver returned error: no answer".into()))),
        _ => tested.await,
    };
    if !matches!(outcome, Ok(Ok(_))) {
        let why = outcome.as_ref().ok().and_then(|outcome| outcome.as_ref().err());
        let why = why.and_then(Failed::message).unwrap_or("it panicked").to_owned();
        let _ = tokio::time::timeout(Duration::from_secs(60), stage.tell(full, &why)).await;
    }
    let stopped = tokio::time::timeout(Duration::from_secs(60), stage.chrome.stop())
        .await
        .unwrap_or_else(|_| Err("webdriver returned error: the browser does not close".into()));
    let outcome = outcome.map(|outcome| outcome.and_then(|done| stopped.map(|()| done)));
    Ok((outcome, version))
}

impl Stage {
    /// Shows what the page showed when the test failed.
    async fn tell(&self, name: &str, why: &str) {
        let text = self.chrome.js("return document.body.innerText").await.ok();
        eprintln!(
            "\n---- {name}: {why}; the page says ----\n{}",
            text.as_ref().and_then(|text| text.as_str()).unwrap_or("(nothing)")
        );
        for (level, message) in self.chrome.console().await.unwrap_or_default() {
            eprintln!("console {level}: {message}");
        }
        let file = screenshots().join("failed").join(format!("{}.png", name.replace("::", "-")));
        if self.chrome.screenshot(&file).await.is_ok() {
            eprintln!("screenshot: {}", file.display());
        }
    }
}

/// The built page: `RESNETTE_DIST`, else `dist/` in the checkout.
pub fn dist() -> Result<PathBuf, Failed> {
    let dist = env::var_os("RESNETTE_DIST")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist"), PathBuf::from);
    if dist.join("index.html").is_file() {
        Ok(dist)
    } else {
        Err(format!("{} has no index.html; run cargo xtask build", dist.display()).into())
    }
}

/// Where the tests' pictures go: `RESNETTE_SCREENSHOTS`, else a temporary folder.
pub fn screenshots() -> PathBuf {
    env::var_os("RESNETTE_SCREENSHOTS")
        .map_or_else(|| env::temp_dir().join("resnette-screenshots"), PathBuf::from)
}

/// The folder of real photos that lies beside some checkouts (`../shared/imagenette`); they may be
/// used there but not committed.
pub fn shared_photos() -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(1);
    above
        .map(|folder| folder.join("shared/imagenette"))
        .find(|folder| folder.join("160px/train/0000.parquet").is_file())
}

/// A folder for a test's own files, empty at first. Tests run side by side, so each call gives
/// another one.
pub fn scratch(name: &str) -> Result<PathBuf, Failed> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = env::temp_dir().join(format!("resnette-{}-{number}-{name}", std::process::id()));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
