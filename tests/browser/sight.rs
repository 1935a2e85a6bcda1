//! What a reader has before the eyes: the first screen, the place that a link leads to, and the
//! focus.

use std::time::Duration;
use std::{fs, slice};

use fantoccini::key::Key;
use libtest_mimic::{Completion, Failed};
use serde_json::{Value, json};

use crate::chrome::{Chrome, wait_for};
use crate::data::from_files;
use crate::fixtures::{folder, tar};
use crate::learn::go;
use crate::page::{number, tiny_with};
use crate::predict::{sample, wait_predictions};
use crate::stage::{Outcome, Stage, scratch, screenshots};

const LIMIT: Duration = Duration::from_secs(180);
const DESK: (u32, u32) = (1280, 800);
const PHONE: (u32, u32) = (390, 844);

/// Top and bottom of the first element of a selector, in the window.
async fn span(chrome: &Chrome, selector: &str) -> Result<(f64, f64), Failed> {
    let script = "const box = document.querySelector(arguments[0]).getBoundingClientRect(); return [box.top, box.bottom];";
    let found = chrome.js_with(script, vec![json!(selector)]).await?;
    Ok((number(&found[0])?, number(&found[1])?))
}

/// A link to a step, a demo or a question shows its heading at the top of the window, and the map
/// marks the step that it belongs to.
pub async fn a_link_to_a_step_lands_at_its_heading(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    for (width, height) in [DESK, PHONE] {
        chrome.viewport(width, height).await?;
        for (slug, step) in [("grid-to-vector", 1), ("skip-connections", 2), ("bottleneck", 4)] {
            stage.open(&tiny_with(&format!("view=learn&step={slug}"))).await?;
            let heading = format!("#learn-{slug}");
            wait_for("the lesson", LIMIT, async || {
                let focused = format!("return document.activeElement.id === 'learn-{slug}'");
                Ok((chrome.js(&focused).await? == true).then_some(()))
            })
            .await?;
            let (top, _) = span(chrome, &heading).await?;
            assert!((0.0..100.0).contains(&top), "{slug} at {width} px: {top}");
            let here = "return [...document.querySelectorAll('.map a')].findIndex(link => link.getAttribute('aria-current') === 'step')";
            wait_for("the mark on the map", Duration::from_secs(5), async || {
                Ok((chrome.js(here).await? == step).then_some(()))
            })
            .await?;
        }
    }
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Train is pressed by keyboard: the focus stays in the bar and comes back to the button, and the
/// bar keeps its height from the first step to the last.
pub async fn the_bar_keeps_focus_and_height(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let watch = "
        const bar = document.querySelector('.run-bar');
        window.heights = new Set();
        window.lost = 0;
        setInterval(() => {
            window.heights.add(Math.round(bar.getBoundingClientRect().height));
            if (!bar.contains(document.activeElement)) window.lost += 1;
        }, 5);";
    let late = "
        const timer = window.setTimeout;
        window.setTimeout = (call, wait, ...rest) => timer(call, (wait || 0) + 100, ...rest);";
    for (width, height) in [DESK, PHONE] {
        chrome.viewport(width, height).await?;
        stage.open(&tiny_with("epochs=3&train=40")).await?;
        chrome.js("document.querySelector('.run-bar .primary').focus()").await?;
        chrome.js(watch).await?;
        // Where a drawing takes long, Yew leaves what comes after it to a timer, and the browser
        // may paint and tell of events before that is due.
        chrome.js(late).await?;
        chrome.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": 6 })).await?;
        chrome.press(&[Key::Enter.into()]).await?;
        chrome.wait_status(LIMIT, |status| status == "Done").await?;
        wait_for("the focus on Train", Duration::from_secs(5), async || {
            let back = "return document.activeElement.textContent.trim() === 'Train'";
            Ok((chrome.js(back).await? == true).then_some(()))
        })
        .await?;
        let seen = chrome.js("return [[...window.heights], window.lost]").await?;
        assert_eq!(seen[0].as_array().map(Vec::len), Some(1), "at {width} px: {seen}");
        assert_eq!(seen[1], 0, "the focus was lost at {width} px");
        chrome.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": 1 })).await?;
    }
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// What one message changes is seen at once, also on a slow computer: a note on the pictures is
/// there with the pictures, whenever Yew leaves something to a timer.
pub async fn a_change_is_drawn_whole(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let root = scratch("whole")?;
    let mut files = folder("pets", &["cat", "dog"], 8);
    files.push(("pets/cat/empty.jpg".into(), Vec::new()));
    let archive = root.join("pets.tar");
    fs::write(&archive, tar(&files))?;
    let between = "
        window.half = 0;
        const between = new MessageChannel();
        between.port1.onmessage = () => {
            const loaded = document.body.innerText.includes('Fingerprint');
            if (loaded && !document.querySelector('ul[aria-label=Problems]')) window.half += 1;
        };
        const timer = window.setTimeout;
        window.setTimeout = (...call) => {
            between.port2.postMessage(null);
            return timer(...call);
        };";
    // The pictures and the end of their loading do not arrive apart every time.
    for _ in 0..3 {
        stage.open(&from_files()).await?;
        chrome.js(between).await?;
        chrome.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": 20 })).await?;
        stage.choose("Open pictures or archives", slice::from_ref(&archive)).await?;
        stage.fingerprint().await?;
        assert_eq!(stage.problems().await?, ["pets.tar: pets/cat/empty.jpg: the file is empty"]);
        assert_eq!(chrome.js("return window.half").await?, 0, "seen half drawn");
        chrome.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": 1 })).await?;
    }
    chrome.console_is_clean().await?;
    fs::remove_dir_all(root)?;
    Ok(Completion::Completed)
}

/// Curves, answer and what a number of the confusion matrix stands for are seen without scrolling,
/// on a small laptop and on a phone; nothing makes the page wider than the window.
pub async fn the_first_screen_shows_what_matters(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.viewport(DESK.0, DESK.1).await?;
    stage.open(&tiny_with("epochs=3&size=128&train=8")).await?;
    stage.train(LIMIT).await?;
    let outcome = wait_for("how good the run is", LIMIT, async || {
        let outcome = chrome.js("return document.querySelector('.outcome')?.innerText").await?;
        Ok(outcome.as_str().map(str::to_owned))
    })
    .await?;
    assert!(outcome.contains("guessing one of 10 classes would get 10.0 %"), "{outcome}");
    assert!(outcome.contains("not 90 % on photos") && outcome.contains("What to try next"));
    for (name, (width, height)) in [("desk", DESK), ("phone", PHONE)] {
        chrome.viewport(width, height).await?;
        chrome.js("window.scrollTo(0, 0)").await?;
        let (_, bottom) = span(chrome, ".charts .chart svg").await?;
        assert!(bottom <= f64::from(height), "{name}: the loss ends at {bottom}");
        let labels = "
            const room = document.querySelector('.ribbon-room').getBoundingClientRect();
            return [...document.querySelectorAll('.ribbon text')].every(text => text.getBoundingClientRect().left >= room.left)";
        assert_eq!(chrome.js(labels).await?, true, "{name}: a label of the diagram is cut");
        let code = "document.querySelectorAll('.keep details').forEach(fold => fold.open = true); return document.documentElement.scrollWidth";
        let wide = number(&chrome.js(code).await?)?;
        assert!(wide <= f64::from(width), "{name}: {wide} px wide");
        chrome.screenshot(&screenshots().join(format!("sight-train-{name}.png"))).await?;
    }
    go(chrome, "Predict").await?;
    for (name, (width, height)) in [("desk", DESK), ("phone", PHONE)] {
        chrome.viewport(width, height).await?;
        chrome.js("window.scrollTo(0, 0)").await?;
        sample(chrome, if name == "desk" { "church" } else { "golf ball" }).await?;
        wait_predictions(chrome).await?;
        wait_for("the answer in sight", LIMIT, async || {
            let (top, bottom) = span(chrome, ".bars li").await?;
            Ok((top >= 0.0 && bottom <= f64::from(height)).then_some(()))
        })
        .await?;
    }
    chrome.click("Evaluate").await?;
    wait_for("the confusion matrix", LIMIT, async || {
        let there = "return document.querySelector('.confusion .cell') !== null";
        Ok((chrome.js(there).await? == true).then_some(()))
    })
    .await?;
    // The names of the rows stay, and the pictures come into sight.
    let row = "
        const room = document.querySelector('.measured .table-room');
        room.scrollLeft = room.scrollWidth;
        const box = room.querySelector('tbody th').getBoundingClientRect();
        room.querySelector('.cell').click();
        return [box.left, box.right];";
    let row = chrome.js(row).await?;
    assert!(number(&row[0])? >= 0.0 && number(&row[1])? <= 390.0, "{row}");
    wait_for("the pictures of the cell in sight", Duration::from_secs(5), async || {
        let there =
            chrome.js("return document.querySelector('.cell-pictures h3') !== null").await?;
        if there != true {
            return Ok(None);
        }
        let (top, bottom) = span(chrome, ".cell-pictures h3").await?;
        Ok((top >= 0.0 && bottom <= f64::from(PHONE.1)).then_some(()))
    })
    .await?;
    chrome.screenshot(&screenshots().join("sight-confusion-phone.png")).await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// In forced colours a bar at a tenth does not look full, and in both schemes six compared runs
/// have six colours.
pub async fn bars_and_lines_can_be_told_apart(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("epochs=1&lock=1&view=data")).await?;
    let data = chrome.text().await?;
    assert!(data.contains("The settings are locked"), "{data}");
    let colours = "
        const svg = document.querySelector('.run-bar svg').cloneNode(true);
        svg.innerHTML = [0, 1, 2, 3, 4, 5].map(run => `<path class='line-run line-run-${run}' d='M0 0H1'/>`).join('');
        document.querySelector('main').append(svg);
        const strokes = [...svg.querySelectorAll('path')].map(line => getComputedStyle(line).stroke);
        svg.remove();
        return new Set(strokes).size;";
    for scheme in ["light", "dark"] {
        chrome.prefer(scheme).await?;
        assert_eq!(chrome.js(colours).await?, 6, "{scheme}");
    }
    let forced = json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
    chrome.cdp("Emulation.setEmulatedMedia", forced).await?;
    let track = "
        const track = getComputedStyle(document.querySelector('.bar-track'));
        const fill = getComputedStyle(document.querySelector('.bar-fill'));
        return [track.stroke, track.fill, fill.fill];";
    let look: Value = chrome.js(track).await?;
    assert!(look[0] == "none" && look[1] != look[2], "{look}");
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
