//! Ranges of files that the browser keeps from visit to visit, in its Cache storage; their names
//! and form are those of [`resnette_protocol::range_cache`].

use std::cell::Cell;
use std::rc::Rc;

use bytes::Bytes;
use js_sys::{Array, Reflect, Uint8Array};
use resnette_protocol::page_path::page_name;
use resnette_protocol::range_cache as names;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Cache, Request, Response};

use crate::browser_call::call;
use crate::page::scope;

/// What is kept of one file. If the browser keeps nothing (no HTTPS, a private window), the cache
/// is empty and stays so.
pub struct RangeCache {
    url: String,
    cache: Option<Cache>,
    /// The browser has refused to keep more; shared by all files of a load.
    full: Rc<Cell<bool>>,
}

impl RangeCache {
    /// The cache of the file at `url`; `full` is set when the browser has no room left.
    pub async fn open(url: String, full: Rc<Cell<bool>>) -> Self {
        Self { url, cache: open().await, full }
    }

    /// A cache that keeps nothing, for files that are not pictures.
    pub fn none() -> Self {
        Self { url: String::new(), cache: None, full: Rc::default() }
    }

    /// Length and version of the file, from an earlier visit.
    pub async fn about(&self) -> Option<(u64, Option<String>)> {
        let bytes = self.load(&names::length_key(&self.url)).await?;
        let (length, revision) = bytes.split_first_chunk::<8>()?;
        let revision = String::from_utf8(revision.to_vec()).ok()?;
        Some((u64::from_le_bytes(*length), Some(revision).filter(|revision| !revision.is_empty())))
    }

    /// Notes length and version.
    pub async fn keep_about(&self, length: u64, revision: Option<&str>) {
        let bytes = [&length.to_le_bytes()[..], revision.unwrap_or_default().as_bytes()].concat();
        self.store(&names::length_key(&self.url), &bytes).await;
    }

    /// A piece, if it is here and whole.
    pub async fn get(&self, start: u64, length: u64) -> Option<Bytes> {
        self.load(&names::piece_key(&self.url, start, length))
            .await
            .filter(|bytes| bytes.len() as u64 == length)
    }

    /// Keeps a piece.
    pub async fn put(&self, start: u64, bytes: &[u8]) {
        self.store(&names::piece_key(&self.url, start, bytes.len() as u64), bytes).await;
    }

    /// Removes everything of this file: it has changed.
    pub async fn forget(&self) {
        let Some(cache) = &self.cache else { return };
        let Ok(keys) = call(cache, "keys", &Array::new()).await else { return };
        for key in keys
            .unchecked_into::<Array>()
            .iter()
            .map(|request| request.unchecked_into::<Request>().url())
        {
            if names::is_key_of(&key, &self.url) {
                // A piece that cannot be deleted now is of another revision, and will be found out.
                let _ = call(cache, "delete", &Array::of1(&key.into())).await;
            }
        }
    }

    async fn load(&self, key: &str) -> Option<Bytes> {
        let cache = self.cache.as_ref()?;
        let response = call(cache, "match", &Array::of1(&key.into()))
            .await
            .ok()?
            .dyn_into::<Response>()
            .ok()?;
        let buffer = call(&response, "arrayBuffer", &Array::new()).await.ok()?;
        let whole = names::decode_entry(Uint8Array::new(&buffer).to_vec()).map(Bytes::from);
        if whole.is_none() {
            // Damaged: it is fetched again.
            let _ = call(cache, "delete", &Array::of1(&key.into())).await;
        }
        whole
    }

    async fn store(&self, key: &str, bytes: &[u8]) {
        let Some(cache) = self.cache.as_ref().filter(|_| !self.full.get()) else { return };
        // A copy outside the module's memory: where threads share that, `Response` refuses it.
        let body = Uint8Array::from(names::encode_entry(bytes).as_slice());
        let Ok(response) = Response::new_with_opt_js_u8_array(Some(&body)) else { return };
        if call(cache, "put", &Array::of2(&key.into(), &response)).await.is_err() {
            self.full.set(true);
        }
    }
}

async fn open() -> Option<Cache> {
    // Without HTTPS there are no caches, and web-sys would hand out `undefined`.
    let caches = Reflect::get(&scope(), &"caches".into()).ok().filter(JsValue::is_object)?;
    // Earlier versions kept everything in one cache for all copies of the page. Nobody reads it
    // any more, and its room is better used.
    let _ = call(&caches, "delete", &Array::of1(&names::EARLIER_CACHE.into())).await;
    let name = names::cache_name(&page_name(&scope().location().pathname()));
    let cache = call(&caches, "open", &Array::of1(&name.into())).await.ok()?;
    cache.dyn_into().ok()
}
