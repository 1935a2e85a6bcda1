//! Guards a run: the screen stays awake, and the browser asks before the page is left.

use gloo_events::{EventListener, EventListenerOptions};
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::BeforeUnloadEvent;
use yew::prelude::*;

use crate::shell::{browser_api, platform};

/// While `on`, keeps the screen awake and asks before the page is left.
#[hook]
pub fn use_guard(on: bool) {
    use_effect_with(on, |&on| {
        let listener = platform::window().filter(|_| on).map(|window| {
            let may_hold = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window, "beforeunload", may_hold, |event| {
                event.prevent_default();
                // Browsers show their own text, but some require one to be set.
                if let Some(event) = event.dyn_ref::<BeforeUnloadEvent>() {
                    event.set_return_value("A run is under way.");
                }
            })
        });
        move || drop(listener)
    });
    let held = use_mut_ref(|| JsValue::NULL);
    use_effect_with(on, move |&on| {
        let take = {
            let held = held.clone();
            move || {
                let held = held.clone();
                spawn_local(async move {
                    *held.borrow_mut() = request().await.unwrap_or(JsValue::NULL);
                });
            }
        };
        // The browser releases the lock when the tab is hidden, so it is requested again when the
        // tab is visible.
        let listener = platform::document().filter(|_| on).map(|document| {
            take();
            let again = document.clone();
            EventListener::new(&document, "visibilitychange", move |_| {
                if !again.hidden() {
                    take();
                }
            })
        });
        move || {
            drop(listener);
            release(&held.replace(JsValue::NULL));
        }
    });
}

/// Asks for the wake lock. A browser without, or one that saves its battery, refuses; the run goes
/// on.
async fn request() -> Option<JsValue> {
    let lock = browser_api::of_navigator("wakeLock")?;
    browser_api::call(&lock, "request", &Array::of1(&"screen".into())).await.ok()
}

fn release(sentinel: &JsValue) {
    if sentinel.is_object()
        && let Some(release) = Reflect::get(sentinel, &"release".into())
            .ok()
            .and_then(|release| release.dyn_into::<Function>().ok())
    {
        let _ = release.call0(sentinel);
    }
}
