//! What the browser keeps for this page: texts, files and ranges of downloads. All of the page's
//! uses of it go through here, because a browser that keeps nothing throws in many places.

use js_sys::{Array, Function, Object, Reflect};
use resnette_protocol::page_path::page_name;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CacheStorage, File, FileSystemDirectoryHandle, Storage};

use crate::shell::{browser_api, platform};

/// The key of a text that is written only to see whether it can be.
const PROBE: &str = "resnette-probe";

/// Why something is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// The settings of the browser, a private window, or a page without HTTPS.
    #[error("this browser keeps nothing for this page")]
    Withheld,
    /// There is no room left.
    #[error("the room that this browser gives to this page is full")]
    Full,
}

/// Tells this copy of the page from others on the same origin, with which it shares the browser's
/// storages.
pub fn page() -> String {
    let path = platform::window().and_then(|window| window.location().pathname().ok());
    page_name(&path.unwrap_or_default())
}

fn texts() -> Result<Storage, StorageError> {
    let window = platform::window().ok_or(StorageError::Withheld)?;
    window.local_storage().ok().flatten().ok_or(StorageError::Withheld)
}

/// A text that was kept; `None` if there is none.
///
/// # Errors
/// [`StorageError::Withheld`]
pub fn read(key: &str) -> Result<Option<String>, StorageError> {
    texts()?.get_item(key).map_err(|_| StorageError::Withheld)
}

/// Keeps a text.
///
/// # Errors
/// [`StorageError`]
pub fn write(key: &str, text: &str) -> Result<(), StorageError> {
    let texts = texts()?;
    texts.set_item(key, text).map_err(|_| match texts.length() {
        // Some private windows have a storage with no room at all.
        Ok(0) | Err(_) => StorageError::Withheld,
        Ok(_) => StorageError::Full,
    })
}

/// Forgets a text.
///
/// # Errors
/// [`StorageError::Withheld`]
pub fn remove(key: &str) -> Result<(), StorageError> {
    texts()?.remove_item(key).map_err(|_| StorageError::Withheld)
}

/// Whether the browser keeps anything for this page.
pub fn keeps_texts() -> bool {
    let kept = write(PROBE, "1");
    let _ = remove(PROBE);
    kept != Err(StorageError::Withheld)
}

/// The caches for what was downloaded.
///
/// # Errors
/// [`StorageError::Withheld`]
pub fn caches() -> Result<CacheStorage, StorageError> {
    browser_api::of_window("caches").map(JsCast::unchecked_into).ok_or(StorageError::Withheld)
}

/// The root of the page's private file system.
///
/// # Errors
/// [`StorageError::Withheld`]
pub async fn directory() -> Result<FileSystemDirectoryHandle, StorageError> {
    let storage = browser_api::of_navigator("storage").ok_or(StorageError::Withheld)?;
    browser_api::call(&storage, "getDirectory", &Array::new())
        .await
        .map(JsCast::unchecked_into)
        .map_err(|_| StorageError::Withheld)
}

/// A folder in a folder of the private file system; with `create` it is made if it is not there.
pub async fn open_folder(folder: &JsValue, name: &str, create: bool) -> Option<JsValue> {
    browser_api::call(folder, "getDirectoryHandle", &named(name, create)).await.ok()
}

/// A file in a folder of the private file system; with `create` an empty one is made if it is not
/// there.
pub async fn open_file(folder: &JsValue, name: &str, create: bool) -> Option<File> {
    let handle = browser_api::call(folder, "getFileHandle", &named(name, create)).await.ok()?;
    browser_api::call(&handle, "getFile", &Array::new()).await.ok()?.dyn_into().ok()
}

fn named(name: &str, create: bool) -> Array {
    let options = Object::new();
    let _ = Reflect::set(&options, &"create".into(), &create.into());
    Array::of2(&name.into(), &options)
}

/// The names of everything in a folder of the private file system; none if it cannot be read.
pub async fn entries(folder: &JsValue) -> Vec<String> {
    let mut names = Vec::new();
    let keys = Reflect::get(folder, &"keys".into())
        .and_then(|keys| keys.dyn_into::<Function>())
        .and_then(|keys| keys.call0(folder));
    let Ok(keys) = keys else { return names };
    while let Ok(next) = browser_api::call(&keys, "next", &Array::new()).await {
        match Reflect::get(&next, &"value".into()).ok().and_then(|name| name.as_string()) {
            Some(name) => names.push(name),
            None => break,
        }
    }
    names
}
