//! What a visitor need not take on trust: the page asks nobody but its own host, runs nothing but
//! its own scripts, and is there without a network the next time.

use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::predict::{sample, wait_predictions};
use libtest_mimic::{Completion, Failed};
use resnette_static_host::Site;
use serde_json::{Value, json};

use crate::chrome::{Adapter, Chrome, wait_for};
use crate::page::tiny_with;
use crate::sites::copy;
use crate::stage::{Outcome, Stage, dist, scratch};

const VIEWS: [&str; 4] = ["data", "train", "predict", "learn"];

/// Through every place with the settings that a first visitor has, with a question to the model
/// that comes with the page: whatever the page or a worker asks of another host ends in a trap, and
/// the trap stays empty until the reader agrees to a download.
pub async fn nobody_else_is_asked(stage: &Stage) -> Outcome {
    let trap = Trap::set()?;
    let flag = format!("--host-resolver-rules=MAP * 127.0.0.1:{}, EXCLUDE 127.0.0.1", trap.port);
    let chrome = &Chrome::start_with(Adapter::Software, Some(flag)).await?;
    for view in VIEWS {
        visit(chrome, &stage.site.url(), &format!("view={view}")).await?;
        // The service worker registers after a second.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(trap.caught(), Vec::<String>::new(), "{view}");
        chrome.console_is_clean().await?;
    }
    visit(chrome, &stage.site.url(), "view=predict&backend=cpu").await?;
    sample(chrome, "golf ball").await?;
    wait_predictions(chrome).await?;
    assert_eq!(trap.caught(), Vec::<String>::new(), "a prediction");

    // The trap does catch: a worker's request, once the reader has said yes.
    chrome.client.goto("about:blank").await?;
    visit(chrome, &stage.site.url(), "view=train&backend=cpu&source=huggingface").await?;
    chrome.click("Train").await?;
    chrome.click("Agree and download").await?;
    let caught = wait_for("a request for pictures", Duration::from_secs(60), async || {
        Ok(Some(trap.caught()).filter(|caught| !caught.is_empty()))
    })
    .await?;
    assert!(caught.iter().all(|host| host == "huggingface.co"), "{caught:?}");
    Ok(Completion::Completed)
}

/// Stands in for every host but the page's own and notes which was meant: a TLS greeting has the
/// name in plain letters.
struct Trap {
    port: u16,
    caught: Arc<Mutex<Vec<String>>>,
}

impl Trap {
    /// Hosts that Chromium (Debian's too) asks for its own sake, whatever the page does: the time,
    /// updates, its start page.
    const BROWSERS_OWN: [&str; 4] =
        [".google.com", ".googleapis.com", ".gvt1.com", ".duckduckgo.com"];

    fn set() -> Result<Self, Failed> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (port, caught) = (listener.local_addr()?.port(), Arc::<Mutex<Vec<String>>>::default());
        let notes = caught.clone();
        // It ends with the process: nothing waits for it.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut stream = stream;
                let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
                let mut greeting = vec![0; 4096];
                let length = stream.read(&mut greeting).unwrap_or(0);
                let host = host_of(&greeting[..length]);
                if !Self::BROWSERS_OWN.iter().any(|own| host.ends_with(own)) {
                    notes.lock().unwrap_or_else(PoisonError::into_inner).push(host);
                }
            }
        });
        Ok(Self { port, caught })
    }

    fn caught(&self) -> Vec<String> {
        self.caught.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The host that a connection is meant for: in a TLS greeting the name of the extension
/// `server_name` (type 0, two lengths, kind 0, the name's length, the name), else what an HTTP
/// request says.
fn host_of(greeting: &[u8]) -> String {
    let named = greeting.windows(9).enumerate().find_map(|(at, window)| {
        let length =
            |from: usize| usize::from(u16::from_be_bytes([window[from], window[from + 1]]));
        let fits = window[..2] == [0, 0]
            && length(2) == length(4) + 2
            && window[6] == 0
            && length(7) + 3 == length(4);
        let name = greeting.get(at + 9..at + 9 + length(7)).filter(|_| fits)?;
        std::str::from_utf8(name).ok().filter(|name| name.contains('.'))
    });
    let text = String::from_utf8_lossy(greeting);
    let plain =
        || text.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap_or("nobody knows whom");
    named.unwrap_or_else(plain).to_owned()
}

/// A script that is not of the build does not run, wherever it would come from, and the page talks
/// to no other host.
pub async fn foreign_scripts_do_not_run(stage: &Stage) -> Outcome {
    stage.open("view=train").await?;
    let elsewhere = Site { dist: with_script()?, port: Some(0), ..Site::default() }
        .start()
        .map_err(|error| format!("{error:#}"))?;
    stage
        .chrome
        .js_with(
            "
            const add = (fill) => { const script = document.createElement('script'); fill(script); document.head.append(script); };
            add((script) => { script.textContent = 'window.ranInline = true'; });
            add((script) => { script.src = arguments[0] + 'evil.js'; });
            document.body.setAttribute('onclick', 'window.ranAttribute = true');
            document.body.click();
            // Later, since what the driver itself runs is above the policy.
            setTimeout(() => { try { window.evaluated = (0, eval)('1'); } catch { window.evaluated = 'refused'; } });",
            vec![json!(elsewhere.url())],
        )
        .await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(stage.chrome.js("return window.evaluated").await?, json!("refused"));
    let ran = stage
        .chrome
        .js("return [window.ranInline, window.ranAttribute, window.ranForeign].map(Boolean)")
        .await?;
    assert_eq!(ran, json!([false, false, false]));
    let posted = "
        const done = arguments[arguments.length - 1];
        fetch(arguments[0] + 'evil.js').then(() => done('sent'), () => done('refused'));";
    let posted = stage.chrome.client.execute_async(posted, vec![json!(elsewhere.url())]).await?;
    assert_eq!(posted, json!("refused"));
    assert!(elsewhere.log().is_empty(), "{:?}", elsewhere.log());
    Ok(Completion::Completed)
}

/// The second visit needs no server: the page opens, trains the drawn set and shows the lesson.
pub async fn the_second_visit_needs_no_network(stage: &Stage) -> Outcome {
    let site = Site { dist: dist()?, port: Some(0), ..Site::default() }
        .start()
        .map_err(|error| format!("{error:#}"))?;
    let url = site.url();
    stage.open_at(&url, &tiny_with("")).await?;
    kept(stage).await?;
    // The engine is kept when it is first used.
    stage.open_at(&url, &tiny_with("")).await?;
    stage.train(Duration::from_secs(120)).await?;
    drop(site);
    for view in VIEWS {
        visit(&stage.chrome, &url, &tiny_with(&format!("view={view}"))).await?;
    }
    stage.open_at(&url, &tiny_with("")).await?;
    let rows = stage.train(Duration::from_secs(120)).await?;
    assert_eq!(rows.len(), 1);
    Ok(Completion::Completed)
}

/// A newer build on the server: the page of the old one says so, and changes over as a whole when
/// told to.
pub async fn a_newer_version_is_announced(stage: &Stage) -> Outcome {
    let folder = scratch("versions")?;
    copy(&dist()?, &folder)?;
    let site = Site { dist: folder.clone(), port: Some(0), ..Site::default() }
        .start()
        .map_err(|error| format!("{error:#}"))?;
    stage.open_at(&site.url(), "view=train").await?;
    kept(stage).await?;
    // The same page under another title, with the service worker that its build would have written.
    let html = fs::read_to_string(folder.join("index.html"))?;
    fs::write(folder.join("index.html"), html.replace("</title>", " 2</title>"))?;
    xtask::offline::write_service_worker(&folder).map_err(|error| format!("{error:#}"))?;
    stage.open_at(&site.url(), "view=train").await?;
    let title = async || {
        let new = "return document.documentElement.innerHTML.includes(' 2</title>') || null";
        stage.chrome.js(new).await
    };
    assert!(title().await?.is_null(), "the first answer is the old version, whole");
    // The browser's part, step by step: on a busy machine each takes its time.
    let update = "
        const done = arguments[0];
        navigator.serviceWorker.getRegistration().then(({ installing, waiting }) =>
            done(waiting ? 'installed' : installing ? 'installing' : 'nothing'));";
    for (what, states) in
        [("an update", &["installing", "installed"][..]), ("all of its files", &["installed"])]
    {
        wait_for(what, Duration::from_secs(30), async || {
            let state = stage.chrome.client.execute_async(update, Vec::new()).await?;
            Ok(state.as_str().is_some_and(|state| states.contains(&state)).then_some(()))
        })
        .await?;
    }
    wait_for("the notice", Duration::from_secs(30), async || {
        Ok(stage.chrome.button("Reload").await.ok())
    })
    .await?;
    stage.chrome.click("Reload").await?;
    let version = "return fetch('./index.html').then(answer => answer.text()).then(html => html.includes(' 2</title>') || null)";
    wait_for("the newer version", Duration::from_secs(30), async || {
        Ok(stage.chrome.js(version).await.ok().filter(|answer| !answer.is_null()))
    })
    .await?;
    fs::remove_dir_all(folder)?;
    Ok(Completion::Completed)
}

/// The manifest names icons that are there, in the sizes that it promises.
pub async fn the_page_can_be_installed(stage: &Stage) -> Outcome {
    stage.open("view=train").await?;
    let script = "
        const done = arguments[arguments.length - 1];
        (async () => {
            const link = document.querySelector('link[rel=manifest]').href;
            const manifest = await (await fetch(link)).json();
            const sizes = await Promise.all(manifest.icons.map(async icon => {
                const image = new Image();
                image.src = new URL(icon.src, link);
                await image.decode();
                return [icon.sizes, `${image.naturalWidth}x${image.naturalHeight}`];
            }));
            done({ name: manifest.name, start: new URL(manifest.start_url, link).href, sizes });
        })().catch(error => done(String(error)));";
    let found = stage.chrome.client.execute_async(script, Vec::new()).await?;
    assert_eq!(found["start"], json!(stage.site.url()), "{found}");
    let sizes = found["sizes"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert!(sizes.len() >= 2, "{found}");
    for pair in sizes {
        assert_eq!(pair[0], pair[1], "{found}");
    }
    Ok(Completion::Completed)
}

/// Opens the page and waits for its heading; the lesson has many elements with the role status.
async fn visit(chrome: &Chrome, url: &str, settings: &str) -> Result<(), Failed> {
    chrome.goto("about:blank").await?;
    chrome.goto(&format!("{url}#{settings}")).await?;
    let heading = "return document.querySelector('main h1') && !document.querySelector('main [aria-busy=true]') ? true : null";
    wait_for("the page's heading", Duration::from_secs(60), async || {
        Ok(chrome.js(heading).await.ok().filter(|found| !found.is_null()))
    })
    .await
    .map(drop)
}

/// Waits until the service worker has the page and answers for it.
pub async fn kept(stage: &Stage) -> Result<(), Failed> {
    let controls = "return navigator.serviceWorker.controller ? true : null";
    wait_for("the service worker", Duration::from_secs(60), async || {
        Ok(Some(stage.chrome.js(controls).await?).filter(|answer| *answer != Value::Null))
    })
    .await
    .map(drop)
}

/// A folder with a script that would leave a mark.
fn with_script() -> Result<std::path::PathBuf, Failed> {
    let folder = scratch("foreign")?;
    fs::write(folder.join("evil.js"), "window.ranForeign = true")?;
    Ok(folder)
}
