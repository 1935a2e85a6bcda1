//! Other hands and eyes: the keyboard, a phone, a dark room.

use std::time::Duration;

use crate::predict::wait_predictions;
use fantoccini::key::Key;
use libtest_mimic::{Completion, Failed};
use serde_json::Value;

use crate::chrome::{Chrome, wait_for};
use crate::page::{TINY, number, tiny_with};
use crate::stage::{Outcome, Stage, screenshots};

/// Tab reaches Train, and Enter trains.
pub async fn a_run_started_by_keyboard(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(TINY).await?;
    let mut visited = Vec::new();
    loop {
        chrome.press(&[Key::Tab.into()]).await?;
        let element = chrome.client.active_element().await?;
        let name = chrome.accessible_name(&element).await?;
        // The view of this name is a link.
        if name == "Train" && element.tag_name().await? == "button" {
            break;
        }
        visited.push(name);
        assert!(visited.len() < 60, "Tab does not reach Train: {visited:?}");
    }
    chrome.press(&[Key::Enter.into()]).await?;
    chrome.wait_status(Duration::from_secs(120), |status| status == "Done").await?;
    assert_eq!(chrome.epochs().await?.len(), 1);
    Ok(Completion::Completed)
}

/// At 360 px nothing sticks out sideways, and who prefers dark gets dark.
pub async fn a_phone_in_the_dark(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.viewport(360, 740).await?;
    stage.open(TINY).await?;
    for scheme in ["light", "dark"] {
        chrome.prefer(scheme).await?;
        let width = number(&chrome.js("return document.documentElement.scrollWidth").await?)?;
        assert!(width <= 360.0, "the page is {width} px wide");
        // The page's own ground, as 0 (black) to 765 (white).
        let ground = "
            for (const element of [document.body, document.documentElement]) {
                const parts = getComputedStyle(element).backgroundColor.match(/[\\d.]+/g).map(Number);
                if (parts[3] !== 0) return parts[0] + parts[1] + parts[2];
            }
            return null;";
        let light = number(&chrome.js(ground).await?)?;
        assert_eq!(light > 382.0, scheme == "light", "the ground has {light} in {scheme}");
        chrome.screenshot(&screenshots().join(format!("phone-{scheme}.png"))).await?;
    }
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Data, Train and Predict without a mouse: draw pictures, train, have a drawn picture told. On the
/// way, Tab goes forward through the page, never behind the bar on top, and each stop can be seen.
pub async fn a_whole_visit_by_keyboard(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("view=data")).await?;
    tab_to(chrome, "button", "Draw pictures").await?;
    chrome.press(&[Key::Enter.into()]).await?;
    stage.fingerprint().await?;
    from_the_top(chrome).await?;
    tab_to(chrome, "a", "Train").await?;
    chrome.press(&[Key::Enter.into()]).await?;
    tab_to(chrome, "button", "Train").await?;
    chrome.press(&[Key::Enter.into()]).await?;
    chrome.wait_status(Duration::from_secs(120), |status| status == "Done").await?;
    // Every stop of the place that has most of them.
    let stops = walk(chrome).await?;
    assert!(stops.len() > 20, "{stops:?}");
    for name in ["Save model", "Zoom in", "Name of Run 1"] {
        assert!(stops.iter().any(|stop| stop == name), "Tab does not reach {name:?}: {stops:?}");
    }
    from_the_top(chrome).await?;
    tab_to(chrome, "a", "Predict").await?;
    chrome.press(&[Key::Enter.into()]).await?;
    tab_to(chrome, "button", "drawn golf ball").await?;
    chrome.press(&[Key::Enter.into()]).await?;
    assert_eq!(wait_predictions(chrome).await?.len(), 10);
    walk(chrome).await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Focus to the beginning, as when the page has just been opened.
///
/// The last Tab of a walk leaves the page, in Firefox for a button of its toolbar. Its driver goes
/// on sending keys to the page, but in a page without the window's focus Enter presses no button.
async fn from_the_top(chrome: &Chrome) -> Result<(), Failed> {
    chrome.focus_page().await?;
    let script = "document.activeElement.blur(); getSelection().collapse(document.body, 0); window.scrollTo(0, 0)";
    chrome.js(script).await?;
    wait_for("the focus in the page", Duration::from_secs(10), async || {
        Ok((chrome.js("return document.hasFocus()").await? == true).then_some(()))
    })
    .await
}

/// Presses Tab until the element of this tag and name has the focus.
async fn tab_to(chrome: &Chrome, tag: &str, name: &str) -> Result<(), Failed> {
    let mut visited = Vec::new();
    while visited.len() < 80 {
        chrome.press(&[Key::Tab.into()]).await?;
        let element = chrome.client.active_element().await?;
        let found = chrome.accessible_name(&element).await?;
        if found == name && element.tag_name().await? == tag {
            return Ok(());
        }
        visited.push(found);
    }
    Err(format!("Tab does not reach the {tag} {name:?}: {visited:?}").into())
}

/// Tabs through the whole page from the top and returns the names of the stops. Each comes after
/// the one before it in the document, is in sight, uncovered, and looks other than without the
/// focus.
async fn walk(chrome: &Chrome) -> Result<Vec<String>, Failed> {
    from_the_top(chrome).await?;
    // What shows the focus: an outline or a frame, on the element, on what it stands in (a drop
    // area around its file input) or in it (a plate).
    let look = "
        const at = document.activeElement;
        if (at === document.body) { delete window.before; return null; }
        const around = [at, at.closest('.drop, label'), ...at.querySelectorAll('.plate-column')].filter(Boolean);
        const styles = around.map(element => getComputedStyle(element));
        const seen = styles.some(style => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || (style.strokeWidth === '2.5px' && style.stroke !== 'none'));
        const box = (at.closest('.drop') ?? at).getBoundingClientRect();
        const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
        const [x, y] = [box.left + Math.min(box.width, 40) / 2, Math.max(box.top, 0) + Math.min(box.height, innerHeight) / 2];
        const top = document.elementFromPoint(Math.min(Math.max(x, 1), innerWidth - 1), Math.min(Math.max(y, 1), innerHeight - 1));
        const covered = top !== null && top.closest('.run-bar, .site-header') !== null && at.closest('.run-bar, .site-header') === null;
        const follows = !window.before || Boolean(window.before.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING);
        window.before = at;
        return { seen, inside, covered, follows };";
    let mut names = Vec::new();
    while names.len() < 200 {
        chrome.press(&[Key::Tab.into()]).await?;
        let stop = chrome.js(look).await?;
        if stop == Value::Null {
            return Ok(names);
        }
        let name = chrome.accessible_name(&chrome.client.active_element().await?).await?;
        let right =
            serde_json::json!({ "seen": true, "inside": true, "covered": false, "follows": true });
        assert_eq!(stop, right, "the stop {name:?} after {:?}", names.last());
        names.push(name);
    }
    Err(format!("Tab never leaves the page: {names:?}").into())
}
