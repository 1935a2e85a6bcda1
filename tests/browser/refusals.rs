//! What the page does with what it can't use: a clear message, no hang, no panic, and the page goes
//! on.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use libtest_mimic::{Completion, Failed};
use xtask::hub::{Faults, Hub};

use crate::chrome::wait_for;
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

/// A server that answers every request with these headers and then zeros for ever; its address, and
/// how much it has sent in all.
fn endless(headers: &'static str) -> Result<(String, Arc<AtomicU64>), Failed> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = format!("http://{}", listener.local_addr()?);
    let sent = Arc::new(AtomicU64::new(0));
    let counter = sent.clone();
    // It ends with the test's process.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let counter = counter.clone();
            std::thread::spawn(move || answer_for_ever(stream, headers, &counter));
        }
    });
    Ok((address, sent))
}

fn answer_for_ever(mut stream: TcpStream, headers: &str, sent: &AtomicU64) {
    let mut request = [0; 4096];
    let _ = stream.read(&mut request);
    let head = format!("HTTP/1.1 {headers}\r\nAccess-Control-Allow-Origin: *\r\n\r\n");
    let zeros = vec![0; 1 << 16];
    let mut written = stream.write_all(head.as_bytes());
    while written.is_ok() {
        written = stream.write_all(&zeros);
        sent.fetch_add(zeros.len() as u64, Ordering::Relaxed);
    }
}

/// A server that sends everything at once, and never stops: it is left near the length that it
/// promised, or at half a gigabyte if it promised none.
pub async fn an_answer_without_an_end(stage: &Stage) -> Outcome {
    for (headers, most) in [
        ("200 OK\r\nContent-Length: 9000000000", 100 << 20),
        ("200 OK\r\nConnection: close", 800 << 20),
    ] {
        let (address, sent) = endless(headers)?;
        let status = fails_and_recovers(stage, &address).await?;
        assert!(status.contains("is sent as a whole"), "{headers}: {status}");
        let bytes = sent.load(Ordering::Relaxed);
        println!("{headers}: {} MB were sent", bytes / 1_000_000);
        assert!(bytes < most, "{headers}: {bytes} bytes were sent");
        tokio::time::sleep(Duration::from_millis(500)).await;
        let later = sent.load(Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(sent.load(Ordering::Relaxed), later, "the answer is still being read");
    }
    Ok(Completion::Completed)
}

/// A part of the file that was not asked for, or one that does not say which it is.
pub async fn a_part_that_was_not_asked_for(stage: &Stage) -> Outcome {
    const EXPOSED: &str = "206 Partial Content\r\nAccess-Control-Expose-Headers: Content-Range\r\n\
                           Content-Range: bytes 1000-1003/5000";
    for headers in [EXPOSED, "206 Partial Content\r\nConnection: close"] {
        let (address, sent) = endless(headers)?;
        let status = fails_and_recovers(stage, &address).await?;
        assert!(status.contains("another part of the file"), "{headers}: {status}");
        assert!(sent.load(Ordering::Relaxed) < 100 << 20, "{headers}: it was read all the same");
    }
    Ok(Completion::Completed)
}

/// A link that asks for more drawings than fit into memory: told under Data, and refused before one
/// is drawn.
pub async fn more_pictures_than_fit(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("train=20000&valid=20000&size=320&view=data")).await?;
    let text = chrome.text().await?;
    assert!(text.contains("These pictures will not be drawn: they would take 15"), "{text}");
    chrome.js("location.hash = location.hash.replace('view=data', 'view=train')").await?;
    chrome.click("Train").await?;
    let status = chrome.wait_status(PATIENCE, |status| status.starts_with("Failed")).await?;
    assert!(status.contains("at most 1.5 GB are kept"), "{status}");
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// A network whose file could not be opened again: told beside the settings, before it is trained.
pub async fn a_network_too_large_to_keep(stage: &Stage) -> Outcome {
    let wide = "block=basic&width=128&layers=2,2,2,2&stem=16,16,32";
    stage.open(&tiny_with(wide)).await?;
    let text = stage.chrome.text().await?;
    assert!(text.contains("This will not be kept: this network is too large"), "{text}");
    stage.open(TINY).await?;
    assert!(!stage.chrome.text().await?.contains("This will not be kept"));
    Ok(Completion::Completed)
}

/// A link full of nonsense is summed up.
pub async fn thousands_of_bad_settings(stage: &Stage) -> Outcome {
    stage.open(&format!("{TINY}&{}", ["x"; 3_000].join("&"))).await?;
    let lines = stage.chrome.js("return document.querySelectorAll('.problems li').length").await?;
    assert_eq!(lines, 11, "ten and the rest");
    assert!(stage.chrome.text().await?.contains("… and 2,990 more"));
    Ok(Completion::Completed)
}

/// The browser keeps a file for every address of one, so addresses of pictures that have left the
/// page are given back.
pub async fn opened_pictures_are_let_go(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&format!("{TINY}&view=predict")).await?;
    chrome
        .js("window.made = new Set();
             const make = URL.createObjectURL.bind(URL), free = URL.revokeObjectURL.bind(URL);
             URL.createObjectURL = what => { const url = make(what); window.made.add(url); return url; };
             URL.revokeObjectURL = url => { window.made.delete(url); free(url); };")
        .await?;
    // Far more pictures than stay on the page.
    for turn in 0..6 {
        let drop = "
            const [turn, done] = arguments, files = [], canvas = document.createElement('canvas');
            canvas.width = canvas.height = 40;
            const draw = canvas.getContext('2d');
            const next = index => {
                if (index === 20) {
                    const transfer = new DataTransfer();
                    files.forEach(file => transfer.items.add(file));
                    const more = { dataTransfer: transfer, bubbles: true, cancelable: true };
                    document.querySelector('.drop').dispatchEvent(new DragEvent('drop', more));
                    return done(true);
                }
                draw.fillStyle = `rgb(${turn * 40}, ${index * 12}, 90)`;
                draw.fillRect(0, 0, 40, 40);
                canvas.toBlob(blob => {
                    files.push(new File([blob], `picture-${turn}-${index}.png`, { type: 'image/png' }));
                    next(index + 1);
                });
            };
            next(0);";
        chrome.client.execute_async(drop, vec![turn.into()]).await?;
        wait_for("the pictures", Duration::from_secs(60), async || {
            let shown = format!("picture-{turn}-0.png");
            Ok(chrome.text().await?.contains(&shown).then_some(()))
        })
        .await?;
    }
    let made = wait_for("addresses given back", Duration::from_secs(20), async || {
        let made = chrome.js("return window.made.size").await?.as_u64().unwrap_or(u64::MAX);
        Ok((made <= 48).then_some(made))
    })
    .await?;
    assert!(made > 0, "the pictures that are shown still have theirs");
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
