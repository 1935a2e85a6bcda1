//! The browser's back/forward cache, which keeps a page as it was left, with its worker, and wakes
//! both when the reader comes back.
//!
//! A worker that has saved a run holds the lock on the browser's storage. Chromium and Firefox put
//! no page into the cache that holds a lock. WebKit does, and whoever reopens the page is told
//! that another tab keeps its run there. So the worker is ended when such a page is put away; when
//! it is woken, the run goes on from its last save, as after every other loss of the engine.

use gloo_events::EventListener;
use js_sys::Reflect;
use yew::prelude::*;

use crate::engine::bridge::Bridge;
use crate::shell::platform;

/// Ends the worker when the page is put into the back/forward cache while it `saves` a run, and
/// tells of it when the page comes back.
#[hook]
pub fn use_page_cache(bridge: &Bridge, saves: bool) {
    let put_away = use_mut_ref(|| false);
    let bridge = bridge.clone();
    use_effect_with(saves, move |&saves| {
        let listeners = platform::window().map(|window| {
            let (ending, ended) = (bridge.clone(), put_away.clone());
            let hide = EventListener::new(&window, "pagehide", move |event| {
                if saves && is_for_the_cache(event) && ending.end_quietly() {
                    *ended.borrow_mut() = true;
                }
            });
            let show = EventListener::new(&window, "pageshow", move |_| {
                if put_away.replace(false) {
                    bridge.lost(
                        "the engine was stopped when you left this page. The table is kept, and a \
                         run that was saved can be continued",
                    );
                }
            });
            (hide, show)
        });
        move || drop(listeners)
    });
}

/// Whether the page may come back as it is. Through `Reflect`, because web-sys has the event's type
/// behind a feature of its own.
fn is_for_the_cache(event: &web_sys::Event) -> bool {
    Reflect::get(event, &"persisted".into()).is_ok_and(|persisted| persisted.is_truthy())
}
