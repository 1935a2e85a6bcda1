//! Calls of what a browser may withhold: it may be missing, throw, refuse, or never answer.
//!
//! web-sys takes it for granted that a method is there. An exception that passes through compiled
//! code would end the worker, with the run in it.

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// How long the browser may take to answer, in milliseconds. Opening a file takes a few.
const PATIENCE: u32 = 20_000;

/// Calls a method that returns a promise, and waits for what it promises.
///
/// # Errors
/// The exception or the reason of the refusal. A missing method is an exception, and so is an
/// answer that does not come within 20 seconds.
pub async fn call(object: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(object, &method.into())?
        .dyn_into()
        .map_err(|_| JsValue::from(js_sys::Error::new(&format!("it has no {method}"))))?;
    answer(Promise::resolve(&function.apply(object, arguments)?), method).await
}

/// Waits for what a promise brings.
///
/// # Errors
/// The reason of the refusal, or an exception if no answer comes within 20 seconds.
pub async fn answer(promised: Promise, name: &str) -> Result<JsValue, JsValue> {
    let name = name.to_owned();
    let late = future_to_promise(async move {
        TimeoutFuture::new(PATIENCE).await;
        Err(js_sys::Error::new(&format!("{name} did not answer")).into())
    });
    JsFuture::from(Promise::race(&Array::of2(promised.as_ref(), late.as_ref()))).await
}
