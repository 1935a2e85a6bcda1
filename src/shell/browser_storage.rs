//! What the browser keeps for this page: texts, files and ranges of downloads. All of the page's
//! uses of it go through here, because a browser that keeps nothing throws in many places.

use std::cell::Cell;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, Object, Reflect};
use resnette_protocol::page_path::page_name;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CacheStorage, DomException, File, FileSystemDirectoryHandle, Storage};

use crate::shell::{browser_api, platform};

/// The key of a text that is written only to see whether it can be.
const PROBE: &str = "resnette-probe";

thread_local! {
    /// Whether the browser has refused the private file system for good: a private window does, and
    /// need not be waited for twice.
    static HAS_NO_FILES: Cell<bool> = const { Cell::new(false) };
}

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

/// Why the browser did not keep a file, by the exception that it threw.
pub fn reason(exception: &JsValue) -> StorageError {
    match exception.dyn_ref::<DomException>() {
        Some(error) if error.name() == "QuotaExceededError" => StorageError::Full,
        _ => StorageError::Withheld,
    }
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

/// Whether the browser keeps anything for this page: a text that was written can be read again, or
/// there is no room for one.
pub fn keeps_texts() -> bool {
    let kept = match write(PROBE, "1") {
        Ok(()) => read(PROBE).is_ok_and(|text| text.as_deref() == Some("1")),
        Err(error) => error == StorageError::Full,
    };
    let _ = remove(PROBE);
    kept
}

/// The caches for what was downloaded.
///
/// # Errors
/// [`StorageError::Withheld`]
pub fn caches() -> Result<CacheStorage, StorageError> {
    browser_api::of_window("caches").map(JsCast::unchecked_into).ok_or(StorageError::Withheld)
}

/// The root of the page's private file system; `None` in a browser that gives this page none.
///
/// A browser that has just lost a tab may refuse once, so it is asked again before that is
/// believed.
///
/// # Errors
/// [`Unreadable`]: there was no answer.
pub async fn directory() -> Result<Option<FileSystemDirectoryHandle>, Unreadable> {
    if HAS_NO_FILES.get() {
        return Ok(None);
    }
    let Some(storage) = browser_api::of_navigator("storage") else { return Ok(None) };
    for wait in [0, 300, 1_000] {
        TimeoutFuture::new(wait).await;
        match browser_api::call(&storage, "getDirectory", &Array::new()).await {
            Ok(root) => return Ok(Some(root.unchecked_into())),
            Err(none) if none.is_undefined() => return Err(Unreadable),
            Err(_) => {}
        }
    }
    HAS_NO_FILES.set(true);
    Ok(None)
}

/// The browser keeps files for this page and did not show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the browser did not let the page read its storage")]
pub struct Unreadable;

/// A folder in a folder of the private file system; with `create` it is made if it is not there.
///
/// # Errors
/// [`Unreadable`]
pub async fn open_folder(
    folder: &JsValue,
    name: &str,
    create: bool,
) -> Result<Option<JsValue>, Unreadable> {
    entry(folder, "getDirectoryHandle", name, create).await
}

/// A file in a folder of the private file system; with `create` an empty one is made if it is not
/// there.
///
/// # Errors
/// [`Unreadable`]
pub async fn open_file(
    folder: &JsValue,
    name: &str,
    create: bool,
) -> Result<Option<File>, Unreadable> {
    let Some(handle) = entry(folder, "getFileHandle", name, create).await? else {
        return Ok(None);
    };
    let file = browser_api::call(&handle, "getFile", &Array::new()).await;
    file.ok().and_then(|file| file.dyn_into().ok()).map(Some).ok_or(Unreadable)
}

/// What a folder has under this name, if there is anything.
async fn entry(
    folder: &JsValue,
    method: &str,
    name: &str,
    create: bool,
) -> Result<Option<JsValue>, Unreadable> {
    match browser_api::call(folder, method, &named(name, create)).await {
        Ok(entry) => Ok(Some(entry)),
        Err(error) => match error.dyn_ref::<DomException>() {
            Some(error) if error.name() == "NotFoundError" => Ok(None),
            _ => Err(Unreadable),
        },
    }
}

fn named(name: &str, create: bool) -> Array {
    let options = Object::new();
    let _ = Reflect::set(&options, &"create".into(), &create.into());
    Array::of2(&name.into(), &options)
}

/// The names of everything in a folder of the private file system.
///
/// # Errors
/// [`Unreadable`]
pub async fn entries(folder: &JsValue) -> Result<Vec<String>, Unreadable> {
    let mut names = Vec::new();
    let keys = Reflect::get(folder, &"keys".into())
        .and_then(|keys| keys.dyn_into::<Function>())
        .and_then(|keys| keys.call0(folder))
        .map_err(|_| Unreadable)?;
    loop {
        let next = browser_api::call(&keys, "next", &Array::new()).await.map_err(|_| Unreadable)?;
        match Reflect::get(&next, &"value".into()).ok().and_then(|name| name.as_string()) {
            Some(name) => names.push(name),
            None => return Ok(names),
        }
    }
}
