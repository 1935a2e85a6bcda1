//! Classes made on the page from dropped, pasted and photographed pictures.

use std::fs;

use crate::data::{PATIENCE, from_files, write};
use fantoccini::Locator;
use libtest_mimic::{Completion, Failed};
use serde_json::json;

use crate::chrome::wait_for;
use crate::fixtures::jpeg;
use crate::page::number;
use crate::stage::{Outcome, Stage, scratch};

impl Stage {
    /// Waits until a class of the table has so many pictures.
    async fn class_has(&self, at: usize, count: usize) -> Result<(), Failed> {
        let script = "return document.querySelectorAll('.own-classes > li')[arguments[0]].querySelector('p').textContent";
        let wanted = if count == 1 { "1 picture".to_owned() } else { format!("{count} pictures") };
        wait_for(&format!("{wanted} in class {at}"), PATIENCE, async || {
            Ok((self.chrome.js_with(script, vec![json!(at)]).await? == wanted).then_some(()))
        })
        .await
    }
}

/// Draws pictures and lets them go over a class or pastes them: two events in one breath, so that
/// none may be lost.
const SEND: &str = "
    const [way, at, count, done] = arguments;
    const canvas = Object.assign(document.createElement('canvas'), { width: 48, height: 40 });
    const context = canvas.getContext('2d');
    const pictures = Array.from({ length: count }, async (_, index) => {
        context.fillStyle = `hsl(${index * 40 + at * 180} 80% 50%)`;
        context.fillRect(index, 5, 20, 20);
        return new File([await new Promise(done => canvas.toBlob(done))], 'picture.png', { type: 'image/png' });
    });
    Promise.all(pictures).then(files => {
        const target = way === 'paste' ? document : document.querySelectorAll('.own-classes .drop')[at];
        for (const part of [files.slice(0, 2), files.slice(2)]) {
            const transfer = new DataTransfer();
            part.forEach(file => transfer.items.add(file));
            target.dispatchEvent(way === 'paste'
                ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true })
                : new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }
        done();
    });";

/// Five pictures each from three sources make a set that is split, trained on, and gets a head of
/// its own size.
pub async fn drop_paste_and_camera(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&from_files()).await?;
    let summary = chrome.client.find(Locator::Css(".own > summary")).await?;
    summary.click().await?;
    chrome.click("Add a class").await?;
    let names = ["ירוק 🟢", "blue", "what the camera sees"];
    for (at, name) in names.into_iter().enumerate() {
        chrome.client.find(Locator::Id(&format!("own-class-{at}"))).await?.send_keys(name).await?;
    }
    chrome.client.execute_async(SEND, vec![json!("drop"), json!(0), json!(5)]).await?;
    stage.class_has(0, 5).await?;
    // Pasted pictures go to the class touched last.
    chrome.client.find(Locator::Id("own-class-1")).await?.click().await?;
    chrome.client.execute_async(SEND, vec![json!("paste"), json!(1), json!(4)]).await?;
    stage.class_has(1, 4).await?;
    assert!(!chrome.button("Use these classes").await?.is_enabled().await?);
    chrome.client.execute_async(SEND, vec![json!("paste"), json!(1), json!(3)]).await?;
    stage.class_has(1, 7).await?;

    chrome.click("Camera for what the camera sees").await?;
    wait_for("the camera's first picture", PATIENCE, async || {
        let playing = chrome.js("const video = document.querySelector('.camera video'); return video?.videoWidth ?? 0").await?;
        Ok((number(&playing)? > 0.0).then_some(()))
    })
    .await?;
    for count in 1..=6 {
        chrome.click("Take a picture of what the camera sees").await?;
        stage.class_has(2, count).await?;
    }
    chrome.click("Close the camera").await?;

    // A look at another place costs nothing: the classes are still there.
    chrome.client.find(Locator::LinkText("Learn")).await?.click().await?;
    chrome.client.find(Locator::LinkText("Data")).await?.click().await?;
    stage.class_has(1, 7).await?;

    chrome.click("Use these classes").await?;
    stage.fingerprint().await?;
    assert_eq!(stage.problems().await?, Vec::<String>::new());
    let text = chrome.text().await?;
    assert!(
        text.contains("15 pictures to train on and 3 to validate with, in 3 classes"),
        "{text}"
    );
    assert!(names.iter().all(|name| text.contains(name)), "{text}");
    chrome.click("Train").await?;
    chrome.wait_status(PATIENCE, |status| status == "Done").await?;
    chrome.client.find(Locator::LinkText("Train")).await?.click().await?;
    wait_for("a head for three classes", PATIENCE, async || {
        Ok(chrome.text().await?.contains("head\n1×1\n× 3").then_some(()))
    })
    .await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// A folder dropped onto a class is that class: its pictures however deep, and nothing else that
/// lies there.
pub async fn a_folder_dropped_onto_a_class(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let root = scratch("own-folders")?;
    // One name in two folders, as cameras give it; lists, and a hidden file that says it is a
    // picture.
    let places = [
        "cats/1.jpg",
        "cats/2.jpg",
        "cats/2019/1.jpg",
        "cats/2019/2.jpg",
        "cats/2020/summer/1.jpg",
        "cats/2020/summer/2.JPEG",
    ];
    let beside = [
        "cats/list.csv",
        "cats/2019/Thumbs.db",
        "cats/.1.jpg",
        "notes/read me.txt",
        "notes/.2.jpg",
    ];
    let pictures = places
        .iter()
        .enumerate()
        .map(|(index, place)| ((*place).to_owned(), jpeg(0, index as u64)));
    let dogs = (0..5).map(|index| (format!("dogs/train/all/{index}.jpg"), jpeg(1, index)));
    let noise = beside.iter().map(|place| ((*place).to_owned(), b"a,b".to_vec()));
    write(&root, &pictures.chain(dogs).chain(noise).collect::<Vec<_>>())?;

    stage.open(&from_files()).await?;
    chrome.client.find(Locator::Css(".own > summary")).await?.click().await?;
    for (at, name) in ["cat", "dog"].into_iter().enumerate() {
        chrome.client.find(Locator::Id(&format!("own-class-{at}"))).await?.send_keys(name).await?;
    }
    let onto = |at: usize| format!(".own-classes > li:nth-child({}) .drop", at + 1);
    stage.drag(&onto(0), &[root.join("cats")]).await?;
    stage.class_has(0, 6).await?;

    // A folder without pictures is told, and the class keeps what it has.
    stage.drag(&onto(0), &[root.join("notes")]).await?;
    let alert = "return document.querySelector('.own [role=alert]')?.textContent ?? ''";
    wait_for("a note", PATIENCE, async || {
        Ok(chrome
            .js(alert)
            .await?
            .as_str()
            .is_some_and(|said| said.starts_with("There is no picture"))
            .then_some(()))
    })
    .await?;
    stage.class_has(0, 6).await?;

    stage.drag(&onto(1), &[root.join("dogs")]).await?;
    stage.class_has(1, 5).await?;
    assert_eq!(chrome.js(alert).await?, "", "the note is over");
    chrome.click("Use these classes").await?;
    stage.fingerprint().await?;
    assert_eq!(stage.problems().await?, Vec::<String>::new());
    let text = chrome.text().await?;
    assert!(text.contains("9 pictures to train on and 2 to validate with, in 2 classes"), "{text}");
    chrome.console_is_clean().await?;
    fs::remove_dir_all(root)?;
    Ok(Completion::Completed)
}
