//! The browser's locks, which all tabs of an origin share.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use crate::browser_call::in_time;
use crate::page::scope;

/// A lock that is held until this is dropped, or the worker ends.
pub struct Lock(Option<Function>);

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            let _ = release.call0(&JsValue::NULL);
        }
    }
}

/// Takes a lock: at once or not at all, or with `wait` as soon as it is free.
///
/// A browser without locks has to do without, and so has one that refuses them or never answers:
/// what else it refuses is told when the file system is asked for.
pub async fn take(name: &str, wait: bool) -> Option<Lock> {
    // Through `Reflect`, because web-sys has locks only behind an unstable flag.
    let navigator = JsValue::from(scope().navigator());
    let Ok(locks) = Reflect::get(&navigator, &"locks".into()) else { return Some(Lock(None)) };
    let Ok(Ok(request)) = Reflect::get(&locks, &"request".into()).map(JsCast::dyn_into::<Function>)
    else {
        return Some(Lock(None));
    };
    let options = Object::new();
    let _ = Reflect::set(&options, &"ifAvailable".into(), &(!wait).into());
    let given_up = Rc::new(Cell::new(false));
    let asked = Promise::new(&mut |resolve, reject| {
        let late = given_up.clone();
        let granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            if lock.is_null() || late.get() {
                let _ = resolve.call1(&JsValue::NULL, &JsValue::FALSE);
                return JsValue::UNDEFINED;
            }
            // The lock is held until this promise settles.
            Promise::new(&mut |release, _| {
                let _ = resolve.call1(&JsValue::NULL, &release);
            })
            .into()
        });
        let requested = request.call3(&locks, &name.into(), &options, &granted);
        // Where site data are blocked nothing is granted, and the promise is rejected: a save that
        // did not hear of it would wait for ever.
        let heard = requested.and_then(|requested| {
            let catch: Function = Reflect::get(&requested, &"catch".into())?.dyn_into()?;
            catch.call1(&requested, &reject)
        });
        if heard.is_err() {
            let _ = reject.call0(&JsValue::NULL);
        }
    });
    match in_time(asked, "locks.request").await {
        Ok(release) => release.dyn_into().ok().map(|release| Lock(Some(release))),
        Err(_) => {
            given_up.set(true);
            Some(Lock(None))
        }
    }
}
