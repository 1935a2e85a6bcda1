//! The browser's worker as the place where a session runs.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use burn::tensor::Device;
use js_sys::Reflect;
use resnette_engine::train::checkpoint::Checkpoint;
use resnette_images::load::fallback_decoder::FallbackDecoder;
use resnette_protocol::Event;
use resnette_protocol::engine::Memory;
use resnette_protocol::persistence::{Kept, NotKept};
use resnette_protocol::saved::slots::SlotId;
use resnette_session::Host;
use wasm_bindgen::JsValue;
use web_time::Instant;

use crate::browser_decoder::BrowserDecoder;
use crate::browser_file::BrowserFile;
use crate::fetch::FetchSource;
use crate::memory;
use crate::page::post;
use crate::range_cache::RangeCache;
use crate::run_store::RunStore;
use crate::yield_to_event_loop::yield_to_event_loop;

/// What the browser offers to a session. Clones share the store.
#[derive(Clone)]
pub struct BrowserHost {
    started: Instant,
    /// Taken out while it is used: a save and a load never overlap, since the session awaits each.
    store: Rc<RefCell<RunStore>>,
}

impl BrowserHost {
    /// The host of a worker that has just started.
    pub fn new() -> Self {
        Self { started: Instant::now(), store: Rc::default() }
    }
}

impl Host for BrowserHost {
    type File = BrowserFile;
    type Remote = FetchSource;

    fn post(&self, event: Event) {
        post(event);
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    async fn pause(&self) {
        yield_to_event_loop().await;
    }

    fn decoder(&self) -> impl FallbackDecoder + use<> {
        BrowserDecoder
    }

    async fn open(&self, url: String, name: String, cache: Option<Rc<Cell<bool>>>) -> FetchSource {
        let cache = match cache {
            Some(full) => RangeCache::open(url.clone(), full).await,
            None => RangeCache::none(),
        };
        FetchSource::new(url, name, cache)
    }

    async fn save_run(
        &self,
        slot: Option<SlotId>,
        checkpoint: &Checkpoint,
    ) -> Result<Kept, NotKept> {
        let mut store = self.store.take();
        let mut removed = Vec::new();
        let saved = store.save(slot, checkpoint, &mut removed).await;
        self.store.replace(store);
        match saved {
            Ok((slot, saved)) => Ok(Kept { slot, saved, removed }),
            Err(error) => Err(NotKept { reason: error.to_string(), removed }),
        }
    }

    async fn load_run(&self, slot: SlotId) -> Result<(Checkpoint, Option<String>), String> {
        let mut store = self.store.take();
        let loaded = store.load(slot).await;
        self.store.replace(store);
        loaded.map_err(|error| error.to_string())
    }

    fn memory(&self, device: &Device) -> Memory {
        memory::held(device)
    }

    fn dispatches(&self) -> Option<f64> {
        // The worker's loader counts them (xtask/src/loader.js).
        Reflect::get(&js_sys::global(), &JsValue::from_str("resnetteDispatches")).ok()?.as_f64()
    }
}
