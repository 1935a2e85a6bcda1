//! "Benchmark this browser": figures that can be, of the network of the settings.

use std::time::Duration;

use libtest_mimic::Completion;
use serde_json::Value;

use crate::chrome::wait_for;
use crate::page::tiny_with;
use crate::stage::{Outcome, Stage};

async fn figures(stage: &Stage, backend: &str) -> Result<Value, libtest_mimic::Failed> {
    let chrome = &stage.chrome;
    stage.open(&tiny_with(&format!("backend={backend}"))).await?;
    chrome.unfold(".advanced").await?;
    chrome.unfold(".benchmark").await?;
    chrome.click("Benchmark this browser").await?;
    let text = wait_for("the figures", Duration::from_secs(600), async || {
        let text = chrome
            .js("return document.querySelector('[data-benchmark]')?.dataset.benchmark ?? ''")
            .await?;
        Ok(text.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
    })
    .await?;
    let told: Value = serde_json::from_str(&text)?;
    println!("{told}");
    let number = |key: &str| told[key].as_f64().unwrap_or_else(|| panic!("no {key} in {told}"));
    assert_eq!((number("bs"), number("size")), (16.0, 32.0), "the settings' own");
    let steps: Vec<f64> =
        told["steps_ms"].as_array().unwrap().iter().map(|step| step.as_f64().unwrap()).collect();
    assert_eq!(steps.len(), 10);
    let (median, enqueue) = (number("ms_per_step"), number("enqueue_ms"));
    assert!(steps.iter().any(|step| *step <= median) && steps.iter().any(|step| *step >= median));
    assert!(enqueue > 0.0 && enqueue <= median, "handed over before it is done: {told}");
    assert!((number("pictures_per_second") * median / 1e3 - 16.0).abs() < 1e-6);
    // Steps in a queue take no longer than steps that are waited for: half as long again is the
    // noise of a busy machine.
    let (queued, rate) = (number("queued_ms"), number("queued_gflops"));
    assert_eq!(number("queued_steps"), 10.0);
    assert!(queued > 0.0 && queued < 1.5 * steps.iter().copied().fold(median, f64::max), "{told}");
    assert!((rate * queued / number("gflops") / median - 1.0).abs() < 1e-6, "{told}");
    // The page's copy button is there once there is something to copy, and the page can train as
    // before.
    chrome.button("Copy the figures").await?;
    chrome.console_is_clean().await?;
    Ok(told)
}

pub async fn of_the_cpu_engine(stage: &Stage) -> Outcome {
    let told = figures(stage, "cpu").await?;
    assert!(told["engine"] == "CPU" && told["dispatches_per_step"].is_null(), "{told}");
    assert!(told["kernels"].is_null() && told["product_gflops"].is_null(), "{told}");
    stage.train(Duration::from_secs(120)).await?;
    Ok(Completion::Completed)
}

pub async fn of_the_webgpu_engine(stage: &Stage) -> Outcome {
    let told = figures(stage, "webgpu").await?;
    assert_eq!(told["engine"], "WebGPU");
    let dispatches = told["dispatches_per_step"].as_f64().unwrap();
    // A bottleneck of four blocks has about 20 layers: a few kernels each, one more for each
    // parameter. Burn's single operations need over a thousand.
    assert!((100.0..400.0).contains(&dispatches), "{told}");
    // The software adapter keeps the tiles that every adapter had.
    assert_eq!(told["kernels"], "software: 128 sums, 512 units");
    assert!(told["device"].as_str().is_some_and(|device| device.contains("google")), "{told}");
    // A step's products are smaller than the large one that they are compared with, and there is
    // more to a step: it reaches no higher rate, but for the noise of a busy machine.
    let number = |key: &str| told[key].as_f64().unwrap_or_else(|| panic!("no {key} in {told}"));
    let share = number("share_of_product");
    assert!(share > 0.0 && share < 1.5, "{told}");
    assert!(
        (share * number("product_gflops") / number("queued_gflops") - 1.0).abs() < 1e-6,
        "{told}"
    );
    assert!(told["gpu_bytes"].as_f64().is_some_and(|bytes| bytes > 0.0), "{told}");
    Ok(Completion::Completed)
}
