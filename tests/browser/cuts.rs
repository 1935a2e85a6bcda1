//! A save that was cut while it was written, wherever that was.

use std::time::Duration;

use libtest_mimic::Completion;
use serde_json::{Value, json};

use crate::page::{number, tiny_with};
use crate::runs::{BARE, NEWEST_SLOT, button_from, figures, go_on, train_and_pause};
use crate::stage::{Outcome, Stage};

/// Runs `body` with the two saves, newest first, as `saves`: file handle and bytes of each.
fn with_saves(body: &str) -> String {
    format!(
        "const done = arguments[arguments.length - 1], wanted = arguments[0];
         (async () => {{
             const folder = await ({NEWEST_SLOT})();
             const saves = [];
             for await (const handle of folder.values()) {{
                 const bytes = await (await handle.getFile()).arrayBuffer();
                 const sequence = bytes.byteLength > 20 ? Number(new DataView(bytes).getBigUint64(12, true)) : 0;
                 saves.push({{ handle, bytes, sequence }});
             }}
             saves.sort((a, b) => b.sequence - a.sequence);
             const write = async (handle, bytes) => {{
                 const writable = await handle.createWritable();
                 await writable.write(bytes);
                 await writable.close();
             }};
             {body}
         }})().then(done, error => done(String(error)));"
    )
}

/// The newer of the two saves is cut at every thousandth byte: each time the page offers the older
/// one, and the run that goes on from it ends as the one that was left alone.
pub async fn a_save_cut_at_every_thousandth_byte(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    // Two stages make the file a third as long, and each cut takes a second and a half.
    let settings = tiny_with("epochs=8&train=60&layers=1,1");
    stage.open(&settings).await?;
    let whole = stage.train(Duration::from_secs(180)).await?;
    stage.open(&settings).await?;
    train_and_pause(chrome, 3).await?;
    stage.open(BARE).await?;
    // The older save's epoch is what the page offers when the newer one is gone. The newer one is
    // kept in another file.
    let put_by = with_saves(
        "const root = await navigator.storage.getDirectory();
         await write(await root.getFileHandle('newer', { create: true }), saves[0].bytes);
         await write(saves[0].handle, new ArrayBuffer(0));
         return { name: saves[0].handle.name, length: saves[0].bytes.byteLength };",
    );
    let newer = chrome.client.execute_async(&put_by, vec![Value::Null]).await?;
    let length = number(&newer["length"])? as usize;
    assert!(length > 10_000, "{newer}");
    stage.open(BARE).await?;
    let (older, _) = button_from(chrome, "Continue").await?;
    let cut = format!(
        "
        const done = arguments[arguments.length - 1], [name, end] = arguments[0];
        (async () => {{
            const root = await navigator.storage.getDirectory();
            const bytes = await (await (await root.getFileHandle('newer')).getFile()).arrayBuffer();
            const handle = await (await ({NEWEST_SLOT})()).getFileHandle(name);
            const writable = await handle.createWritable();
            await writable.write(bytes.slice(0, end));
            await writable.close();
            return end;
        }})().then(done, error => done(String(error)));"
    );
    let mut cuts = 0;
    for end in (0..length).step_by(1000) {
        let wrote = chrome.client.execute_async(&cut, vec![json!([newer["name"], end])]).await?;
        assert_eq!(wrote, json!(end));
        stage.open(BARE).await?;
        let (offered, _) = button_from(chrome, "Continue").await?;
        assert_eq!(offered, older, "cut at {end} of {length}");
        cuts += 1;
    }
    // The last cut is the hardest to see: nearly all of it is there.
    go_on(chrome).await?;
    assert_eq!(figures(&chrome.epochs().await?), figures(&whole));
    println!("{cuts} cuts of {length} bytes, each gave way to “{older}”");
    Ok(Completion::Completed)
}
