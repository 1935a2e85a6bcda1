//! The way from the worker to the page.

use js_sys::{Array, Uint8Array};
use resnette_protocol::Event;
use resnette_protocol::version::VERSION;
use wasm_bindgen::JsCast;
use web_sys::DedicatedWorkerGlobalScope;

/// Sends an event to the page. A message that cannot be packed or posted is logged: there is nobody
/// else to tell.
pub(crate) fn post(event: Event) {
    let Ok(bytes) = resnette_protocol::encode(&event) else { return };
    let bytes = Uint8Array::from(&bytes[..]);
    // The version stands where a page of any other version can read it.
    let message = Array::of2(&bytes, &VERSION.into());
    if let Err(error) = scope().post_message_with_transfer(&message, &Array::of1(&bytes.buffer())) {
        web_sys::console::error_2(&"the worker could not answer:".into(), &error);
    }
}

/// The worker's global object.
pub(crate) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}
