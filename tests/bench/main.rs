//! `cargo xtask bench`: training steps of this page beside other programs', in one run: in
//! Chromium, and on several threads in every browser.
//!
//! Everything that is compared runs on the same network, size and batch, in turns on the same
//! machine; what counts are the ratios. Options come as environment variables from xtask:
//! `RESNETTE_DIST`, `RESNETTE_BENCH_JSON`, `RESNETTE_BENCH_GPU`, `RESNETTE_BENCH_TFJS`,
//! `RESNETTE_BENCH_JAXJS`, `RESNETTE_BENCH_NETS`.

#![allow(missing_docs)]

#[path = "../browser/browsers.rs"]
mod browsers;
#[path = "../browser/chrome.rs"]
#[allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the browser tests' hands, of which the bench needs a few"
)]
mod chrome;
mod pages;
mod peers;
mod report;
mod threads;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

use chrome::{Adapter, Chrome, wait_for};
use libtest_mimic::Failed;
use resnette_spec::statistics::median;
use resnette_static_host::Site;
use serde_json::{Map, Value, json};

/// A network to measure, as the page's link has it.
struct Net {
    name: &'static str,
    settings: &'static str,
    /// Other programs are measured on it too: block and batch for `pages/tfjs.js`, name for
    /// `tests/golden/bench_torch.py`.
    peers: Option<(&'static str, u32)>,
}

/// The two of burn-on-the-web.md, and what the page trains when nothing is set.
const NETS: [Net; 3] = [
    Net {
        name: "basic",
        settings: "layers=1,1,1,1&block=basic&width=16&expansion=1&stem=8,8,16&bs=16",
        peers: Some(("basic", 16)),
    },
    Net {
        name: "bottleneck",
        settings: "layers=1,1,1,1&block=bottleneck&width=16&expansion=4&stem=8,8,16&bs=8",
        peers: Some(("bottleneck", 8)),
    },
    Net { name: "tab", settings: "bs=64", peers: None },
];

/// The basic network at other batches and sizes: a step should take as long as it has pictures and
/// pixels.
const SCALES: [(&str, u32, u32); 6] = [
    ("batch", 8, 64),
    ("batch", 16, 64),
    ("batch", 64, 64),
    ("area", 16, 32),
    ("area", 16, 64),
    ("area", 16, 96),
];

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {}", error.message().unwrap_or("failed"));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failed> {
    let dist = env::var_os("RESNETTE_DIST")
        .map(PathBuf::from)
        .ok_or("RESNETTE_DIST is not set; use cargo xtask bench")?;
    let adapter =
        if env::var_os("RESNETTE_BENCH_GPU").is_some() { Adapter::Real } else { Adapter::Software };
    let wanted = env::var("RESNETTE_BENCH_NETS").unwrap_or_default();
    let pages = pages::folder()?;
    let ours = Site { dist: dist.clone(), port: Some(0), ..Site::default() }
        .start()
        .map_err(|error| format!("{error:#}"))?;
    let theirs = Site { dist: pages.path.clone(), port: Some(0), ..Site::default() }
        .start()
        .map_err(|error| format!("{error:#}"))?;
    let chrome = Chrome::start_on(adapter).await?;

    let mut nets = Map::new();
    let mut limits = vec![peers::limit(&chrome, &theirs.url()).await?];
    for net in NETS
        .iter()
        .filter(|net| wanted.is_empty() || wanted.split(',').any(|name| name == net.name))
    {
        let mut row = Map::new();
        for engine in ["webgpu", "cpu"] {
            eprintln!("{}: our {engine} engine", net.name);
            row.insert(engine.into(), page(&chrome, &ours.url(), net.settings, 64, engine).await?);
        }
        if let Some((block, bs)) = net.peers {
            for backend in pages.tensorflow.then_some(["webgpu", "webgl"]).into_iter().flatten() {
                eprintln!("{}: TensorFlow.js on {backend}", net.name);
                row.insert(
                    format!("tfjs_{backend}"),
                    peers::tensorflow(&chrome, &theirs.url(), backend, block, bs).await?,
                );
            }
            if pages.jax {
                eprintln!("{}: jax-js on webgpu", net.name);
                row.insert(
                    "jaxjs_webgpu".into(),
                    peers::jax(&chrome, &theirs.url(), block, bs).await?,
                );
            }
            eprintln!("{}: PyTorch, natively", net.name);
            row.extend(peers::pytorch(block)?);
        }
        nets.insert(net.name.into(), row.into());
        limits.push(peers::limit(&chrome, &theirs.url()).await?);
    }
    let scaling = if wanted.is_empty() || wanted.split(',').any(|name| name == "scaling") {
        scaling(&chrome, &ours.url()).await?
    } else {
        Value::Null
    };
    chrome.stop().await?;
    let threads = if wanted.is_empty() || wanted.split(',').any(|name| name == "threads") {
        threads::measure(&ours.url()).await?
    } else {
        Value::Null
    };

    let told = json!({
        "adapter": limits[0]["info"],
        "limit": { "gflops": median(&limits.iter().filter_map(|limit| limit["gflops"].as_f64()).collect::<Vec<_>>()), "rounds": limits },
        "nets": nets,
        "scaling": scaling,
        "threads": threads,
        "wasm": pages::sizes(&dist)?,
    });
    println!("{}", report::words(&told));
    if let Some(file) = env::var_os("RESNETTE_BENCH_JSON").map(PathBuf::from) {
        fs::write(&file, format!("{told:#}\n"))
            .map_err(|error| format!("can't write {}: {error}", file.display()))?;
        eprintln!("every figure: {}", file.display());
    }
    Ok(())
}

/// Our engines on [`SCALES`]: `batch.8.webgpu` and the like.
async fn scaling(chrome: &Chrome, url: &str) -> Result<Value, Failed> {
    let mut told = json!({ "batch": {}, "area": {} });
    for (what, bs, size) in SCALES {
        for engine in ["webgpu", "cpu"] {
            eprintln!("scaling: {bs} pictures of {size} px, our {engine} engine");
            let settings =
                format!("layers=1,1,1,1&block=basic&width=16&expansion=1&stem=8,8,16&bs={bs}");
            let figures = page(chrome, url, &settings, size, engine).await?;
            let key = if what == "batch" { bs } else { size };
            told[what][key.to_string()][engine] = json!({
                "ms_per_step": figures["ms_per_step"],
                "ns_per_pixel": figures["ms_per_step"].as_f64().unwrap_or_default() * 1e6 / f64::from(bs * size * size),
            });
        }
    }
    Ok(told)
}

/// Presses "Benchmark this browser" and takes the figures, and the longest task of the page's
/// thread meanwhile.
async fn page(
    chrome: &Chrome,
    url: &str,
    settings: &str,
    size: u32,
    engine: &str,
) -> Result<Value, Failed> {
    chrome.goto("about:blank").await?;
    chrome
        .goto(&format!("{url}#{settings}&size={size}&smoothing=0&mixup=0&backend={engine}"))
        .await?;
    // Only Chromium tells of long tasks; another browser ignores the question.
    let open = "const card = document.querySelector('.benchmark'); if (!card) return false; card.open = card.closest('.advanced').open = true;
        window.longest = 0;
        new PerformanceObserver(list => list.getEntries().forEach(task => window.longest = Math.max(window.longest, task.duration))).observe({ entryTypes: ['longtask'] });
        return true;";
    wait_for("the page", Duration::from_secs(60), async || {
        Ok((chrome.js(open).await? == true).then_some(()))
    })
    .await?;
    chrome.click("Benchmark this browser").await?;
    let told = wait_for("the figures", Duration::from_secs(1200), async || {
        let failed =
            chrome.js("return document.querySelector('[role=alert]')?.textContent ?? ''").await?;
        if let Some(message) = failed.as_str().filter(|message| !message.is_empty()) {
            return Err(format!("the page says: {message}").into());
        }
        let text = chrome
            .js("return document.querySelector('[data-benchmark]')?.dataset.benchmark ?? ''")
            .await?;
        Ok(text.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
    })
    .await?;
    let mut told: Value = serde_json::from_str(&told)?;
    // No long task at all is a figure too: the browser reports those over 50 ms.
    told["longest_page_task_ms"] = chrome.js("return window.longest").await?;
    Ok(told)
}
