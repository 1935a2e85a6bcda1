//! Classes made on the page from dropped, pasted and photographed pictures.

use std::fs;
use std::time::{Duration, Instant};

use crate::data::{PATIENCE, from_files, write};
use fantoccini::Locator;
use fantoccini::elements::Element;
use libtest_mimic::{Completion, Failed};
use serde_json::json;

use crate::chrome::wait_for;
use crate::fixtures::jpeg;
use crate::page::number;
use crate::runs::download;
use crate::stage::{Outcome, Stage, scratch};

impl Stage {
    /// The field for the name of a class, once the table is there.
    async fn class_name(&self, at: usize) -> Result<Element, Failed> {
        wait_for("the table", PATIENCE, async || {
            Ok(self.chrome.client.find(Locator::Id(&format!("own-class-{at}"))).await.ok())
        })
        .await
    }

    /// Forgets the classes of earlier tests.
    async fn forget_classes(&self) -> Result<(), Failed> {
        let origin = self.site.url().trim_end_matches('/').to_owned();
        let kept = json!({ "origin": origin, "storageTypes": "cache_storage" });
        self.chrome.goto("about:blank").await?;
        self.chrome.cdp("Storage.clearDataForOrigin", kept).await.map(drop)
    }

    /// Opens the page and makes two classes, cat and dog, with so many pictures each.
    async fn cats_and_dogs(&self, pictures: usize) -> Result<(), Failed> {
        let chrome = &self.chrome;
        self.forget_classes().await?;
        self.open(&from_files()).await?;
        chrome.js("document.querySelector('.own').open = true").await?;
        for (at, name) in ["cat", "dog"].into_iter().enumerate() {
            self.class_name(at).await?.send_keys(name).await?;
            if pictures > 0 {
                let drop = vec![json!("drop"), json!(at), json!(pictures)];
                chrome.client.execute_async(SEND, drop).await?;
                self.class_has(at, pictures).await?;
            }
        }
        Ok(())
    }

    /// Waits for the answers about the pictures of a class, and counts the right ones.
    async fn answers(&self, name: &str, count: usize) -> Result<usize, Failed> {
        let script = "
            const of = [...document.querySelectorAll('.strip .thumb')].filter(it => it.querySelector('img').alt.startsWith(arguments[0]));
            const first = of.map(it => it.querySelector('span').textContent.trim());
            return first.length < arguments[1] ? null : first.filter(found => found === arguments[0]).length;";
        let right = wait_for("answers", PATIENCE, async || {
            let right = self.chrome.js_with(script, vec![json!(name), json!(count)]).await?;
            Ok((!right.is_null()).then_some(right))
        });
        Ok(number(&right.await?)? as usize)
    }

    /// Waits until a class of the table has so many pictures.
    async fn class_has(&self, at: usize, count: usize) -> Result<(), Failed> {
        let script = "return document.querySelectorAll('.own-classes > li')[arguments[0]]?.querySelector('p').textContent ?? null";
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
        context.fillStyle = `hsl(${index * 40 + at * 180 + count * 7} 80% 50%)`;
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
    stage.forget_classes().await?;
    stage.open(&from_files()).await?;
    chrome.unfold(".own").await?;
    chrome.click("Add a class").await?;
    let names = ["ירוק 🟢", "blue", "what the camera sees"];
    for (at, name) in names.into_iter().enumerate() {
        stage.class_name(at).await?.send_keys(name).await?;
    }
    chrome.client.execute_async(SEND, vec![json!("drop"), json!(0), json!(5)]).await?;
    stage.class_has(0, 5).await?;
    // Pasted pictures go to the class touched last.
    stage.class_name(1).await?.click().await?;
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
    // The run was made long enough for so few pictures; another that is not is warned of.
    assert!(!chrome.text().await?.contains("too few to learn"));
    chrome.js("location.hash = location.hash.replace(/epochs=\\d+/, 'epochs=2')").await?;
    wait_for("a warning", PATIENCE, async || {
        Ok(chrome.text().await?.contains("takes 6 steps on 15 pictures").then_some(()))
    })
    .await?;
    chrome.click("Use 34 epochs of batch size 4: 102 steps").await?;
    wait_for("no warning", PATIENCE, async || {
        Ok((!chrome.text().await?.contains("too few to learn")).then_some(()))
    })
    .await?;
    wait_for("a head for three classes", PATIENCE, async || {
        Ok(chrome.text().await?.contains("head\n1×1\n× 3").then_some(()))
    })
    .await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Twenty pictures for each of two classes: noisy discs of warm colours and stripes of cold ones.
/// Ten more are asked about. All of them differ in place, size, colour and light.
const EASY: &str = "
    const [what, from, count, done] = arguments;
    const draw = async index => {
        let state = index * 2654435761 % 4294967296;
        const random = () => (state = (state * 1664525 + 1013904223) % 4294967296) / 4294967296;
        for (let warm = 0; warm < 5; warm += 1) random();
        const canvas = Object.assign(document.createElement('canvas'), { width: 96, height: 96 });
        const context = canvas.getContext('2d');
        context.fillStyle = `hsl(${360 * random()} 15% ${30 + 40 * random()}%)`;
        context.fillRect(0, 0, 96, 96);
        context.fillStyle = `hsl(${what === 'disc' ? 60 * random() : 180 + 60 * random()} 80% 50%)`;
        if (what === 'disc') {
            context.beginPath();
            context.arc(30 + 36 * random(), 30 + 36 * random(), 14 + 16 * random(), 0, 7);
            context.fill();
        } else {
            const [wide, start] = [6 + 6 * random(), 20 * random()];
            for (let x = start; x < 96; x += 2.2 * wide) context.fillRect(x, 0, wide, 96);
        }
        const blob = await new Promise(found => canvas.toBlob(found, 'image/png'));
        return new File([blob], `${what} ${index}.png`, { type: 'image/png' });
    };
    Promise.all(Array.from({ length: count }, (_, index) => draw(from + index))).then(files => {
        const transfer = new DataTransfer();
        files.forEach(file => transfer.items.add(file));
        document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer }));
        done();
    });";

/// What a stranger does: two classes of twenty pictures each, one button, and ten pictures that the
/// network has not seen. Once by fine-tuning the model that comes with the page, once from scratch.
pub async fn a_stranger_trains_two_classes(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.forget_classes().await?;
    let ways =
        [("Fine-tune the model that comes with the page", false), ("Use these classes", true)];
    for (button, is_kept) in ways {
        stage.open("backend=cpu").await?;
        chrome.client.find(Locator::LinkText("Data")).await?.click().await?;
        let open = "document.querySelector('.own').open = true";
        chrome.js(open).await?;
        for (at, name) in ["disc", "stripes"].into_iter().enumerate() {
            // They are still there when the page is opened again.
            if !is_kept {
                let field = stage.class_name(at).await?;
                field.click().await?;
                field.send_keys(name).await?;
                let drawing = vec![json!(name), json!(100 * at), json!(20)];
                chrome.client.execute_async(EASY, drawing).await?;
            }
            stage.class_has(at, 20).await?;
        }
        let start = Instant::now();
        chrome.click(button).await?;
        if button == "Use these classes" {
            stage.fingerprint().await?;
            chrome.click("Train").await?;
        }
        chrome.wait_status(Duration::from_secs(120), |status| status == "Done").await?;
        let trained = start.elapsed().as_secs_f64();
        chrome.client.find(Locator::LinkText("Predict")).await?.click().await?;
        wait_for("Predict", PATIENCE, async || {
            Ok(chrome.client.find(Locator::Css(".view h1")).await.ok())
        })
        .await?;
        let mut right = 0;
        for (name, from) in [("disc", 40), ("stripes", 140)] {
            chrome.client.execute_async(EASY, vec![json!(name), json!(from), json!(5)]).await?;
            right += stage.answers(name, 5).await?;
        }
        println!("{button}: {right} of 10 right after {trained:.1} s");
        assert!(right >= 9, "{button}: {right} of 10");
    }
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Classes, pictures and names are still there after a reload; single pictures are moved and
/// removed, and come back; a project holds all of it, with the settings and the network.
pub async fn classes_are_kept(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.cats_and_dogs(6).await?;
    chrome.click("Picture 2 of cat").await?;
    chrome.click("Move it to dog").await?;
    stage.class_has(1, 7).await?;
    chrome.click("Picture 1 of cat").await?;
    chrome.click("Remove this picture").await?;
    stage.class_has(0, 4).await?;
    assert!(!chrome.button("Use these classes").await?.is_enabled().await?);
    chrome.click("Undo").await?;
    stage.class_has(0, 5).await?;
    let shown = "return [...document.querySelectorAll('.thumbnail img')].every(image => image.naturalWidth === 48)";
    wait_for("thumbnails", PATIENCE, async || Ok((chrome.js(shown).await? == true).then_some(())))
        .await?;

    // The browser keeps the pictures a moment later.
    tokio::time::sleep(Duration::from_secs(2)).await;
    stage.open(&from_files()).await?;
    stage.class_has(0, 5).await?;
    stage.class_has(1, 7).await?;
    let names = "return [0, 1].map(at => document.getElementById(`own-class-${at}`).value).join()";
    assert_eq!(chrome.js(names).await?, "cat,dog");

    download(chrome, "Save project").await?;
    // Thumbnails get addresses too.
    let stash = "window.project = window.kept";
    chrome.js(stash).await?;
    chrome.click("Remove cat").await?;
    stage.class_has(0, 0).await?;
    chrome.click("Undo").await?;
    stage.class_has(0, 5).await?;
    chrome.click("Remove dog").await?;
    stage.class_has(1, 0).await?;
    let open = "
        const input = document.querySelector('input[accept=\".tar\"]');
        const transfer = new DataTransfer();
        transfer.items.add(new File([window.project], 'resnette-project.tar'));
        input.files = transfer.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));";
    chrome.js(open).await?;
    stage.class_has(1, 7).await?;
    chrome.click("Undo").await?;
    stage.class_has(1, 0).await?;

    // Once a network was trained on them, the project holds it too.
    chrome.js(open).await?;
    stage.class_has(1, 7).await?;
    chrome.click("Use these classes").await?;
    stage.fingerprint().await?;
    chrome.click("Train").await?;
    chrome.wait_status(PATIENCE, |status| status == "Done").await?;
    download(chrome, "Save project").await?;
    chrome.js(stash).await?;
    chrome.js(open).await?;
    chrome.client.find(Locator::LinkText("Predict")).await?.click().await?;
    wait_for("the project's network", PATIENCE, async || {
        Ok(chrome.text().await?.contains("resnette-project.tar").then_some(()))
    })
    .await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Pictures that are removed while the browser is still writing them are not there at the next
/// visit.
pub async fn a_removal_during_a_write_is_kept(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.cats_and_dogs(0).await?;
    // The names are kept by now, and the pictures take their time.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let slow = "
        window.puts = 0;
        const put = Cache.prototype.put;
        Cache.prototype.put = async function (...rest) {
            window.puts += 1;
            await new Promise(done => setTimeout(done, 500));
            return put.apply(this, rest);
        };";
    chrome.js(slow).await?;
    chrome.client.execute_async(SEND, vec![json!("drop"), json!(0), json!(6)]).await?;
    stage.class_has(0, 6).await?;
    wait_for("a write", PATIENCE, async || {
        Ok((number(&chrome.js("return window.puts").await?)? > 0.0).then_some(()))
    })
    .await?;
    chrome.click("Remove cat").await?;
    stage.class_has(0, 0).await?;
    // Six pictures, the names, and the names once more.
    wait_for("both writes", PATIENCE, async || {
        Ok((number(&chrome.js("return window.puts").await?)? >= 8.0).then_some(()))
    })
    .await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    stage.open(&from_files()).await?;
    let named = "return document.getElementById('own-class-0')?.value === 'cat' || null";
    wait_for("the kept names", PATIENCE, async || {
        Ok(Some(chrome.js(named).await?).filter(|named| !named.is_null()))
    })
    .await?;
    stage.class_has(0, 0).await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// A fine-tuning that was stopped while its model was fetched does not come back in the middle of
/// the next run.
pub async fn a_stopped_fine_tuning_stays_stopped(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.cats_and_dogs(6).await?;
    let held = "
        const fetched = window.fetch;
        window.asked = false;
        const released = new Promise(done => { window.release = done; });
        window.fetch = async (resource, ...rest) => {
            if (String(resource.url ?? resource).endsWith('.safetensors')) {
                window.asked = true;
                await released;
            }
            return fetched(resource, ...rest);
        };";
    chrome.js(held).await?;
    chrome.click("Fine-tune the model that comes with the page").await?;
    wait_for("the model's request", PATIENCE, async || {
        Ok((chrome.js("return window.asked").await? == true).then_some(()))
    })
    .await?;
    chrome.click("Stop").await?;
    chrome.wait_status(PATIENCE, |status| status == "Stopped").await?;
    chrome.click("Use these classes").await?;
    stage.fingerprint().await?;
    chrome.click("Train").await?;
    // On a busy machine the run may be over before anybody looks.
    let begun = |status: &str| status.starts_with("Training") || status == "Done";
    chrome.wait_status(PATIENCE, begun).await?;
    chrome.js("window.release()").await?;
    chrome.wait_status(PATIENCE, |status| status == "Done").await?;
    chrome.client.find(Locator::LinkText("Train")).await?.click().await?;
    let rows = wait_for("the table", PATIENCE, async || Ok(chrome.epochs().await.ok())).await?;
    // A fine-tuning has an epoch more than its link says.
    let epochs = chrome.js("return /epochs=(\\d+)/.exec(location.hash)[1]").await?;
    assert_eq!(epochs, json!(rows.len().to_string()));
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

    stage.forget_classes().await?;
    stage.open(&from_files()).await?;
    chrome.unfold(".own").await?;
    for (at, name) in ["cat", "dog"].into_iter().enumerate() {
        stage.class_name(at).await?.send_keys(name).await?;
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
