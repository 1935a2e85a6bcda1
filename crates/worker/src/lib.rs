//! The browser's worker: messages in, messages out, and a session with its engine in between.
//!
//! The two worker binaries differ only in the device that they start. What a browser offers to the
//! session is here: the page's messages, the network with its cache, the reader's files, the
//! private file system.

mod body_limit;
mod browser_call;
mod browser_decoder;
mod browser_file;
mod browser_host;
mod content_range;
mod fetch;
pub mod gpu_adapter;
mod locks;
mod memory;
mod name_module;
mod page;
mod range_cache;
mod retry;
mod run_folder;
mod run_store;
mod run_store_error;
#[cfg(all(target_arch = "wasm32", feature = "threads"))]
pub mod threads;
mod yield_to_event_loop;

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Uint8Array};
use resnette_images::load::use_name_codec;
use resnette_protocol::version::is_asked_for;
use resnette_protocol::{Event, Failure, Subsystem};
use resnette_session::{Engine, Inbox, Session};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use crate::browser_file::BrowserFile;
use crate::browser_host::BrowserHost;
use crate::name_module::NameModule;
use crate::page::{post, scope};

/// How long an engine may take to start, in milliseconds. On a software driver it takes a second.
const START_PATIENCE: u32 = 30_000;

/// Runs the module's constructors, once.
///
/// CubeCL registers its operations in constructors. When nothing calls them by name, the linker
/// wraps every export in a call to all of them, and 70 % of the run time goes there (a step of the
/// basic network took 6,100 ms in Chromium, and 1,850 ms without the wrappers).
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
    if !is_asked_for(&scope().location().search()) {
        // Nothing that the page says would be understood. A page that knows of versions sees it by
        // the version beside the message, an older one may be able to read it.
        return post(Event::Failed(Failure {
            during: Subsystem::Engine,
            message: "This page and its engine are of different versions, because the page has \
                      been updated since it was opened. What was saved is kept; reload the page."
                .into(),
        }));
    }
    use_name_codec(Rc::new(NameModule::default()));
    let inbox = Inbox::default();
    listen(inbox.clone());
    match in_time(start()).await {
        Ok(engine) => {
            post(Event::Ready(engine.info.clone()));
            Session::new(BrowserHost::new(), engine, inbox).run().await;
        }
        Err(reason) => post(Event::Failed(Failure {
            during: Subsystem::Engine,
            message: format!(
                "The engine did not start ({reason}). Choose the other engine under Data, or \
                 reload the page."
            ),
        })),
    }
}

/// Waits for an engine to start, but not for ever: some drivers never answer.
async fn in_time(start: impl Future<Output = Result<Engine, String>>) -> Result<Engine, String> {
    let mut start = pin!(start);
    let mut late = pin!(TimeoutFuture::new(START_PATIENCE));
    poll_fn(|context| match start.as_mut().poll(context) {
        Poll::Ready(started) => Poll::Ready(started),
        Poll::Pending => late
            .as_mut()
            .poll(context)
            .map(|()| Err("the browser's GPU did not answer within half a minute".into())),
    })
    .await
}

/// Puts the page's requests into the inbox.
fn listen(inbox: Inbox<BrowserFile>) {
    let handler = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let parts: Array = event.data().unchecked_into();
        let bytes =
            parts.get(0).dyn_into::<Uint8Array>().map(|bytes| bytes.to_vec()).unwrap_or_default();
        match resnette_protocol::decode(&bytes) {
            Ok(request) => inbox.push(request, BrowserFile::from_parts(&parts)),
            Err(error) => post(Event::Failed(Failure {
                during: Subsystem::Engine,
                message: error.to_string(),
            })),
        }
    });
    scope().set_onmessage(Some(handler.as_ref().unchecked_ref()));
    handler.forget();
}
