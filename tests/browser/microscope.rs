//! Predict's microscope: a plate of the diagram opens its activations, and a cell of them shows
//! which pixels it sees.

use std::time::Duration;

use fantoccini::key::Key;
use libtest_mimic::{Completion, Failed};
use serde_json::{Value, json};

use crate::axe::axe_finds_none;
use crate::chrome::{Chrome, wait_for};
use crate::page::{number, tiny_with};
use crate::predict::{ANSWER, sample, wait_predictions};
use crate::stage::{Outcome, Stage, screenshots};

/// Waits until what is shown of a layer begins with these words.
async fn wait_caption(chrome: &Chrome, wanted: &str) -> Result<(), Failed> {
    wait_for(wanted, ANSWER, async || {
        let script = "return document.querySelector('.activations figcaption')?.textContent";
        let words = chrome.js(script).await?;
        Ok(words.as_str().is_some_and(|words| words.starts_with(wanted)).then_some(()))
    })
    .await
}

/// Waits until these words and this rectangle (left and top edge, width, height) say what a cell
/// sees.
async fn wait_cell(chrome: &Chrome, words: &str, pixels: [u32; 4]) -> Result<(), Failed> {
    let wanted = json!([words, pixels]);
    wait_for(words, Duration::from_secs(10), async || {
        let script = "
            const frame = document.querySelector('.microscope-room:not([tabindex]) .frame-over');
            return frame && [document.getElementById('microscope-words').textContent, ['x', 'y', 'width', 'height'].map(name => Number(frame.getAttribute(name)))];";
        Ok((chrome.js(script).await? == wanted).then_some(()))
    })
    .await
}

/// The names of the plates that are pressed.
async fn pressed(chrome: &Chrome) -> Result<Value, Failed> {
    chrome.js("return [...document.querySelectorAll('.inside .plate[aria-pressed=true]')].map(plate => plate.getAttribute('aria-label').split(':')[0])").await
}

/// Plates by keyboard and by pointer, cells by both, at two widths and in two schemes.
pub async fn a_cell_shows_what_it_sees(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.viewport(1280, 900).await?;
    stage.open(&tiny_with("view=predict")).await?;
    chrome.click("Train").await?;
    chrome.wait_status(ANSWER, |status| status == "Done").await?;
    sample(chrome, "church").await?;
    wait_predictions(chrome).await?;
    // The second convolution of the stem, by keyboard.
    wait_for("the diagram", ANSWER, async || {
        let there = "return document.querySelector('.inside .plate') ? true : null";
        Ok(chrome.js(there).await?.as_bool())
    })
    .await?;
    chrome.focus_page().await?;
    chrome.js("document.querySelector('.inside .plate').focus()").await?;
    chrome.press(&[Key::Right.into()]).await?;
    chrome.press(&[Key::Enter.into()]).await?;
    wait_caption(chrome, "stem.1: 8 channels of 16 × 16.").await?;
    assert_eq!(pressed(chrome).await?, json!(["Stem, convolution 2"]));
    // Two convolutions 3×3, the first with stride 2: 7 pixels, 2 pixels apart, from pixel -3 on.
    let words = "Cell in row 9 of 16, column 9 of 16: this cell sees 7 × 7 pixels.";
    wait_cell(chrome, words, [13, 13, 7, 7]).await?;
    chrome.js("document.querySelector('.microscope-room[tabindex]').focus()").await?;
    chrome.press(&[Key::Home.into()]).await?;
    let words = "Cell in row 9 of 16, column 1 of 16: this cell sees 7 × 7 pixels, of which 4 × 7 lie in the picture.";
    wait_cell(chrome, words, [0, 13, 4, 7]).await?;
    chrome.press(&[Key::Right.into(), Key::Right.into()]).await?;
    chrome.press(&[Key::Up.into()]).await?;
    let words = "Cell in row 8 of 16, column 3 of 16: this cell sees 7 × 7 pixels.";
    wait_cell(chrome, words, [1, 11, 7, 7]).await?;
    // By pointer: the last cell of the first row.
    let point = "
        const room = document.querySelector('.microscope-room[tabindex]');
        const { left, top, width } = room.getBoundingClientRect();
        room.dispatchEvent(new PointerEvent('pointermove', { clientX: left + width - 2, clientY: top + 2, bubbles: true }));";
    chrome.js(point).await?;
    let words = "Cell in row 1 of 16, column 16 of 16: this cell sees 7 × 7 pixels, of which 5 × 4 lie in the picture.";
    wait_cell(chrome, words, [27, 0, 5, 4]).await?;
    // At the picture's edge the frame's lines end with the picture.
    let within = "
        const frames = [...document.querySelectorAll('.microscope-frame')];
        const ends = element => element.getBoundingClientRect();
        return frames.length === 2 && frames.every(frame => {
            const [drawn, picture] = [frame, frame.parentElement.querySelector('canvas')].map(ends);
            return getComputedStyle(frame).overflow === 'hidden'
                && ['left', 'top', 'right', 'bottom'].every(side => Math.abs(drawn[side] - picture[side]) < 0.5);
        });";
    assert_eq!(chrome.js(within).await?, json!(true));
    // Another channel, and another plate by pointer.
    let choose = "
        document.querySelectorAll('.activations .tile')[3].click();
        const plates = [...document.querySelectorAll('.inside .plate-block')];
        plates[1].dispatchEvent(new MouseEvent('click', { bubbles: true }));";
    chrome.js(choose).await?;
    wait_caption(chrome, "stages.1.0: 16 channels of 4 × 4.").await?;
    assert_eq!(pressed(chrome).await?, json!(["Stage 2, block 1"]));
    for (width, height) in [(1280, 900), (390, 844)] {
        chrome.viewport(width, height).await?;
        for scheme in ["light", "dark"] {
            chrome.prefer(scheme).await?;
            chrome.js("document.querySelector('.inside').scrollIntoView()").await?;
            let wide = number(&chrome.js("return document.documentElement.scrollWidth").await?)?;
            assert!(wide <= f64::from(width), "{width} px, {scheme}: {wide} px wide");
            // Colours take 150 ms to their new values.
            tokio::time::sleep(Duration::from_millis(500)).await;
            let name = format!("microscope-{width}-{scheme}.png");
            chrome.screenshot(&screenshots().join(name)).await?;
            axe_finds_none(chrome, &format!("the microscope, {width} px, {scheme}")).await?;
        }
    }
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
