//! What a visitor need not take on trust: the page asks nobody but its own host, runs nothing but its own scripts, and is there
//! without a network the next time.

use std::fs;
use std::time::Duration;

use libtest_mimic::{Completion, Failed};
use serde_json::{Value, json};
use xtask::serve::Site;

use crate::chrome::wait_for;
use crate::page::tiny_with;
use crate::sites::copy;
use crate::stage::{Outcome, Stage, dist, scratch};

const VIEWS: [&str; 4] = ["data", "train", "predict", "learn"];

/// Through every place with the settings that a first visitor has: each request goes to the page's own host, and the policy breaks nothing.
pub async fn nobody_else_is_asked(stage: &Stage) -> Outcome {
    let own = stage.site.url();
    for view in VIEWS {
        visit(stage, &own, &format!("view={view}")).await?;
        // The service worker registers after a second.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let asked = stage.chrome.js("return performance.getEntriesByType('resource').map(entry => entry.name)").await?;
        let asked: Vec<String> = serde_json::from_value(asked)?;
        assert!(asked.iter().any(|address| address.ends_with("_bg.wasm")), "{view}: the requests are seen: {asked:?}");
        let strange: Vec<_> = asked.iter().filter(|address| !address.starts_with(&own) && !address.starts_with("blob:")).collect();
        assert!(strange.is_empty(), "{view} asked {strange:?}");
        stage.chrome.console_is_clean().await?;
    }
    Ok(Completion::Completed)
}

/// A script that is not of the build does not run, wherever it would come from, and the page talks to no other host.
pub async fn foreign_scripts_do_not_run(stage: &Stage) -> Outcome {
    stage.open("view=train").await?;
    let elsewhere = Site { dist: with_script()?, data: None, port: Some(0) }.start().map_err(|error| format!("{error:#}"))?;
    stage
        .chrome
        .js_with(
            "
            const add = (fill) => { const script = document.createElement('script'); fill(script); document.head.append(script); };
            add((script) => { script.textContent = 'window.ranInline = true'; });
            add((script) => { script.src = arguments[0] + 'evil.js'; });
            document.body.setAttribute('onclick', 'window.ranAttribute = true');
            document.body.click();
            // Later, since what the driver itself runs is above the policy.
            setTimeout(() => { try { window.evaluated = (0, eval)('1'); } catch { window.evaluated = 'refused'; } });",
            vec![json!(elsewhere.url())],
        )
        .await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(stage.chrome.js("return window.evaluated").await?, json!("refused"));
    let ran = stage.chrome.js("return [window.ranInline, window.ranAttribute, window.ranForeign].map(Boolean)").await?;
    assert_eq!(ran, json!([false, false, false]));
    let posted = "
        const done = arguments[arguments.length - 1];
        fetch(arguments[0] + 'evil.js').then(() => done('sent'), () => done('refused'));";
    let posted = stage.chrome.client.execute_async(posted, vec![json!(elsewhere.url())]).await?;
    assert_eq!(posted, json!("refused"));
    assert!(elsewhere.log().is_empty(), "{:?}", elsewhere.log());
    Ok(Completion::Completed)
}

/// The second visit needs no server: the page opens, trains the drawn set and shows the lesson.
pub async fn the_second_visit_needs_no_network(stage: &Stage) -> Outcome {
    let site = Site { dist: dist()?, data: None, port: Some(0) }.start().map_err(|error| format!("{error:#}"))?;
    let url = site.url();
    stage.open_at(&url, &tiny_with("")).await?;
    kept(stage).await?;
    // The engine is kept when it is first used.
    stage.open_at(&url, &tiny_with("")).await?;
    stage.train(Duration::from_secs(120)).await?;
    drop(site);
    for view in VIEWS {
        visit(stage, &url, &tiny_with(&format!("view={view}"))).await?;
    }
    stage.open_at(&url, &tiny_with("")).await?;
    let rows = stage.train(Duration::from_secs(120)).await?;
    assert_eq!(rows.len(), 1);
    Ok(Completion::Completed)
}

/// A newer build on the server: the page of the old one says so, and changes over as a whole when told to.
pub async fn a_newer_version_is_announced(stage: &Stage) -> Outcome {
    let folder = scratch("versions")?;
    copy(&dist()?, &folder)?;
    let site = Site { dist: folder.clone(), data: None, port: Some(0) }.start().map_err(|error| format!("{error:#}"))?;
    stage.open_at(&site.url(), "view=train").await?;
    kept(stage).await?;
    // The same page under another title, with the service worker that its build would have written.
    let html = fs::read_to_string(folder.join("index.html"))?;
    fs::write(folder.join("index.html"), html.replace("</title>", " 2</title>"))?;
    xtask::offline::write_service_worker(&folder).map_err(|error| format!("{error:#}"))?;
    stage.open_at(&site.url(), "view=train").await?;
    let title =
        async || Ok::<_, Failed>(stage.chrome.js("return document.documentElement.innerHTML.includes(' 2</title>') || null").await?);
    assert!(title().await?.is_null(), "the first answer is the old version, whole");
    wait_for("the notice", Duration::from_secs(30), async || Ok(stage.chrome.button("Reload").await.ok())).await?;
    stage.chrome.click("Reload").await?;
    let version = "return fetch('./index.html').then(answer => answer.text()).then(html => html.includes(' 2</title>') || null)";
    wait_for("the newer version", Duration::from_secs(30), async || {
        Ok(stage.chrome.js(version).await.ok().filter(|answer| !answer.is_null()))
    })
    .await?;
    fs::remove_dir_all(folder)?;
    Ok(Completion::Completed)
}

/// The manifest names icons that are there, in the sizes that it promises.
pub async fn the_page_can_be_installed(stage: &Stage) -> Outcome {
    stage.open("view=train").await?;
    let script = "
        const done = arguments[arguments.length - 1];
        (async () => {
            const link = document.querySelector('link[rel=manifest]').href;
            const manifest = await (await fetch(link)).json();
            const sizes = await Promise.all(manifest.icons.map(async icon => {
                const image = new Image();
                image.src = new URL(icon.src, link);
                await image.decode();
                return [icon.sizes, `${image.naturalWidth}x${image.naturalHeight}`];
            }));
            done({ name: manifest.name, start: new URL(manifest.start_url, link).href, sizes });
        })().catch(error => done(String(error)));";
    let found = stage.chrome.client.execute_async(script, Vec::new()).await?;
    assert_eq!(found["start"], json!(stage.site.url()), "{found}");
    let sizes = found["sizes"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert!(sizes.len() >= 2, "{found}");
    for pair in sizes {
        assert_eq!(pair[0], pair[1], "{found}");
    }
    Ok(Completion::Completed)
}

/// Opens the page and waits for its heading; the lesson has many elements with the role status.
async fn visit(stage: &Stage, url: &str, settings: &str) -> Result<(), Failed> {
    stage.chrome.client.goto("about:blank").await?;
    stage.chrome.client.goto(&format!("{url}#{settings}")).await?;
    let heading = "return document.querySelector('main h1') ? true : null";
    wait_for("the page's heading", Duration::from_secs(60), async || {
        Ok(stage.chrome.js(heading).await.ok().filter(|found| !found.is_null()))
    })
    .await
    .map(drop)
}

/// Waits until the service worker has the page and answers for it.
async fn kept(stage: &Stage) -> Result<(), Failed> {
    let controls = "return navigator.serviceWorker.controller ? true : null";
    wait_for("the service worker", Duration::from_secs(60), async || {
        Ok(Some(stage.chrome.js(controls).await?).filter(|answer| *answer != Value::Null))
    })
    .await
    .map(drop)
}

/// A folder with a script that would leave a mark.
fn with_script() -> Result<std::path::PathBuf, Failed> {
    let folder = scratch("foreign")?;
    fs::write(folder.join("evil.js"), "window.ranForeign = true")?;
    Ok(folder)
}
