//! Parts of the browser that it may withhold, asked for in a way that nothing throws and nothing
//! waits for ever.
//!
//! Without HTTPS, in private windows and where site data are blocked, such a part is missing, or
//! asking for it throws, or its methods do, or they never answer. The types of web-sys do not say
//! so, and an exception that passes through the page's code would stop it.

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// How long the browser may take to answer, in milliseconds. Opening a file takes a few.
pub const PATIENCE: u32 = 10_000;
/// How long reading or fetching a file may take, in milliseconds.
pub const FILE_PATIENCE: u32 = 120_000;

/// A part of `navigator`, if the browser has it and gives it to this page.
pub fn of_navigator(name: &str) -> Option<JsValue> {
    let window = JsValue::from(web_sys::window()?);
    part(&part(&window, "navigator")?, name)
}

/// A text or a number that `navigator` tells.
pub fn value_of_navigator(name: &str) -> Option<JsValue> {
    let window = JsValue::from(web_sys::window()?);
    Reflect::get(&part(&window, "navigator")?, &name.into()).ok()
}

/// A part of `window`, if the browser has it and gives it to this page.
pub fn of_window(name: &str) -> Option<JsValue> {
    part(&web_sys::window()?.into(), name)
}

fn part(whole: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(whole, &name.into()).ok().filter(JsValue::is_object)
}

/// Calls a method that returns a promise, and waits for what it promises.
///
/// # Errors
/// The exception: the browser has no such method, the method throws, its promise is rejected, or
/// there is no answer within [`PATIENCE`].
pub async fn call(object: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    call_within(PATIENCE, object, method, arguments).await
}

/// The same with a limit of its own, in milliseconds.
///
/// # Errors
/// As those of [`call`].
pub async fn call_within(
    limit: u32,
    object: &JsValue,
    method: &str,
    arguments: &Array,
) -> Result<JsValue, JsValue> {
    in_time(&promised(object, method, arguments)?, limit).await
}

/// The same without a limit: the reader is asked for a permission, or nothing waits for the answer.
///
/// # Errors
/// As those of [`call`].
pub async fn ask(object: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    JsFuture::from(promised(object, method, arguments)?).await
}

fn promised(object: &JsValue, method: &str, arguments: &Array) -> Result<Promise, JsValue> {
    let method: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    Ok(Promise::resolve(&method.apply(object, arguments)?))
}

/// Waits for a promise as long as `limit` says, in milliseconds.
///
/// # Errors
/// What the promise was rejected with; `undefined` if it was not settled in time.
pub async fn in_time(promise: &Promise, limit: u32) -> Result<JsValue, JsValue> {
    let late = future_to_promise(async move {
        TimeoutFuture::new(limit).await;
        Err(JsValue::UNDEFINED)
    });
    JsFuture::from(Promise::race(&Array::of2(promise, &late))).await
}

/// Whether the page came in a way that nobody can change, by HTTPS or from this computer. Browsers
/// withhold many of their parts from other pages.
pub fn is_secure() -> bool {
    web_sys::window().is_none_or(|window| {
        // Browsers that do not know the property know no such difference.
        Reflect::get(&window, &"isSecureContext".into())
            .map_or(true, |secure| secure.is_undefined() || secure.is_truthy())
    })
}

/// Whether the page's workers may share memory: it is isolated from other sites, and the browser
/// has such memory at all.
pub fn shares_memory() -> bool {
    web_sys::window().is_some_and(|window| {
        let is_isolated = Reflect::get(&window, &"crossOriginIsolated".into());
        let memory = Reflect::get(&window, &"SharedArrayBuffer".into());
        is_isolated.is_ok_and(|found| found.is_truthy()) && memory.is_ok_and(|it| it.is_function())
    })
}

/// The number of cores that the browser tells of; 1 if it tells nothing.
pub fn cores() -> u32 {
    let told = web_sys::window()
        .and_then(|window| Reflect::get(&window, &"navigator".into()).ok())
        .and_then(|navigator| Reflect::get(&navigator, &"hardwareConcurrency".into()).ok())
        .and_then(|cores| cores.as_f64());
    told.map_or(1, |cores| cores as u32)
}
