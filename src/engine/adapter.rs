//! Asks the browser for its GPU, once.
//!
//! Through `Reflect`, because web-sys has WebGPU only behind an unstable flag, and the page needs a
//! few properties of it.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use yew::prelude::*;

use crate::engine::choice::{Adapter, Limits, sounds_like_software};
use crate::shell::browser_api;

/// What the browser says about its GPU; `None` until it has answered.
#[hook]
pub fn use_adapter() -> Option<Adapter> {
    let adapter = use_state(|| None);
    {
        let adapter = adapter.clone();
        use_effect_with((), move |()| {
            wasm_bindgen_futures::spawn_local(async move {
                adapter.set(Some(probe().await));
            });
        });
    }
    (*adapter).clone()
}

async fn probe() -> Adapter {
    let Some(gpu) = browser_api::of_navigator("gpu") else {
        return if browser_api::is_secure() { Adapter::NoWebGpu } else { Adapter::NotSecure };
    };
    if !get(&gpu, "requestAdapter").is_function() {
        return Adapter::NoWebGpu;
    }
    // A driver that does not answer counts as one that is not there.
    let adapter = browser_api::call(&gpu, "requestAdapter", &Array::new()).await;
    match adapter {
        Ok(adapter) if adapter.is_object() => describe(&adapter),
        Ok(_) | Err(_) => Adapter::Missing,
    }
}

fn describe(adapter: &JsValue) -> Adapter {
    let info = get(adapter, "info");
    let words: Vec<String> = ["vendor", "architecture", "device", "description"]
        .iter()
        .filter_map(|key| get(&info, key).as_string())
        .filter(|word| !word.is_empty())
        .collect();
    let names = words.join(" ");
    // The flag moved from the adapter to its info, and browsers of both kinds are in use.
    let fallback = get(adapter, "isFallbackAdapter").is_truthy()
        || get(&info, "isFallbackAdapter").is_truthy();
    let features = get(adapter, "features");
    let has = get(&features, "has").dyn_into::<Function>().ok();
    let timestamp_query = has
        .and_then(|has| has.call1(&features, &"timestamp-query".into()).ok())
        .is_some_and(|has| has.is_truthy());
    let limits = get(adapter, "limits");
    // The defaults of the WebGPU standard, if the browser does not report its limits.
    let limit =
        |key: &str, default: u64| get(&limits, key).as_f64().map_or(default, |bytes| bytes as u64);
    Adapter::Found {
        limits: Limits {
            buffer: limit("maxBufferSize", 1 << 28),
            binding: limit("maxStorageBufferBindingSize", 1 << 27),
        },
        software: fallback || sounds_like_software(&names),
        name: if names.is_empty() { "this computer's graphics adapter".into() } else { names },
        timestamp_query,
    }
}

fn get(object: &JsValue, key: &str) -> JsValue {
    // `Reflect::get` throws if the value is not an object.
    if object.is_object() {
        Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
    } else {
        JsValue::UNDEFINED
    }
}
