//! Looks for a saved run in the browser's private file system before any engine is loaded.

use js_sys::Uint8Array;
use resnette_protocol::saved::{RunHeader, run_file, slots};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, FileSystemDirectoryHandle, FileSystemFileHandle};
use yew::prelude::*;

use crate::saving::state::SavedRun;
use crate::shell::action::Action;
use crate::shell::browser_storage;
use crate::shell::commands::Commands;

/// Dispatches the newest saved run whose header can be read. Whether its tensors can be read is
/// left to the worker.
#[hook]
pub fn use_saved(commands: &Commands) {
    let commands = commands.clone();
    use_effect_with((), move |()| {
        spawn_local(async move {
            if let Some(saved) = newest().await {
                commands.dispatch(Action::FoundSavedRun(saved));
            }
        });
    });
}

async fn newest() -> Option<SavedRun> {
    let root = browser_storage::directory().await.ok()?;
    let folder: FileSystemDirectoryHandle =
        JsFuture::from(root.get_directory_handle(slots::FOLDER)).await.ok()?.unchecked_into();
    let mut found = Vec::new();
    for slot in 0..slots::SLOT_COUNT {
        found.extend(peek(&folder, slot).await);
    }
    let (_, head) = found.into_iter().max_by_key(|(sequence, _)| *sequence)?;
    SavedRun::of(&head).ok()
}

/// The sequence number and the header of the run in a slot.
async fn peek(folder: &FileSystemDirectoryHandle, slot: usize) -> Option<(u64, RunHeader)> {
    let handle: FileSystemFileHandle =
        JsFuture::from(folder.get_file_handle(&slots::file_name(slot)))
            .await
            .ok()?
            .unchecked_into();
    let file: File = JsFuture::from(handle.get_file()).await.ok()?.unchecked_into();
    let first = file.slice_with_f64_and_f64(0.0, (run_file::MAX_HEADER_BYTES + 64) as f64).ok()?;
    let bytes = Uint8Array::new(&JsFuture::from(first.array_buffer()).await.ok()?).to_vec();
    let (sequence, head) = run_file::read_header(&bytes, file.size() as u64).ok()?;
    Some((sequence, RunHeader::read(head).ok()?))
}
