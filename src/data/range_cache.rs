//! The ranges of remote files that the browser keeps, counted and deleted. The worker writes and
//! reads them.

use std::collections::BTreeMap;

use js_sys::{Array, Reflect};
use resnette_protocol::range_cache;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, CacheStorage, Request};

use crate::shell::platform;

/// The address and the kept bytes of each file.
pub async fn sizes() -> BTreeMap<String, u64> {
    keys()
        .await
        .map(|keys| range_cache::cached_bytes(keys.iter().map(String::as_str)))
        .unwrap_or_default()
}

/// Deletes everything that is kept, and returns whether the browser did.
pub async fn forget() -> bool {
    match caches() {
        Some(caches) => JsFuture::from(caches.delete(range_cache::CACHE)).await.is_ok(),
        None => false,
    }
}

async fn keys() -> Option<Vec<String>> {
    let caches = caches()?;
    // Opening a cache would create it, so its existence is tested first.
    JsFuture::from(caches.has(range_cache::CACHE)).await.ok().filter(JsValue::is_truthy)?;
    let cache: Cache = JsFuture::from(caches.open(range_cache::CACHE)).await.ok()?.unchecked_into();
    let keys: Array = JsFuture::from(cache.keys()).await.ok()?.unchecked_into();
    Some(keys.iter().map(|key| key.unchecked_into::<Request>().url()).collect())
}

fn caches() -> Option<CacheStorage> {
    // Without HTTPS there are no caches, and web-sys would return `undefined`.
    let caches = Reflect::get(&platform::window()?.into(), &"caches".into()).ok()?;
    caches.is_object().then(|| caches.unchecked_into())
}
