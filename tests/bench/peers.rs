//! What we are measured against: a matrix product, TensorFlow.js, jax-js, PyTorch.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use libtest_mimic::Failed;
use resnette_spec::statistics::median;
use serde_json::{Map, Value, json};

use crate::chrome::{Chrome, wait_for};

/// Opens one of `pages/` and waits for its `window.result`.
async fn result(chrome: &Chrome, address: &str, limit: Duration) -> Result<Value, Failed> {
    chrome.client.goto("about:blank").await?;
    chrome.client.goto(address).await?;
    wait_for(address, limit, async || {
        let result = chrome.js("return window.result ?? null").await?;
        Ok((!result.is_null()).then_some(result))
    })
    .await
}

/// GFLOP/s of a register-tiled matrix product.
pub async fn limit(chrome: &Chrome, url: &str) -> Result<Value, Failed> {
    let told = result(chrome, &format!("{url}limit.html"), Duration::from_secs(180)).await?;
    match told["error"].as_str() {
        Some(error) => Err(format!("the local limit: {error}").into()),
        None => Ok(told),
    }
}

/// The same step in TensorFlow.js. A back end that fails is a row that says why.
pub async fn tensorflow(
    chrome: &Chrome,
    url: &str,
    backend: &str,
    block: &str,
    bs: u32,
) -> Result<Value, Failed> {
    step(chrome, &format!("{url}tfjs.html?backend={backend}&block={block}&bs={bs}&steps=10")).await
}

/// The same step in jax-js on WebGPU.
pub async fn jax(chrome: &Chrome, url: &str, block: &str, bs: u32) -> Result<Value, Failed> {
    step(chrome, &format!("{url}jaxjs.html?block={block}&bs={bs}&steps=10")).await
}

async fn step(chrome: &Chrome, address: &str) -> Result<Value, Failed> {
    let mut told = result(chrome, address, Duration::from_secs(900)).await?;
    if let Some(steps) = told["steps_ms"].as_array() {
        let steps: Vec<f64> = steps.iter().filter_map(Value::as_f64).collect();
        told["ms_per_step"] = json!(median(&steps));
    }
    Ok(told)
}

/// The same step in PyTorch on one and two threads, if it is installed.
pub fn pytorch(name: &str) -> Result<Map<String, Value>, Failed> {
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/engine/tests/golden/bench_torch.py");
    // Debian's own Python has Debian's PyTorch; another one on PATH need not.
    let told = ["python3", "/usr/bin/python3"].into_iter().find_map(|python| {
        let output = Command::new(python).arg(&script).args(["10", name]).output().ok()?;
        output.status.success().then_some(output.stdout)
    });
    let Some(told) = told else {
        eprintln!("    left out: python3 with PyTorch is not here (Debian: python3-torch)");
        return Ok(Map::new());
    };
    let told: Value = serde_json::from_slice(&told)?;
    let row = |threads: u32| {
        let times = &told["nets"][name][format!("threads_{threads}")];
        (
            format!("pytorch_{threads}"),
            json!({ "ms_per_step": times["median_ms"], "parameters": told["nets"][name]["parameters"] }),
        )
    };
    Ok([row(1), row(2)].into_iter().collect())
}
