//! The drawing in Predict: answered stroke by stroke, in one entry, also while a run trains.

use std::time::Duration;

use fantoccini::Locator;
use fantoccini::actions::{InputSource, PointerAction, TouchActions};
use fantoccini::key::Key;
use libtest_mimic::{Completion, Failed};
use serde_json::{Value, json};

use crate::chrome::{Chrome, wait_for};
use crate::page::{number, tiny_with};
use crate::predict::{ANSWER, predictions, sample, wait_predictions};
use crate::stage::{Outcome, Stage, screenshots};

/// The place Predict with the drawing unfolded, in a window that has room for it.
async fn unfolded(stage: &Stage, changes: &str) -> Result<(), Failed> {
    let chrome = &stage.chrome;
    chrome.viewport(1280, 900).await?;
    stage.open(&tiny_with(changes)).await?;
    let is_open = "return document.querySelector('details.easel').open";
    assert_eq!(chrome.js(is_open).await?, false, "it is folded at first");
    chrome.unfold("details.easel").await?;
    assert_eq!(chrome.js(is_open).await?, true);
    Ok(())
}

/// A place of the drawing, in pixels of the drawing, as a place of the window. The canvas is
/// brought to the middle of the window, where no bar covers it.
async fn place(chrome: &Chrome, (x, y): (f64, f64)) -> Result<(f64, f64), Failed> {
    let script = "
        const canvas = document.querySelector('.easel canvas');
        canvas.scrollIntoView({ block: 'center', behavior: 'instant' });
        const { left, top, width, height } = canvas.getBoundingClientRect();
        return [left, top, width, height];";
    let area = chrome.js(script).await?;
    let [left, top, width, height] = [0, 1, 2, 3].map(|index| number(&area[index]));
    Ok((left? + x * width? / 320.0, top? + y * height? / 320.0))
}

/// An event of the mouse at a place of the drawing.
async fn mouse(chrome: &Chrome, kind: &str, at: (f64, f64)) -> Result<(), Failed> {
    let (x, y) = place(chrome, at).await?;
    let buttons = if kind == "mouseReleased" { 0 } else { 1 };
    let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1 });
    chrome.cdp("Input.dispatchMouseEvent", event).await.map(drop)
}

/// A stroke from one place of the drawing to another.
async fn stroke(chrome: &Chrome, from: (f64, f64), to: (f64, f64)) -> Result<(), Failed> {
    mouse(chrome, "mousePressed", from).await?;
    for step in 1..=10 {
        let share = f64::from(step) / 10.0;
        let at = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
        mouse(chrome, "mouseMoved", at).await?;
    }
    mouse(chrome, "mouseReleased", to).await
}

/// The number of pixels that are not white, and of those that are more red than anything else.
async fn inked(chrome: &Chrome) -> Result<(f64, f64), Failed> {
    let script = "
        const canvas = document.querySelector('.easel canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let [all, red] = [0, 0];
        for (let at = 0; at < data.length; at += 4) {
            if (data[at] < 250 || data[at + 1] < 250 || data[at + 2] < 250) all += 1;
            if (data[at] > 150 && data[at + 1] < 100 && data[at + 2] < 100) red += 1;
        }
        return [all, red];";
    let found = chrome.js(script).await?;
    Ok((number(&found[0])?, number(&found[1])?))
}

/// The address of the drawing that was answered last; `None` if another picture is shown.
async fn answered(chrome: &Chrome) -> Result<Option<String>, Failed> {
    let script = "
        const figure = document.querySelector('.answer-picture');
        return figure?.querySelector('figcaption').textContent === 'your drawing' ? figure.querySelector('img').src : null;";
    Ok(chrome.js(script).await?.as_str().map(str::to_owned))
}

/// Waits until the drawing is answered as it is now: the answer's picture is what is on the canvas.
/// Returns the address of that picture.
async fn answered_now(chrome: &Chrome) -> Result<String, Failed> {
    // In one call: a moment later another answer may be there.
    let script = "
        const figure = document.querySelector('.answer-picture');
        const image = figure?.querySelector('img');
        if (figure?.querySelector('figcaption').textContent !== 'your drawing') return null;
        if (!image?.complete || image.naturalWidth !== 320 || image.naturalHeight !== 320) return null;
        const copy = Object.assign(document.createElement('canvas'), { width: 320, height: 320 });
        copy.getContext('2d').drawImage(image, 0, 0);
        const pixels = canvas => canvas.getContext('2d').getImageData(0, 0, 320, 320).data;
        const [there, here] = [pixels(copy), pixels(document.querySelector('.easel canvas'))];
        return there.every((value, at) => Math.abs(value - here[at]) < 4) ? image.src : null;";
    wait_for("an answer about the drawing as it is", ANSWER, async || {
        Ok(chrome.js(script).await?.as_str().map(str::to_owned))
    })
    .await
}

/// So many pixels are not white, up to those at the edges of strokes, and none is red.
async fn shows(chrome: &Chrome, wanted: f64) -> Result<(), Failed> {
    let (all, red) = inked(chrome).await?;
    assert!((all - wanted).abs() < 100.0 && red == 0.0, "{all} pixels and not {wanted}, {red} red");
    Ok(())
}

/// The names of the pictures in the strip, which is there if there are several.
async fn strip(chrome: &Chrome) -> Result<Value, Failed> {
    chrome.js("return [...document.querySelectorAll('.thumb img')].map(image => image.alt)").await
}

/// Presses Undo or Clear by keyboard.
async fn press(chrome: &Chrome, name: &str) -> Result<(), Failed> {
    let script = "[...document.querySelectorAll('.easel button')].find(b => b.textContent === arguments[0]).focus()";
    chrome.js_with(script, vec![json!(name)]).await?;
    chrome.press(&[Key::Enter.into()]).await
}

/// Strokes by mouse and by finger are answered; each answer takes the place of the one before;
/// tools, Undo and Clear do what they say, by keyboard too.
pub async fn a_drawing_is_answered_stroke_by_stroke(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    unfolded(stage, "view=predict").await?;
    let canvas = chrome.client.find(Locator::Css(".easel canvas")).await?;
    assert_eq!(chrome.accessible_name(&canvas).await?, "Your drawing");
    assert_eq!(inked(chrome).await?, (0.0, 0.0));

    stroke(chrome, (60.0, 100.0), (260.0, 100.0)).await?;
    let (one, red) = inked(chrome).await?;
    assert!(one > 1_000.0 && red == 0.0, "{one} pixels, {red} of them red");
    let first = answered_now(chrome).await?;
    assert_eq!(wait_predictions(chrome).await?.len(), 10);
    let guesses = "return document.querySelectorAll('ol.easel-guesses li').length";
    assert_eq!(chrome.js(guesses).await?, 3);
    chrome.screenshot(&screenshots().join("draw.png")).await?;

    // A second stroke, in red and by finger.
    chrome.client.find(Locator::Css(".easel input[value=red]")).await?.click().await?;
    let ((x, y), (to_x, to_y)) =
        (place(chrome, (60.0, 200.0)).await?, place(chrome, (260.0, 220.0)).await?);
    let finger = TouchActions::new("finger".to_owned())
        .then(PointerAction::MoveTo { duration: None, x, y })
        .then(PointerAction::Down { button: 0 })
        .then(PointerAction::MoveTo {
            duration: Some(Duration::from_millis(100)),
            x: to_x,
            y: to_y,
        })
        .then(PointerAction::Up { button: 0 });
    chrome.client.perform_actions(finger).await?;
    let (two, red) = inked(chrome).await?;
    assert!(two > one + 1_000.0 && red > 1_000.0, "{two} pixels, {red} of them red");
    assert_ne!(answered_now(chrome).await?, first);
    assert_eq!(strip(chrome).await?, json!([]), "there is one entry");

    // Beside another picture too, there is one entry; its next answer is opened.
    sample(chrome, "church").await?;
    wait_for("the church", ANSWER, async || Ok(answered(chrome).await?.is_none().then_some(())))
        .await?;
    press(chrome, "Undo").await?;
    shows(chrome, one).await?;
    let third = answered_now(chrome).await?;
    assert_eq!(strip(chrome).await?, json!(["drawn church.png", "your drawing"]));
    assert_eq!(predictions(chrome).await?.len(), 10);

    // Nothing is asked about an empty square.
    press(chrome, "Clear").await?;
    assert_eq!(inked(chrome).await?, (0.0, 0.0));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(answered(chrome).await?.as_ref(), Some(&third));
    assert_eq!(chrome.js(guesses).await?, 0);
    press(chrome, "Undo").await?;
    // What was cleared away is back, and asked about like any other change.
    shows(chrome, one).await?;
    wait_for("another answer", ANSWER, async || {
        Ok((answered(chrome).await?.as_ref() != Some(&third)).then_some(()))
    })
    .await?;
    answered_now(chrome).await?;

    // The drawing is there again after a look at another place of the page.
    chrome.client.find(Locator::LinkText("Train")).await?.click().await?;
    chrome.client.find(Locator::LinkText("Predict")).await?.click().await?;
    wait_for("the square", Duration::from_secs(10), async || {
        let is_there = "return document.querySelector('details.easel[open] canvas') !== null";
        Ok((chrome.js(is_there).await? == true).then_some(()))
    })
    .await?;
    shows(chrome, one).await?;
    let background = "
        const select = document.querySelector('.easel select');
        select.value = 'light blue';
        select.dispatchEvent(new Event('change', { bubbles: true }));";
    chrome.js(background).await?;
    assert_eq!(inked(chrome).await?.0, 320.0 * 320.0);
    answered_now(chrome).await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// While a run trains, a stroke that does not end is answered on the way.
pub async fn a_long_stroke_while_a_run_trains(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    unfolded(stage, "epochs=1000&view=predict").await?;
    chrome.click("Train").await?;
    chrome.wait_status(ANSWER, |status| status.starts_with("Training epoch ")).await?;
    mouse(chrome, "mousePressed", (40.0, 160.0)).await?;
    let mut before: Option<String> = None;
    let mut answers = 0;
    let mut at = 0.0;
    wait_for("three answers during one stroke", ANSWER, async || {
        at += 1.0;
        mouse(chrome, "mouseMoved", (160.0 + 100.0 * f64::sin(at), 160.0)).await?;
        let now = answered(chrome).await?;
        if now.is_some() && now != before {
            before = now;
            answers += 1;
        }
        Ok((answers >= 3).then_some(()))
    })
    .await?;
    mouse(chrome, "mouseReleased", (160.0, 160.0)).await?;
    assert!(chrome.status().await?.starts_with("Training epoch "), "training goes on");
    assert_eq!(strip(chrome).await?, json!([]), "there is one entry");
    chrome.click("Stop").await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
