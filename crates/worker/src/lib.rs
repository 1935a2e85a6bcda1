//! The browser's worker: messages in, messages out, and the engine in between.
//!
//! The two worker binaries differ only in the device that they start; everything else is here.

mod breathe;
mod fetch;
mod files;
mod inbox;
mod keeping;
mod lesson;
mod loading;
mod measuring;
mod memory;
mod predicting;
mod rates;
mod retry;
mod self_test;
mod session;
mod shelf;
mod store;
mod tuning;

use burn::tensor::Device;
use files::HeldFile;
use inbox::Inbox;
use js_sys::{Array, Uint8Array};
use resnette_protocol::engine::EngineInfo;
use resnette_protocol::{self, Event, Failure, Stage};
use session::Session;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// An engine that has been started.
pub struct Engine {
    /// Where tensors live, without autodiff.
    pub device: Device,
    /// For the page.
    pub info: EngineInfo,
    /// Steps that may be in flight before their losses are read (see `Learner::new`).
    pub read_every: usize,
}

/// Runs the module's constructors, once.
///
/// CubeCL registers its operations in constructors. When nothing calls them by name, the linker
/// wraps every export in a call to all of them, and 70 % of the run time goes there
/// (burn-on-the-web.md, M1; measured 6100 against 1850 ms a step).
#[cfg(target_arch = "wasm32")]
#[allow(
    unsafe_code,
    reason = "the linker's own function; it takes nothing, returns nothing and is called before anything else"
)]
pub fn call_constructors() {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    unsafe { __wasm_call_ctors() }
}

/// Starts the engine and serves the page until the worker is ended.
pub async fn serve(start: impl AsyncFnOnce() -> Result<Engine, String>) {
    console_error_panic_hook::set_once();
    let inbox = Inbox::default();
    listen(inbox.clone());
    match start().await {
        Ok(engine) => {
            post(&Event::Ready(engine.info.clone()));
            Session::new(engine, inbox).run().await;
        }
        Err(reason) => post(&Event::Failed(Failure {
            during: Stage::Engine,
            message: format!(
                "The engine did not start ({reason}). Choose the other engine under Data, or reload the page."
            ),
        })),
    }
}

/// Puts what the page says into the inbox.
fn listen(inbox: Inbox) {
    let handler = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let parts: Array = event.data().unchecked_into();
        let bytes =
            parts.get(0).dyn_into::<Uint8Array>().map(|bytes| bytes.to_vec()).unwrap_or_default();
        match resnette_protocol::decode(&bytes) {
            Ok(command) => inbox.push(command, HeldFile::from_parts(&parts)),
            Err(error) => {
                post(&Event::Failed(Failure { during: Stage::Engine, message: error.to_string() }))
            }
        }
    });
    scope().set_onmessage(Some(handler.as_ref().unchecked_ref()));
    handler.forget();
}

/// Says something to the page. A message that cannot be packed or posted is logged: there is nobody
/// else to tell.
pub(crate) fn post(event: &Event) {
    let Ok(bytes) = resnette_protocol::encode(event) else { return };
    let bytes = Uint8Array::from(&bytes[..]);
    let message = Array::of1(&bytes);
    if let Err(error) = scope().post_message_with_transfer(&message, &Array::of1(&bytes.buffer())) {
        web_sys::console::error_2(&"the worker could not answer:".into(), &error);
    }
}

pub(crate) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}
