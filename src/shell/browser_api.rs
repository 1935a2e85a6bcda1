//! Parts of the browser that it may withhold, asked for in a way that nothing throws.
//!
//! Without HTTPS, in private windows and where site data are blocked, such a part is missing, or
//! asking for it throws, or its methods do. The types of web-sys do not say so, and an exception
//! that passes through the page's code would stop it.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

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
/// The exception: the browser has no such method, the method throws, or its promise is rejected.
pub async fn call(object: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    JsFuture::from(Promise::resolve(&method.apply(object, arguments)?)).await
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

/// Whether the page is isolated from other sites, so that its workers may share memory.
pub fn is_isolated() -> bool {
    web_sys::window().is_some_and(|window| {
        Reflect::get(&window, &"crossOriginIsolated".into()).is_ok_and(|found| found.is_truthy())
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
