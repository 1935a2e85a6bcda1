//! Classes made on the page from dropped, pasted and photographed pictures.

use fantoccini::Locator;
use libtest_mimic::{Completion, Failed};
use serde_json::json;

use crate::chrome::wait_for;
use crate::data::{PATIENCE, from_files};
use crate::page::number;
use crate::stage::{Outcome, Stage};

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

/// Draws pictures and lets them go over a class or pastes them: two events in one breath, so that none may be lost.
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

/// Five pictures each from three sources make a set that is split, trained on, and gets a head of its own size.
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
    assert!(text.contains("15 pictures to train on and 3 to validate with, in 3 classes"), "{text}");
    assert!(names.iter().all(|name| text.contains(name)), "{text}");
    chrome.click("Train").await?;
    chrome.wait_status(PATIENCE, |status| status == "Done").await?;
    chrome.client.find(Locator::LinkText("Train")).await?.click().await?;
    wait_for("a head for three classes", PATIENCE, async || Ok(chrome.text().await?.contains("head\n1×1\n× 3").then_some(()))).await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
