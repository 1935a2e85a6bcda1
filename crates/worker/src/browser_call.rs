//! Calls of what a browser may withhold: it may be missing, throw, refuse, or never answer.
//!
//! web-sys takes it for granted that a method is there. An exception that passes through compiled
//! code would end the worker, with the run in it.

use std::cell::RefCell;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};

/// How long the browser may take to answer, in milliseconds. Opening a file takes a few.
const PATIENCE: u32 = 6_000;
/// The same once it has not answered, so that a run does not wait so long after every epoch.
const LESS_PATIENCE: u32 = 500;

/// What stands for an answer that did not come.
const LATE: &str = "resnette: no answer";

thread_local! {
    /// The methods whose last call was not answered.
    static SILENT: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Calls a method that returns a promise, and waits for what it promises.
///
/// # Errors
/// The exception or the reason of the refusal. A missing method is an exception, and so is an
/// answer that does not come within six seconds, or within half of one if the method's last answer
/// did not come either.
pub async fn call(
    object: &JsValue,
    method: &'static str,
    arguments: &Array,
) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(object, &method.into())?
        .dyn_into()
        .map_err(|_| JsValue::from(js_sys::Error::new(&format!("it has no {method}"))))?;
    in_time(Promise::resolve(&function.apply(object, arguments)?), method).await
}

/// Waits for a promise, with the same limit.
///
/// # Errors
/// What it was rejected with, or that it was not settled in time.
pub async fn in_time(promised: Promise, name: &'static str) -> Result<JsValue, JsValue> {
    in_more_time(promised, name, 0).await
}

/// Reads a whole file; each 4 MB have a second more than a call without contents.
///
/// # Errors
/// As those of [`call`].
pub async fn read_whole(file: &web_sys::Blob) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(file, &"arrayBuffer".into())?.dyn_into()?;
    let promised = Promise::resolve(&function.call0(file)?);
    in_more_time(promised, "arrayBuffer", (file.size() / 4_000.0) as u32).await
}

/// Like [`in_time`], with so many milliseconds more.
async fn in_more_time(
    promised: Promise,
    name: &'static str,
    more: u32,
) -> Result<JsValue, JsValue> {
    let known = SILENT.with_borrow(|methods| methods.contains(&name));
    let limit = more + if known { LESS_PATIENCE } else { PATIENCE };
    let late = future_to_promise(async move {
        TimeoutFuture::new(limit).await;
        Ok(JsValue::from(LATE))
    });
    let first = JsFuture::from(Promise::race(&Array::of2(promised.as_ref(), late.as_ref()))).await;
    let silent = first.as_ref().is_ok_and(|answer| answer.as_string().as_deref() == Some(LATE));
    if !silent {
        SILENT.with_borrow_mut(|methods| methods.retain(|method| *method != name));
        return first;
    }
    if !known {
        SILENT.with_borrow_mut(|methods| methods.push(name));
    }
    spawn_local(async move {
        // An open file that comes too late would lock itself against all later saves.
        if let Ok(answer) = JsFuture::from(promised).await {
            let _ = close(&answer);
        }
    });
    Err(js_sys::Error::new(&format!("{name} did not answer")).into())
}

/// Closes an open file.
///
/// # Errors
/// The exception; it cannot be closed, or the browser refuses to.
pub fn close(open: &JsValue) -> Result<(), JsValue> {
    let close: Function = Reflect::get(open, &"close".into())?.dyn_into()?;
    close.call0(open).map(drop)
}
