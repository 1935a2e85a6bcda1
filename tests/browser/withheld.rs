//! Browsers that refuse: each function that the page asks of one throws, rejects, hangs and is
//! missing, through a whole run. The run ends with the numbers of every other, Stop works, and the
//! page says what it could not keep.
//!
//! `RESNETTE_WITHHOLD=all` tries every function alone in every way (about twenty minutes);
//! `RESNETTE_WITHHOLD=Storage.getItem` those whose names have this in them. Otherwise families are
//! tried together, those that a search waits longest for alone, and some more, drawn by
//! `RESNETTE_SEED`.

use std::env;
use std::time::{Duration, Instant};

use libtest_mimic::{Completion, Failed};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::chrome::wait_for;
use crate::functions::{self, Beside, FUNCTIONS, Fate, Function, Way};
use crate::page::{TINY, tiny_with};
use crate::runs::{BARE, button_from, figures};
use crate::sites::Copy;
use crate::stage::{Outcome, Stage, dist};

/// What a run may take, with a browser that answers nothing.
const PATIENCE: Duration = Duration::from_secs(90);
/// What Stop may take then.
const STOP: Duration = Duration::from_secs(20);
/// How many functions are tried alone where not all are.
const ALONE: usize = 8;

/// Functions that refuse together.
struct Case {
    functions: Vec<&'static Function>,
    way: Way,
}

impl Case {
    fn alone(function: &'static Function, way: Way) -> Self {
        Self { functions: vec![function], way }
    }

    fn name(&self) -> String {
        let names: Vec<_> = self.functions.iter().map(|function| function.name).collect();
        format!("{} {}", names.join(", "), self.way.name())
    }

    fn fates(&self) -> impl Iterator<Item = Fate> {
        self.functions.iter().map(|function| function.fate(self.way))
    }

    fn beside(&self, beside: Beside) -> bool {
        self.functions.iter().any(|function| function.beside == beside)
    }
}

/// What is tried, by the environment.
fn cases() -> Vec<Case> {
    let wanted = env::var("RESNETTE_WITHHOLD").unwrap_or_default();
    let each = || {
        FUNCTIONS
            .iter()
            .flat_map(|function| Way::ALL.map(|way| Case::alone(function, way)))
            .collect::<Vec<_>>()
    };
    if !wanted.is_empty() {
        let named = |case: &Case| wanted == "all" || case.name().contains(&wanted);
        return each().into_iter().filter(named).collect();
    }
    let mut cases = Vec::new();
    for way in Way::ALL {
        // What goes on as ever, together; and what is not kept, together.
        let (harmless, others): (Vec<_>, Vec<_>) =
            FUNCTIONS.iter().partition(|function| function.fate(way) == Fate::Unharmed);
        let lost = others.into_iter().filter(|function| {
            !matches!(function.fate(way), Fate::NoRun(_) | Fate::NotFound(_))
                && function.beside == Beside::Nothing
        });
        cases.push(Case { functions: harmless, way });
        cases.push(Case { functions: lost.collect(), way });
    }
    // The search for saved runs waits longest for a file that is never read.
    let unread = FUNCTIONS.iter().filter(|it| matches!(it.fate(Way::Hangs), Fate::NotFound(_)));
    cases.extend(unread.map(|function| Case::alone(function, Way::Hangs)));
    let mut chance = Chance::from_environment("withheld");
    let mut all = each();
    for _ in 0..ALONE {
        cases.push(all.swap_remove(chance.below(all.len())));
    }
    cases
}

/// See the head of this file.
pub async fn every_function_in_every_way(stage: &Stage) -> Outcome {
    functions::check();
    let site = Copy::with_cpu_hook("withheld", &functions::in_worker())?;
    let settings = tiny_with("epochs=2");
    stage.open_at(&site.url(), &settings).await?;
    let whole = figures(&stage.train(PATIENCE).await?);
    assert_eq!(whole.len(), 2);
    let mut failures = Vec::new();
    let cases = cases();
    let tried = cases.len();
    for case in cases {
        let start = Instant::now();
        let outcome = one(stage, &site, &whole, &case).await;
        let word = if outcome.is_ok() { "as told" } else { "FAILED" };
        println!("{word} after {:.1} s: {}", start.elapsed().as_secs_f64(), case.name());
        if let Err(error) = outcome {
            let error = error.message().unwrap_or_default().to_owned();
            println!("    {error}");
            failures.push(format!("{}: {error}", case.name()));
        }
    }
    println!("{tried} cases");
    if failures.is_empty() {
        Ok(Completion::Completed)
    } else {
        Err(format!("{} of {tried} failed:\n{}", failures.len(), failures.join("\n")).into())
    }
}

/// An adapter that gives no device, in each way: the WebGPU engine says that it did not start, and
/// the CPU engine trains in the same page.
pub async fn a_gpu_without_a_device(stage: &Stage) -> Outcome {
    if !dist()?.join("worker_gpu.js").is_file() {
        return Ok(Completion::ignored_with("skipped: dist was built without the WebGPU worker"));
    }
    let (chrome, site) = (&stage.chrome, Copy::with_hook("device", &functions::in_worker())?);
    for way in Way::ALL {
        let script = functions::in_page(&[functions::DEVICE.refusal(way)]);
        let source = json!({ "source": script });
        let added = chrome.cdp("Page.addScriptToEvaluateOnNewDocument", source).await?;
        stage.open_at(&site.url(), &tiny_with("backend=webgpu")).await?;
        chrome.click("Train").await?;
        let told = |status: &str| status.starts_with("Failed") && status.contains("engine");
        let status = chrome.wait_status(PATIENCE, told).await?;
        println!("{}: {status}", way.name());
        stage.may_train().await?;
        chrome.js_with("location.hash = arguments[0]", vec![TINY.into()]).await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(stage.train(PATIENCE).await?.len(), 1, "{}", way.name());
        chrome.cdp("Page.removeScriptToEvaluateOnNewDocument", added).await?;
    }
    Ok(Completion::Completed)
}

/// A storage that refuses once, as after a crash, is asked again: the saved run is offered.
pub async fn a_storage_that_refuses_once(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(TINY).await?;
    stage.train(PATIENCE).await?;
    let script = "
        const real = StorageManager.prototype.getDirectory;
        let refused = false;
        StorageManager.prototype.getDirectory = function () {
            if (refused) return real.call(this);
            refused = true;
            return Promise.reject(new DOMException('busy', 'UnknownError'));
        };";
    chrome.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await?;
    stage.open(BARE).await?;
    wait_for("the saved run", Duration::from_secs(30), async || {
        Ok(chrome.text().await?.contains("Show the last run").then_some(()))
    })
    .await?;
    Ok(Completion::Completed)
}

/// A whole run in such a browser.
async fn one(stage: &Stage, site: &Copy, whole: &[Vec<String>], case: &Case) -> Result<(), Failed> {
    let chrome = &stage.chrome;
    chrome.client.goto("about:blank").await?;
    let origin = site.url().trim_end_matches('/').to_owned();
    let kept =
        json!({ "origin": origin, "storageTypes": "local_storage,file_systems,cache_storage" });
    chrome.cdp("Storage.clearDataForOrigin", kept).await?;
    let _ = chrome.console().await?;
    let refusals: Vec<Value> =
        case.functions.iter().map(|function| function.refusal(case.way)).collect();
    let script = json!({ "source": functions::in_page(&refusals) });
    let added = chrome.cdp("Page.addScriptToEvaluateOnNewDocument", script).await?;
    let tried = visit(stage, site, whole, case).await;
    let told = match &tried {
        Ok(()) => String::new(),
        Err(_) => chrome.status().await.unwrap_or_default(),
    };
    let clean = chrome.console_is_clean().await;
    chrome.cdp("Page.removeScriptToEvaluateOnNewDocument", added).await?;
    // The next case must not be asked whether this one's run may be left.
    chrome.client.goto("about:blank").await?;
    tried.map_err(|error| {
        Failed::from(format!("{} (status: {told:?})", error.message().unwrap_or_default()))
    })?;
    clean
}

async fn visit(
    stage: &Stage,
    site: &Copy,
    whole: &[Vec<String>],
    case: &Case,
) -> Result<(), Failed> {
    let chrome = &stage.chrome;
    let backend = if case.beside(Beside::Engine) { "auto" } else { "cpu" };
    let settings = |changes: &str| tiny_with(&format!("backend={backend}&{changes}"));
    if case.beside(Beside::Predict) {
        stage.open_at(&site.url(), &settings("view=predict")).await?;
        chrome.js("document.querySelector('button.sample').click()").await?;
        stage.says_what_it_must(case, Beside::Predict).await?;
    }
    stage.open_at(&site.url(), &settings("epochs=2")).await?;
    chrome.click("Train").await?;
    if let Some(Fate::NoRun(words)) = case.fates().find(|fate| matches!(fate, Fate::NoRun(_))) {
        let failed = |status: &str| status.starts_with("Failed") && status.contains(words);
        chrome.wait_status(PATIENCE, failed).await?;
        return stage.may_train().await;
    }
    chrome.wait_status(PATIENCE, |status| status == "Done").await?;
    same(&figures(&chrome.epochs().await?), whole)?;
    for (beside, button) in [(Beside::Clip, "Copy table"), (Beside::Save, "Save model")] {
        if case.beside(beside) {
            chrome.click(button).await?;
            stage.says_what_it_must(case, beside).await?;
        }
    }
    stage.says_what_it_must(case, Beside::Nothing).await?;
    stage.says_what_it_must(case, Beside::Engine).await?;
    stage.visits_every_place().await?;
    // A link pasted into the open page; then a run that is stopped.
    chrome
        .js_with("location.hash = arguments[0]", vec![settings("epochs=1000&train=40").into()])
        .await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    chrome.click("Train").await?;
    wait_for("two rows", PATIENCE, async || {
        let under_way = chrome.status().await?.starts_with("Training");
        Ok((under_way && chrome.epochs().await?.len() >= 2).then_some(()))
    })
    .await?;
    stage.says_that_it_is_not_kept(case).await?;
    chrome.click("Stop").await?;
    chrome.wait_status(STOP, |status| status.starts_with("Stopped")).await?;
    stage.may_train().await?;
    stage.open_at(&site.url(), BARE).await?;
    if case.fates().any(|fate| matches!(fate, Fate::NotKept(_))) {
        return Ok(());
    }
    match case.fates().find_map(|fate| match fate {
        Fate::NotFound(words) => Some(words),
        _ => None,
    }) {
        Some(words) => stage.says(words).await,
        None => button_from(chrome, "Continue").await.map(drop),
    }
}

fn same(found: &[Vec<String>], whole: &[Vec<String>]) -> Result<(), Failed> {
    if found == whole {
        Ok(())
    } else {
        Err(format!("another run: {found:?} and not {whole:?}").into())
    }
}

impl Stage {
    /// The words for what was tried are on the page.
    async fn says_what_it_must(&self, case: &Case, beside: Beside) -> Result<(), Failed> {
        for function in &case.functions {
            if function.beside == beside
                && let Fate::Told(words) = function.fate(case.way)
            {
                self.says(words).await?;
            }
        }
        Ok(())
    }

    /// While a run is under way that is not kept, the page says so.
    async fn says_that_it_is_not_kept(&self, case: &Case) -> Result<(), Failed> {
        for fate in case.fates() {
            if let Fate::NotKept(words) = fate {
                self.says(words).await?;
            }
        }
        Ok(())
    }

    async fn says(&self, words: &str) -> Result<(), Failed> {
        wait_for(words, Duration::from_secs(30), async || {
            Ok(self.chrome.text().await?.contains(words).then_some(()))
        })
        .await
    }

    /// **Train** can be pressed.
    pub async fn may_train(&self) -> Result<(), Failed> {
        wait_for("Train to be enabled", STOP, async || {
            let Ok(button) = self.chrome.button("Train").await else { return Ok(None) };
            Ok(button.is_enabled().await.unwrap_or(false).then_some(()))
        })
        .await
    }
}
