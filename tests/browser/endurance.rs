//! "Train this for a hundred epochs while you get lunch."

use std::time::{Duration, Instant};

use libtest_mimic::{Completion, Failed};

use crate::chrome::{Chrome, wait_for};
use crate::page::{number, tiny_with};
use crate::stage::{Outcome, Stage};

/// Bytes of the engine's WebAssembly memory, and of its GPU's where it has one, as the page says.
async fn memory(chrome: &Chrome, kinds: usize) -> Result<Vec<f64>, Failed> {
    let script =
        "return [...document.querySelectorAll('.totals data')].map(data => Number(data.value))";
    wait_for("the memory", Duration::from_secs(20), async || {
        let told = chrome.js(script).await?;
        let told: Vec<f64> =
            told.as_array().into_iter().flatten().filter_map(serde_json::Value::as_f64).collect();
        Ok((told.len() == kinds).then_some(told))
    })
    .await
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
    let start = Instant::now();
    chrome.click("Train").await?;
    wait_for("two rows", Duration::from_secs(120), async || {
        Ok((chrome.epochs().await?.len() >= 2).then_some(()))
    })
    .await?;
    let (early, seen) = (memory(chrome, kinds).await?, chrome.epochs().await?.len());
    chrome.wait_status(Duration::from_secs(600), |status| status == "Done").await?;
    let wall = start.elapsed().as_secs_f64() * 1000.0;
    let late = memory(chrome, kinds).await?;
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
        "100 epochs with {settings} in {:.0} s; wasm and GPU memory {early:.0?} bytes after epoch {seen}, {late:.0?} at the end; longest task {longest:.0} ms, tasks over 50 ms {:.1} % of the time, longest silence {gap:.0} ms",
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
