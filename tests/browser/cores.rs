//! The CPU engine on several threads: the same numbers, and only where the page is isolated.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use libtest_mimic::{Completion, Failed};

use crate::chrome::wait_for;
use crate::page::tiny_with;
use crate::runs::{download, figures, note, once_there_are_rows};
use crate::sites::Copy;
use crate::stage::{Outcome, Stage, dist};

const LIMIT: Duration = Duration::from_secs(180);

/// The tensors of the model that **Save model** downloads. The header before them tells how long
/// the epochs took.
async fn weights(stage: &Stage) -> Result<Vec<u8>, Failed> {
    download(&stage.chrome, "Save model").await?;
    let bytes = stage.chrome.js("return [...window.kept]").await?;
    let bytes: Vec<u8> = serde_json::from_value(bytes)?;
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or("no model")?;
    Ok(rest[u64::from_le_bytes(*length) as usize..].to_vec())
}

/// What the page says of its engine.
async fn engine(stage: &Stage, words: &str) -> Result<(), Failed> {
    wait_for(words, Duration::from_secs(20), async || {
        Ok(stage.chrome.text().await?.contains(words).then_some(()))
    })
    .await
}

/// One, two and three threads come to the same rows, the same loss of every step and the same
/// weights, to the last bit.
pub async fn threads_change_no_bit(stage: &Stage) -> Outcome {
    let settings = "train=30&valid=6&size=48&width=16&stem=8,8,16&epochs=2&augment=full&mixup=0.4";
    let mut first = None;
    for threads in [1, 2, 3] {
        stage.open(&tiny_with(&format!("{settings}&threads={threads}"))).await?;
        let rows = figures(&stage.train(LIMIT).await?);
        let fetched = |name: &str| stage.site.log().iter().any(|served| served.path.contains(name));
        if threads == 1 {
            assert!(!fetched("worker_cpu_threads"));
        } else {
            // Without its query, once the service worker has the page.
            assert!(fetched("worker_cpu_threads.js"));
            engine(stage, &format!("{threads} threads, 128-bit SIMD")).await?;
        }
        let found = (rows, stage.chrome.step_losses().await?, weights(stage).await?);
        assert!(found.2.len() > 10_000);
        match &first {
            None => first = Some(found),
            Some(first) => assert!(*first == found, "{threads} threads come to other numbers"),
        }
    }
    assert!(
        stage.site.log().iter().any(|served| served.path.contains("worker_cpu_threads_bg.wasm"))
    );
    stage.chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// A browser that does not start the other threads trains on one.
pub async fn threads_that_do_not_start(stage: &Stage) -> Outcome {
    let site = Copy::without_threads("threads")?;
    stage.open_at(&site.url(), &tiny_with("threads=2")).await?;
    stage.train(LIMIT).await?;
    engine(stage, "one thread, 128-bit SIMD").await?;
    stage.chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// A thread that crashes tells the page of it, since the engine waits for it for ever: the engine
/// is ended, and another one goes on from the last save by itself. What is told to other engines is
/// none of this page's business.
pub async fn a_thread_that_crashes_is_told(stage: &Stage) -> Outcome {
    const RUNS: &str = "run_thread();";
    const CRASHES: &str = "
        await new Promise(later => setTimeout(later, 1_000));
        throw new WebAssembly.RuntimeError('broken by a test');";
    let chrome = &stage.chrome;
    let site = Copy::changed("crashing-thread", |folder| {
        let file = folder.join("worker_cpu_threads_one.js");
        let script = fs::read_to_string(&file)?;
        assert!(script.contains(RUNS), "the thread begins otherwise: {script}");
        Ok(fs::write(file, script.replace(RUNS, CRASHES))?)
    })?;
    stage.open_at(&site.url(), &tiny_with("threads=2")).await?;
    chrome.click("Train").await?;
    note(chrome, "engine crashed (RuntimeError: broken by a test)").await?;
    // The page is as it was, and an engine without threads can be started.
    stage.open_at(&site.url(), &tiny_with("threads=1")).await?;
    stage.train(LIMIT).await?;
    // What the crash wrote to the console.
    chrome.console().await?;

    // The same under a run that has been saved: a thread's message, from somebody else.
    let settings = tiny_with("epochs=8&train=60&threads=2");
    stage.open(&settings).await?;
    let whole = stage.train(LIMIT).await?;
    stage.open(&settings).await?;
    let hook = "
        window.channels = [];
        const Original = Worker;
        window.Worker = class extends Original {
            constructor(url, ...rest) {
                super(url, ...rest);
                window.channels.push(new URL(url).searchParams.get('alarm'));
            }
        };";
    chrome.js(hook).await?;
    chrome.click("Train").await?;
    let anothers = "done(); new BroadcastChannel('resnette-engine-0-0').postMessage('of another');";
    once_there_are_rows(chrome, 1, anothers).await?;
    let own = "
        done();
        window.engines = window.channels.length;
        new BroadcastChannel(window.channels[0]).postMessage('a thread is lost');";
    once_there_are_rows(chrome, 3, own).await?;
    wait_for("another engine", LIMIT, async || {
        Ok(chrome.js("return window.channels.length").await?.as_u64().filter(|count| *count == 2))
    })
    .await?;
    assert_eq!(chrome.js("return window.engines").await?, 1, "another engine's message counted");
    assert_eq!(chrome.js("return new Set(window.channels).size").await?, 2);
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    assert_eq!(figures(&chrome.epochs().await?), figures(&whole));
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// Python's web server, which sends no headers of our choosing.
struct PlainHost {
    server: Child,
    url: String,
}

impl PlainHost {
    fn start() -> Result<Self, Failed> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        drop(listener);
        let server = Command::new("/usr/bin/python3")
            .args(["-m", "http.server", &port.to_string(), "--bind", "127.0.0.1", "--directory"])
            .arg(dist()?)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { server, url: format!("http://127.0.0.1:{port}/") })
    }
}

impl Drop for PlainHost {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// On a host that can't set headers the page's own service worker isolates it, from the second
/// visit on; the first trains on one thread. It can still be shown in a frame.
pub async fn the_second_visit_is_isolated(stage: &Stage) -> Outcome {
    let host = match PlainHost::start() {
        Ok(host) => host,
        Err(_) => return Ok(Completion::ignored_with("skipped: there is no /usr/bin/python3")),
    };
    let chrome = &stage.chrome;
    let answers = async || {
        Ok(tokio::net::TcpStream::connect(&host.url[7..].trim_end_matches('/')).await.ok())
    };
    wait_for("Python's server", Duration::from_secs(20), answers).await?;
    let isolated = "return self.crossOriginIsolated";
    stage.open_at(&host.url, &tiny_with("threads=2")).await?;
    assert_eq!(chrome.js(isolated).await?, false);
    let rows = figures(&stage.train(LIMIT).await?);
    engine(stage, "one thread, 128-bit SIMD").await?;
    crate::trust::kept(stage).await?;

    stage.open_at(&host.url, &tiny_with("threads=2")).await?;
    assert_eq!(chrome.js(isolated).await?, true);
    assert_eq!(figures(&stage.train(LIMIT).await?), rows);
    engine(stage, "2 threads, 128-bit SIMD").await?;

    // Around it another file of the host, since the page's own policy allows no frames in it.
    chrome.client.goto(&format!("{}models/imagenette.json", host.url)).await?;
    let frame = "
        const frame = document.createElement('iframe');
        frame.src = '/';
        const loaded = new Promise(done => frame.onload = done);
        document.body.append(frame);
        window.framed = null;
        loaded.then(() => { window.framed = frame.contentDocument?.querySelector('#first-paint, .page') ? 'shown' : 'refused'; });";
    chrome.js(frame).await?;
    let framed = wait_for("the frame", Duration::from_secs(20), async || {
        Ok(chrome.js("return window.framed").await?.as_str().map(str::to_owned))
    })
    .await?;
    assert_eq!(framed, "shown");
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}
