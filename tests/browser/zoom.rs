//! Looking closer at a chart.

use std::time::Duration;

use fantoccini::key::Key;
use libtest_mimic::{Completion, Failed};
use serde_json::{Value, json};

use crate::chrome::Chrome;
use crate::page::{number, tiny_with};
use crate::stage::{Outcome, Stage, screenshots};

/// First and last label of a chart's lower edge, and its training line.
async fn shown(chrome: &Chrome) -> Result<(f64, f64, String), Failed> {
    let script = "
        const chart = [...document.querySelectorAll('.charts .chart')].find(chart => chart.querySelector('h3').textContent === 'Loss');
        const ticks = [...chart.querySelectorAll('.ticks-x span')].map(tick => Number(tick.textContent));
        return [ticks[0], ticks[ticks.length - 1], chart.querySelector('.line-train').getAttribute('d')];";
    Ok(serde_json::from_value(chrome.js(script).await?)?)
}

/// Focuses a button of the zoom bar and presses Enter.
async fn press(chrome: &Chrome, name: &str) -> Result<(), Failed> {
    let script = "
        const bar = document.querySelector('[role=group][aria-label=\"Zoom of the charts\"]');
        [...bar.querySelectorAll('button')].find(button => button.textContent === arguments[0]).focus();";
    chrome.js_with(script, vec![json!(name)]).await?;
    chrome.press(&[Key::Enter.into()]).await
}

/// Buttons by keyboard, a drag by pointer; the axes say what is shown, in the light and in the
/// dark.
pub async fn by_keyboard_and_by_pointer(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("epochs=8")).await?;
    stage.train(Duration::from_secs(180)).await?;
    let whole = shown(chrome).await?;
    assert_eq!((whole.0, whole.1), (0.0, 8.0));
    press(chrome, "Zoom in").await?;
    let closer = shown(chrome).await?;
    assert_eq!((closer.0, closer.1), (2.0, 6.0));
    assert_ne!(closer.2, whole.2);
    press(chrome, "Later").await?;
    let later = shown(chrome).await?;
    assert_eq!((later.0, later.1), (4.0, 8.0));
    press(chrome, "Zoom out").await?;
    assert_eq!(shown(chrome).await?, whole);

    let area = "
        const plot = [...document.querySelectorAll('.charts .chart')].find(chart => chart.querySelector('h3').textContent === 'Loss').querySelector('svg');
        plot.scrollIntoView({ block: 'center', behavior: 'instant' });
        const { left, top, width, height } = plot.getBoundingClientRect();
        return [left, top + height / 2, width];";
    let area: Vec<Value> = serde_json::from_value(chrome.js(area).await?)?;
    let [left, y, width] = [number(&area[0])?, number(&area[1])?, number(&area[2])?];
    // The ends are rounded outwards, to 2 and 4 of the 8 epochs.
    let steps = [("mousePressed", 0.26), ("mouseMoved", 0.4), ("mouseMoved", 0.49)];
    for (kind, share) in steps {
        let event = json!({ "type": kind, "x": left + share * width, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
        chrome.cdp("Input.dispatchMouseEvent", event).await?;
    }
    assert_eq!(
        chrome.js("return document.querySelectorAll('.chart-brush').length").await?,
        json!(1)
    );
    let event = json!({ "type": "mouseReleased", "x": left + 0.49 * width, "y": y, "button": "left", "buttons": 0, "clickCount": 1 });
    chrome.cdp("Input.dispatchMouseEvent", event).await?;
    let dragged = shown(chrome).await?;
    assert_eq!((dragged.0, dragged.1), (2.0, 4.0));
    assert_eq!(
        chrome.js("return document.querySelectorAll('.chart-brush').length").await?,
        json!(0)
    );
    for scheme in ["light", "dark"] {
        chrome.prefer(scheme).await?;
        // Colours change over a moment.
        tokio::time::sleep(Duration::from_millis(300)).await;
        chrome.screenshot(&screenshots().join(format!("zoom-{scheme}.png"))).await?;
    }
    press(chrome, "Whole run").await?;
    assert_eq!(shown(chrome).await?, whole);
    chrome.viewport(360, 740).await?;
    let wide = number(&chrome.js("return document.documentElement.scrollWidth").await?)?;
    assert!(wide <= 360.0, "the page is {wide} px wide");
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
