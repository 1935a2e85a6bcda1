//! A run before a class: the table and the loss alone on the projector, and single steps of a
//! paused run.

use std::time::Duration;

use fantoccini::key::Key;
use libtest_mimic::{Completion, Failed};
use serde_json::{Value, json};

use crate::axe::axe_finds_none;
use crate::chrome::{Chrome, wait_for};
use crate::page::{number, tiny_with};
use crate::runs::{figures, train_and_pause};
use crate::stage::{Outcome, Stage, screenshots};

const LIMIT: Duration = Duration::from_secs(180);
const LEAVE: &str = "Leave the projector view";

/// Whether the view is open: it is drawn, and the link says so.
async fn is_projected(chrome: &Chrome) -> Result<bool, Failed> {
    let script = "return [document.querySelector('.projection') !== null, location.hash.includes('present=1'), document.querySelector('.site-header') === null]";
    let seen: Vec<bool> = serde_json::from_value(chrome.js(script).await?)?;
    match seen[..] {
        [view, link, alone] if view == link && view == alone => Ok(view),
        // The link follows a moment after the page.
        _ => Ok(false),
    }
}

async fn wait_projected(chrome: &Chrome, wanted: bool) -> Result<(), Failed> {
    wait_for("the projector view", Duration::from_secs(10), async || {
        let link = chrome.js("return location.hash.includes('present=1')").await?;
        let there = is_projected(chrome).await? == wanted && link == json!(wanted);
        Ok(there.then_some(()))
    })
    .await
}

/// All that can be pressed or filled in, whether the window or the table is scrolled, whether table
/// and chart are in the window, and sizes.
const LOOK: &str = "
    const seen = element => element.checkVisibility({ visibilityProperty: true });
    const inside = element => {
        const { top, bottom, left, right } = element.getBoundingClientRect();
        return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
    };
    const [room, page] = [document.querySelector('.projection-table'), document.documentElement];
    const chart = document.querySelector('.projection .chart');
    const [head, last] = [room.querySelector('thead th'), room.querySelector('tbody tr:last-child')];
    const frame = room.getBoundingClientRect();
    return {
        pressed: [...document.querySelectorAll('button, input, select, textarea, summary, a[href]')].filter(seen).map(element => element.textContent.trim()),
        pageScrolls: page.scrollHeight > innerHeight || page.scrollWidth > innerWidth,
        tableScrolls: room.scrollHeight > room.clientHeight || room.scrollWidth > room.clientWidth,
        inside: inside(room) && inside(chart) && inside(document.querySelector('.status')),
        headSeen: head.getBoundingClientRect().top >= frame.top - 1,
        lastSeen: last.getBoundingClientRect().bottom <= frame.bottom + 1,
        charts: document.querySelectorAll('.chart').length,
        type: parseFloat(getComputedStyle(room.querySelector('td')).fontSize),
        chartHeight: chart.querySelector('svg').getBoundingClientRect().height,
    };";

/// A link opens the view and starts the run: status, table and loss are on one screen, in large
/// type, in the light and in the dark, with nothing to press but the way out. Up to eight rows need
/// no scrolling, and of more the newest is in sight.
pub async fn the_run_alone_on_one_screen(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    for (width, height, epochs) in [(1280, 800, 8), (1920, 1080, 8), (1280, 800, 12)] {
        chrome.viewport(width, height).await?;
        let link = format!("epochs={epochs}&view=train&present=1&autostart=1");
        stage.open(&tiny_with(&link)).await?;
        chrome.wait_status(LIMIT, |status| status == "Done").await?;
        wait_for("the last row", Duration::from_secs(10), async || {
            Ok((chrome.epochs().await?.len() == epochs).then_some(()))
        })
        .await?;
        assert!((chrome.progress("Run").await? - 1.0).abs() < 1e-6);
        // Long enough for the way out to have faded.
        tokio::time::sleep(Duration::from_secs(6)).await;
        for scheme in ["light", "dark"] {
            chrome.prefer(scheme).await?;
            let look: Value = chrome.js(LOOK).await?;
            println!("{width} × {height}, {epochs} epochs, {scheme}: {look}");
            assert_eq!(look["pressed"], json!([LEAVE]));
            assert_eq!(look["pageScrolls"], json!(false), "{look}");
            assert_eq!(look["tableScrolls"], json!(epochs > 8), "{look}");
            for part in ["inside", "headSeen", "lastSeen"] {
                assert_eq!(look[part], json!(true), "{part}: {look}");
            }
            assert_eq!(look["charts"], json!(1));
            assert!(number(&look["type"])? >= f64::from(height) / 40.0, "large type: {look}");
            assert!(number(&look["chartHeight"])? >= f64::from(height) / 5.0, "{look}");
            let name = format!("projector-{width}-{epochs}-{scheme}.png");
            chrome.screenshot(&screenshots().join(name)).await?;
        }
        axe_finds_none(chrome, "the projector view").await?;
    }
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// The button in Train opens the view, with the whole screen or without; Escape leaves it, and so
/// does the button, which the keyboard reaches and which shows itself then.
pub async fn the_way_in_and_the_way_out(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let refusals = [
        "void 0",
        "Element.prototype.requestFullscreen = () => { throw new Error('withheld by a test'); }",
        "Element.prototype.requestFullscreen = () => Promise.reject(new Error('withheld by a test'))",
        "Element.prototype.requestFullscreen = undefined",
    ];
    for refusal in refusals {
        stage.open(&tiny_with("view=train")).await?;
        chrome.js(refusal).await?;
        chrome.click("Projector view").await?;
        wait_projected(chrome, true).await?;
        chrome.press(&[Key::Escape.into()]).await?;
        wait_projected(chrome, false).await?;
        wait_for("the focus on the button", Duration::from_secs(5), async || {
            let back = "return document.activeElement.id === 'projector-view' && document.fullscreenElement === null";
            Ok((chrome.js(back).await? == json!(true)).then_some(()))
        })
        .await?;
        chrome.button("Train").await?;
    }
    stage.open(&tiny_with("view=train&present=1")).await?;
    wait_projected(chrome, true).await?;
    chrome.focus_page().await?;
    // The table, which can be scrolled, and the way out.
    chrome.press(&[Key::Tab.into(), Key::Tab.into()]).await?;
    let focused = "
        const { textContent, tagName } = document.activeElement;
        return [tagName, textContent.trim(), getComputedStyle(document.activeElement).opacity];";
    assert_eq!(chrome.js(focused).await?, json!(["BUTTON", LEAVE, "1"]));
    chrome.press(&[Key::Enter.into()]).await?;
    wait_projected(chrome, false).await?;
    // The key belongs to Train alone.
    stage.open(&tiny_with("view=data&present=1")).await?;
    assert_eq!(
        chrome.js("return document.querySelector('.projection') === null").await?,
        json!(true)
    );
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

async fn bar_height(chrome: &Chrome) -> Result<f64, Failed> {
    let script = "return document.querySelector('.run-bar').getBoundingClientRect().height";
    number(&chrome.js(script).await?)
}

/// The smoothed loss as it is drawn.
async fn curve(chrome: &Chrome) -> Result<Value, Failed> {
    chrome.js("return document.querySelector('.charts .line-train').getAttribute('d')").await
}

/// Presses Step and waits for what it did.
async fn step(chrome: &Chrome) -> Result<String, Failed> {
    let before = chrome.status().await?;
    wait_for("the button Step", LIMIT, async || {
        let Ok(button) = chrome.button("Step").await else { return Ok(None) };
        Ok(button.is_enabled().await.unwrap_or(false).then_some(()))
    })
    .await?;
    chrome.click("Step").await?;
    let stepped = |status: &str| status.starts_with("Paused after ") && status != before;
    chrome.wait_status(LIMIT, stepped).await
}

/// Pause, a few single steps, Resume: each step adds one loss to table and curve and says it, the
/// bar keeps its height, and the run ends with the rows of one that was never paused.
pub async fn single_steps_are_the_same_run(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.viewport(1280, 800).await?;
    let settings = tiny_with("view=train&epochs=6&train=60");
    stage.open(&settings).await?;
    assert!(chrome.button("Step").await.is_err(), "there is nothing to step through");
    let height = bar_height(chrome).await?;
    let whole = figures(&stage.train(LIMIT).await?);
    let losses = chrome.step_losses().await?;
    stage.open(&settings).await?;
    train_and_pause(chrome, 1).await?;
    assert_eq!(bar_height(chrome).await?, height);
    let mut trained = 0;
    // A run that was paused while it validated goes through that first.
    for _ in 0..12 {
        let (count, drawn) = (chrome.step_losses().await?.len(), curve(chrome).await?);
        let told = step(chrome).await?;
        let after = chrome.step_losses().await?;
        let Some(rest) = told.strip_prefix("Paused after step ") else {
            assert_eq!(after.len(), count, "{told}");
            continue;
        };
        assert_eq!(after.len(), count + 1, "{told}");
        let (number, loss) = rest.split_once(", loss ").ok_or(told.clone())?;
        assert_eq!(number, count.to_string());
        assert!((loss.parse::<f64>()? - after[count]).abs() < 0.001, "{told}, {}", after[count]);
        assert_ne!(curve(chrome).await?, drawn);
        assert_eq!(bar_height(chrome).await?, height);
        trained += 1;
        if trained == 3 {
            break;
        }
    }
    assert_eq!(trained, 3);
    chrome.screenshot(&screenshots().join("step.png")).await?;
    chrome.viewport(390, 844).await?;
    let on_a_phone = bar_height(chrome).await?;
    chrome.click("Resume").await?;
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    assert_eq!(bar_height(chrome).await?, on_a_phone);
    assert!(chrome.button("Step").await.is_err(), "the run has ended");
    assert_eq!(figures(&chrome.epochs().await?), whole);
    assert_eq!(chrome.step_losses().await?, losses);
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
