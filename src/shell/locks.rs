//! The browser's locks, which all tabs of an origin share.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;

use crate::shell::browser_api;

/// How long another tab is waited for, in milliseconds. What is done under a lock takes a few.
const PATIENCE: u32 = 5_000;
/// How long the browser may take to tell which locks are held, in milliseconds. Nothing has to be
/// read from a disk for that.
const ANSWER: u32 = 2_000;

/// Does something while no other tab does something under this name. In a browser without locks,
/// or one that refuses them or never answers, it is done all the same.
pub fn under_lock(name: &str, work: impl FnOnce() + 'static) {
    let work = Rc::new(RefCell::new(Some(work)));
    let now = move || {
        let work = work.borrow_mut().take();
        if let Some(work) = work {
            work();
        }
    };
    let Some(locks) = browser_api::of_navigator("locks") else { return now() };
    let granted = {
        let now = now.clone();
        Closure::once_into_js(move |_: JsValue| now())
    };
    let late = Timeout::new(PATIENCE, now.clone());
    let arguments = Array::of2(&name.into(), &granted);
    spawn_local(async move {
        let _ = browser_api::call(&locks, "request", &arguments).await;
        now();
        drop(late);
    });
}

/// Whether a lock is free at the moment: `true` if the browser does not say.
pub async fn is_free(name: &str) -> bool {
    held().await.iter().all(|held| held != name)
}

/// The names of all locks that are held by this page's origin; none if the browser does not say.
pub async fn held() -> Vec<String> {
    let Some(locks) = browser_api::of_navigator("locks") else { return Vec::new() };
    let asked = browser_api::call_within(ANSWER, &locks, "query", &Array::new()).await;
    let Ok(state) = asked else { return Vec::new() };
    let held = Reflect::get(&state, &"held".into()).map(|held| Array::from(&held));
    held.unwrap_or_default()
        .iter()
        .filter_map(|lock| Reflect::get(&lock, &"name".into()).ok()?.as_string())
        .collect()
}
