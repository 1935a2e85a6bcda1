//! Watch it learn: the network of a run after every epoch, by pointer and by keyboard, and the same
//! run as without.

use std::time::Duration;

use fantoccini::key::Key;
use libtest_mimic::{Completion, Failed};
use serde_json::{Value, json};

use crate::axe::axe_finds_none;
use crate::chrome::{Chrome, wait_for};
use crate::page::{number, tiny_with};
use crate::runs::figures;
use crate::stage::{Outcome, Stage, screenshots};

const LIMIT: Duration = Duration::from_secs(180);
/// Ten classes with six validation pictures each, of which the network gets some wrong.
const SETTINGS: &str = "view=train&epochs=3&train=20&valid=6";
const GUESSES: &str = "Its first three guesses, epoch by epoch";

/// Waits until the part is there, which comes with a module of its own.
async fn wait_part(chrome: &Chrome) -> Result<(), Failed> {
    let there = "return document.querySelector('details.watch > summary') ? true : null";
    wait_for("the part Watch it learn", LIMIT, async || Ok(chrome.js(there).await?.as_bool()))
        .await
        .map(drop)
}

/// Opens or closes the part with the keyboard.
async fn toggle(chrome: &Chrome) -> Result<(), Failed> {
    chrome.focus_page().await?;
    chrome.js("document.querySelector('details.watch > summary').focus()").await?;
    chrome.press(&[Key::Enter.into()]).await
}

/// The rows of the table of guesses, once there are so many.
async fn wait_guesses(chrome: &Chrome, rows: usize) -> Result<Vec<Vec<String>>, Failed> {
    wait_for("the table of guesses", LIMIT, async || {
        let found = chrome.table(GUESSES).await.ok().map(|(_, rows)| rows);
        Ok(found.filter(|found| found.len() == rows))
    })
    .await
}

async fn count(chrome: &Chrome, selector: &str) -> Result<f64, Failed> {
    let script = "return document.querySelectorAll(arguments[0]).length";
    number(&chrome.js_with(script, vec![json!(selector)]).await?)
}

/// What is pinned: the words beside the picture, once they are these.
async fn wait_said(chrome: &Chrome, wanted: &Value) -> Result<(), Failed> {
    wait_for("the pinned picture", LIMIT, async || {
        let script = "
            const pressed = [...document.querySelectorAll('.watch-point[aria-pressed=true]')];
            const caption = document.querySelector('.watch-activations figcaption');
            return pressed.length === 1 && caption && [document.querySelector('.watch-said').textContent, pressed[0].getAttribute('aria-label')];";
        Ok((chrome.js(script).await? == json!([wanted, wanted])).then_some(()))
    })
    .await
}

/// Id and name of what has the focus, if it is a point of the map.
async fn focused_point(chrome: &Chrome) -> Result<Option<(String, Value)>, Failed> {
    let script = "
        const focused = document.activeElement;
        return focused.matches('.watch-point') ? [focused.id, focused.getAttribute('aria-label')] : null;";
    Ok(serde_json::from_value(chrome.js(script).await?)?)
}

/// A run that is watched has a row of guesses for every epoch and one before the first, and the
/// table of the run that nobody watched; while the part is closed there is nothing in it.
pub async fn a_watched_run_is_the_same_run(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.viewport(1280, 900).await?;
    stage.open(&tiny_with(SETTINGS)).await?;
    wait_part(chrome).await?;
    let alone = figures(&stage.train(LIMIT).await?);
    assert_eq!(count(chrome, ".watch-body, .watch-point, .watch-waits").await?, 0.0);
    // A network that has been trained can be looked at afterwards.
    toggle(chrome).await?;
    assert_eq!(wait_guesses(chrome, 1).await?[0][0], "2");
    stage.open(&tiny_with(SETTINGS)).await?;
    wait_part(chrome).await?;
    toggle(chrome).await?;
    wait_for("the words before a run", LIMIT, async || {
        Ok((count(chrome, ".watch-waits").await? == 1.0).then_some(()))
    })
    .await?;
    assert_eq!(figures(&stage.train(LIMIT).await?), alone);
    let rows = wait_guesses(chrome, 4).await?;
    let epochs: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(epochs, ["before", "0", "1", "2"]);
    for row in &rows {
        let guesses = &row[1..];
        assert!(guesses.len() == 3 && guesses.iter().all(|guess| guess.contains(" %")), "{row:?}");
    }
    toggle(chrome).await?;
    wait_for("an empty part", LIMIT, async || {
        Ok((count(chrome, ".watch-body").await? == 0.0).then_some(()))
    })
    .await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Every picture of the sample is on the map as the number of its class, one with a wrong guess in
/// a ring. A click and the keyboard pin a picture, which shows its label, the prediction and the
/// activations of a stage. Nothing sticks out sideways, and axe-core finds nothing.
pub async fn pictures_are_pinned_by_pointer_and_keyboard(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.viewport(1280, 900).await?;
    stage.open(&tiny_with(SETTINGS)).await?;
    wait_part(chrome).await?;
    toggle(chrome).await?;
    stage.train(LIMIT).await?;
    wait_guesses(chrome, 4).await?;
    assert_eq!(count(chrome, ".watch-point").await?, 60.0);
    assert_eq!(count(chrome, "[aria-label=Filters] .tiles canvas").await?, 8.0);
    let numbers = "return [...new Set([...document.querySelectorAll('.watch-point text')].map(text => text.textContent))].sort((a, b) => a - b)";
    let wanted: Vec<String> = (1..=10).map(|number: u32| number.to_string()).collect();
    assert_eq!(chrome.js(numbers).await?, json!(wanted));
    // By pointer.
    let click = "
        const wrong = [...document.querySelectorAll('.watch-wrong')].at(-1);
        wrong.dispatchEvent(new MouseEvent('click', { bubbles: true }));
        return wrong.getAttribute('aria-label');";
    let name = chrome.js(click).await?;
    assert!(name.as_str().is_some_and(|name| name.contains(", mistaken for ")), "{name}");
    wait_said(chrome, &name).await?;
    let press = "
        const button = document.querySelector('.watch-mistakes .thumbnail[aria-pressed=false]');
        button.click();
        return button.getAttribute('aria-label');";
    let name = chrome.js(press).await?;
    wait_said(chrome, &name).await?;
    // By keyboard: the map is one stop of Tab.
    assert_eq!(count(chrome, ".watch-point[tabindex='0']").await?, 1.0);
    chrome.focus_page().await?;
    chrome.js("document.querySelector(\".watch-point[tabindex='0']\").focus()").await?;
    let mut visited: Vec<(String, Value)> = Vec::new();
    for key in [Key::Home, Key::Right, Key::Down, Key::Left] {
        chrome.press(&[key.into()]).await?;
        let before = visited.last().cloned();
        let point = wait_for("another point with the focus", LIMIT, async || {
            let point = focused_point(chrome).await?;
            Ok(point.filter(|point| before.as_ref() != Some(point)))
        })
        .await?;
        visited.push(point);
    }
    assert_eq!(visited[1], visited[3], "{visited:?}");
    let (_, first) = &visited[0];
    assert!(first.as_str().is_some_and(|name| name.contains("mistaken")), "{visited:?}");
    chrome.press(&[Key::Enter.into()]).await?;
    wait_said(chrome, &visited[3].1).await?;
    // Another stage.
    let choose = "
        const select = document.querySelector('[aria-label=\"Pinned picture\"] select');
        select.value = 'stages.3';
        select.dispatchEvent(new Event('change', { bubbles: true }));
        return [...select.options].map(option => option.value);";
    let stages = json!(["stages.0", "stages.1", "stages.2", "stages.3"]);
    assert_eq!(chrome.js(choose).await?, stages);
    wait_for("the activations of the last stage", LIMIT, async || {
        let script = "return document.querySelector('.watch-activations figcaption').textContent";
        let words = chrome.js(script).await?;
        let is_there = words.as_str().is_some_and(|words| words.starts_with("stages.3: "));
        Ok(is_there.then_some(()))
    })
    .await?;
    for (width, height) in [(1280, 900), (390, 844)] {
        chrome.viewport(width, height).await?;
        for scheme in ["light", "dark"] {
            chrome.prefer(scheme).await?;
            chrome.js("document.querySelector('.watch').scrollIntoView()").await?;
            let wide = number(&chrome.js("return document.documentElement.scrollWidth").await?)?;
            assert!(wide <= f64::from(width), "{width} px, {scheme}: {wide} px wide");
            // Colours take 150 ms to their new values.
            tokio::time::sleep(Duration::from_millis(500)).await;
            let name = format!("watch-{width}-{scheme}.png");
            chrome.screenshot(&screenshots().join(name)).await?;
        }
    }
    for scheme in ["light", "dark"] {
        chrome.prefer(scheme).await?;
        axe_finds_none(chrome, &format!("Watch it learn, {scheme}")).await?;
    }
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
