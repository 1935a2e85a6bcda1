//! Saved runs side by side: tabs and copies of the page that do not touch each other's, links that
//! ask before they cost work, and a run that goes on whatever becomes of loading beside it.

use std::fs;
use std::time::Duration;

use libtest_mimic::{Completion, Failed};
use resnette_static_host::Site;
use serde_json::{Value, json};
use xtask::hub::Faults;

use crate::chrome::{Chrome, wait_for};
use crate::data::{from_hub, hub};
use crate::page::tiny_with;
use crate::runs::{BARE, button_from, figures, go_on, note, train_and_pause, train_until};
use crate::stage::{Outcome, Stage, dist, scratch};

const LIMIT: Duration = Duration::from_secs(120);

/// What the list of saved runs says, newest first.
async fn saved(chrome: &Chrome) -> Result<Vec<String>, Failed> {
    let script =
        "return [...document.querySelectorAll('.saved-runs li')].map(item => item.textContent)";
    Ok(serde_json::from_value(chrome.js(script).await?)?)
}

/// Waits until so many runs are saved.
async fn wait_saved(chrome: &Chrome, wanted: usize) -> Result<Vec<String>, Failed> {
    wait_for(&format!("{wanted} saved runs"), Duration::from_secs(30), async || {
        let found = saved(chrome).await?;
        Ok((found.len() == wanted).then_some(found))
    })
    .await
}

/// Trains until an epoch is complete, and holds; what was held is saved.
async fn paused(stage: &Stage, settings: &str) -> Result<String, Failed> {
    stage.open(settings).await?;
    train_and_pause(&stage.chrome, 1).await
}

/// Names of the runs in the list of all runs, newest first.
async fn names(chrome: &Chrome) -> Result<Vec<String>, Failed> {
    let script = "return [...document.querySelectorAll('.run-name')].map(input => input.value)";
    Ok(serde_json::from_value(chrome.js(script).await?)?)
}

/// The same once there are so many: the list is in a part of the page that comes by itself.
async fn wait_names(chrome: &Chrome, count: usize) -> Result<Vec<String>, Failed> {
    wait_for(&format!("{count} names"), LIMIT, async || {
        Ok(Some(names(chrome).await?).filter(|found| found.len() == count))
    })
    .await
}

/// Opens a link in the open page, as an opener or a click would.
async fn follow(chrome: &Chrome, settings: &str) -> Result<(), Failed> {
    chrome.js_with("location.hash = arguments[0]", vec![json!(settings)]).await.map(drop)
}

/// Of two tabs each keeps its run; the one that is paused goes on where it was, also after both
/// tabs were closed.
pub async fn two_tabs_keep_a_run_each(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let settings = tiny_with("epochs=6&train=40");
    stage.open(&settings).await?;
    let whole = stage.train(LIMIT).await?;
    paused(stage, &settings).await?;
    let first = chrome.client.window().await?;
    let second = chrome.client.new_window(true).await?.handle;
    chrome.client.switch_to_window(second).await?;
    train_until(stage, &tiny_with("epochs=2&seed=8"), 2).await?;
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    let text = chrome.text().await?;
    assert!(!text.contains("not kept"), "{text}");
    let list = wait_saved(chrome, 3).await?;
    assert!(list.iter().any(|run| run.contains("open in another tab")), "{list:?}");
    chrome.client.close_window().await?;
    chrome.client.switch_to_window(first).await?;
    assert!(chrome.status().await?.starts_with("Paused at "));
    // A reload: the run that was saved last is offered, the others stand in the list.
    stage.open(BARE).await?;
    let list = wait_saved(chrome, 3).await?;
    assert!(list.iter().filter(|run| run.contains("all ")).count() == 2, "{list:?}");
    let (_, button) = button_from(chrome, "Continue the saved").await?;
    button.click().await?;
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    assert_eq!(figures(&chrome.epochs().await?), figures(&whole));
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Five runs are kept. The sixth takes the place of the oldest, which is told; a deleted one comes
/// back.
pub async fn the_oldest_run_makes_room_and_is_told(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    for seed in 1..=5 {
        stage.open(&tiny_with(&format!("seed={seed}"))).await?;
        stage.train(LIMIT).await?;
    }
    wait_saved(chrome, 5).await?;
    assert!(!chrome.text().await?.contains("To make room for this run"));
    let (name, button) = button_from(chrome, "Delete the saved Run 2").await?;
    button.click().await?;
    wait_saved(chrome, 4).await?;
    chrome.click("Undo deletion of the saved run").await?;
    let list = wait_saved(chrome, 5).await?;
    assert!(list[3].contains("Run 2"), "{name}: {list:?}");
    stage.open(&tiny_with("seed=6&epochs=2")).await?;
    stage.train(LIMIT).await?;
    note(chrome, "To make room for this run, a saved run was deleted").await?;
    let list = wait_saved(chrome, 5).await?;
    assert!(!list.iter().any(|run| run.contains("Run 1:")), "{list:?}");
    // Deleted, and the page opened again: it is gone from the list, and the others are there.
    button_from(chrome, "Delete the saved Run 2").await?.1.click().await?;
    wait_saved(chrome, 4).await?;
    stage.open(BARE).await?;
    wait_saved(chrome, 4).await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// The same page in two folders of one origin: neither sees the other's runs.
pub async fn two_copies_of_the_page_share_nothing(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let dist = dist()?;
    let both = Site { dist: dist.clone(), data: Some(dist), port: Some(0), ..Site::default() }
        .start()
        .map_err(|error| format!("{error:#}"))?;
    let (above, below) = (both.url(), format!("{}data/", both.url()));
    for (url, epochs) in [(&above, 1), (&below, 2)] {
        stage.open_at(url, &tiny_with(&format!("epochs={epochs}"))).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!((saved(chrome).await?.len(), names(chrome).await?.len()), (0, 0), "{url}");
        stage.train(LIMIT).await?;
        wait_saved(chrome, 1).await?;
    }
    for (url, epochs) in [(&above, 1), (&below, 2)] {
        stage.open_at(url, BARE).await?;
        let list = wait_saved(chrome, 1).await?;
        assert!(list[0].contains(&format!("all {epochs} epochs")), "{url}: {list:?}");
        assert_eq!(wait_names(chrome, 1).await?, ["Run 1"], "{url}");
    }
    // Of the browser's caches each has its own too.
    let script =
        "const done = arguments[0]; caches.keys().then(done, error => done([String(error)]));";
    wait_for("a cache for each copy", LIMIT, async || {
        let caches = chrome.client.execute_async(script, Vec::new()).await?;
        let caches: Vec<String> = serde_json::from_value(caches)?;
        let mine = |path: &str| caches.iter().any(|name| name.starts_with(path));
        let both = mine("resnette-page-/-") && mine("resnette-page-/data/-");
        Ok(both.then_some(()))
    })
    .await?;
    Ok(Completion::Completed)
}

/// What an earlier version of the page has saved: its run goes on and its list is shown, in the
/// copy of the page that finds them first.
pub async fn what_an_earlier_version_kept_still_opens(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let settings = tiny_with("epochs=6&train=40");
    stage.open(&settings).await?;
    let whole = stage.train(LIMIT).await?;
    paused(stage, &settings).await?;
    stage.open(BARE).await?;
    wait_saved(chrome, 2).await?;
    // The newest slot's files and the list, put where earlier versions had them.
    let put_back = "
        const done = arguments[0];
        (async () => {
            const root = await navigator.storage.getDirectory();
            const earlier = await root.getDirectoryHandle('resnette', { create: true });
            for await (const [name, page] of root.entries()) {
                if (!name.startsWith('resnette-runs-')) continue;
                const slots = [];
                for await (const [slot, handle] of page.entries()) if (handle.kind === 'directory') slots.push([Number(slot), handle]);
                slots.sort((a, b) => b[0] - a[0]);
                for await (const [file, handle] of slots[0][1].entries()) {
                    const writable = await (await earlier.getFileHandle(file, { create: true })).createWritable();
                    await writable.write(await (await handle.getFile()).arrayBuffer());
                    await writable.close();
                }
                await root.removeEntry(name, { recursive: true });
            }
            for (const key of Object.keys(localStorage).filter(key => key.startsWith('resnette-runs-'))) {
                const list = JSON.parse(localStorage.getItem(key));
                for (const run of list) delete run.key;
                localStorage.setItem('resnette-runs', JSON.stringify(list));
                localStorage.removeItem(key);
            }
            return 'done';
        })().then(done, error => done(String(error)));";
    // Another page of the origin, so that the page itself writes nothing meanwhile.
    chrome.client.goto(&format!("{}models/imagenette.json", stage.site.url())).await?;
    assert_eq!(chrome.client.execute_async(put_back, Vec::new()).await?, json!("done"));
    stage.open(BARE).await?;
    wait_saved(chrome, 1).await?;
    // The list came along.
    wait_names(chrome, 2).await?;
    go_on(chrome).await?;
    assert_eq!(figures(&chrome.epochs().await?), figures(&whole));
    assert_eq!(names(chrome).await?.len(), 2, "and the run is the same one in it");
    // For a page that names no icon, as that JSON file, the browser asks for one that is not there.
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// A link that starts a run by itself: over a paused run it starts nothing and says so; in a page
/// that was just opened it starts, and the paused run is kept.
pub async fn autostart_over_a_paused_run_starts_nothing(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let settings = tiny_with("epochs=6&train=40");
    let place = paused(stage, &settings).await?;
    let link = tiny_with("epochs=2&seed=9&autostart=1");
    follow(chrome, &link).await?;
    note(chrome, "This link wants to start another run").await?;
    assert_eq!(chrome.status().await?, place);
    chrome.click("Close").await?;
    assert!(chrome.button("Resume").await?.is_enabled().await?);
    stage.open(&link).await?;
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    assert_eq!(chrome.epochs().await?.len(), 2);
    let list = wait_saved(chrome, 2).await?;
    assert!(list[1].contains("of 6 epochs"), "the paused run is kept: {list:?}");
    // A run that was stopped is not started over without asking.
    stage.open(&tiny_with("epochs=1000")).await?;
    chrome.click("Train").await?;
    wait_for("a row", LIMIT, async || Ok((!chrome.epochs().await?.is_empty()).then_some(())))
        .await?;
    chrome.click("Stop").await?;
    chrome.wait_status(LIMIT, |status| status.starts_with("Stopped at ")).await?;
    follow(chrome, &link).await?;
    note(chrome, "stopped before its end").await?;
    chrome.click("Start nothing").await?;
    assert!(chrome.status().await?.starts_with("Stopped at "));
    follow(chrome, &format!("{link}&view=train")).await?;
    note(chrome, "stopped before its end").await?;
    chrome.click("Start the link’s run").await?;
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// A link that starts a run by itself asks no other host before the reader has agreed.
pub async fn autostart_asks_no_other_host(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let hub = hub("autostart", Faults::default())?;
    let link = format!("{}&autostart=1", from_hub(&hub));
    stage.open(&link).await?;
    note(chrome, "It would fetch pictures from ").await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(hub.log().is_empty(), "{:?}", hub.log());
    chrome.click("Start nothing").await?;
    assert!(hub.log().is_empty(), "{:?}", hub.log());
    stage.open(&link).await?;
    note(chrome, "It would fetch pictures from ").await?;
    chrome.click("Start the link’s run").await?;
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    assert!(!hub.log().is_empty());
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// Files that cannot be loaded are opened beside a run (the page was about to close the way): the
/// run can still be paused and stopped, leaving asks, and its end is told.
pub async fn a_failed_load_beside_a_run_is_no_end_of_it(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let folder = scratch("beside")?;
    fs::write(folder.join("broken.zip"), b"PK\x03\x04 and no more")?;
    stage.open(&tiny_with("epochs=1000&view=data")).await?;
    chrome.click("Train").await?;
    chrome.wait_status(LIMIT, |status| status.starts_with("Training ")).await?;
    let hand = "
        const input = document.getElementById('open-files');
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array([80, 75, 3, 4, 9, 9])], 'broken.zip'));
        input.disabled = false;
        input.files = transfer.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));";
    chrome.js(hand).await?;
    let refused = "return document.querySelector('.view.data .warning')?.textContent ?? null";
    wait_for("the refusal", LIMIT, async || {
        Ok(chrome.js(refused).await?.as_str().map(str::to_owned))
    })
    .await?;
    let leaving = "
        const event = new Event('beforeunload', { cancelable: true });
        window.dispatchEvent(event);
        return event.defaultPrevented;";
    assert!(chrome.status().await?.starts_with("Training "), "{}", chrome.status().await?);
    assert_eq!(chrome.js(leaving).await?, Value::Bool(true));
    assert!(chrome.button("Stop").await?.is_enabled().await?);
    chrome.click("Pause").await?;
    chrome.wait_status(LIMIT, |status| status.starts_with("Paused at ")).await?;
    chrome.click("Resume").await?;
    chrome.wait_status(LIMIT, |status| status.starts_with("Training ")).await?;
    chrome.click("Stop").await?;
    chrome.wait_status(LIMIT, |status| status.starts_with("Stopped at ")).await?;
    chrome.nothing_panicked().await?;
    fs::remove_dir_all(folder)?;
    Ok(Completion::Completed)
}

/// Another engine ends the one that has the network: the page asks before pictures are loaded for
/// it, and says what is kept.
pub async fn another_engine_is_asked_about(stage: &Stage) -> Outcome {
    if !dist()?.join("worker_gpu.js").is_file() {
        return Ok(Completion::ignored_with("skipped: dist was built without the WebGPU worker"));
    }
    let chrome = &stage.chrome;
    stage.open(&tiny_with("epochs=1&view=train")).await?;
    stage.train(LIMIT).await?;
    follow(chrome, &tiny_with("epochs=1&view=data&backend=webgpu")).await?;
    chrome.click("Draw pictures").await?;
    note(chrome, "This needs the other engine").await?;
    chrome.click("Keep this engine").await?;
    assert_eq!(chrome.status().await?, "Done");
    chrome.click("Draw pictures").await?;
    chrome.click("Change the engine").await?;
    wait_for("the pictures", LIMIT, async || {
        Ok(chrome.text().await?.contains("WebGPU engine").then_some(()))
    })
    .await?;
    stage.open(BARE).await?;
    wait_saved(chrome, 1).await?;
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// Three tabs train at the same time: the list has all of their rows, and a deleted run comes back.
pub async fn three_tabs_lose_no_rows(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let mut tabs = vec![chrome.client.window().await?];
    for _ in 0..2 {
        tabs.push(chrome.client.new_window(true).await?.handle);
    }
    for (seed, tab) in (1..).zip(&tabs) {
        chrome.client.switch_to_window(tab.clone()).await?;
        stage.open(&tiny_with(&format!("epochs=5&seed={seed}"))).await?;
    }
    for tab in &tabs {
        chrome.client.switch_to_window(tab.clone()).await?;
        chrome.click("Train").await?;
    }
    for tab in &tabs {
        chrome.client.switch_to_window(tab.clone()).await?;
        chrome.wait_status(LIMIT, |status| status == "Done").await?;
    }
    let rows = "
        const key = Object.keys(localStorage).find(key => key.startsWith('resnette-runs-'));
        return JSON.parse(localStorage.getItem(key)).map(run => [run.id, run.rows.length]);";
    let complete = json!([[1, 5], [2, 5], [3, 5]]);
    wait_for("all rows", Duration::from_secs(20), async || {
        Ok((chrome.js(rows).await? == complete).then_some(()))
    })
    .await?;
    for tab in &tabs {
        chrome.client.switch_to_window(tab.clone()).await?;
        wait_for("three names", Duration::from_secs(20), async || {
            Ok((names(chrome).await? == ["Run 3", "Run 2", "Run 1"]).then_some(()))
        })
        .await?;
    }
    chrome.click("Delete Run 2").await?;
    wait_for("two", Duration::from_secs(20), async || {
        Ok((chrome.js(rows).await? == json!([[1, 5], [3, 5]])).then_some(()))
    })
    .await?;
    chrome.click("Undo deletion").await?;
    wait_for("three again", Duration::from_secs(20), async || {
        Ok((chrome.js(rows).await? == complete).then_some(()))
    })
    .await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
