//! Rayon's threads, each a worker of the browser with the same WebAssembly memory.
//!
//! A browser's thread is started from JavaScript and takes a while to come, so the threads are
//! started first and wait here; only then rayon is given its pool, and hands each its work.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use js_sys::Promise;
use rayon::{ThreadBuilder, ThreadPoolBuilder};
use resnette_protocol::engine::{EngineInfo, EngineKind};
use resnette_session::Engine;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Threads of rayon's that nobody runs yet.
static WAITING: Mutex<Vec<ThreadBuilder>> = Mutex::new(Vec::new());
/// Wakes those that wait for one.
static ADDED: Condvar = Condvar::new();

#[wasm_bindgen]
extern "C" {
    /// How many threads the page asked for (`xtask/src/loader_threads.js`, as the function below).
    #[wasm_bindgen(thread_local_v2, js_namespace = self, js_name = resnetteThreads)]
    static WANTED: u32;

    /// Starts so many workers that call [`run_thread`]; resolves when all of them are about to.
    #[wasm_bindgen(js_namespace = self, js_name = resnetteStartThreads, catch)]
    fn start_threads(module: JsValue, memory: JsValue, count: u32) -> Result<Promise, JsValue>;
}

/// The thread's whole life: rayon's work, taken as it comes.
#[wasm_bindgen]
pub fn run_thread() {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    let thread = loop {
        match waiting.pop() {
            Some(thread) => break thread,
            None => waiting = ADDED.wait(waiting).unwrap_or_else(PoisonError::into_inner),
        }
    };
    drop(waiting);
    thread.run();
}

/// Serves the page with an engine on several threads. The threads' modules run `main` as well,
/// where this does nothing.
pub fn serve() {
    static SERVING: AtomicBool = AtomicBool::new(false);
    if SERVING.swap(true, Ordering::SeqCst) {
        return;
    }
    crate::call_constructors();
    wasm_bindgen_futures::spawn_local(crate::serve(async || {
        let wanted = WANTED.with(|wanted| *wanted).max(1);
        let device = match start(wanted).await {
            Ok(()) => format!("{wanted} threads, 128-bit SIMD"),
            // Without a pool, rayon does all work on the thread that asks for it.
            Err(reason) => format!("one thread, 128-bit SIMD ({reason})"),
        };
        Ok(Engine {
            device: burn::tensor::Device::flex(),
            info: EngineInfo { kind: EngineKind::Cpu, device },
            read_every: 1,
            groups_in_flight: 1,
        })
    }));
}

/// Gives rayon its threads. This one is among them: what it hands out it begins itself, and where
/// there is little to do it is done before another thread has woken.
async fn start(count: u32) -> Result<(), String> {
    let told = |_: JsValue| "the browser did not start the others".to_owned();
    let ready = start_threads(wasm_bindgen::module(), wasm_bindgen::memory(), count - 1);
    JsFuture::from(ready.map_err(told)?).await.map_err(told)?;
    ThreadPoolBuilder::new()
        .num_threads(count as usize)
        .use_current_thread()
        .spawn_handler(|thread| {
            WAITING.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
            ADDED.notify_one();
            Ok(())
        })
        .build_global()
        .map_err(|error| error.to_string())
}
