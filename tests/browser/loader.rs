//! The script that starts a worker, with an engine made up for the test.

use std::fs;

use libtest_mimic::{Completion, Failed};
use resnette_static_host::Site;
use serde_json::{Value, json};
use xtask::loader::loader;

use crate::stage::{Outcome, Stage, scratch};

/// An engine that takes its time, then answers every message with the same and the port's presence.
const SLOW_ECHO: &str = "export default async () => {
    await new Promise(resolve => setTimeout(resolve, 300));
    self.onmessage = event => self.postMessage([event.data, event.ports.length]);
};";

/// An engine whose module can't be loaded.
const BROKEN: &str = "export default async () => { throw new Error('the module is broken'); };";

/// Messages posted before the engine listens are delivered once, in order, with their ports; later
/// ones come after them.
pub async fn early_messages_come_in_order(stage: &Stage) -> Outcome {
    let script = "
        const done = arguments[0], worker = new Worker('./made_up.js', { type: 'module' }), answers = [];
        worker.onmessage = event => {
            answers.push(event.data);
            if (answers.length === 3) worker.postMessage('late');
            if (answers.length === 4) setTimeout(() => done(answers), 200);
        };
        worker.postMessage('first');
        const { port1 } = new MessageChannel();
        worker.postMessage('second', [port1]);
        setTimeout(() => worker.postMessage('third'), 100);";
    let answers = with_engine(stage, "echo", SLOW_ECHO, script).await?;
    assert_eq!(answers, json!([["first", 0], ["second", 1], ["third", 0], ["late", 0]]));
    Ok(Completion::Completed)
}

/// A page learns from the worker's `error` event why the engine did not start.
pub async fn a_failed_start_is_reported(stage: &Stage) -> Outcome {
    let script = "
        const done = arguments[0], worker = new Worker('./made_up.js', { type: 'module' });
        worker.onerror = event => done(event.message);";
    let message = with_engine(stage, "broken", BROKEN, script).await?;
    assert!(
        message.as_str().is_some_and(|message| message.contains("the module is broken")),
        "{message}"
    );
    Ok(Completion::Completed)
}

/// Runs an asynchronous script on an empty page beside a worker `made_up.js` with this engine.
async fn with_engine(stage: &Stage, name: &str, glue: &str, script: &str) -> Result<Value, Failed> {
    let folder = scratch(name)?;
    fs::write(folder.join("index.html"), "<!doctype html><title>Empty</title>")?;
    fs::write(folder.join("made_up.js"), loader("made_up"))?;
    fs::write(folder.join("made_up_glue.js"), glue)?;
    let site = Site { dist: folder.clone(), port: Some(0), ..Site::default() }
        .start()
        .map_err(|error| format!("{error:#}"))?;
    stage.chrome.client.goto(&site.url()).await?;
    let answer = stage.chrome.client.execute_async(script, Vec::new()).await;
    fs::remove_dir_all(folder)?;
    Ok(answer?)
}
