//! What the browser keeps for this page: texts, files and ranges of downloads. All of the page's
//! uses of it go through here, because a browser that keeps nothing throws in many places.

use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{CacheStorage, FileSystemDirectoryHandle, Storage};

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
