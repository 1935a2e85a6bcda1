//! No loading, decoding or training on the page's own thread.

use std::time::{Duration, Instant};

use libtest_mimic::Completion;

use crate::page::{number, tiny_with};
use crate::stage::{Outcome, Stage};

/// The worker is fetched when Train is pressed and not before, the WebGPU worker not at all, and
/// the page's thread is hardly ever busy meanwhile.
pub async fn the_engine_runs_in_a_worker(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage
        .open(&tiny_with("train=60&valid=10&size=64&width=16&stem=8,8,16&epochs=2&threads=1"))
        .await?;
    let fetched = |name: &str| stage.site.log().iter().any(|served| served.path.contains(name));
    assert!(!fetched("worker_"), "a worker was fetched before Train: {:?}", stage.site.log());

    // Tasks over 50 ms on this thread, from here on.
    let watch = "
        window.longTasks = [];
        new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(task => task.duration))).observe({ type: 'longtask' });";
    chrome.js(watch).await?;
    let start = Instant::now();
    let rows = stage.train(Duration::from_secs(300)).await?;
    let wall = start.elapsed().as_secs_f64() * 1000.0;
    assert_eq!(rows.len(), 2);

    assert!(fetched("/worker_cpu.js") && fetched("/worker_cpu_bg.wasm"));
    assert!(!fetched("worker_gpu"), "the engine that is not used was fetched");
    let longest = number(&chrome.js("return Math.max(0, ...window.longTasks)").await?)?;
    let sum =
        number(&chrome.js("return window.longTasks.reduce((sum, task) => sum + task, 0)").await?)?;
    println!(
        "page's thread while training for {wall:.0} ms: longest task {longest:.0} ms, tasks over 50 ms {sum:.0} ms in all"
    );
    // Training on this thread would be one long task after the other. On a busy two-core machine a
    // render may exceed 50 ms by itself.
    assert!(sum < 0.1 * wall, "the page's thread was busy for {sum:.0} of {wall:.0} ms");
    // An engine on this thread would need its module here.
    let modules = "return performance.getEntriesByType('resource').map(entry => entry.name).filter(name => name.endsWith('.wasm'))";
    let modules = chrome.js(modules).await?;
    assert!(
        modules.as_array().is_some_and(|names| names
            .iter()
            .all(|name| !name.as_str().unwrap_or_default().contains("worker_"))),
        "{modules}"
    );
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
