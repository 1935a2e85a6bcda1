//! Browsers that withhold something, and a browser that translates: the page says what is missing
//! and goes on.

use std::time::Duration;

use fantoccini::Locator;
use libtest_mimic::{Completion, Failed};
use resnette_static_host::Site;
use serde_json::json;

use crate::chrome::{Adapter, Chrome, wait_for};
use crate::page::{TINY, tiny_with};
use crate::stage::{Outcome, Stage, dist};

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The page in a browser of the test's own.
async fn in_browser(chrome: Chrome) -> Result<Stage, Failed> {
    let site =
        Site { dist: dist()?, port: Some(0), names: vec!["school.test".into()], ..Site::default() }
            .start();
    Ok(Stage { site: site.map_err(|error| format!("{error:#}"))?, chrome })
}

impl Stage {
    /// Goes through the places by their links: each must show its heading.
    pub async fn visits_every_place(&self) -> Result<(), Failed> {
        for place in ["Data", "Predict", "Learn", "Train"] {
            self.chrome.client.find(Locator::LinkText(place)).await?.click().await?;
            let heading = "return document.querySelector('main h1')?.textContent ?? ''";
            wait_for(place, PATIENCE, async || {
                let said = self.chrome.js(heading).await?;
                // The lesson has a heading of its own once it has come.
                let there =
                    said == place || (place == "Learn" && said != "Data" && said != "Predict");
                Ok(there.then_some(()))
            })
            .await?;
        }
        Ok(())
    }
}

/// All site data blocked in the browser's settings: the links work, a run is trained and stands in
/// the list, and one note says that nothing is kept.
pub async fn site_data_are_blocked(_: &Stage) -> Outcome {
    let odd = in_browser(Chrome::start_keeping_nothing().await?).await?;
    let chrome = &odd.chrome;
    odd.open(TINY).await?;
    let storage = "try { localStorage.length; return 'there' } catch { return 'blocked' }";
    assert_eq!(chrome.js(storage).await?, "blocked", "the browser is as the test wants it");
    let text = chrome.text().await?;
    assert!(text.contains("keeps no site data") && text.contains("allow site data"), "{text}");
    odd.visits_every_place().await?;
    assert_eq!(odd.train(PATIENCE).await?.len(), 1);
    assert_eq!(chrome.table("Runs").await?.1.len(), 1, "the list of this visit");
    chrome.click("Close this note").await?;
    assert!(!chrome.text().await?.contains("keeps no site data"));
    odd.visits_every_place().await?;
    chrome.nothing_panicked().await?;
    odd.chrome.stop().await?;
    Ok(Completion::Completed)
}

/// What a translator does to the page, without other words: each text is replaced by two nested
/// elements. `window.translate(root)` does it once, whatever is said about translation.
const TRANSLATOR: &str = "
    window.translated = new Map();
    window.translate = (root, polite) => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        const texts = [];
        while (walker.nextNode()) texts.push(walker.currentNode);
        for (const text of texts) {
            const parent = text.parentElement;
            if (!text.data.trim() || !parent || parent.closest('font, script, style, svg, option')) continue;
            if (polite && parent.closest('[translate=no]')) continue;
            const [outer, inner] = [document.createElement('font'), document.createElement('font')];
            inner.textContent = text.data;
            outer.append(inner);
            text.replaceWith(outer);
            window.translated.set(outer, text);
        }
    };";

/// Every text of the page is replaced, even those that should not be: status, percentages and table
/// follow a run all the same, and what is under the buttons too.
pub async fn a_translated_page_follows_its_run(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("epochs=2")).await?;
    chrome.js(TRANSLATOR).await?;
    chrome.js("translate(document.body, false)").await?;
    let inside = "return document.querySelectorAll('[role=status] font font').length";
    assert_eq!(chrome.js(inside).await?, json!(1), "the status was translated");
    assert_eq!(chrome.status().await?, "Ready");
    let rows = stage.train(PATIENCE).await?;
    assert_eq!(rows.len(), 2);
    let percents = "return [...document.querySelectorAll('.progress-percent')].map(percent => percent.textContent)";
    assert_eq!(chrome.js(percents).await?, json!(["100 %", "100 %"]));
    let text = chrome.text().await?;
    assert!(!text.contains("Press Train: each epoch adds a row"), "the table is not empty: {text}");
    // Again, with what has come since.
    chrome.js("translate(document.body, false)").await?;
    stage.visits_every_place().await?;
    assert_eq!(stage.train(PATIENCE).await?.len(), 2, "another run");
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// As Chrome does it: new and changed texts are translated too, for as long as the page is open.
/// Everything can be operated, and no text is there twice.
pub async fn a_translator_that_goes_on(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(TINY).await?;
    chrome.js(TRANSLATOR).await?;
    let go_on = "
        const again = () => window.translate(document.body, true);
        new MutationObserver(again).observe(document.body, { childList: true, characterData: true, subtree: true });
        again();";
    chrome.js(go_on).await?;
    assert_eq!(stage.train(PATIENCE).await?.len(), 1);
    stage.visits_every_place().await?;
    chrome.client.find(Locator::LinkText("Data")).await?.click().await?;
    chrome.click("Draw pictures").await?;
    stage.fingerprint().await?;
    let text = chrome.text().await?;
    let times = |words: &str| text.matches(words).count();
    assert_eq!((times("80 pictures to train on"), times("8 train, 4 valid")), (1, 10), "{text}");
    // A button whose words change with what it does.
    chrome.click("Show a batch").await?;
    wait_for("another batch", PATIENCE, async || {
        Ok(chrome.button("Show another batch").await.ok())
    })
    .await?;
    assert!(chrome.button("Show a batch").await.is_err(), "the old words are gone");
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// “Show original”: the translator puts the texts back that it took out.
pub async fn the_original_comes_back(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("view=data")).await?;
    let before = chrome.text().await?;
    chrome.js(TRANSLATOR).await?;
    chrome.js("translate(document.body, true)").await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(chrome.text().await?, before, "a translation into the same words");
    chrome.js("for (const [outer, text] of translated) outer.replaceWith(text)").await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(chrome.js("return document.querySelectorAll('font').length").await?, json!(0));
    assert_eq!(chrome.text().await?, before);
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// A computer in the room serves the page by a name of its own, over http: the page says what the
/// browser withholds, and trains on the CPU.
pub async fn a_school_without_https(_: &Stage) -> Outcome {
    let flag = "--host-resolver-rules=MAP school.test 127.0.0.1".to_owned();
    let odd = in_browser(Chrome::start_with(Adapter::Software, Some(flag)).await?).await?;
    let chrome = &odd.chrome;
    let url =
        odd.site.url().replace("127.0.0.1", "school.test").replace("localhost", "school.test");
    odd.open_at(&url, &tiny_with("backend=auto")).await?;
    assert_eq!(chrome.js("return isSecureContext").await?, json!(false), "{url}");
    let text = chrome.text().await?;
    for words in ["over http instead of https", "WebGPU", "camera", "Ask whoever serves"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(odd.train(PATIENCE).await?.len(), 1);
    let more = "return document.querySelector('.status-more').textContent";
    let more = chrome.js(more).await?.as_str().unwrap_or_default().to_owned();
    assert!(more.contains("CPU engine") && more.contains("https"), "{more}");
    // There is no clipboard, and yet the table can be copied.
    chrome.click("Copy table").await?;
    wait_for("a copy", PATIENCE, async || {
        Ok(chrome.text().await?.contains("Copied").then_some(()))
    })
    .await?;
    odd.visits_every_place().await?;
    chrome.nothing_panicked().await?;
    odd.chrome.stop().await?;
    Ok(Completion::Completed)
}
