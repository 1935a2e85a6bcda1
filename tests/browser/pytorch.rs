//! Models between the page and PyTorch, both ways, and as burnpack: the same picture gets the same
//! answer.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use crate::predict::{open, wait_predictions};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::RgbImage;
use libtest_mimic::{Completion, Failed};
use serde_json::json;

use crate::chrome::{Chrome, wait_for};
use crate::page::tiny_with;
use crate::runs::{download, open_file};
use crate::stage::{Outcome, Stage, scratch};
use crate::transfer::model_is;

const LIMIT: Duration = Duration::from_secs(120);
/// Side of the pictures: one of this size is neither cut nor scaled.
const SIDE: u32 = 48;

/// Behind the snippet: the logarithm of each class' probability for the picture, which is its logit
/// but for a number that all share.
const ANSWER: &str = "
import json
raw = torch.frombuffer(bytearray(open('picture.rgb', 'rb').read()), dtype=torch.uint8).reshape(48, 48, 3)
x = raw.permute(2, 0, 1)[None].float() / 255
x = (x - torch.tensor([.485, .456, .406]).reshape(1, 3, 1, 1)) / torch.tensor([.229, .224, .225]).reshape(1, 3, 1, 1)
with torch.no_grad(): print(json.dumps(net(x).log_softmax(1).flatten().tolist()))
";
/// Instead of loading: weights and statistics that no training gave, and their file.
const OWN: &str = "
from safetensors.torch import save_file
with torch.no_grad():
    for name, value in net.state_dict().items():
        if name.endswith('running_var'): value.uniform_(.5, 2)
        elif name.endswith('running_mean'): value.normal_(0, .3)
        elif value.dtype == torch.float32: value.add_(torch.randn_like(value) * .05)
save_file(net.state_dict(), 'theirs.safetensors')
net.eval()
";

fn python(folder: &Path, program: &str) -> Result<Output, Failed> {
    Ok(Command::new("/usr/bin/python3")
        .args(["-c", program])
        .current_dir(folder)
        .env("PYTHONPATH", folder)
        .output()?)
}

/// The page's answers, in the order of the classes.
fn logs(found: &BTreeMap<String, f64>, classes: &[String]) -> Vec<f64> {
    classes.iter().map(|class| found[class].ln()).collect()
}

/// Runs the program, and holds what it prints against the page's answers.
fn agree(what: &str, folder: &Path, program: &str, ours: &[f64]) -> Result<(), Failed> {
    let output = python(folder, program)?;
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    let theirs: Vec<f64> = serde_json::from_slice(&output.stdout)?;
    assert_eq!(ours.len(), theirs.len());
    let gap = ours.iter().zip(&theirs).fold(0.0, |gap: f64, (a, b)| gap.max((a - b).abs()));
    println!("{what}: the logits differ by {gap:.1e} at most");
    assert!(gap <= 1e-4, "{what}: {ours:?} {theirs:?}");
    Ok(())
}

async fn go(chrome: &Chrome, place: &str) -> Result<(), Failed> {
    let script = "[...document.querySelectorAll('nav[aria-label=Places] a')].find(a => a.textContent === arguments[0]).click()";
    chrome.js_with(script, vec![json!(place)]).await.map(drop)
}

/// The page's answer about a picture that it has not seen under this name.
async fn ask(chrome: &Chrome, picture: &Path) -> Result<BTreeMap<String, f64>, Failed> {
    go(chrome, "Predict").await?;
    open(chrome, &[picture.to_path_buf()]).await?;
    let name =
        picture.file_name().and_then(|name| name.to_str()).ok_or("a name that is no text")?;
    wait_for(name, LIMIT, async || {
        let caption = chrome
            .js("return document.querySelector('.answer-picture figcaption')?.textContent")
            .await?;
        Ok((caption == name).then_some(()))
    })
    .await?;
    wait_predictions(chrome).await
}

/// Presses a button that downloads, and keeps the file.
async fn save(chrome: &Chrome, button: &str, file: &Path) -> Result<String, Failed> {
    download(chrome, button).await?;
    let script = "let text = ''; for (const byte of window.kept) text += String.fromCharCode(byte); return btoa(text)";
    let text = chrome.js(script).await?.as_str().unwrap_or_default().to_owned();
    fs::write(file, STANDARD.decode(&text).map_err(|error| error.to_string())?)?;
    Ok(text)
}

/// Opens a file by dropping it where **Open model or run** is.
async fn drop_file(chrome: &Chrome, name: &str, bytes: &[u8]) -> Result<(), Failed> {
    let script = "
        const bytes = Uint8Array.from(atob(arguments[1]), letter => letter.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], arguments[0]));
        const label = [...document.querySelectorAll('.keep label.drop')].find(label => label.textContent.includes('Open model or run'));
        label.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));";
    chrome.js_with(script, vec![json!(name), json!(STANDARD.encode(bytes))]).await.map(drop)
}

/// A model that the page saved loads strictly in PyTorch and answers the same; one that PyTorch
/// saved opens in the page; a burnpack goes out and comes back.
pub async fn models_go_both_ways(stage: &Stage) -> Outcome {
    let folder = scratch("pytorch")?;
    fs::create_dir_all(folder.join("safetensors"))?;
    fs::write(folder.join("safetensors/__init__.py"), "")?;
    fs::write(folder.join("safetensors/torch.py"), include_str!("safetensors_torch.py"))?;
    if !python(&folder, "import torch")?.status.success() {
        return Ok(Completion::ignored_with(
            "skipped: /usr/bin/python3 has no torch (apt install python3-torch)",
        ));
    }
    let pictures: Vec<PathBuf> = ["first", "second", "third"]
        .iter()
        .map(|name| folder.join(format!("{name}.png")))
        .collect();
    let picture = RgbImage::from_fn(SIDE, SIDE, |x, y| {
        image::Rgb([(x * 5) as u8, (y * 5) as u8, ((x * y) % 256) as u8])
    });
    fs::write(folder.join("picture.rgb"), picture.as_raw())?;
    for path in &pictures {
        picture.save(path).map_err(|error| error.to_string())?;
    }

    let chrome = &stage.chrome;
    let settings =
        format!("train=20&size={SIDE}&epochs=2&expansion=2&width=16&stem=8,8,16&view=train");
    stage.open(&tiny_with(&settings)).await?;
    stage.train(LIMIT).await?;
    let classes = "return [...document.querySelectorAll('[aria-label=Predictions] .bars-name')].map(name => name.textContent)";
    let snippet = chrome.js("return document.querySelector('.snippet').textContent").await?;
    let snippet = snippet.as_str().ok_or("no snippet")?.to_owned();
    let file = snippet
        .split("load_file(\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .ok_or("no file in the snippet")?
        .to_owned();
    save(chrome, "Save model", &folder.join(&file)).await?;
    let packed = save(chrome, "Save as burnpack", &folder.join("ours.bpk")).await?;
    let metadata = fs::read(folder.join(&file))?;
    let metadata = String::from_utf8_lossy(&metadata);
    let mut names: Vec<String> = Vec::new();
    let trained = ask(chrome, &pictures[0]).await?;
    // The list is sorted by probability; the file has the classes in their order.
    let listed: Vec<String> = serde_json::from_value(chrome.js(classes).await?)?;
    let place = |class: &String| metadata.find(class.as_str());
    names.extend(listed);
    names.sort_by_key(place);
    assert!(names.len() == 10 && names.iter().all(|name| place(name).is_some()), "{names:?}");
    agree(
        "the page's model in PyTorch",
        &folder,
        &format!("{snippet}{ANSWER}"),
        &logs(&trained, &names),
    )?;

    // PyTorch's own state dict, which says nothing of itself.
    let start = snippet.find("net.load_state_dict").ok_or("the snippet loads nothing")?;
    let program = format!("import torch\ntorch.manual_seed(3)\n{}{OWN}{ANSWER}", &snippet[..start]);
    let output = python(&folder, &program)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    go(chrome, "Train").await?;
    drop_file(chrome, "theirs.safetensors", &fs::read(folder.join("theirs.safetensors"))?).await?;
    go(chrome, "Predict").await?;
    model_is(chrome, "theirs.safetensors").await?;
    let opened = ask(chrome, &pictures[1]).await?;
    // It does not say what its ten classes are, so they are numbered.
    let numbered: Vec<String> = (0..10).map(|class| format!("class {class}")).collect();
    assert!(numbered.iter().eq(opened.keys()), "{opened:?}");
    agree("PyTorch's model in the page", &folder, &program, &logs(&opened, &numbered))?;

    // And the page's own again, from the burnpack.
    go(chrome, "Train").await?;
    let hold = "window.kept = Uint8Array.from(atob(arguments[0]), letter => letter.charCodeAt(0))";
    chrome.js_with(hold, vec![json!(packed)]).await?;
    open_file(chrome, "ours.bpk", "window.kept").await?;
    assert_eq!(ask(chrome, &pictures[2]).await?, trained, "the burnpack holds the same network");
    chrome.console_is_clean().await?;
    fs::remove_dir_all(folder)?;
    Ok(Completion::Completed)
}
