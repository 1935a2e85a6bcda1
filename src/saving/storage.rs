//! Looks for a saved run in the browser's private file system before any engine is loaded.

use js_sys::{Array, Uint8Array};
use resnette_protocol::saved::{RunHeader, run_file, slots};
use resnette_protocol::{Failure, Subsystem};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DomException, File};
use yew::prelude::*;

use crate::saving::state::SavedRun;
use crate::shell::action::Action;
use crate::shell::commands::Commands;
use crate::shell::{browser_api, browser_storage};

/// Why a saved run was not found, if the browser keeps files for this page but did not show them.
const UNSEEN: &str = "a run that was saved here could not be looked for: the browser did not let \
                      the page read its storage. What is saved there is kept; reload the page to \
                      look again";

/// Dispatches the newest saved run whose header can be read. Whether its tensors can be read is
/// left to the worker.
#[hook]
pub fn use_saved(commands: &Commands) {
    let commands = commands.clone();
    use_effect_with((), move |()| {
        spawn_local(async move {
            match newest().await {
                Ok(Some(saved)) => commands.dispatch(Action::FoundSavedRun(saved)),
                Ok(None) => {}
                Err(_) => commands.dispatch(Action::Failed(Failure {
                    during: Subsystem::Model,
                    message: UNSEEN.into(),
                })),
            }
        });
    });
}

async fn newest() -> Result<Option<SavedRun>, JsValue> {
    // A browser without such a storage has kept nothing there, and a run that begins is told so.
    let Ok(root) = browser_storage::directory().await else { return Ok(None) };
    let Some(folder) = entry(&root, "getDirectoryHandle", slots::FOLDER).await? else {
        return Ok(None);
    };
    let mut found = Vec::new();
    for slot in 0..slots::SLOT_COUNT {
        found.extend(peek(&folder, slot).await?);
    }
    let newest = found.into_iter().max_by_key(|(sequence, _)| *sequence);
    Ok(newest.and_then(|(_, head)| SavedRun::of(&head).ok()))
}

/// What a folder has under this name, if there is anything.
async fn entry(folder: &JsValue, method: &str, name: &str) -> Result<Option<JsValue>, JsValue> {
    match browser_api::call(folder, method, &Array::of1(&name.into())).await {
        Ok(entry) => Ok(Some(entry)),
        Err(error) => match error.dyn_ref::<DomException>() {
            Some(error) if error.name() == "NotFoundError" => Ok(None),
            _ => Err(error),
        },
    }
}

/// The sequence number and the header of the run in a slot.
async fn peek(folder: &JsValue, slot: usize) -> Result<Option<(u64, RunHeader)>, JsValue> {
    let name = slots::file_name(slot);
    let Some(handle) = entry(folder, "getFileHandle", &name).await? else { return Ok(None) };
    let file: File = browser_api::call(&handle, "getFile", &Array::new()).await?.dyn_into()?;
    let first = file.slice_with_f64_and_f64(0.0, (run_file::MAX_HEADER_BYTES + 64) as f64)?;
    let buffer = browser_api::call(&first, "arrayBuffer", &Array::new()).await?;
    let bytes = Uint8Array::new(&buffer).to_vec();
    let head = run_file::read_header(&bytes, file.size() as u64).ok();
    Ok(head.and_then(|(sequence, head)| Some((sequence, RunHeader::read(head).ok()?))))
}
