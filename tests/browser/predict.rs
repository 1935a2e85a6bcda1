//! Predict: pictures in by every way, answers that are the native engine's, and a look inside.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::Locator;
use libtest_mimic::{Completion, Failed};
use serde_json::json;

use crate::chrome::{Chrome, wait_for};
use crate::fixtures::{jpeg, lying_jpeg};
use crate::native::{native, predict, run};
use crate::page::{number, tiny_with};
use crate::sites::Copy;
use crate::stage::{Outcome, Stage, dist, scratch, screenshots, shared_photos};

pub const ANSWER: Duration = Duration::from_secs(120);
/// Settings of a run that learns something in seconds.
const LEARNS: &str = "train=60&valid=20&size=48&width=16&stem=8,8,16&epochs=3&bs=16&lr=0.006&expansion=2&view=predict";

/// Class and probability, as the list named Predictions has them; empty where there is none yet.
pub async fn predictions(chrome: &Chrome) -> Result<BTreeMap<String, f64>, Failed> {
    let script = "
        const list = document.querySelector('[aria-label=Predictions]');
        return [...(list?.children ?? [])].map(item => [item.querySelector('.bars-name').textContent, Number(item.querySelector('data').value)]);";
    Ok(serde_json::from_value(chrome.js(script).await?)
        .map(|pairs: Vec<(String, f64)>| pairs.into_iter().collect())?)
}

pub async fn wait_predictions(chrome: &Chrome) -> Result<BTreeMap<String, f64>, Failed> {
    wait_for("predictions", ANSWER, async || {
        Ok(Some(predictions(chrome).await?).filter(|found| !found.is_empty()))
    })
    .await
}

/// Opens files through the input labelled Open a picture.
pub async fn open(chrome: &Chrome, files: &[PathBuf]) -> Result<(), Failed> {
    // The place comes with the second part of the page.
    let there = "return document.querySelector('main input[type=file]') ? true : null";
    wait_for("the place Predict", Duration::from_secs(30), async || {
        Ok(chrome.js(there).await?.as_bool())
    })
    .await?;
    for input in chrome.client.find_all(Locator::Css("input[type=file]")).await? {
        if chrome.accessible_name(&input).await?.starts_with("Open a picture") {
            let names: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
            return Ok(input.send_keys(&names.join("\n")).await?);
        }
    }
    Err("no file input is labelled “Open a picture”".into())
}

pub async fn sample(chrome: &Chrome, class: &str) -> Result<(), Failed> {
    // At the top the bar with the buttons covers none of them.
    chrome.js("for (const d of document.querySelectorAll('details.samples')) d.open = true; window.scrollTo(0, 0)").await?;
    chrome.click(&format!("drawn {class}")).await
}

/// The model beside the page answers before anything was trained, with the probabilities of
/// `resnette predict`, for every photo: grey ones, turned ones, large ones. Its recorded run stands
/// on Train.
pub async fn uploads_equal_the_native_engine(stage: &Stage) -> Outcome {
    uploads(stage, "cpu", "CPU", 1e-3).await
}

/// The same on WebGPU.
pub async fn uploads_equal_it_on_webgpu(stage: &Stage) -> Outcome {
    if !dist()?.join("worker_gpu.js").is_file() {
        return Ok(Completion::ignored_with("skipped: dist was built without the WebGPU worker"));
    }
    uploads(stage, "webgpu", "WebGPU", 5e-3).await
}

async fn uploads(stage: &Stage, backend: &str, engine: &str, allowed: f64) -> Outcome {
    let (Some(photos), Some(native)) = (shared_photos(), native()) else {
        return Ok(Completion::ignored_with(
            "skipped: ../shared/imagenette is not there, or resnette is not built (cargo build)",
        ));
    };
    let mut files: Vec<PathBuf> = fs::read_dir(photos.join("uploads"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    assert!(files.len() >= 10);
    let folder = scratch("native")?;
    let link = format!("#{}", tiny_with("epochs=2&train=20"));
    run(&native, &["train", &link, "--out", &folder.display().to_string()])?;
    let model = folder.join("model.safetensors");
    let told = predict(&native, &model, &files)?;
    let rows = json!([{ "epoch": 0, "train_loss": 2.0, "valid_loss": 2.0, "accuracy": 0.25, "top5": 0.5, "seconds": 1.0 }]);
    let history =
        json!({ "link": "epochs=2", "rows": rows, "accuracy": 0.25, "top5": 0.5, "tta": 0.25 });
    let site = Copy::with_model("shipped", &model, &history)?;
    let chrome = &stage.chrome;
    stage.open_at(&site.url(), &tiny_with("view=train")).await?;
    wait_for("the recorded run", ANSWER, async || {
        let text = chrome
            .js("return document.querySelector('[aria-label=\"A recorded run\"]')?.innerText")
            .await?;
        Ok(text.as_str().is_some_and(|text| text.contains("0.250000")).then_some(()))
    })
    .await?;
    stage.open_at(&site.url(), &tiny_with(&format!("view=predict&backend={backend}"))).await?;
    open(chrome, &files).await?;
    wait_predictions(chrome).await?;
    let mut largest = 0f64;
    for (wanted, file) in told.iter().zip(&files) {
        let name =
            file.file_name().and_then(|name| name.to_str()).ok_or("a name that is no text")?;
        pick(chrome, name).await?;
        let gap = largest_gap(&predictions(chrome).await?, wanted)?;
        assert!(gap < allowed, "{name}: {gap}");
        largest = largest.max(gap);
    }
    println!("the largest difference on {engine} is {largest:.1e}");
    let words = chrome.text().await?;
    assert!(
        words.contains("the shipped model") && words.contains("Nothing leaves this computer"),
        "{words}"
    );
    assert!(words.contains(&format!("ms on {engine}.")), "{words}");
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Opens one of the pictures of the strip.
async fn pick(chrome: &Chrome, name: &str) -> Result<(), Failed> {
    let press = "[...document.querySelectorAll('.thumb')].find(thumb => thumb.querySelector('img').alt === arguments[0]).click()";
    chrome.js_with(press, vec![json!(name)]).await?;
    wait_for("the picked picture", ANSWER, async || {
        let caption = chrome
            .js("return document.querySelector('.answer-picture figcaption')?.textContent")
            .await?;
        Ok((caption == name).then_some(()))
    })
    .await
}

/// How far the ten bars are from the native engine's probabilities.
pub fn largest_gap(
    found: &BTreeMap<String, f64>,
    wanted: &BTreeMap<String, f64>,
) -> Result<f64, Failed> {
    if found.len() != 10 {
        return Err(format!("there are {} bars", found.len()).into());
    }
    let gap =
        |(class, found): (&String, &f64)| wanted.get(class).map(|wanted| (wanted - found).abs());
    let gaps: Option<Vec<f64>> = found.iter().map(gap).collect();
    gaps.map(|gaps| gaps.into_iter().fold(0.0, f64::max))
        .ok_or_else(|| format!("other classes: {found:?}").into())
}

/// On a page that has no model beside it an untrained network answers, and says that it guesses.
pub async fn an_untrained_network_guesses(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let site = Copy::without_model("bare")?;
    stage.open_at(&site.url(), &tiny_with("view=predict")).await?;
    sample(chrome, "church").await?;
    wait_predictions(chrome).await?;
    let words = chrome.text().await?;
    assert!(
        words.contains("the network of the settings, not trained yet")
            && words.contains("it guesses"),
        "{words}"
    );
    assert!(!chrome.button("Evaluate").await?.is_enabled().await?);
    Ok(Completion::Completed)
}

/// A drawn picture is asked about while training goes on, and again after every epoch, by itself.
pub async fn a_pinned_picture_follows_the_training(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("epochs=1000&view=predict")).await?;
    chrome.click("Train").await?;
    chrome.wait_status(ANSWER, |status| status.starts_with("Training epoch ")).await?;
    sample(chrome, "church").await?;
    let first = wait_predictions(chrome).await?;
    assert!((first.values().sum::<f64>() - 1.0).abs() < 1e-3, "{first:?}");
    let rows = wait_for("three epochs of the picture", ANSWER, async || {
        let found = chrome
            .table("This picture, epoch by epoch")
            .await
            .ok()
            .filter(|(_, rows)| rows.len() >= 3);
        Ok(found)
    })
    .await?;
    assert_eq!(rows.0, ["epoch", "first guess", "probability"]);
    // In another place of the page too: what was missed there is in the table.
    chrome.client.find(Locator::LinkText("Train")).await?.click().await?;
    let last = |rows: &[Vec<String>]| {
        rows.last().and_then(|row| row[0].parse::<usize>().ok()).unwrap_or(0)
    };
    let before = chrome.epochs().await?.len();
    wait_for("three epochs more", ANSWER, async || {
        Ok((chrome.epochs().await?.len() >= before + 3).then_some(()))
    })
    .await?;
    chrome.client.find(Locator::LinkText("Predict")).await?.click().await?;
    let (_, more) = chrome.table("This picture, epoch by epoch").await?;
    assert!(
        more.len() >= rows.1.len() + 2 && last(&more) >= last(&rows.1) + 2,
        "{:?}, then {more:?}",
        rows.1
    );
    assert!(chrome.status().await?.starts_with("Training epoch "), "training goes on");
    assert_ne!(first, predictions(chrome).await?, "the network has learned in between");
    chrome.click("Stop").await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// The model that comes with the page says that a plain blue picture is unlike its photos, and how
/// far any answer can be trusted.
pub async fn a_plain_picture_is_unlike_anything(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("view=predict")).await?;
    let send = "
        const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 160 });
        const context = canvas.getContext('2d');
        context.fillStyle = 'rgb(40, 90, 200)';
        context.fillRect(0, 0, 160, 160);
        canvas.toBlob(blob => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([blob], 'blue.png', { type: 'image/png' }));
            document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
        });";
    chrome.js(send).await?;
    wait_predictions(chrome).await?;
    let text = chrome.text().await?;
    assert!(text.contains("the shipped model"), "{text}");
    assert!(text.contains("unlike anything that the network was trained on"), "{text}");
    assert!(text.contains("A high probability does not mean that the answer is right"), "{text}");
    chrome.screenshot(&screenshots().join("unlike.png")).await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// An untrained network says that it guesses; pictures come by drop and by paste, and a file that
/// is none is named.
pub async fn paste_and_drop(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("view=predict")).await?;
    let send = "
        const [way, name] = arguments;
        const canvas = Object.assign(document.createElement('canvas'), { width: 60, height: 40 });
        canvas.getContext('2d').fillRect(5, 5, 20, 20);
        canvas.toBlob(blob => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([way === 'broken' ? 'no picture' : blob], name, { type: 'image/png' }));
            if (way === 'paste') document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }));
            else document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
        });";
    for (way, name) in [("drop", "dropped.png"), ("paste", "pasted.png"), ("broken", "broken.png")]
    {
        chrome.js_with(send, vec![json!(way), json!(name)]).await?;
        wait_for(name, ANSWER, async || {
            let text = chrome
                .js("return document.querySelector('[aria-label=Answer]')?.innerText")
                .await?;
            Ok(text.as_str().is_some_and(|text| text.contains(name)).then_some(()))
        })
        .await?;
        let text = chrome.js("return document.body.innerText").await?;
        let text = text.as_str().unwrap_or_default();
        assert_eq!(text.contains("broken.png cannot be used"), way == "broken", "{text}");
        assert_eq!(predictions(chrome).await?.is_empty(), way == "broken");
        assert!(text.contains("the shipped model"), "{text}");
    }
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// A kind that is not decoded in Rust is decoded by the browser, as among training pictures.
pub async fn a_picture_that_only_the_browser_reads(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/images/tests/data/cases");
    stage.open(&tiny_with("view=predict")).await?;
    open(chrome, &[cases.join("17-arithmetic.jpg").canonicalize()?]).await?;
    assert_eq!(wait_predictions(chrome).await?.len(), 10);
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Files that are no pictures, or lie about their size, among good ones: each is named with its
/// reason, and the good ones get answers.
pub async fn hostile_pictures_are_named(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let folder = scratch("hostile-pictures")?;
    let good = jpeg(4, 0);
    let files = [
        ("good.jpg", good.clone(), ""),
        ("cut.jpg", good[..good.len() / 4].to_vec(), "cut.jpg cannot be used"),
        ("page.jpg", b"<!doctype html><title>404</title>".to_vec(), "but a web page"),
        ("empty.png", Vec::new(), "the file is empty"),
        ("lying.jpg", lying_jpeg(), "lying.jpg cannot be used"),
        (
            "noise.webp",
            (0..4000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect(),
            "no JPEG, PNG, WebP, GIF or BMP picture",
        ),
    ];
    let paths: Vec<PathBuf> = files.iter().map(|(name, ..)| folder.join(name)).collect();
    for ((_, bytes, _), path) in files.iter().zip(&paths) {
        fs::write(path, bytes)?;
    }
    stage.open(&tiny_with("view=predict")).await?;
    open(chrome, &paths).await?;
    wait_predictions(chrome).await?;
    for (name, _, told) in &files {
        pick(chrome, name).await?;
        let text =
            chrome.js("return document.querySelector('[aria-label=Answer]').innerText").await?;
        assert!(text.as_str().is_some_and(|text| text.contains(told)), "{name}: {text}");
        assert_eq!(predictions(chrome).await?.is_empty(), !told.is_empty(), "{name}");
    }
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// Heat map of a chosen class, activations of a chosen layer, filters, and the confusion matrix by
/// keyboard. The docs' pictures are taken here.
pub async fn a_look_inside(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with(LEARNS)).await?;
    chrome.click("Train").await?;
    chrome.wait_status(Duration::from_secs(300), |status| status == "Done").await?;
    sample(chrome, "parachute").await?;
    wait_predictions(chrome).await?;
    let choose = "
        const select = [...document.querySelectorAll('label')].find(l => l.innerText.startsWith(arguments[0]) && l.querySelector('select')).querySelector('select');
        select.value = [...select.options].find(option => option.textContent === arguments[1]).value;
        select.dispatchEvent(new Event('change', { bubbles: true }));";
    chrome.js_with(choose, vec![json!("Heat map for"), json!("golf ball")]).await?;
    chrome.js_with(choose, vec![json!("Activations of"), json!("stages.0.0")]).await?;
    let caption = wait_for("activations", ANSWER, async || {
        let text = chrome
            .js("return document.querySelector('.activations figcaption')?.textContent")
            .await?;
        Ok(text.as_str().map(str::to_owned))
    })
    .await?;
    assert!(caption.starts_with("stages.0.0: 32 channels of 12 × 12"), "{caption}");
    let heat =
        chrome.js("return document.querySelector('.heat')?.getAttribute('aria-label')").await?;
    assert_eq!(heat, "Heat map: where the network sees golf ball");
    let tints = chrome.tints().await?;
    assert!(
        tints.contains(&1.0) && tints.contains(&0.15),
        "what the blocks put out is told apart: {tints:?}"
    );
    let filters =
        chrome.js("return document.querySelectorAll('.inside details .tiles li').length").await?;
    assert_eq!(filters, 8);
    chrome.viewport(1280, 1300).await?;
    chrome.js("window.scrollTo(0, 0)").await?;
    chrome.screenshot(&screenshots().join("predict.png")).await?;
    chrome
        .js("for (const d of document.querySelectorAll('.inside details')) d.open = true")
        .await?;
    chrome.js("document.querySelector('.inside').scrollIntoView()").await?;
    chrome.screenshot(&screenshots().join("inside.png")).await?;

    chrome.click("Evaluate").await?;
    wait_for("the matrix", ANSWER, async || {
        Ok((!chrome.js("return document.querySelector('.confusion .cell')").await?.is_null())
            .then_some(()))
    })
    .await?;
    let cells = "return [...document.querySelectorAll('.confusion .cell')].reduce((sum, cell) => sum + Number(cell.textContent), 0)";
    assert_eq!(chrome.js(cells).await?, 200, "every validation picture is in a cell");
    let scores = chrome
        .js("return [...document.querySelectorAll('.scores div')].map(row => row.textContent)")
        .await?;
    let scores: Vec<String> = serde_json::from_value(scores)?;
    for (score, name) in
        scores.iter().zip(["Accuracy", "Top-5 accuracy", "With test-time augmentation"])
    {
        assert!(score.starts_with(name) && score.ends_with(" %"), "{scores:?}");
    }
    assert_eq!(scores.len(), 3);
    let losses = chrome
        .js("return [...document.querySelectorAll('.top-loss')].map(item => item.innerText)")
        .await?;
    let losses: Vec<String> = serde_json::from_value(losses)?;
    assert_eq!(losses.len(), 9, "{losses:?}");
    for loss in &losses {
        // “church 81.2 %, is tench” and “loss 3.02, 4.9 % for the truth”
        assert!(
            loss.contains(" %, is ")
                && loss.contains("loss ")
                && loss.ends_with(" % for the truth"),
            "{loss}"
        );
    }
    chrome.js("document.querySelector('.confusion .cell').focus()").await?;
    chrome.press(&[fantoccini::key::Key::Enter.into()]).await?;
    let behind = wait_for("the pictures of the cell", ANSWER, async || {
        let found = chrome.js("return document.querySelectorAll('[aria-label=\"Pictures of the cell\"] li').length").await?;
        Ok(number(&found).ok().filter(|found| *found > 0.0))
    })
    .await?;
    let said = number(
        &chrome.js("return Number(document.querySelector('.confusion .cell').textContent)").await?,
    )?;
    assert_eq!(behind, said.min(24.0));
    chrome.js("document.querySelector('.measured').scrollIntoView()").await?;
    chrome.screenshot(&screenshots().join("measured.png")).await?;
    chrome.viewport(360, 740).await?;
    let width = number(&chrome.js("return document.documentElement.scrollWidth").await?)?;
    assert!(width <= 360.0, "the page is {width} px wide");
    chrome.prefer("dark").await?;
    chrome.js("document.querySelector('.answer').scrollIntoView()").await?;
    chrome.screenshot(&screenshots().join("predict-phone-dark.png")).await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
