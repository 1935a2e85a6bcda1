//! The browser's private file system: two generations of the run, one tab at a time.
//!
//! A generation counts once it is complete: its length and its checksums say so. The older one is
//! written over, so that a tab that dies in the middle of a write leaves the newer one whole.

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use resnette_engine::train::checkpoint::{Checkpoint, CheckpointError};
use resnette_engine::train::generations::Generations;
use resnette_protocol::saved::{run_file, slots};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{
    DomException, File, FileSystemDirectoryHandle, FileSystemGetDirectoryOptions,
    FileSystemGetFileOptions, FileSystemSyncAccessHandle,
};

use crate::browser_call::{call, close, in_time};
use crate::page::scope;

/// Name of the lock that the saving tab holds.
const LOCK: &str = "resnette-autosave";

/// Why a run is not kept.
#[derive(Debug, thiserror::Error)]
pub enum RunStoreError {
    /// Another tab keeps its own.
    #[error(
        "another tab of this page keeps its run there. Close it, and this run is kept from the next epoch on"
    )]
    OtherTab,
    /// A private window, or an old browser.
    #[error(
        "this browser gives the page no storage ({0}); private windows often do not. Save run keeps it as a file"
    )]
    Unavailable(String),
    /// Full.
    #[error(
        "the browser's storage is full. Free some space, or keep the run as a file with Save run"
    )]
    Full,
    /// Anything else that the browser says.
    #[error("the browser could not write it ({0}). Save run keeps it as a file")]
    Browser(String),
    /// Nothing there.
    #[error("the browser's storage holds no run")]
    Empty,
    /// Both generations are damaged.
    #[error("what was saved is damaged: {0}")]
    Damaged(CheckpointError),
    /// The run is not worth it.
    #[error(transparent)]
    Run(#[from] CheckpointError),
}

/// Where the run is kept.
#[derive(Default)]
pub struct RunStore {
    /// This tab is the one that saves.
    owner: bool,
    /// Of the two generations; nothing where there is none that can be read. Known once this tab
    /// has looked.
    sequences: Option<[Option<u64>; slots::SLOT_COUNT]>,
}

impl RunStore {
    /// Writes over the older generation.
    ///
    /// # Errors
    /// [`RunStoreError`]; the newer generation is whole.
    pub async fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), RunStoreError> {
        self.owner = self.owner || acquire().await;
        if !self.owner {
            return Err(RunStoreError::OtherTab);
        }
        let folder = folder().await?;
        let mut sequences = match self.sequences {
            Some(sequences) => sequences,
            None => {
                let mut found = [None; slots::SLOT_COUNT];
                for (slot, sequence) in found.iter_mut().enumerate() {
                    let bytes = read(&folder, slot).await;
                    *sequence = bytes
                        .and_then(|bytes| run_file::decode(&bytes).ok().map(|file| file.sequence));
                }
                found
            }
        };
        let (slot, sequence) = slots::next_save(sequences);
        sequences[slot] = None;
        self.sequences = Some(sequences);
        write(&folder, slot, &checkpoint.write(sequence)?).await?;
        sequences[slot] = Some(sequence);
        self.sequences = Some(sequences);
        Ok(())
    }

    /// The newest generation that can be read, and a sentence where that is not the newest there
    /// is.
    ///
    /// # Errors
    /// [`RunStoreError`]
    pub async fn load(&self) -> Result<(Checkpoint, Option<String>), RunStoreError> {
        let folder = folder().await?;
        let mut found = Generations::default();
        for slot in 0..slots::SLOT_COUNT {
            if let Some(bytes) = read(&folder, slot).await {
                found.offer(&bytes);
            }
        }
        match found.newest() {
            (Some(checkpoint), None) => Ok((checkpoint, None)),
            (Some(checkpoint), Some(error)) => Ok((
                checkpoint,
                Some(format!(
                    "one of the two saves could not be read ({error}); this is the other one"
                )),
            )),
            (None, Some(error)) => Err(RunStoreError::Damaged(error)),
            (None, None) => Err(RunStoreError::Empty),
        }
    }
}

/// Takes the lock for as long as this worker lives, if it is free. A browser without locks has to
/// do without, and so has one that refuses them: what else it refuses is told when the folder is
/// asked for.
async fn acquire() -> bool {
    let navigator = JsValue::from(scope().navigator());
    let Ok(locks) = Reflect::get(&navigator, &"locks".into()) else { return true };
    let Ok(Ok(request)) = Reflect::get(&locks, &"request".into()).map(JsCast::dyn_into::<Function>)
    else {
        return true;
    };
    // Through `Reflect`, because web-sys has locks only behind an unstable flag.
    let options = js_sys::Object::new();
    let _ = Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE);
    let asked = Promise::new(&mut |resolve, reject| {
        let granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            let got = !lock.is_null();
            let _ = resolve.call1(&JsValue::NULL, &got.into());
            // The lock is held until this promise settles: never.
            if got { Promise::new(&mut |_, _| {}).into() } else { JsValue::UNDEFINED }
        });
        let requested = request.call3(&locks, &LOCK.into(), &options, &granted);
        // Where site data are blocked nothing is granted, and the promise is rejected: a save that
        // did not hear of it would wait for ever.
        let heard = requested.and_then(|requested| {
            let catch: Function = Reflect::get(&requested, &"catch".into())?.dyn_into()?;
            catch.call1(&requested, &reject)
        });
        if heard.is_err() {
            let _ = reject.call0(&JsValue::NULL);
        }
    });
    in_time(asked, "request").await.map_or(true, |got| got.is_truthy())
}

async fn folder() -> Result<FileSystemDirectoryHandle, RunStoreError> {
    let navigator = JsValue::from(scope().navigator());
    let unavailable = |error: JsValue| RunStoreError::Unavailable(words(&error));
    let storage = Reflect::get(&navigator, &"storage".into()).map_err(unavailable)?;
    if !storage.is_object() {
        // Other pages have it withheld; some browsers have it nowhere.
        let why = if scope().is_secure_context() {
            "it has no private file system"
        } else {
            "the page is not served over HTTPS"
        };
        return Err(RunStoreError::Unavailable(why.into()));
    }
    let root = call(&storage, "getDirectory", &Array::new()).await.map_err(unavailable)?;
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    let arguments = Array::of2(&slots::FOLDER.into(), &options);
    let folder = call(&root, "getDirectoryHandle", &arguments).await.map_err(unavailable)?;
    Ok(folder.unchecked_into())
}

/// A generation's bytes, if there are any.
async fn read(folder: &FileSystemDirectoryHandle, slot: usize) -> Option<Vec<u8>> {
    let name = Array::of1(&slots::file_name(slot).into());
    let handle = call(folder, "getFileHandle", &name).await.ok()?;
    let file: File = call(&handle, "getFile", &Array::new()).await.ok()?.dyn_into().ok()?;
    if file.size() > run_file::MAX_FILE_BYTES as f64 {
        return None;
    }
    let buffer = call(&file, "arrayBuffer", &Array::new()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

async fn write(
    folder: &FileSystemDirectoryHandle,
    slot: usize,
    bytes: &[u8],
) -> Result<(), RunStoreError> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let arguments = Array::of2(&slots::file_name(slot).into(), &options);
    let handle = call(folder, "getFileHandle", &arguments).await.map_err(refused)?;
    let access: FileSystemSyncAccessHandle = call(&handle, "createSyncAccessHandle", &Array::new())
        .await
        .map_err(refused)?
        .unchecked_into();
    let written = access
        .truncate_with_u32(0)
        .and_then(|()| access.write_with_u8_array(bytes))
        .and_then(|count| {
            access.flush()?;
            Ok(count)
        });
    // A file that stays open would be written no second time.
    let written = written.and_then(|count| close(&access).map(|()| count));
    match written {
        Ok(count) if count == bytes.len() as f64 => Ok(()),
        Ok(_) => Err(RunStoreError::Full),
        Err(error) => Err(refused(error)),
    }
}

fn refused(error: JsValue) -> RunStoreError {
    match error.dyn_ref::<DomException>() {
        Some(exception) if exception.name() == "QuotaExceededError" => RunStoreError::Full,
        _ => RunStoreError::Browser(words(&error)),
    }
}

fn words(error: &JsValue) -> String {
    let exception = error
        .dyn_ref::<DomException>()
        .map(|exception| format!("{}: {}", exception.name(), exception.message()));
    exception
        .or_else(|| error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message())))
        .unwrap_or_else(|| "it gives no reason".into())
}
