//! A GPU device that goes away under a run, and a reload, on WebGPU in software.

use std::time::Duration;

use libtest_mimic::{Completion, Failed};

use crate::chrome::wait_for;
use crate::page::{EpochRow, tiny_with};
use crate::runs::{BARE, go_on, once_there_are_rows, train_and_pause};
use crate::sites::Copy;
use crate::stage::{Outcome, Stage, dist};

/// In front of the worker's own script: every device that it gets is destroyed when the test says
/// so.
const HOOK: &str = "
const devices = [];
const request = GPUAdapter.prototype.requestDevice;
GPUAdapter.prototype.requestDevice = async function (...rest) {
    const device = await request.apply(this, rest);
    devices.push(device);
    return device;
};
new BroadcastChannel('test').onmessage = () => devices.splice(0).forEach(device => device.destroy());
";
/// Software takes its time.
const LIMIT: Duration = Duration::from_secs(600);

/// All rows agree within 1e-3 of the loss.
fn compare(what: &str, found: &[EpochRow], whole: &[EpochRow]) {
    assert_eq!(found.len(), whole.len(), "{what}");
    let gaps = found
        .iter()
        .zip(whole)
        .map(|(a, b)| (a.train_loss - b.train_loss).abs().max((a.valid_loss - b.valid_loss).abs()));
    let gap = gaps.fold(0.0, f64::max);
    println!("{what}: the losses differ by {gap:.1e} at most");
    assert!(gap <= 1e-3, "{what}: {found:?} and {whole:?}");
}

/// `GPUDevice.destroy()` under the run: another engine is started and the run goes on by itself. A
/// paused run goes on after a reload. Both end as the run that was left alone.
pub async fn a_destroyed_device_and_a_reload_change_nothing(stage: &Stage) -> Outcome {
    if !dist()?.join("worker_gpu.js").is_file() {
        return Ok(Completion::ignored_with("skipped: dist was built without the WebGPU worker"));
    }
    let (chrome, site) = (&stage.chrome, Copy::with_hook("device-loss", HOOK)?);
    let settings = tiny_with("epochs=3&backend=webgpu");
    stage.open_at(&site.url(), &settings).await?;
    let whole = stage.train(LIMIT).await?;
    assert_eq!(whole.len(), 3);

    stage.open_at(&site.url(), &settings).await?;
    chrome.click("Train").await?;
    // The first epoch's save is complete when the second has a row; the second's own may be under
    // way.
    let destroy = "done(); new BroadcastChannel('test').postMessage('destroy');";
    once_there_are_rows(chrome, 2, destroy).await?;
    let words = "The engine was lost; the run goes on from its last save";
    wait_for(words, LIMIT, async || Ok(chrome.text().await?.contains(words).then_some(()))).await?;
    wait_for("the end", LIMIT, async || Ok((chrome.status().await? == "Done").then_some(())))
        .await?;
    compare("after a lost device", &chrome.epochs().await?, &whole);

    train_at(stage, &site.url(), &settings).await?;
    stage.open_at(&site.url(), BARE).await?;
    go_on(chrome).await?;
    compare("after a reload", &chrome.epochs().await?, &whole);
    Ok(Completion::Completed)
}

/// Trains until a row is there, and holds; what was held is saved.
async fn train_at(stage: &Stage, url: &str, settings: &str) -> Result<(), Failed> {
    let chrome = &stage.chrome;
    stage.open_at(url, settings).await?;
    train_and_pause(chrome, 1).await.map(drop)
}
