//! "Train this for a hundred epochs while you get lunch."

use std::ops::Range;
use std::time::{Duration, Instant};

use libtest_mimic::{Completion, Failed};
use serde::Deserialize;

use crate::chrome::Chrome;
use crate::page::{number, tiny_with};
use crate::stage::{Outcome, Stage};

/// A sampler in the page: what every epoch's report says of the engine's WebAssembly memory, and of
/// its GPU's where it has one, in bytes, by the count of rows.
const SAMPLER: &str = "
    window.memory = [];
    setInterval(() => {
        const epochs = [...document.querySelectorAll('table')].find(table => table.caption?.textContent === 'Epochs');
        const rows = epochs ? epochs.tBodies[0].rows.length : 0;
        const told = [...document.querySelectorAll('.totals data')].map(data => Number(data.value));
        const last = window.memory.at(-1);
        if (told.length > 0 && (rows !== last?.rows || String(told) !== String(last.told))) window.memory.push({ rows, told });
    }, 50);";

/// The most that was told of each kind of memory while these rows came.
async fn peaks(chrome: &Chrome, rows: Range<usize>, kinds: usize) -> Result<Vec<f64>, Failed> {
    let samples = chrome.js("return window.memory").await?;
    let samples: Vec<Sample> = serde_json::from_value(samples)?;
    let within: Vec<_> = samples.iter().filter(|sample| rows.contains(&sample.rows)).collect();
    if within.is_empty() || within.iter().any(|sample| sample.told.len() != kinds) {
        return Err(format!("of rows {rows:?} the page tells no memory: {samples:?}").into());
    }
    let peak = |kind: usize| within.iter().map(|sample| sample.told[kind]).fold(0.0, f64::max);
    Ok((0..kinds).map(peak).collect())
}

#[derive(Debug, Deserialize)]
struct Sample {
    rows: usize,
    told: Vec<f64>,
}

/// A hundred epochs of the drawn set on the CPU: a hundred rows, memory flat, and the page answers
/// all the while.
pub async fn a_hundred_epochs(stage: &Stage) -> Outcome {
    hundred(stage, "backend=cpu", 1).await
}

/// The same on WebGPU, where the GPU's memory must stay flat too. The network is wider, so that the
/// device holds a megabyte.
pub async fn a_hundred_epochs_on_webgpu(stage: &Stage) -> Outcome {
    hundred(stage, "backend=webgpu&width=16", 2).await
}

async fn hundred(stage: &Stage, settings: &str, kinds: usize) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with(&format!("epochs=100&{settings}"))).await?;
    let watch = "
        window.longTasks = [];
        new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(task => task.duration))).observe({ type: 'longtask' });
        window.gap = 0;
        let last = performance.now();
        setInterval(() => { const now = performance.now(); window.gap = Math.max(window.gap, now - last); last = now; }, 50);";
    chrome.js(watch).await?;
    chrome.js(SAMPLER).await?;
    let start = Instant::now();
    chrome.click("Train").await?;
    chrome.wait_status(Duration::from_secs(600), |status| status == "Done").await?;
    let wall = start.elapsed().as_secs_f64() * 1000.0;
    // What an epoch leaves laid down differs by a tenth from one epoch to the next on the GPU, as
    // small tensors come to lie where larger ones lay: the peaks of many epochs are compared.
    let early = peaks(chrome, 2..21, kinds).await?;
    let late = peaks(chrome, 80..101, kinds).await?;
    let rows = chrome.epochs().await?;
    assert_eq!(rows.len(), 100);
    assert!(rows[99].train_loss < rows[0].train_loss, "{:?} {:?}", rows[0], rows[99]);
    let (_, runs) = chrome.table("Runs").await?;
    assert_eq!(runs[0][2], "100", "{runs:?}");
    let longest = number(&chrome.js("return Math.max(0, ...window.longTasks)").await?)?;
    let sum =
        number(&chrome.js("return window.longTasks.reduce((sum, task) => sum + task, 0)").await?)?;
    let gap = number(&chrome.js("return window.gap").await?)?;
    println!(
        "100 epochs with {settings} in {:.0} s; wasm and GPU memory {early:.0?} bytes at most in the first 20 epochs, {late:.0?} in the last 20; longest task {longest:.0} ms, tasks over 50 ms {:.1} % of the time, longest silence {gap:.0} ms",
        wall / 1000.0,
        100.0 * sum / wall
    );
    let [share, on_gpu @ ..] =
        &early.iter().zip(&late).map(|(early, late)| late / early).collect::<Vec<_>>()[..]
    else {
        return Err("the page tells no memory".into());
    };
    assert!(
        early[0] > 1e6 && (share - 1.0).abs() < 0.05,
        "the memory went from {early:?} to {late:?}"
    );
    // On the GPU it may be a little less: what the first steps laid down is given back.
    assert!(
        early.iter().all(|early| *early > 1e6)
            && on_gpu.iter().all(|share| (0.9..1.05).contains(share)),
        "{early:?} to {late:?}"
    );
    // A page that draws more with every row would get there; a busy machine alone does not.
    assert!(
        sum < 0.2 * wall && gap < 3_000.0,
        "the page was busy for {sum:.0} of {wall:.0} ms, and silent for {gap:.0} ms"
    );
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
