//! What the browser says about the adapter that the engine has got.
//!
//! wgpu passes on the description and whether it is a fallback, and not the vendor, by which the
//! kernels' tiles are chosen. So the browser is asked once more, in the same words as wgpu's.
//! Through `Reflect`, because web-sys has WebGPU only behind an unstable flag.

use js_sys::{Array, Object, Reflect};
use resnette_engine::AdapterDescription;
use wasm_bindgen::JsValue;

use crate::browser_call;

/// Longest text that is taken from the browser, in characters.
const MAX_CHARS: usize = 100;

/// Describes the browser's adapter. Whatever it does not say is empty.
pub async fn describe() -> AdapterDescription {
    let gpu = get(&get(&js_sys::global(), "navigator"), "gpu");
    let options = Object::new();
    // A plain object takes any property.
    let _ = Reflect::set(&options, &"powerPreference".into(), &"high-performance".into());
    let adapter = match gpu.is_object() {
        true => browser_call::call(&gpu, "requestAdapter", &Array::of1(&options)).await.ok(),
        false => None,
    };
    let adapter = adapter.unwrap_or(JsValue::UNDEFINED);
    let info = get(&adapter, "info");
    let text = |key: &str| -> String {
        get(&info, key).as_string().unwrap_or_default().chars().take(MAX_CHARS).collect()
    };
    let names = [text("device"), text("description")];
    // The flag moved from the adapter to its info, and browsers of both kinds are in use.
    let software = get(&adapter, "isFallbackAdapter").is_truthy()
        || get(&info, "isFallbackAdapter").is_truthy();
    AdapterDescription {
        vendor: text("vendor"),
        architecture: text("architecture"),
        name: names.join(" ").trim().to_owned(),
        software,
        ..AdapterDescription::default()
    }
}

/// A property, or `undefined` if there is none, or nothing that could have any.
fn get(object: &JsValue, key: &str) -> JsValue {
    if object.is_object() {
        Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
    } else {
        JsValue::UNDEFINED
    }
}
