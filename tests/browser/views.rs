//! All four places as a reader leaves them: after a run and with an answer, in the light, in the
//! dark and on a phone.

use std::fs;
use std::time::Duration;

use crate::predict::{sample, wait_predictions};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use libtest_mimic::{Completion, Failed};
use serde_json::json;

use crate::axe::{axe_finds_none, axe_is_missing};
use crate::chrome::{Chrome, wait_for};
use crate::learn::go;
use crate::page::{number, tiny_with};
use crate::stage::{Outcome, Stage, screenshots};

/// The places by the names of their links.
const PLACES: [&str; 4] = ["Data", "Train", "Predict", "Learn"];
/// Enough that the curves fall and the answer is right.
const LEARNS: &str =
    "train=100&valid=30&size=48&width=16&stem=8,8,16&epochs=4&lr=0.006&expansion=2";
/// The widest and the narrowest window, by what they are called in a picture's name.
const DESK: (u32, u32) = (1280, 1000);
const PHONE: (u32, u32) = (360, 740);

/// A picture of each place in each dress, for the documents: nothing sticks out sideways, and the
/// schemes differ.
pub async fn pictures_of_every_view(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    live(stage, LEARNS).await?;
    for place in PLACES {
        visit(chrome, place).await?;
        let mut looks = Vec::new();
        for (dress, scheme, (width, height)) in
            [("light", "light", DESK), ("dark", "dark", DESK), ("narrow", "light", PHONE)]
        {
            chrome.viewport(width, height).await?;
            chrome.prefer(scheme).await?;
            // What came of the pictures is the figure of Data; the other places begin with theirs,
            // but for a phone's small window.
            let figure = if width < 600 { ".sheet, .answer, .epochs" } else { ".sheet" };
            let scroll = "const figure = document.querySelector(arguments[0]); if (figure) figure.scrollIntoView(); else window.scrollTo(0, 0);";
            chrome.js_with(scroll, vec![json!(figure)]).await?;
            // Colours and bars take 150 ms to their new values.
            tokio::time::sleep(Duration::from_millis(500)).await;
            let wide = number(&chrome.js("return document.documentElement.scrollWidth").await?)?;
            assert!(wide <= f64::from(width), "{place}, {dress}: {wide} px wide");
            let webp = photograph(chrome).await?;
            let file = screenshots().join(format!("view-{}-{dress}.webp", place.to_lowercase()));
            fs::create_dir_all(screenshots())?;
            fs::write(file, &webp)?;
            looks.push(webp);
        }
        assert!(looks[0] != looks[1], "{place} is the same in the dark");
    }
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// axe-core finds nothing in any place, in either scheme, at either width, with everything unfolded
/// and filled.
pub async fn axe_finds_nothing_anywhere(stage: &Stage) -> Outcome {
    if let Some(ignored) = axe_is_missing() {
        return Ok(ignored);
    }
    let chrome = &stage.chrome;
    live(stage, "epochs=2").await?;
    for place in PLACES {
        visit(chrome, place).await?;
        for (width, height) in [DESK, PHONE] {
            chrome.viewport(width, height).await?;
            for scheme in ["light", "dark"] {
                chrome.prefer(scheme).await?;
                axe_finds_none(chrome, &format!("{place}, {scheme}, {width} px")).await?;
            }
        }
    }
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// A first visit over 1.6 Mbit/s with 150 ms of delay. The times are printed (docs/page.md has
/// them); what is asserted does not depend on what else the machine does: the bytes that must come
/// before Train can be pressed, and that something is to be read before they have.
pub async fn a_first_visit_on_a_slow_link(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.throttle(1.6e6, 150.0).await?;
    chrome.cdp("Network.setCacheDisabled", json!({ "cacheDisabled": true })).await?;
    chrome.cdp("Network.setBypassServiceWorker", json!({ "bypass": true })).await?;
    let watch = "
        window.ready = null;
        const look = () => {
            const train = [...document.querySelectorAll('button')].find(button => button.textContent.includes('Train') && !button.disabled);
            if (train) window.ready = performance.now(); else setTimeout(look, 10);
        };
        look();";
    chrome.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": watch })).await?;
    chrome.client.goto("about:blank").await?;
    chrome.client.goto(&stage.site.url()).await?;
    let told = wait_for("a page that can be used", Duration::from_secs(60), async || {
        let script = "
            const seen = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
            const module = seen.find(entry => entry.name.endsWith('.wasm'));
            return window.ready && {
                paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
                module: module.responseEnd,
                ready: window.ready,
                bytes: seen.filter(entry => entry.responseEnd <= window.ready).reduce((sum, entry) => sum + entry.encodedBodySize, 0),
            };";
        let told = chrome.js(script).await?;
        Ok((!told.is_null()).then_some(told))
    })
    .await?;
    let [paint, module, ready, bytes] =
        ["paint", "module", "ready", "bytes"].map(|key| number(&told[key]));
    let (paint, module, ready, bytes) = (paint?, module?, ready?, bytes?);
    println!(
        "first paint after {paint:.0} ms, Train after {ready:.0} ms, {bytes:.0} bytes until then"
    );
    assert!(paint < module, "nothing is to be read before the program has come: {told}");
    // 200 kB/s, three seconds, one of them for round trips and starting.
    assert!(bytes < 400_000.0, "too much has to come before the page can be used: {told}");
    // Or the brake did not hold, and nothing was measured.
    assert!(module > bytes / 200e3 * 1e3 * 0.8, "the link was not slow: {told}");
    Ok(Completion::Completed)
}

/// Trains and asks, so that no place is empty.
async fn live(stage: &Stage, settings: &str) -> Result<(), Failed> {
    let chrome = &stage.chrome;
    stage.open(&tiny_with(&format!("view=train&{settings}"))).await?;
    stage.train(Duration::from_secs(300)).await?;
    visit(chrome, "Predict").await?;
    sample(chrome, "golf ball").await?;
    wait_predictions(chrome).await?;
    visit(chrome, "Data").await?;
    chrome.click("Show a batch").await?;
    wait_for("a batch", Duration::from_secs(60), async || {
        Ok(Some(
            chrome.js("return document.querySelectorAll('.batch-pictures canvas').length").await?,
        )
        .filter(|found| *found != json!(0)))
    })
    .await
    .map(drop)
}

/// Goes to a place by its link, as a reader does: what is there stays.
async fn visit(chrome: &Chrome, place: &str) -> Result<(), Failed> {
    go(chrome, place).await?;
    let heading = "return document.querySelector('main h1')?.textContent === arguments[0] && !document.querySelector('main [aria-busy=true]') || null";
    wait_for(&format!("the place {place}"), Duration::from_secs(30), async || {
        Ok(chrome.js_with(heading, vec![json!(place)]).await?.as_bool())
    })
    .await
    .map(drop)
}

/// What the window shows, as WebP: a fifth of a PNG's size.
async fn photograph(chrome: &Chrome) -> Result<Vec<u8>, Failed> {
    let answer =
        chrome.cdp("Page.captureScreenshot", json!({ "format": "webp", "quality": 85 })).await?;
    Ok(BASE64_STANDARD.decode(answer["data"].as_str().unwrap_or_default())?)
}
