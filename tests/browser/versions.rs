//! A page and an engine of different builds, and a page of which a file is missing: each is noticed
//! and told, with a way out.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use libtest_mimic::{Completion, Failed};
use serde_json::Value;

use crate::chrome::wait_for;
use crate::page::{TINY, tiny_with};
use crate::sites::Copy;
use crate::stage::{Outcome, Stage};

/// What a worker of another build says: the same messages under another version.
const OTHER_VERSION: &str = "
    const post = self.postMessage.bind(self);
    self.postMessage = (message, moved) => post([message[0], '0123456789abcdef'], moved);
";

/// A page meets the engine of another build: it starts nothing with it, says so, and its button
/// loads the page again.
pub async fn an_engine_of_another_version_is_noticed(stage: &Stage) -> Outcome {
    let site = Copy::changed("other-engine", |folder| {
        let file = folder.join("worker_cpu.js");
        let script = fs::read_to_string(&file)?;
        Ok(fs::write(file, format!("{OTHER_VERSION}{script}"))?)
    })?;
    let chrome = &stage.chrome;
    stage.open_at(&site.url(), &tiny_with("threads=1")).await?;
    chrome.js("window.sameVisit = true").await?;
    chrome.click("Train").await?;
    let status =
        chrome.wait_status(Duration::from_secs(60), |status| status.starts_with("Failed")).await?;
    assert!(status.contains("another version") && status.contains("reload"), "{status}");
    let note = chrome.js("return document.querySelector('.update')?.innerText ?? ''").await?;
    assert!(note.as_str().is_some_and(|note| note.contains("updated since")), "{note}");
    chrome.nothing_panicked().await?;
    chrome.click("Reload").await?;
    wait_for("another visit", Duration::from_secs(30), async || {
        // In between there is no page to ask.
        let same = chrome.js("return window.sameVisit ?? false").await.unwrap_or(Value::Bool(true));
        Ok((same == false).then_some(()))
    })
    .await?;
    Ok(Completion::Completed)
}

/// An engine is started by a page of another build, or of one before there were versions: it says
/// so in its first message, with its version beside it, and does nothing else.
pub async fn a_page_of_another_version_is_noticed(stage: &Stage) -> Outcome {
    stage.open(TINY).await?;
    for query in ["", "?protocol=0123456789abcdef"] {
        let script = "
            const [query, done] = arguments;
            const worker = new Worker(`./worker_cpu.js${query}`, { type: 'module' });
            worker.onmessage = ({ data }) => {
                worker.terminate();
                done([new TextDecoder().decode(data[0]), data[1]]);
            };
            worker.onerror = event => done([`error: ${event.message}`, null]);";
        let answer = stage.chrome.client.execute_async(script, vec![query.into()]).await?;
        let (told, version) = (answer[0].as_str(), answer[1].as_str());
        assert!(told.is_some_and(|told| told.contains("different versions")), "{answer}");
        let version = version.ok_or("no version beside the message")?;
        assert!(version.len() == 16 && version.chars().all(|c| c.is_ascii_hexdigit()), "{version}");
    }
    Ok(Completion::Completed)
}

/// A file of the page with this beginning and end.
fn file(folder: &Path, start: &str, end: &str) -> Result<PathBuf, Failed> {
    let paths = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let fits = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let rest = name.as_deref().and_then(|name| name.strip_prefix(start)?.strip_suffix(end));
        // The hash and nothing else between the two.
        rest.is_some_and(|rest| !rest.contains('_'))
    };
    paths.filter(fits).last().ok_or_else(|| format!("no {start}…{end} in dist").into())
}

/// After an update a kept `index.html` may name a file that is gone, and a line may break in the
/// middle of one: `index.html` says so, whichever file it is.
pub async fn a_missing_or_cut_file_of_the_page_is_told(stage: &Stage) -> Outcome {
    for (start, end) in [("page-", ".js"), ("page-", "_bg.wasm")] {
        for cut in [false, true] {
            let name = format!("broken{}-{cut}", end.replace('.', "-"));
            let site = Copy::changed(&name, |folder| {
                let path = file(folder, start, end)?;
                for packed in ["gz", "br"] {
                    let _ = fs::remove_file(format!("{}.{packed}", path.display()));
                }
                if !cut {
                    return Ok(fs::remove_file(path)?);
                }
                let bytes = fs::read(&path)?;
                Ok(fs::write(&path, &bytes[..bytes.len() / 2])?)
            })?;
            stage.chrome.client.goto(&site.url()).await?;
            let told = wait_for("what index.html says", Duration::from_secs(25), async || {
                let line = "return document.querySelector('#first-paint [role=alert]')?.innerText";
                let text = stage.chrome.js(line).await?;
                Ok(text.as_str().map(str::to_owned))
            })
            .await?;
            println!("{start}…{end}, cut: {cut}: {told}");
            assert!(told.to_lowercase().contains("reload"), "{told}");
            assert!(!told.contains("still on its way"), "it was told as slow: {told}");
        }
    }
    Ok(Completion::Completed)
}

/// The licences of what is handed out are linked from the foot of the page and list the crates.
pub async fn licences_are_linked_from_the_foot(stage: &Stage) -> Outcome {
    stage.open(TINY).await?;
    let link = stage
        .chrome
        .js("return [...document.querySelectorAll('footer a')].find(a => a.textContent === 'Licences')?.href")
        .await?;
    let link = link.as_str().ok_or("no link called Licences in the foot")?.to_owned();
    stage.chrome.client.goto(&link).await?;
    let text = stage.chrome.js("return document.body.innerText").await?;
    let text = text.as_str().unwrap_or_default();
    for part in ["burn 0.22.1: ", "yew ", "Apache License", "sbom.cdx.json"] {
        assert!(text.contains(part), "no {part} in the licences");
    }
    Ok(Completion::Completed)
}
