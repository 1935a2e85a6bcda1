//! Files dragged from the desktop and let go over the page: a folder, an archive, loose pictures,
//! and beside every place for them.

use std::fs;
use std::path::PathBuf;

use crate::data::{CLASSES, PATIENCE, TRAIN, VALID, drawings, from_files, write};
use base64::prelude::{BASE64_STANDARD, Engine};
use fantoccini::Locator;
use libtest_mimic::{Completion, Failed};
use serde_json::json;

use crate::chrome::wait_for;
use crate::fixtures::{gzip, jpeg, tar};
use crate::page::{number, tiny_with};
use crate::stage::{Outcome, Stage, scratch};

impl Stage {
    /// Drags files over the middle of an element and lets them go, as a hand would: the browser
    /// itself makes the events.
    pub async fn drag(&self, over: &str, places: &[PathBuf]) -> Result<(), Failed> {
        let element = self.chrome.client.find(Locator::Css(over)).await?;
        let script = "
            arguments[0].scrollIntoView({ block: 'center' });
            const box = arguments[0].getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];";
        let middle = self.chrome.js_with(script, vec![serde_json::to_value(&element)?]).await?;
        let (x, y) = (number(&middle[0])?, number(&middle[1])?);
        let files: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
        for kind in ["dragEnter", "dragOver", "drop"] {
            let data = json!({ "items": [], "files": files, "dragOperationsMask": 1 });
            self.chrome
                .cdp(
                    "Input.dispatchDragEvent",
                    json!({ "type": kind, "x": x, "y": y, "data": data }),
                )
                .await?;
        }
        Ok(())
    }

    /// Whether this is still the document that was opened.
    async fn is_still_there(&self) -> Result<(), Failed> {
        match self.chrome.js("return window.marked === true").await? {
            serde_json::Value::Bool(true) => Ok(()),
            _ => Err("the drop has taken the reader off the page".into()),
        }
    }
}

/// A folder, an archive and loose pictures, dropped: the same pictures with the same labels.
pub async fn whatever_is_dropped_is_the_same(stage: &Stage) -> Outcome {
    let root = scratch("dropped")?;
    write(&root, &drawings())?;
    fs::write(root.join("set.tgz"), gzip(&tar(&drawings())))?;
    let mut prints = Vec::new();
    for name in ["set", "set.tgz"] {
        stage.open(&from_files()).await?;
        stage.drag(".source .drop", &[root.join(name)]).await?;
        prints.push(stage.fingerprint().await?);
        assert_eq!(stage.problems().await?, Vec::<String>::new(), "{name}");
        let text = stage.chrome.text().await?;
        assert!(
            text.contains("24 pictures to train on and 12 to validate with, in 2 classes"),
            "{name}: {text}"
        );
    }
    assert_eq!(prints[0], prints[1], "folder and archive");

    // Loose pictures tell their class by ImageNet's names for files.
    let each = TRAIN + VALID;
    let loose: Vec<_> = CLASSES
        .iter()
        .enumerate()
        .flat_map(|(drawing, (id, _))| {
            (0..each)
                .map(move |index| (format!("loose/{id}_{index}.JPEG"), jpeg(drawing, index as u64)))
        })
        .collect();
    write(&root, &loose)?;
    stage.open(&tiny_with("train=100&valid=100&view=data")).await?;
    stage
        .drag(".source .drop", &loose.iter().map(|(path, _)| root.join(path)).collect::<Vec<_>>())
        .await?;
    stage.fingerprint().await?;
    let text = stage.chrome.text().await?;
    // One in five of eighteen validates.
    assert!(
        text.contains("28 pictures to train on and 8 to validate with, in 2 classes"),
        "{text}"
    );
    assert!(text.contains("tench") && text.contains("parachute"), "{text}");
    stage.chrome.console_is_clean().await?;
    fs::remove_dir_all(root)?;
    Ok(Completion::Completed)
}

/// Beside every place for files: Data takes them all the same, the others say where they belong,
/// and nobody leaves the page.
pub async fn a_drop_beside_is_no_way_out(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let root = scratch("beside")?;
    write(&root, &drawings())?;
    let mark = "window.marked = true";
    stage.open(&from_files()).await?;
    chrome.js(mark).await?;
    stage.drag(".data h1", &[root.join("set")]).await?;
    stage.fingerprint().await?;
    stage.is_still_there().await?;
    let alert =
        "return [...document.querySelectorAll('[role=alert]')].map(note => note.innerText).join()";
    let picture = root.join(&drawings()[0].0);
    for (view, place) in [("Train", "Data"), ("Predict", "Open a picture"), ("Learn", "Predict")] {
        // Through the page's own link, since Learn has more than the one status line that `open`
        // waits for.
        stage.open(&from_files()).await?;
        chrome.client.find(Locator::LinkText(view)).await?.click().await?;
        // Predict and Learn come by themselves, and their heading with them.
        wait_for(view, PATIENCE, async || {
            let there = "return document.querySelector('main .view:not([aria-busy=true]) h1')?.textContent === arguments[0]";
            Ok((chrome.js_with(there, vec![view.into()]).await? == true).then_some(()))
        })
        .await?;
        chrome.js(mark).await?;
        stage.drag("main h1", std::slice::from_ref(&picture)).await?;
        wait_for("a note", PATIENCE, async || {
            let said = chrome.js(alert).await?.as_str().unwrap_or_default().to_owned();
            Ok((said.contains("Nothing was opened") && said.contains(place)).then_some(()))
        })
        .await?;
        stage.is_still_there().await?;
        chrome.click("Close this note").await?;
        assert_eq!(chrome.js(alert).await?, "", "{view}");
    }
    // A locked link keeps its pictures, and a run under way its source.
    stage.open(&tiny_with("view=data&lock=1")).await?;
    stage.drag(".source .drop", &[root.join("set")]).await?;
    wait_for("the reason", PATIENCE, async || {
        Ok(chrome.text().await?.contains("locked the settings").then_some(()))
    })
    .await?;
    stage.open(&tiny_with("view=data&epochs=1000")).await?;
    chrome.click("Train").await?;
    chrome.wait_status(PATIENCE, |status| status.starts_with("Training")).await?;
    stage.drag(".source .drop", &[root.join("set")]).await?;
    wait_for("the reason", PATIENCE, async || {
        Ok(chrome.text().await?.contains("a run or a download is under way").then_some(()))
    })
    .await?;
    assert!(chrome.status().await?.starts_with("Training"));
    chrome.click("Stop").await?;
    chrome.console_is_clean().await?;
    fs::remove_dir_all(root)?;
    Ok(Completion::Completed)
}

/// A drop whose files a program has made, as another page or a test makes them: there are no
/// folders in it, and in WebKit no entries that can be read.
pub async fn made_by_a_program(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&from_files()).await?;
    let archive = gzip(&tar(&drawings()));
    let script = "
        const bytes = Uint8Array.from(atob(arguments[0]), letter => letter.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], 'set.tgz'));
        document.querySelector('.source .drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));";
    chrome.js_with(script, vec![json!(BASE64_STANDARD.encode(archive))]).await?;
    stage.fingerprint().await?;
    assert_eq!(stage.problems().await?, Vec::<String>::new());
    let text = chrome.text().await?;
    assert!(
        text.contains("24 pictures to train on and 12 to validate with, in 2 classes"),
        "{text}"
    );
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}
