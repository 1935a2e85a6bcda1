//! What the page does with what it can't use: a clear message, no hang, no panic, and the page goes
//! on.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use libtest_mimic::{Completion, Failed};
use xtask::hub::{Faults, Hub};

use crate::page::{TINY, tiny_with};
use crate::stage::{Outcome, Stage, scratch, shared_photos};

/// How long a page may take to find out that it can't go on.
const PATIENCE: Duration = Duration::from_secs(60);

/// `lr=banana` is named, and the run goes by the other settings.
pub async fn a_bad_value_is_named_and_the_rest_kept(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("epochs=2&lr=banana")).await?;
    let text = chrome.text().await?;
    assert!(
        text.lines().any(|line| line.contains("lr") && line.contains("banana")),
        "no line names lr and banana: {text}"
    );
    let rows = stage.train(Duration::from_secs(120)).await?;
    assert_eq!(rows.len(), 2, "the number of epochs was kept");
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Nobody answers at the address.
pub async fn an_unreachable_address(stage: &Stage) -> Outcome {
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let status = fails_and_recovers(stage, &format!("http://{nobody}/nowhere")).await?;
    assert!(status.contains(&nobody.to_string()), "the message names the address: {status}");
    Ok(Completion::Completed)
}

/// The server is there, the file is not.
pub async fn a_missing_file(stage: &Stage) -> Outcome {
    let status = fails_and_recovers(stage, &format!("{}nothing", stage.site.url())).await?;
    assert!(status.contains("404"), "the message says what the server said: {status}");
    Ok(Completion::Completed)
}

/// Some hosts answer with a page where a file is missing.
pub async fn a_page_in_place_of_a_parquet(stage: &Stage) -> Outcome {
    let page = b"<!doctype html><title>Not here</title>".repeat(100);
    let (_site, data) = serve_parquet("page", &page)?;
    let status = fails_and_recovers(stage, &data).await?;
    assert!(status.contains("parquet"), "{status}");
    Ok(Completion::Completed)
}

/// A download that broke off: the beginning is a parquet file's, the end is missing or says
/// nonsense.
pub async fn a_truncated_parquet(stage: &Stage) -> Outcome {
    // A footer that claims to be longer than the file.
    let mut nonsense = b"PAR1".to_vec();
    nonsense
        .extend((0..5000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()));
    nonsense.extend(b"\xff\xff\xff\x7fPAR1");
    let mut files = vec![("nonsense", nonsense)];
    match shared_photos() {
        // The file lives in a temporary folder and goes with the test.
        Some(photos) => {
            let mut whole = fs::read(photos.join("160px/validation/0000.parquet"))?;
            whole.truncate(whole.len() / 2);
            files.push(("half", whole));
        }
        None => println!("without ../shared/imagenette only the file of nonsense is tried"),
    }
    for (name, bytes) in files {
        let (_site, data) = serve_parquet(name, &bytes)?;
        let status = fails_and_recovers(stage, &data).await?;
        assert!(status.contains("parquet"), "{name}: {status}");
    }
    Ok(Completion::Completed)
}

/// Trains from the address, which must end in `Failed: …`; then trains on the drawn set in the same
/// page, which must work.
async fn fails_and_recovers(stage: &Stage, data: &str) -> Result<String, Failed> {
    let chrome = &stage.chrome;
    stage.open(&tiny_with(&format!("source=url&data={data}"))).await?;
    chrome.click("Train").await?;
    let status = chrome.wait_status(PATIENCE, |status| status.starts_with("Failed")).await?;
    println!("{status}");
    assert!(
        status.starts_with("Failed: ") && status.len() > "Failed: ".len() + 20,
        "a message that helps: {status}"
    );
    chrome.nothing_panicked().await?;
    // A link pasted into the open page is a new hash, not a new page.
    chrome.js_with("location.hash = arguments[0]", vec![TINY.into()]).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let rows = stage.train(Duration::from_secs(120)).await?;
    assert_eq!(rows.len(), 1);
    Ok(status)
}

/// Serves the bytes as both parquet files, as Hugging Face would; the address to train from.
fn serve_parquet(name: &str, bytes: &[u8]) -> Result<(Files, String), Failed> {
    let folder = scratch(name)?;
    for split in ["train", "validation"] {
        fs::create_dir(folder.join(split))?;
        fs::write(folder.join(split).join("0000.parquet"), bytes)?;
    }
    let hub = Hub::start(&folder, Faults::default()).map_err(|error| format!("{error:#}"))?;
    let base = hub.base();
    Ok((Files { _hub: hub, folder }, base))
}

/// A server of a test's own files; both go on drop.
struct Files {
    _hub: Hub,
    folder: PathBuf,
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
