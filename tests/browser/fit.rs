//! A warning before what cannot fit.

use libtest_mimic::Completion;

use crate::page::{number, tiny_with};
use crate::runs::note;
use crate::stage::{Outcome, Stage, screenshots};

/// Settings whose stem has 128 channels of 112 × 112 numbers for each picture.
const WIDE: &str = "size=224&stem=8,8,128";

/// On a GPU the adapter's own limit counts, on the CPU what a tab can address; a smaller batch
/// takes the warning away.
pub async fn what_cannot_fit_is_told_before(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let ask = "
        const done = arguments[0];
        navigator.gpu.requestAdapter().then(({ limits }) => done(Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize)), () => done(null));";
    stage.open(&tiny_with("backend=webgpu")).await?;
    assert!(!chrome.text().await?.contains("will not fit"));
    let most = number(&chrome.client.execute_async(ask, Vec::new()).await?)?;
    let fits = (most / f64::from(128 * 112 * 112 * 4)) as u32;
    println!("this adapter takes {most} bytes in one piece: {fits} pictures");
    if fits < 512 {
        stage.open(&tiny_with(&format!("{WIDE}&backend=webgpu&bs={}", fits + 1))).await?;
        note(chrome, "the output of stem.2 has").await?;
        note(chrome, &format!("Choose at most {fits} pictures a batch")).await?;
        chrome.screenshot(&screenshots().join("fit.png")).await?;
    }
    stage.open(&tiny_with(&format!("{WIDE}&backend=webgpu&bs={}", fits.min(512)))).await?;
    assert!(!chrome.text().await?.contains("will not fit"), "what fits exactly fits");
    stage.open(&tiny_with(&format!("{WIDE}&backend=cpu&bs=512"))).await?;
    note(chrome, "the CPU engine of a tab has 4.29 GB at most").await?;
    stage.open(&tiny_with(&format!("{WIDE}&backend=cpu&bs=16"))).await?;
    assert!(!chrome.text().await?.contains("will not fit"));
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
