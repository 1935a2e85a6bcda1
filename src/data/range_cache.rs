//! The ranges of remote files that the browser keeps, counted and deleted. The worker writes and
//! reads them.

use std::collections::BTreeMap;

use js_sys::Array;
use resnette_protocol::range_cache;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Request;

use crate::shell::{browser_api, browser_storage};

/// The address and the kept bytes of each file.
pub async fn sizes() -> BTreeMap<String, u64> {
    keys()
        .await
        .map(|keys| range_cache::cached_bytes(keys.iter().map(String::as_str)))
        .unwrap_or_default()
}

/// Deletes everything that is kept, and returns whether the browser did.
pub async fn forget() -> bool {
    match browser_storage::caches() {
        Ok(caches) => browser_api::call(&caches, "delete", &name()).await.is_ok(),
        Err(_) => false,
    }
}

async fn keys() -> Option<Vec<String>> {
    let caches = browser_storage::caches().ok()?;
    // Opening a cache would create it, so its existence is tested first.
    browser_api::call(&caches, "has", &name()).await.ok().filter(JsValue::is_truthy)?;
    let cache = browser_api::call(&caches, "open", &name()).await.ok()?;
    let keys = browser_api::call(&cache, "keys", &Array::new()).await.ok()?;
    let keys: Array = keys.unchecked_into();
    Some(keys.iter().map(|key| key.unchecked_into::<Request>().url()).collect())
}

fn name() -> Array {
    Array::of1(&range_cache::cache_name(&browser_storage::page()).into())
}
