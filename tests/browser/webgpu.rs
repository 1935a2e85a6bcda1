//! Training on WebGPU, under Chromium's software adapter.

use std::time::Duration;

use libtest_mimic::Completion;

use crate::page::tiny_with;
use crate::stage::{Outcome, Stage, dist};

/// Two epochs of a narrow net: the loss falls, nothing is said on the console, and the first three
/// steps' losses are the CPU engine's.
pub async fn first_losses_equal_the_cpu_engines(stage: &Stage) -> Outcome {
    if !dist()?.join("worker_gpu.js").is_file() {
        return Ok(Completion::ignored_with("skipped: dist was built without the WebGPU worker"));
    }
    let mut losses = Vec::new();
    for backend in ["cpu", "webgpu"] {
        stage.open(&tiny_with(&format!("epochs=2&backend={backend}"))).await?;
        let rows = stage.train(Duration::from_secs(600)).await?;
        assert_eq!(rows.len(), 2);
        assert!(rows[1].train_loss < rows[0].train_loss, "{backend}: {rows:?}");
        stage.chrome.console_is_clean().await?;
        let engine = if backend == "cpu" { "CPU engine" } else { "WebGPU engine" };
        let more = "return document.querySelector('.status-more').textContent";
        let more = stage.chrome.js(more).await?.as_str().unwrap_or_default().to_owned();
        assert!(more.contains(engine), "the page says which engine ran: {more}");
        // With the adapter's name, and not with nothing behind “on”.
        assert!(!more.trim_end().ends_with(" on"), "{more}");
        losses.push(stage.chrome.step_losses().await?);
    }
    let worker = stage
        .site
        .log()
        .iter()
        .any(|served| served.path.ends_with("/worker_gpu_bg.wasm") && served.status == 200);
    assert!(worker, "the WebGPU worker was fetched");
    // 80 pictures by 16: five steps an epoch.
    assert_eq!((losses[0].len(), losses[1].len()), (10, 10));
    println!(
        "losses of the first steps: {:?} on CPU, {:?} on WebGPU",
        &losses[0][..3],
        &losses[1][..3]
    );
    for (step, (cpu, gpu)) in losses[0].iter().zip(&losses[1]).take(3).enumerate() {
        assert!((cpu - gpu).abs() <= 1e-3, "step {step}: {cpu} on CPU, {gpu} on WebGPU");
    }
    Ok(Completion::Completed)
}
