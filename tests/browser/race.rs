//! A skip connection that is cut while a run trains: both networks race, by pointer and by
//! keyboard, and either is kept.

use std::time::Duration;

use fantoccini::key::Key;
use libtest_mimic::{Completion, Failed};
use serde_json::{Value, json};

use crate::axe::axe_finds_none;
use crate::chrome::{Chrome, wait_for};
use crate::page::{number, tiny_with};
use crate::stage::{Outcome, Stage, screenshots};

const LIMIT: Duration = Duration::from_secs(180);
/// As long as a run can be: an epoch takes 50 ms, and both networks are looked at on the way. With
/// a skip in each of four stages.
const SETTINGS: &str = "view=train&epochs=1000&train=20&valid=4";

/// Names of the arcs that can be pressed.
async fn arcs(chrome: &Chrome) -> Result<Vec<String>, Failed> {
    let script = "return [...document.querySelectorAll('.skip-cut')].map(arc => arc.getAttribute('aria-label'))";
    Ok(serde_json::from_value(chrome.js(script).await?)?)
}

/// Waits until so many arcs can be pressed.
async fn wait_arcs(chrome: &Chrome, count: usize) -> Result<Vec<String>, Failed> {
    wait_for("arcs as buttons", LIMIT, async || {
        Ok(Some(arcs(chrome).await?).filter(|arcs| arcs.len() == count))
    })
    .await
}

/// Waits until the words of the part Race contain these.
async fn wait_race(chrome: &Chrome, wanted: &str) -> Result<(), Failed> {
    wait_for(wanted, LIMIT, async || {
        let words = chrome.js("return document.getElementById('race')?.textContent").await?;
        Ok(words.as_str().is_some_and(|words| words.contains(wanted)).then_some(()))
    })
    .await
}

/// Waits until both losses are drawn in one chart.
async fn wait_both_lines(chrome: &Chrome) -> Result<(), Failed> {
    wait_for("both losses in the chart", LIMIT, async || {
        let script = "
            const length = line => document.querySelector(line)?.getAttribute('d').length ?? 0;
            return ['.line-train', '.line-without'].every(line => length('.chart ' + line) > 20) || null;";
        Ok(chrome.js(script).await?.as_bool())
    })
    .await
    .map(drop)
}

/// Presses an arc with the pointer.
async fn click_arc(chrome: &Chrome, name: &str) -> Result<(), Failed> {
    let script = "
        const arc = [...document.querySelectorAll('.skip-cut')].find(arc => arc.getAttribute('aria-label') === arguments[0]);
        if (arc) arc.querySelector('path').dispatchEvent(new MouseEvent('click', { bubbles: true }));
        return arc !== undefined;";
    assert_eq!(chrome.js_with(script, vec![json!(name)]).await?, json!(true), "{name}");
    Ok(())
}

async fn hash(chrome: &Chrome) -> Result<String, Failed> {
    Ok(chrome.js("return location.hash").await?.as_str().unwrap_or_default().to_owned())
}

/// Starts a run and waits until it trains and its skips can be cut.
async fn begin(stage: &Stage) -> Result<(), Failed> {
    let chrome = &stage.chrome;
    stage.open(&tiny_with(SETTINGS)).await?;
    assert_eq!(arcs(chrome).await?, Vec::<String>::new(), "there is nothing to split");
    chrome.click("Train").await?;
    chrome.wait_status(LIMIT, |status| status.starts_with("Training epoch ")).await?;
    let names = wait_arcs(chrome, 4).await?;
    let wanted = [1, 2, 3, 4].map(|stage| format!("skip of stage {stage}, block 1"));
    assert_eq!(names, wanted);
    Ok(())
}

/// By pointer while it trains: both losses race in one chart, the status names both, and the run
/// with the skip goes on as it was.
pub async fn a_click_splits_the_run_and_the_skip_is_kept(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.viewport(1280, 900).await?;
    begin(stage).await?;
    click_arc(chrome, "skip of stage 2, block 1").await?;
    wait_race(chrome, "With the skip of stage 2, block 1, and without it").await?;
    chrome.wait_status(LIMIT, |status| status.ends_with(", with the skip and without it")).await?;
    assert_eq!(arcs(chrome).await?, Vec::<String>::new(), "one race at a time");
    let more = chrome.js("return document.querySelector('.status-more').textContent").await?;
    assert!(more.as_str().is_some_and(|more| more.contains("takes twice as long")), "{more}");
    wait_both_lines(chrome).await?;
    chrome.screenshot(&screenshots().join("race-running.png")).await?;
    chrome.click("Keep the one with the skip").await?;
    wait_race(chrome, "keeps the skip of stage 2, block 1").await?;
    wait_arcs(chrome, 4).await?;
    chrome
        .wait_status(LIMIT, |status| status.contains(", batch ") && !status.contains("skip"))
        .await?;
    assert_eq!(chrome.js("return document.querySelector('.line-without')").await?, Value::Null);
    assert!(!hash(chrome).await?.contains("cut="));
    // Stop ends a race too, and says what is kept.
    click_arc(chrome, "skip of stage 1, block 1").await?;
    wait_race(chrome, "With the skip of stage 1, block 1").await?;
    chrome.click("Stop").await?;
    chrome.wait_status(LIMIT, |status| status.starts_with("Stopped")).await?;
    wait_race(chrome, "The network with the skip of stage 1, block 1 is kept").await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// By keyboard in a pause: the arcs are one stop of Tab, the part with both networks gets the
/// focus, fits a phone, and axe-core finds nothing. The network without the skip is the run from
/// then on.
pub async fn the_keyboard_splits_the_run_and_the_cut_is_kept(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.viewport(1280, 900).await?;
    begin(stage).await?;
    chrome.click("Pause").await?;
    chrome.wait_status(LIMIT, |status| status.starts_with("Paused")).await?;
    chrome.focus_page().await?;
    chrome.js("document.querySelector(\".skip-cut[tabindex='0']\").focus()").await?;
    chrome.press(&[Key::Right.into()]).await?;
    wait_for("the next arc with the focus", LIMIT, async || {
        let focused = chrome.js("return document.activeElement.getAttribute('aria-label')").await?;
        Ok((focused == json!("skip of stage 2, block 1")).then_some(()))
    })
    .await?;
    chrome.press(&[Key::Enter.into()]).await?;
    wait_race(chrome, "With the skip of stage 2, block 1, and without it").await?;
    wait_for("the focus on the part", LIMIT, async || {
        Ok((chrome.js("return document.activeElement.id").await? == json!("race")).then_some(()))
    })
    .await?;
    chrome.click("Resume").await?;
    wait_both_lines(chrome).await?;
    wait_for("an epoch of both networks", LIMIT, async || {
        let (_, rows) = chrome.table("Both networks").await?;
        let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(names, ["with the skip", "without it"]);
        Ok(rows.iter().flatten().all(|cell| cell != "–").then_some(()))
    })
    .await?;
    chrome.click("Pause").await?;
    chrome.wait_status(LIMIT, |status| status.starts_with("Paused")).await?;
    for (width, height) in [(1280, 900), (390, 844)] {
        chrome.viewport(width, height).await?;
        for scheme in ["light", "dark"] {
            chrome.prefer(scheme).await?;
            chrome.js("document.getElementById('race').scrollIntoView()").await?;
            let wide = number(&chrome.js("return document.documentElement.scrollWidth").await?)?;
            assert!(wide <= f64::from(width), "{width} px, {scheme}: {wide} px wide");
            // Colours take 150 ms to their new values.
            tokio::time::sleep(Duration::from_millis(500)).await;
            let name = format!("race-{width}-{scheme}.png");
            chrome.screenshot(&screenshots().join(name)).await?;
        }
    }
    for scheme in ["light", "dark"] {
        chrome.prefer(scheme).await?;
        axe_finds_none(chrome, &format!("a race, {scheme}")).await?;
    }
    chrome.click("Keep the one without it").await?;
    wait_race(chrome, "goes on without the skip of stage 2, block 1").await?;
    let names = wait_arcs(chrome, 3).await?;
    assert!(!names.iter().any(|name| name.contains("stage 2")), "{names:?}");
    wait_for("the cut in the link", LIMIT, async || {
        Ok(hash(chrome).await?.contains("&cut=2.1").then_some(()))
    })
    .await?;
    chrome.click("Resume").await?;
    chrome.wait_status(LIMIT, |status| status.starts_with("Training epoch ")).await?;
    chrome.click("Stop").await?;
    chrome.wait_status(LIMIT, |status| status.starts_with("Stopped")).await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
