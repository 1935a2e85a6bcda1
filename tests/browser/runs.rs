//! Runs that survive: a tab that crashes, a save that was cut, a full disk, a second tab, an engine
//! that breaks, and files.

use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use libtest_mimic::{Completion, Failed};
use serde_json::{Value, json};

use crate::chrome::{Chrome, wait_for};
use crate::page::{EpochRow, tiny_with};
use crate::stage::{Outcome, Stage, screenshots};

/// Long enough to be caught in the middle.
const LONG: &str = "epochs=8&train=60";

/// Software WebGPU takes its time to the first row.
const PAUSED: Duration = Duration::from_secs(600);

/// A page without settings: what it shows then comes from the saved run.
pub const BARE: &str = "view=train";

/// A function that answers with the folder of the run that was begun last.
pub const NEWEST_SLOT: &str = "async () => {
    const root = await navigator.storage.getDirectory();
    for await (const [name, page] of root.entries()) {
        if (!name.startsWith('resnette-runs-')) continue;
        const slots = [];
        for await (const [slot, handle] of page.entries()) if (handle.kind === 'directory') slots.push([Number(slot), handle]);
        slots.sort((a, b) => b[0] - a[0]);
        if (slots.length) return slots[0][1];
    }
    throw new Error('no run is saved');
}";

/// Cells that a machine's pace has no part in.
pub fn figures(rows: &[EpochRow]) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.cells[..4].to_vec()).collect()
}

/// Trains and waits until `epochs` rows are there.
pub async fn train_until(stage: &Stage, settings: &str, epochs: usize) -> Result<(), Failed> {
    stage.open(settings).await?;
    stage.chrome.click("Train").await?;
    wait_for("rows", Duration::from_secs(120), async || {
        Ok((stage.chrome.epochs().await?.len() >= epochs).then_some(()))
    })
    .await
}

/// Has the page itself do something as soon as it shows so many rows: WebDriver's way there and
/// back lasts longer than what is left of a short run on a fast machine.
pub async fn once_there_are_rows(chrome: &Chrome, rows: usize, what: &str) -> Result<(), Failed> {
    let script = format!(
        "const rows = () => {{
             const table = [...document.querySelectorAll('table')].find(table => table.caption?.textContent.trim() === 'Epochs');
             return [...table?.tBodies[0]?.rows ?? []].filter(row => row.textContent.trim()).length;
         }};
         const observer = new MutationObserver(() => {{
             if (rows() < {rows}) return;
             const done = () => observer.disconnect();
             {what}
         }});
         observer.observe(document.body, {{ subtree: true, childList: true, characterData: true, attributes: true }});"
    );
    chrome.js(&script).await.map(drop)
}

/// Trains in the open page and pauses once `epochs` rows are there; what was paused is saved. The
/// status, "Paused at …".
pub async fn train_and_pause(chrome: &Chrome, epochs: usize) -> Result<String, Failed> {
    let pause = "
        const pause = [...document.querySelectorAll('.run-bar button')].find(button => button.textContent.trim() === 'Pause');
        if (pause && !pause.disabled) { done(); pause.click(); }";
    // The rows of a run before this one stand until the new one begins.
    chrome.click("Train").await?;
    once_there_are_rows(chrome, epochs, pause).await?;
    let status = chrome
        .wait_status(PAUSED, |status| {
            ["Paused at ", "Done"].iter().any(|start| status.starts_with(start))
        })
        .await?;
    if status == "Done" {
        return Err("the run was over before it could be paused".into());
    }
    // The save is on its way: it is there once the worker answers the next command.
    download(chrome, "Save run").await?;
    Ok(status)
}

/// The button whose name starts so.
pub async fn button_from(chrome: &Chrome, start: &str) -> Result<(String, Element), Failed> {
    wait_for("the button", Duration::from_secs(30), async || {
        for button in chrome.client.find_all(Locator::Css("button")).await? {
            // One that is gone meanwhile is looked for again.
            let Ok(name) = chrome.accessible_name(&button).await else { return Ok(None) };
            if name.starts_with(start) {
                return Ok(Some((name, button)));
            }
        }
        Ok(None)
    })
    .await
}

/// Presses **Continue** and waits for the end of the run; answers with what the button said.
pub async fn go_on(chrome: &Chrome) -> Result<String, Failed> {
    let (name, button) = button_from(chrome, "Continue").await?;
    button.click().await?;
    chrome.wait_status(Duration::from_secs(120), |status| status == "Done").await?;
    Ok(name)
}

/// Ends the tab really, from another one, and opens the page there: the driver can do nothing with
/// a tab that has died.
async fn crash_and_reopen(stage: &Stage, settings: &str) -> Result<(), Failed> {
    let client: &Client = &stage.chrome.client;
    let doomed = client.window().await?;
    let spare = client.new_window(true).await?;
    client.switch_to_window(doomed).await?;
    stage.chrome.crash().await;
    client.switch_to_window(spare.handle).await?;
    stage.open(settings).await
}

/// Whatever the page says of the run being kept.
pub async fn note(chrome: &Chrome, words: &str) -> Result<(), Failed> {
    wait_for(words, Duration::from_secs(60), async || {
        Ok(chrome.text().await?.contains(words).then_some(()))
    })
    .await
}

/// Hands bytes to the input **Open model or run**, as a file of this name. `bytes` is a JavaScript
/// expression.
pub async fn open_file(chrome: &Chrome, name: &str, bytes: &str) -> Result<(), Failed> {
    let script = format!(
        "const input = [...document.querySelectorAll('input[type=file]')].find(input => input.labels[0]?.textContent.includes('Open model or run'));
         const transfer = new DataTransfer();
         transfer.items.add(new File([{bytes}], arguments[0]));
         input.files = transfer.files;
         input.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    );
    chrome.js_with(&script, vec![json!(name)]).await.map(drop)
}

/// Presses a button that downloads, and keeps the bytes in the page's `kept`; answers with their
/// number.
pub async fn download(chrome: &Chrome, button: &str) -> Result<u64, Failed> {
    let hook = "
        window.kept = null;
        window.original ??= URL.createObjectURL;
        URL.createObjectURL = blob => {
            blob.arrayBuffer().then(buffer => { window.kept = new Uint8Array(buffer); });
            return window.original.call(URL, blob);
        };";
    chrome.js(hook).await?;
    chrome.click(button).await?;
    wait_for("the file", Duration::from_secs(30), async || {
        Ok(chrome.js("return window.kept?.length ?? null").await?.as_u64())
    })
    .await
}

/// The tab dies in the middle of an epoch, really; the run goes on and ends as if nothing had
/// happened.
pub async fn a_crashed_tab_goes_on(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let settings = tiny_with("epochs=30&train=60");
    stage.open(&settings).await?;
    let whole = stage.train(Duration::from_secs(120)).await?;
    let losses = chrome.step_losses().await?;
    train_until(stage, &settings, 2).await?;
    crash_and_reopen(stage, BARE).await?;
    let name = {
        let (name, _) = button_from(chrome, "Continue").await?;
        chrome.screenshot(&screenshots().join("continue.png")).await?;
        go_on(chrome).await?;
        name
    };
    let epoch: usize = name
        .trim_start_matches("Continue from epoch ")
        .parse()
        .map_err(|_| format!("the button says {name:?}"))?;
    assert!((2..=29).contains(&epoch), "{name}");
    assert_eq!(figures(&chrome.epochs().await?), figures(&whole));
    let again = chrome.step_losses().await?;
    assert_eq!(again, losses, "the losses of the first steps are there too");
    Ok(Completion::Completed)
}

/// Pause saves within the epoch: after a reload the run goes on from that step.
pub async fn a_paused_run_goes_on_after_a_reload(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let settings = tiny_with(LONG);
    stage.open(&settings).await?;
    let whole = stage.train(Duration::from_secs(120)).await?;
    stage.open(&settings).await?;
    let paused = train_and_pause(chrome, 1).await?;
    stage.open(BARE).await?;
    let name = go_on(chrome).await?;
    // After an epoch's last batch the next one may be meant.
    let epoch: u32 = paused
        .split_whitespace()
        .nth(3)
        .and_then(|word| word.parse().ok())
        .ok_or(paused.clone())?;
    assert!(
        [epoch, epoch + 1].map(|epoch| format!("Continue from epoch {epoch}")).contains(&name),
        "{name}, {paused}"
    );
    assert_eq!(figures(&chrome.epochs().await?), figures(&whole));
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// The newer of the two saves is cut short: the older one is used. With both cut there is nothing
/// to go on with.
pub async fn a_cut_save_gives_way_to_the_older(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let settings = tiny_with(LONG);
    stage.open(&settings).await?;
    let whole = stage.train(Duration::from_secs(120)).await?;
    stage.open(&settings).await?;
    train_and_pause(chrome, 3).await?;
    stage.open(BARE).await?;
    let (before, _) = button_from(chrome, "Continue").await?;
    // Both files' sequence numbers, at byte 12; the file with the higher one loses its last third,
    // or all that are named.
    let cut = |which: &str| {
        format!(
            "const done = arguments[0];
             (async () => {{
                 const folder = await ({NEWEST_SLOT})();
                 const files = [];
                 for await (const handle of folder.values()) {{
                     const bytes = await (await handle.getFile()).arrayBuffer();
                     files.push({{ handle, size: bytes.byteLength, sequence: Number(new DataView(bytes).getBigUint64(12, true)) }});
                 }}
                 files.sort((a, b) => b.sequence - a.sequence);
                 for (const {{ handle, size }} of {which}) {{
                     const writable = await handle.createWritable({{ keepExistingData: true }});
                     await writable.truncate(Math.floor(size * 2 / 3));
                     await writable.close();
                 }}
                 return files.length;
             }})().then(done, error => done(String(error)));"
        )
    };
    let files = chrome.client.execute_async(&cut("files.slice(0, 1)"), Vec::new()).await?;
    assert_eq!(files, json!(2), "two generations");
    stage.open(BARE).await?;
    let after = go_on(chrome).await?;
    println!("{before} became {after}");
    assert_eq!(figures(&chrome.epochs().await?), figures(&whole));
    assert_eq!(chrome.client.execute_async(&cut("files"), Vec::new()).await?, json!(2));
    stage.open(BARE).await?;
    // The run that ended before it has a slot of its own, and is offered instead.
    button_from(chrome, "Show the last run").await?;
    assert!(!chrome.text().await?.contains("Continue from"));
    Ok(Completion::Completed)
}

/// A full disk: the run goes on to its end, and the page says that it is not kept.
pub async fn a_full_storage_is_told(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("epochs=2")).await?;
    let origin = chrome.js("return location.origin").await?;
    chrome
        .cdp("Storage.overrideQuotaForOrigin", json!({ "origin": origin, "quotaSize": 2000 }))
        .await?;
    let rows = stage.train(Duration::from_secs(120)).await?;
    assert_eq!(rows.len(), 2);
    note(chrome, "This run is not kept").await?;
    println!(
        "{}",
        chrome.text().await?.lines().find(|line| line.contains("not kept")).unwrap_or_default()
    );
    Ok(Completion::Completed)
}

/// No room for the list of runs: the page says so, and the run goes on and is kept.
pub async fn a_full_list_is_told(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("epochs=2")).await?;
    let fill = "
        for (let size = 1 << 23, name = 0; size >= 8; ) {
            try { localStorage.setItem('filler' + name, 'x'.repeat(size)); name += 1; } catch { size >>= 1; }
        }";
    chrome.js(fill).await?;
    assert_eq!(stage.train(Duration::from_secs(120)).await?.len(), 2);
    wait_for("a word on the list", Duration::from_secs(10), async || {
        Ok(chrome.text().await?.contains("no room to keep it").then_some(()))
    })
    .await?;
    assert!(!chrome.text().await?.contains("keeps no site data"));
    stage.open(BARE).await?;
    button_from(chrome, "Show the last run").await?;
    Ok(Completion::Completed)
}

/// The engine breaks under the run: the page starts another and goes on from the last save by
/// itself.
pub async fn a_broken_engine_is_started_again(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let settings = tiny_with(LONG);
    stage.open(&settings).await?;
    let whole = stage.train(Duration::from_secs(120)).await?;
    stage.open(&settings).await?;
    let hook = "
        window.workers = [];
        const Original = Worker;
        window.Worker = class extends Original { constructor(...rest) { super(...rest); window.workers.push(this); } };";
    chrome.js(hook).await?;
    chrome.click("Train").await?;
    let lost = "done(); window.workers[0].dispatchEvent(new ErrorEvent('error', { message: 'the device is lost' }));";
    once_there_are_rows(chrome, 2, lost).await?;
    wait_for("another worker", Duration::from_secs(120), async || {
        Ok(chrome.js("return window.workers.length").await?.as_u64().filter(|count| *count == 2))
    })
    .await?;
    wait_for("the end", Duration::from_secs(120), async || {
        Ok((chrome.status().await? == "Done").then_some(()))
    })
    .await?;
    assert_eq!(figures(&chrome.epochs().await?), figures(&whole));
    Ok(Completion::Completed)
}

/// A run leaves as a file and comes back; a model too; what is damaged or foreign is refused, and
/// the run stays.
pub async fn runs_and_models_travel_as_files(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let settings = tiny_with(LONG);
    stage.open(&settings).await?;
    let whole = stage.train(Duration::from_secs(120)).await?;
    let kept = figures(&chrome.epochs().await?);
    let size = download(chrome, "Save model").await?;
    assert!(size > 1_000);
    open_file(chrome, "mine.safetensors", "window.kept").await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(alert(chrome).await?, Value::Null);
    let hostile = [
        ("cut.safetensors", "window.kept.slice(0, 2000)"),
        ("photo.safetensors", "new Uint8Array([255, 216, 255, 224, 1, 2, 3, 4, 5, 6, 7, 8])"),
        ("huge.safetensors", "new Uint8Array([255, 255, 255, 255, 255, 255, 255, 127, 123])"),
        ("nan.safetensors", "(bytes => { bytes.set([0, 0, 192, 127], bytes.length - 4); return bytes; })(window.kept.slice())"),
        (
            "shapes.safetensors",
            "(bytes => {
                const header = new TextDecoder('latin1').decode(bytes.slice(0, 8 + bytes[0] + 256 * bytes[1]));
                const at = header.indexOf('[10,64]');
                if (at < 0) throw new Error('no such shape');
                bytes.set(new TextEncoder().encode('[64,10]'), at);
                return bytes;
            })(window.kept.slice())",
        ),
        ("empty.resnette", "new Uint8Array(0)"),
        ("short.resnette", "new TextEncoder().encode('RESNETTE')"),
    ];
    for (name, bytes) in hostile {
        open_file(chrome, name, bytes).await?;
        let told = wait_for(name, Duration::from_secs(20), async || {
            Ok(alert(chrome).await?.as_str().filter(|text| text.contains(name)).map(str::to_owned))
        })
        .await?;
        assert!(told.contains("was not opened") && told.contains("kept"), "{told}");
        assert_eq!(figures(&chrome.epochs().await?), kept, "{name}: the run stays");
    }
    // In the middle of a run, to another page.
    stage.open(&settings).await?;
    train_and_pause(chrome, 2).await?;
    open_file(chrome, "mine.resnette", "window.kept").await?;
    note(chrome, "a run is under way").await?;
    let bytes = chrome.js("let text = ''; for (const byte of window.kept) text += String.fromCharCode(byte); return btoa(text)").await?;
    stage.open(BARE).await?;
    let script =
        "window.kept = Uint8Array.from(atob(arguments[0]), letter => letter.charCodeAt(0));";
    chrome.js_with(script, vec![bytes]).await?;
    open_file(
        chrome,
        "flipped.resnette",
        "window.kept.map((byte, at) => at === 5000 ? byte ^ 1 : byte)",
    )
    .await?;
    note(chrome, "flipped.resnette was not opened").await?;
    open_file(chrome, "mine.resnette", "window.kept").await?;
    chrome.wait_status(Duration::from_secs(60), |status| status.starts_with("Paused at ")).await?;
    assert!(chrome.epochs().await?.len() >= 2);
    chrome.click("Resume").await?;
    chrome.wait_status(Duration::from_secs(120), |status| status == "Done").await?;
    assert_eq!(figures(&chrome.epochs().await?), figures(&whole));
    // Epoch after epoch may follow, and the rate of what is left may change.
    chrome.click("One more epoch").await?;
    wait_for("a row more", Duration::from_secs(60), async || {
        Ok((chrome.epochs().await?.len() == whole.len() + 1).then_some(()))
    })
    .await?;
    chrome.viewport(360, 740).await?;
    chrome.screenshot(&screenshots().join("keep-phone.png")).await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

async fn alert(chrome: &Chrome) -> Result<Value, Failed> {
    chrome.js("return document.querySelector('.keep [role=alert]')?.textContent ?? null").await
}
