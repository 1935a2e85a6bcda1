//! Transfer learning: a pretrained network from a file and from an imitation of Hugging Face, what
//! it says at once, its fine-tuning, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::predict::{ANSWER, largest_gap, open, predictions, sample, wait_predictions};
use fantoccini::Locator;
use libtest_mimic::{Completion, Failed};
use resnette_picture::classes::imagenette_names;
use serde_json::{Value, json};
use xtask::hub::{Faults, Hub};

use crate::chrome::{Chrome, wait_for};
use crate::fixtures::jpeg;
use crate::native::{native, predict, resnet18};
use crate::page::tiny_with;
use crate::runs::{download, open_file};
use crate::sites::Copy;
use crate::stage::{Outcome, Stage, screenshots};

/// A ResNet-18 at 224 px on one core.
const SLOW: Duration = Duration::from_secs(240);
const NO_TORCHVISION: &str =
    "skipped: no torchvision in /usr/bin/python3 (apt install python3-torchvision)";

/// Whether a status is that of a run of so many epochs that trains: its first may be over before
/// anybody looks.
fn is_training(status: &str, epochs: u32) -> bool {
    status.starts_with("Training epoch ") && status.contains(&format!(" of {epochs}"))
}

/// Waits until the page says this of the network that answers.
pub async fn model_is(chrome: &Chrome, words: &str) -> Result<(), Failed> {
    wait_for(words, SLOW, async || Ok(chrome.text().await?.contains(words).then_some(()))).await
}

/// What the page says of the last model file, where it is refused.
async fn refusal(chrome: &Chrome, words: &str) -> Result<String, Failed> {
    let script = "return [...document.querySelectorAll('[role=alert]')].map(alert => alert.textContent).join('\\n')";
    wait_for(words, SLOW, async || {
        Ok(chrome.js(script).await?.as_str().filter(|text| text.contains(words)).map(str::to_owned))
    })
    .await
}

/// A file through the input named Open model or run.
pub async fn open_model(chrome: &Chrome, file: &Path) -> Result<(), Failed> {
    for input in chrome.client.find_all(Locator::Css("input[type=file]")).await? {
        if chrome.accessible_name(&input).await?.starts_with("Open model or run") {
            return Ok(input.send_keys(&file.display().to_string()).await?);
        }
    }
    Err("no file input is labelled “Open model or run”".into())
}

/// A ResNet-18 with torchvision's names from a file: it answers with the thousand names and the
/// native engine's numbers, is fine-tuned on the drawn set, answers with the ten names then, leaves
/// as a file and comes back the same. The run is in the list.
pub async fn a_pretrained_network_is_fine_tuned(stage: &Stage) -> Outcome {
    let Some(model) = resnet18("pretrained")? else {
        return Ok(Completion::ignored_with(NO_TORCHVISION));
    };
    let chrome = &stage.chrome;
    // So few steps that the dropout of fastai's head would say more than learning.
    let settings = "view=predict&train=4&valid=2&size=32&epochs=2&lr=0.01&head=linear";
    stage.open(&tiny_with(settings)).await?;
    assert!(!chrome.button("Fine-tune").await?.is_enabled().await?);
    open_model(chrome, &model).await?;
    model_is(
        chrome,
        "resnet18.safetensors, 11.7 M parameters, sees 224 px, tells 1000 classes apart",
    )
    .await?;
    let picture = model.with_file_name("church.jpg");
    fs::write(&picture, jpeg(4, 1))?;
    open(chrome, std::slice::from_ref(&picture)).await?;
    let found = wait_predictions(chrome).await?;
    match native() {
        Some(native) => {
            let wanted = &predict(&native, &model, std::slice::from_ref(&picture))?[0];
            assert_eq!(wanted.len(), 1000);
            let gap = largest_gap(&found, wanted)?;
            assert!(gap < 1e-3, "{gap}: {found:?}");
        }
        None => println!("resnette is not built (cargo build): the numbers are not compared"),
    }
    chrome.js("document.querySelector('.transfer').scrollIntoView()").await?;
    chrome.screenshot(&screenshots().join("transfer.png")).await?;

    chrome.click("Fine-tune").await?;
    chrome.wait_status(SLOW, |status| is_training(status, 3)).await?;
    chrome.wait_status(Duration::from_secs(400), |status| status == "Done").await?;
    model_is(chrome, "ResNet-18, fine-tuned, after epoch 2").await?;
    let ten = imagenette_names();
    let tuned = wait_for("the new head's answer", ANSWER, async || {
        Ok(Some(predictions(chrome).await?)
            .filter(|found| found.keys().all(|class| ten.contains(class))))
    })
    .await?;
    let bytes = download(chrome, "Save model").await?;
    assert!(bytes > 40_000_000, "{bytes}");
    chrome.client.find(Locator::LinkText("Train")).await?.click().await?;
    let rows = chrome.epochs().await?;
    assert_eq!(rows.len(), 3, "one epoch with the body frozen, then two");
    println!("{rows:?}");
    assert!(rows[2].train_loss < rows[0].train_loss, "{rows:?}");
    let (_, runs) = chrome.table("Runs").await?;
    let names = chrome
        .js("return [...document.querySelectorAll('.run-name')].map(input => input.value)")
        .await?;
    assert_eq!((runs.len(), names), (1, json!(["Run 1, fine-tuned"])));
    let card = chrome.js("return document.querySelector('.keep').innerText").await?;
    assert!(
        card.as_str().is_some_and(
            |card| card.contains("Save model") && !card.contains("Load the model in PyTorch")
        ),
        "{card}"
    );

    // Back from its file it is the same network.
    chrome.client.find(Locator::LinkText("Predict")).await?.click().await?;
    open_file(chrome, "mine.safetensors", "window.kept").await?;
    model_is(chrome, "mine.safetensors").await?;
    let thumbs = async |wanted: u64| {
        wait_for("its answer", ANSWER, async || {
            let shown = chrome.js("return document.querySelectorAll('.thumb').length").await?;
            Ok((shown.as_u64() >= Some(wanted)).then_some(()))
        })
        .await
    };
    // One after the other: the drawing is made into a file first.
    sample(chrome, "church").await?;
    thumbs(2).await?;
    open(chrome, std::slice::from_ref(&picture)).await?;
    thumbs(3).await?;
    let gap = largest_gap(&predictions(chrome).await?, &tuned)?;
    assert!(gap < 1e-4, "{gap}");
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// A fine-tuning that says nothing of a head gets fastai's, with dropout. Over nine epochs of five
/// steps each the training loss falls all the same.
pub async fn a_fine_tuning_gets_fastais_head(stage: &Stage) -> Outcome {
    let Some(model) = resnet18("fastai-head")? else {
        return Ok(Completion::ignored_with(NO_TORCHVISION));
    };
    let chrome = &stage.chrome;
    let settings = "view=predict&train=4&valid=2&size=32&epochs=8&bs=8&lr=0.01";
    stage.open(&tiny_with(settings)).await?;
    open_model(chrome, &model).await?;
    model_is(chrome, "tells 1000 classes apart").await?;
    chrome.click("Fine-tune").await?;
    chrome.wait_status(SLOW, |status| is_training(status, 9)).await?;
    chrome.wait_status(Duration::from_secs(400), |status| status == "Done").await?;
    model_is(chrome, "ResNet-18, fine-tuned, after epoch 8").await?;
    chrome.client.find(Locator::LinkText("Train")).await?.click().await?;
    let rows = chrome.epochs().await?;
    assert_eq!(rows.len(), 9, "one epoch with the body frozen, then eight");
    println!("{rows:?}");
    let last = rows[7].train_loss.max(rows[8].train_loss);
    assert!(last < rows[0].train_loss, "{rows:?}");
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// A network by its name on Hugging Face, read in ranges without a referrer; answers that are no
/// such network are refused with a reason, and the one that is open stays.
pub async fn a_network_comes_from_hugging_face(stage: &Stage) -> Outcome {
    let Some(model) = resnet18("hub")? else { return Ok(Completion::ignored_with(NO_TORCHVISION)) };
    let good = fs::read(&model)?;
    let root = model.parent().map(PathBuf::from).ok_or("a file without a folder")?;
    let hostile = [
        ("page", b"<!doctype html><title>Sign in</title>".repeat(500), "this is a web page"),
        ("cut", good[..good.len() / 2].to_vec(), "not as long as its header says"),
        ("short", vec![0; 5], "too short"),
        (
            "missing",
            with_header(&good, |header| {
                rename(header, "layer4.1.bn2.bias", "layer4.1.bn2.bias.num_batches_tracked")
            })?,
            "layer4.1.bn2.bias",
        ),
        ("extra", one_more(&good)?, "layer9.weight"),
        (
            "shape",
            with_header(&good, |header| header["fc.bias"]["shape"] = json!([2, 500]))?,
            "fc.bias",
        ),
        ("nan", not_a_number(&good), "conv1.weight"),
        (
            "others",
            with_header(&good, |header| rename(header, "conv1.weight", "patch_embed.weight"))?,
            "the names of the tensors",
        ),
    ];
    for (name, bytes, _) in &hostile {
        fs::write(root.join(format!("{name}.safetensors")), bytes)?;
    }
    fs::rename(&model, root.join("model.safetensors"))?;
    let hub = Hub::start(&root, Faults { cuts: 2, cut_after: 100_000, ..Faults::default() })
        .map_err(|error| format!("{error:#}"))?;
    let site = Copy::with_hub("hub-page", &hub)?;
    let chrome = &stage.chrome;
    stage.open_at(&site.url(), &tiny_with("view=predict&threads=1")).await?;
    fetch(chrome, "timm/resnet18.a1_in1k").await?;
    model_is(chrome, "tells 1000 classes apart").await?;
    sample(chrome, "church").await?;
    let first = wait_predictions(chrome).await?;
    assert_eq!(first.len(), 10);
    let asked = hub.log();
    assert!(
        asked.iter().all(|asked| asked.method == "GET"
            && asked.range.is_some()
            && asked.referrer.is_none()),
        "{asked:?}"
    );
    assert!(
        asked.iter().any(|asked| asked.range.as_deref() == Some("bytes=100000-3999999")),
        "a cut read goes on: {asked:?}"
    );

    for (name, _, told) in &hostile {
        fetch(
            chrome,
            &format!("https://huggingface.co/timm/{name}/resolve/main/{name}.safetensors"),
        )
        .await?;
        let words = refusal(chrome, told).await?;
        assert!(words.contains("kept") && words.contains(name), "{name}: {words}");
        assert!(
            chrome.text().await?.contains("tells 1000 classes apart"),
            "{name}: the network stays"
        );
    }
    fetch(chrome, "https://huggingface.co/timm/nothing/blob/main/nothing.safetensors").await?;
    let words = refusal(chrome, "404").await?;
    assert!(words.contains("kept"), "{words}");
    hub.set_faults(Faults { expired: true, ..Faults::default() });
    fetch(chrome, "timm/resnet18.a1_in1k").await?;
    refusal(chrome, "403").await?;
    // Another host is never asked.
    type_address(chrome, "https://example.com/resnet18.safetensors").await?;
    assert!(!chrome.button("Fetch").await?.is_enabled().await?);
    assert!(
        chrome.text().await?.contains("networks are fetched from https://huggingface.co/ only")
    );
    sample(chrome, "church").await?;
    wait_for("a second answer", SLOW, async || {
        Ok((chrome.js("return document.querySelectorAll('.thumb').length").await? == 2)
            .then_some(()))
    })
    .await?;
    assert_eq!(predictions(chrome).await?, first, "the first network still answers");
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// Types an address into the field for a network.
async fn type_address(chrome: &Chrome, address: &str) -> Result<(), Failed> {
    let field = chrome.client.find(Locator::Id("hub-address")).await?;
    field.clear().await?;
    Ok(field.send_keys(address).await?)
}

/// Fetches a network, and waits until the page would fetch another.
async fn fetch(chrome: &Chrome, address: &str) -> Result<(), Failed> {
    type_address(chrome, address).await?;
    chrome.click("Fetch").await
}

/// A safetensors file with another header.
fn with_header(file: &[u8], change: impl FnOnce(&mut Value)) -> Result<Vec<u8>, Failed> {
    let (length, rest) = file.split_first_chunk::<8>().ok_or("no file")?;
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let mut header: Value = serde_json::from_slice(header)?;
    change(&mut header);
    let header = header.to_string();
    Ok([&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat())
}

/// The file with a tensor behind the others that no ResNet has.
fn one_more(file: &[u8]) -> Result<Vec<u8>, Failed> {
    let mut longer = with_header(file, |header| {
        let ends = header.as_object().into_iter().flat_map(|tensors| tensors.values());
        let end = ends.filter_map(|tensor| tensor["data_offsets"][1].as_u64()).max().unwrap_or(0);
        header["layer9.weight"] =
            json!({ "dtype": "F32", "shape": [4], "data_offsets": [end, end + 16] });
    })?;
    longer.extend([0; 16]);
    Ok(longer)
}

/// Gives a tensor another name; what had that name before goes.
fn rename(header: &mut Value, name: &str, other: &str) {
    header[other] = header[name].take();
    header.as_object_mut().expect("a header is an object").remove(name);
}

/// The file with a NaN in place of the first number of `conv1.weight`.
fn not_a_number(file: &[u8]) -> Vec<u8> {
    let (length, rest) = file.split_first_chunk::<8>().expect("a file");
    let length = u64::from_le_bytes(*length) as usize;
    let header: Value = serde_json::from_slice(&rest[..length]).expect("a header");
    let at = 8
        + length
        + header["conv1.weight"]["data_offsets"][0].as_u64().expect("an offset") as usize;
    let mut file = file.to_vec();
    file[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    file
}
