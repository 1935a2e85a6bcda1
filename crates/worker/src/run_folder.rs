//! Folders and files of the browser's private file system, as [`RunStore`] needs them.
//!
//! [`RunStore`]: crate::run_store::RunStore

use js_sys::{Array, Function, Reflect, Uint8Array};
use resnette_protocol::saved::{run_file, slots};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{
    DomException, File, FileSystemGetDirectoryOptions, FileSystemGetFileOptions,
    FileSystemRemoveOptions, FileSystemSyncAccessHandle,
};

use crate::browser_call::{call, close, read_whole};
use crate::page::scope;
use crate::run_store_error::RunStoreError;

/// A folder of the private file system.
#[derive(Clone)]
pub struct Folder(JsValue);

impl Folder {
    /// The root of the file system.
    ///
    /// # Errors
    /// [`RunStoreError::Unavailable`]
    pub async fn root() -> Result<Self, RunStoreError> {
        let navigator = JsValue::from(scope().navigator());
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
        call(&storage, "getDirectory", &Array::new()).await.map(Self).map_err(unavailable)
    }

    /// A folder in this one, which is made if it is not there.
    ///
    /// # Errors
    /// [`RunStoreError::Unavailable`]
    pub async fn make(&self, name: &str) -> Result<Self, RunStoreError> {
        let options = FileSystemGetDirectoryOptions::new();
        options.set_create(true);
        let arguments = Array::of2(&name.into(), &options);
        call(&self.0, "getDirectoryHandle", &arguments).await.map(Self).map_err(unavailable)
    }

    /// A folder in this one, if there is one of this name.
    pub async fn open(&self, name: &str) -> Option<Self> {
        call(&self.0, "getDirectoryHandle", &Array::of1(&name.into())).await.ok().map(Self)
    }

    /// The names of everything in this folder; none if it cannot be read.
    pub async fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let keys = Reflect::get(&self.0, &"keys".into())
            .and_then(|keys| keys.dyn_into::<Function>())
            .and_then(|keys| keys.call0(&self.0));
        let Ok(keys) = keys else { return names };
        while let Ok(next) = call(&keys, "next", &Array::new()).await {
            match Reflect::get(&next, &"value".into()).ok().and_then(|name| name.as_string()) {
                Some(name) => names.push(name),
                None => break,
            }
        }
        names
    }

    /// Whether there is a file of this name.
    pub async fn has(&self, name: &str) -> bool {
        self.file(name).await.is_some()
    }

    /// Makes an empty file. One that cannot be made is left out: such files are marks only.
    pub async fn mark(&self, name: &str) {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let _ = call(&self.0, "getFileHandle", &Array::of2(&name.into(), &options)).await;
    }

    /// Removes a file, or a folder with everything in it; whether it could.
    pub async fn remove(&self, name: &str) -> bool {
        let options = FileSystemRemoveOptions::new();
        options.set_recursive(true);
        call(&self.0, "removeEntry", &Array::of2(&name.into(), &options)).await.is_ok()
    }

    async fn file(&self, name: &str) -> Option<File> {
        let handle = call(&self.0, "getFileHandle", &Array::of1(&name.into())).await.ok()?;
        call(&handle, "getFile", &Array::new()).await.ok()?.dyn_into().ok()
    }

    /// When a run was last written into this slot, in milliseconds since 1970.
    pub async fn saved(&self) -> u64 {
        let mut newest = 0;
        for generation in 0..slots::GENERATIONS {
            if let Some(file) = self.file(&slots::file_name(generation)).await {
                newest = newest.max(file.last_modified() as u64);
            }
        }
        newest
    }

    /// Bytes of all generations together.
    pub async fn size(&self) -> u64 {
        let mut bytes = 0;
        for generation in 0..slots::GENERATIONS {
            if let Some(file) = self.file(&slots::file_name(generation)).await {
                bytes += file.size() as u64;
            }
        }
        bytes
    }

    /// A generation's bytes, if there are any.
    ///
    /// # Errors
    /// [`RunStoreError::Unreadable`]
    pub async fn read(&self, generation: usize) -> Result<Option<Vec<u8>>, RunStoreError> {
        let Some(file) = self.file(&slots::file_name(generation)).await else { return Ok(None) };
        if file.size() > run_file::MAX_FILE_BYTES as f64 {
            return Ok(None);
        }
        let buffer = read_whole(&file).await.map_err(|_| RunStoreError::Unreadable)?;
        Ok(Some(Uint8Array::new(&buffer).to_vec()))
    }

    /// Writes a generation.
    ///
    /// # Errors
    /// [`RunStoreError::Full`] or [`RunStoreError::Browser`]; the file is of no use then.
    pub async fn write(&self, generation: usize, bytes: &[u8]) -> Result<(), RunStoreError> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let arguments = Array::of2(&slots::file_name(generation).into(), &options);
        let handle = call(&self.0, "getFileHandle", &arguments).await.map_err(refused)?;
        let access: FileSystemSyncAccessHandle =
            call(&handle, "createSyncAccessHandle", &Array::new())
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
        match written.and_then(|count| close(&access).map(|()| count)) {
            Ok(count) if count == bytes.len() as f64 => Ok(()),
            Ok(_) => Err(RunStoreError::Full),
            Err(error) => Err(refused(error)),
        }
    }
}

fn unavailable(error: JsValue) -> RunStoreError {
    RunStoreError::Unavailable(words(&error))
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
