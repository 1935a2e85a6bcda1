//! The CPU engine on one thread and on two, in each browser that is here, beside PyTorch.

use libtest_mimic::Failed;
use resnette_spec::statistics::median;
use serde_json::{Map, Value, json};

use crate::browsers::Browser;
use crate::chrome::Chrome;
use crate::{page, peers};

/// The page's own network, which `tests/golden/bench_torch.py` calls `reference_2222_x1`, and a
/// small one.
const NETS: [(&str, &str, &str); 2] = [
    ("tab", "reference_2222_x1", "bs=64"),
    ("basic", "basic", "layers=1,1,1,1&block=basic&width=16&expansion=1&stem=8,8,16&bs=16"),
];

/// Each network and number of threads is measured so often, in turns: whatever else the machine
/// does meanwhile slows all of them.
const ROUNDS: usize = 3;

/// `tab.Chromium.1` and the like: milliseconds a step, the median of the rounds' medians.
pub async fn measure(url: &str) -> Result<Value, Failed> {
    let mut told = json!({});
    for browser in Browser::CURRENT {
        let missing = browser.missing();
        if !missing.is_empty() {
            eprintln!("threads: no {}, {} is not there", browser.name(), missing.join(" and "));
            continue;
        }
        let chrome = Chrome::start_browser(browser).await?;
        let rounds = rounds(&chrome, url, browser).await;
        let version = chrome.version();
        chrome.stop().await?;
        for (net, figures) in rounds? {
            told[net][format!("{} {version}", browser.name())] = figures;
        }
    }
    for (net, script_name, _) in NETS {
        eprintln!("threads: {net} with PyTorch, natively");
        let mut figures = Map::new();
        for (name, row) in peers::pytorch(script_name)? {
            figures
                .insert(name.trim_start_matches("pytorch_").to_owned(), row["ms_per_step"].clone());
        }
        told[net]["PyTorch, natively"] = figures.into();
    }
    Ok(told)
}

async fn rounds(
    chrome: &Chrome,
    url: &str,
    browser: Browser,
) -> Result<Vec<(&'static str, Value)>, Failed> {
    let mut all = Vec::new();
    for (net, _, settings) in NETS {
        let mut steps: [Vec<f64>; 2] = Default::default();
        let mut alone = None;
        for round in 1..=ROUNDS {
            for threads in [1, 2] {
                eprintln!("threads: {net} in {} on {threads}, round {round}", browser.name());
                let settings = format!("{settings}&threads={threads}");
                let figures = page(chrome, url, &settings, 64, "cpu").await?;
                let device = figures["device"].as_str().unwrap_or_default();
                if threads == 2 && !device.contains("2 threads") {
                    alone = Some(device.to_owned());
                    continue;
                }
                steps[threads - 1].push(figures["ms_per_step"].as_f64().unwrap_or(f64::NAN));
            }
        }
        let two = if steps[1].is_empty() { Value::Null } else { json!(median(&steps[1])) };
        all.push((net, json!({ "1": median(&steps[0]), "2": two, "alone": alone })));
    }
    Ok(all)
}
