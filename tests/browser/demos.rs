//! The lesson's demos with the reader's own picture, an experiment that is ended, and the lesson on
//! paper and on the wall.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::Locator;
use libtest_mimic::{Completion, Failed};
use resnette_lesson::{QuestionKind, numbered};
use serde_json::{Value, json};

use crate::axe::axe_finds_none;
use crate::chrome::{Chrome, wait_for};
use crate::learn::{open, open_whole};
use crate::stage::{Outcome, Stage, scratch, screenshots};

/// A picture of 96 × 64 pixels, red in its left half and blue in its right, as a BMP: the one
/// format that a test writes by hand.
fn red_and_blue(folder: &Path) -> Result<PathBuf, Failed> {
    const WIDTH: u32 = 96;
    const HEIGHT: u32 = 64;
    let bytes = WIDTH * HEIGHT * 3;
    let mut file = b"BM".to_vec();
    for number in [54 + bytes, 0, 54, 40, WIDTH, HEIGHT, 1 | 24 << 16, 0, bytes, 2835, 2835, 0, 0] {
        file.extend(number.to_le_bytes());
    }
    for _ in 0..HEIGHT {
        for column in 0..WIDTH {
            file.extend(if column < WIDTH / 2 { [0, 0, 255] } else { [255, 0, 0] });
        }
    }
    let path = folder.join("red and blue.bmp");
    std::fs::write(&path, file)?;
    Ok(path)
}

/// Chooses a file in a demo.
async fn give(chrome: &Chrome, demo: &str, file: &Path) -> Result<(), Failed> {
    let input = chrome
        .client
        .find(Locator::Css(&format!("[aria-labelledby=learn-{demo}] input[type=file]")))
        .await?;
    Ok(input.send_keys(&file.display().to_string()).await?)
}

/// What a demo says below its drawings.
async fn says(chrome: &Chrome, demo: &str) -> Result<String, Failed> {
    let script = "return [...document.querySelectorAll(`[aria-labelledby=learn-${arguments[0]}] .demo-says`)].map(e => e.textContent).join(' | ')";
    Ok(chrome.js_with(script, vec![json!(demo)]).await?.as_str().unwrap_or_default().to_owned())
}

async fn wait_for_words(
    chrome: &Chrome,
    demo: &str,
    words: &str,
    seconds: u64,
) -> Result<String, Failed> {
    wait_for(&format!("“{words}” in {demo}"), Duration::from_secs(seconds), async || {
        Ok(Some(says(chrome, demo).await?).filter(|said| said.contains(words)))
    })
    .await
}

/// Moves a slider as a hand does.
async fn slide(chrome: &Chrome, id: &str, value: u32) -> Result<(), Failed> {
    let script = "
        const slider = document.getElementById(arguments[0]);
        slider.value = arguments[1];
        slider.dispatchEvent(new InputEvent('input', { bubbles: true }));";
    chrome.js_with(script, vec![json!(id), json!(value)]).await.map(drop)
}

/// The reader's own picture is what the 1×1 convolution computes on, what the evidence lies over,
/// and what the block adds to.
pub async fn the_readers_own_picture(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    open_whole(stage, "seed=1&step=one-by-one").await?;
    let folder = scratch("own-picture")?;
    // What is no picture is told, and the picture that was there stays.
    let broken = folder.join("broken.png");
    std::fs::write(&broken, "no picture")?;
    give(chrome, "one-by-one", &broken).await?;
    let alert = wait_for("a word about the file", Duration::from_secs(30), async || {
        let found =
            chrome.js("return document.querySelector('[aria-labelledby=learn-one-by-one] [role=alert]')?.textContent ?? null").await?;
        Ok(found.as_str().map(str::to_owned))
    })
    .await?;
    assert!(alert.contains("broken.png is not a picture"), "{alert}");
    let named = async |name: &str| -> Result<bool, Failed> {
        let script = "return [...document.querySelectorAll('.learn [aria-label]')].some(e => e.getAttribute('aria-label') === arguments[0])";
        Ok(chrome.js_with(script, vec![json!(name)]).await? == json!(true))
    };
    assert!(named("The picture: a drawn English springer").await?);

    // The filter is (0.5, −1, 2): 0.5 for red, 2 for blue. The middle square is cut out and 128
    // pixels wide.
    give(chrome, "one-by-one", &red_and_blue(&folder)?).await?;
    wait_for("the picture", Duration::from_secs(30), async || {
        Ok(named("The picture: red and blue.bmp").await?.then_some(()))
    })
    .await?;
    for (column, sum) in [(20, "make one number: 0.5."), (110, "make one number: 2.")] {
        slide(chrome, "one-column", column).await?;
        wait_for_words(chrome, "one-by-one", sum, 5).await?;
    }
    slide(chrome, "one-count", 16).await?;
    wait_for_words(chrome, "one-by-one", "Out: 16 × 128 × 128", 5).await?;

    chrome.click("Look at the picture").await?;
    let said = wait_for_words(chrome, "evidence-map", "and the network's score for", 300).await?;
    assert!(said.contains("The mean of the 16 cells"), "128 pixels end as 4 × 4 cells: {said}");
    // Nothing has been trained, so that the model that comes with the page has looked.
    assert!(chrome.text().await?.contains("Seen by the shipped model"));
    let numbers = chrome
        .js("return [...document.querySelectorAll('[aria-labelledby=learn-evidence-map] .demo-says b')].map(e => e.textContent)")
        .await?;
    assert!(
        numbers[0].is_string() && numbers[0] == numbers[1],
        "the mean of the cells is the score: {numbers}"
    );
    // Half of the picture is red, half blue: no convolution can give all cells one number.
    let cells = chrome.js("return new Set([...document.querySelectorAll('[aria-labelledby=learn-evidence-map] .cells text')].map(e => e.textContent)).size").await?;
    assert!(cells.as_u64().is_some_and(|different| different > 1), "{cells}");

    // Another size is another grid, and the mean is taken all the same.
    slide(chrome, "evidence-size", 64).await?;
    wait_for_words(chrome, "evidence-map", "The mean of the 4 cells", 60).await?;
    wait_for_words(chrome, "residual", "What block 4 added is", 10).await?;
    let rows =
        chrome.js("return document.querySelectorAll('table.residual tbody tr').length").await?;
    assert_eq!(rows, json!(6));
    // Input and output share a scale, what was added has its own.
    let scales = "return [...document.querySelectorAll('table.residual tbody tr')].map(row => [...row.querySelectorAll('.help')].map(e => e.textContent))";
    let scales: Vec<[String; 3]> = serde_json::from_value(chrome.js(scales).await?)?;
    assert!(scales.iter().all(|[input, _, output]| input == output), "{scales:?}");
    assert!(scales.iter().any(|[input, added, _]| input != added), "{scales:?}");
    slide(chrome, "residual-block", 7).await?;
    wait_for_words(chrome, "residual", "What block 7 added is", 60).await?;

    // An earlier stage has more cells.
    let earlier = "
        const chooser = document.getElementById('evidence-stage');
        chooser.value = '1';
        chooser.dispatchEvent(new Event('change', { bubbles: true }));";
    chrome.js(earlier).await?;
    wait_for_words(chrome, "evidence-map", "The mean of the 64 cells", 60).await?;
    let over = "return document.querySelectorAll('[aria-labelledby=learn-evidence-map] .shot-cross .over-cell').length";
    assert_eq!(chrome.js(over).await?, json!(64), "each cell is seen");

    // What was seen in one picture does not stand beside another.
    let choose = "
        const chooser = document.getElementById('evidence-picture');
        chooser.value = '4';
        chooser.dispatchEvent(new Event('change', { bubbles: true }));";
    chrome.js(choose).await?;
    wait_for("the old evidence to go", Duration::from_secs(30), async || {
        Ok(says(chrome, "evidence-map").await?.is_empty().then_some(()))
    })
    .await?;
    axe_finds_none(chrome, "own picture").await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// The loss surface tells how far it is and can be ended, and then another experiment can begin.
pub async fn an_experiment_can_be_ended(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    open_whole(stage, "seed=1&step=loss-surface").await?;
    chrome.click("Measure both surfaces").await?;
    let share = "return Number(document.querySelector('[aria-labelledby=learn-loss-surface] [role=progressbar]')?.getAttribute('aria-valuenow') ?? -1)";
    wait_for("progress", Duration::from_secs(120), async || {
        Ok(chrome.js(share).await?.as_f64().filter(|share| *share >= 1.0))
    })
    .await?;
    // One experiment at a time: the others say what they wait for.
    let race = chrome.button("Train all three").await?;
    assert!(!race.is_enabled().await?);
    assert!(chrome.text().await?.contains("once the loss surface is done"));
    chrome.click("End the experiment").await?;
    wait_for("the end", Duration::from_secs(30), async || {
        Ok(chrome.button("Measure both surfaces").await.ok())
    })
    .await?;
    assert_eq!(chrome.js(share).await?, json!(-1));
    chrome.click("Measure both on this device").await?;
    wait_for("times", Duration::from_secs(120), async || {
        Ok(chrome.table("Measured on this device, forwards and backwards").await.ok())
    })
    .await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// On the wall a chosen option does not swallow the key for the answer; with locked settings no
/// link changes them.
pub async fn the_key_for_the_answer_always_works(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.viewport(1280, 720).await?;
    open(stage, "presenter=1&lock=1&step=question-3").await?;
    let question = numbered(3).ok_or("no question 3")?;
    let shown = async || {
        Ok::<bool, Failed>(
            chrome.js("return document.querySelector('.revealed') !== null").await? == json!(true),
        )
    };
    chrome.client.find(Locator::Css(".option input")).await?.click().await?;
    assert!(!shown().await?);
    chrome.press(&['a']).await?;
    wait_for("the answer", Duration::from_secs(30), async || Ok(shown().await?.then_some(())))
        .await?;
    assert!(chrome.text().await?.contains(question.reason));
    // In a text field an a is an a.
    open(stage, "presenter=1&lock=1&step=question-4").await?;
    chrome.client.find(Locator::Css(".typed input")).await?.click().await?;
    chrome.press(&['a']).await?;
    assert_eq!(chrome.js("return document.querySelector('.typed input').value").await?, json!("a"));
    assert!(!shown().await?);
    open(stage, "presenter=1&lock=1&step=one-change").await?;
    assert!(chrome.text().await?.contains("locks the settings"));
    assert_eq!(chrome.js("return document.querySelectorAll('.changes a').length").await?, json!(0));
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// On paper: the sheet with all 22 questions, room to write, and nothing of the screen; of a
/// presentation the slide alone.
pub async fn the_lesson_on_paper(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    open(stage, "").await?;
    chrome.cdp("Emulation.setEmulatedMedia", json!({ "media": "print" })).await?;
    let text = chrome.text().await?;
    for number in 1..=22 {
        let question = numbered(number).ok_or("no such question")?;
        assert!(
            text.contains(&format!("Question {number}\n")) && text.contains(question.prompt),
            "question {number} is not on paper"
        );
        let offered: Vec<&str> = match &question.kind {
            QuestionKind::Choose { options } => options.iter().map(|option| option.text).collect(),
            QuestionKind::Order { steps, .. } => steps.to_vec(),
            _ => Vec::new(),
        };
        for sentence in offered {
            assert!(text.contains(sentence), "{sentence} of question {number} is not on paper");
        }
    }
    assert!(text.contains("Name") && text.contains("Date"));
    for gone in ["Check", "Export sheet", "Train all three", "Where the work is"] {
        assert!(!text.contains(gone), "{gone} is on paper");
    }
    let pages = pages(&chrome.cdp("Page.printToPDF", json!({})).await?)?;
    assert!((2..=8).contains(&pages), "the sheet has {pages} pages");

    open(stage, "presenter=1&step=question-4").await?;
    let text = chrome.text().await?;
    assert!(
        text.contains("which number takes its place?") && !text.contains("Leave presenter mode"),
        "{text}"
    );
    chrome.cdp("Emulation.setEmulatedMedia", json!({ "media": "" })).await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// How many pages a printed PDF has: each has an object of its own.
fn pages(printed: &Value) -> Result<usize, Failed> {
    let data = printed["data"].as_str().ok_or("nothing was printed")?;
    let pdf = String::from_utf8_lossy(&STANDARD.decode(data)?).into_owned();
    Ok(pdf.matches("/Type /Page\n").count() + pdf.matches("/Type /Page ").count())
}

/// Takes a picture of a step: its heading, its words, its first demo.
pub async fn picture(chrome: &Chrome, step: &str) -> Result<(), Failed> {
    chrome
        .js_with(
            "document.getElementById('learn-' + arguments[0]).scrollIntoView()",
            vec![json!(step)],
        )
        .await?;
    chrome.screenshot(&screenshots().join(format!("learn-{step}.png"))).await
}
