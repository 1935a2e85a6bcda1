//! Registers the service worker, which keeps the page for the next visit and finds newer versions.

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{ServiceWorkerContainer, ServiceWorkerRegistration, ServiceWorkerState};
use yew::prelude::*;

use crate::shell::{browser_api, platform};

/// The service worker's script, which xtask writes beside the page.
const SCRIPT: &str = "sw.js";
/// How long the newer version may take to take over, in milliseconds.
const PATIENCE: u32 = 4_000;

/// Registers the service worker. Once a newer version of the page has been fetched, returns a
/// callback that changes to it.
///
/// In a browser without service workers (a private window, a page without HTTPS) nothing is kept,
/// and the page works all the same.
#[hook]
pub fn use_offline() -> Option<Callback<()>> {
    let newer = use_state(|| None::<ServiceWorkerRegistration>);
    let wanted = use_memo((), |()| Rc::new(Cell::new(false)));
    {
        let (newer, wanted) = (newer.clone(), wanted.clone());
        use_effect_with((), move |()| {
            let listener = container().map(|container| {
                wasm_bindgen_futures::spawn_local(watch(
                    container.clone(),
                    Callback::from(move |found| newer.set(Some(found))),
                ));
                // The first version takes control too, so the page is reloaded only after the
                // reader pressed the button.
                EventListener::new(&container, "controllerchange", move |_| {
                    if wanted.get() {
                        platform::reload();
                    }
                })
            });
            move || drop(listener)
        });
    }
    let registration = (*newer).clone()?;
    Some(Callback::from(move |()| {
        let Some(waiting) = registration.waiting() else { return platform::reload() };
        wanted.set(true);
        // The new version is installed and waits, so it receives messages.
        let _ = waiting.post_message(&"take over".into());
        // A browser may put off the change while the old version has something to do. That ends
        // with the page.
        Timeout::new(PATIENCE, platform::reload).forget();
    }))
}

/// The browser's service workers. They are missing outside HTTPS and in some private windows.
fn container() -> Option<ServiceWorkerContainer> {
    browser_api::of_navigator("serviceWorker").map(JsCast::unchecked_into)
}

async fn watch(container: ServiceWorkerContainer, on_newer: Callback<ServiceWorkerRegistration>) {
    // Wait until the page has loaded: fetching the files to keep would slow it down.
    gloo_timers::future::TimeoutFuture::new(1_000).await;
    let script = Array::of1(&SCRIPT.into());
    let Ok(registration) = browser_api::ask(&container, "register", &script).await else { return };
    let registration: ServiceWorkerRegistration = registration.unchecked_into();
    if registration.waiting().is_some() && container.controller().is_some() {
        on_newer.emit(registration.clone());
    }
    let found = {
        let registration = registration.clone();
        move || {
            let Some(installing) = registration.installing() else { return };
            let (registration, container, on_newer) =
                (registration.clone(), container.clone(), on_newer.clone());
            let worker = installing.clone();
            EventListener::new(&installing, "statechange", move |_| {
                // Without a controller this is the first version, so there is no older one to
                // replace.
                if worker.state() == ServiceWorkerState::Installed
                    && container.controller().is_some()
                {
                    on_newer.emit(registration.clone());
                }
            })
            .forget();
        }
    };
    // The browser looks for a newer version when it opens the page, and may have found it by now.
    found();
    // The listener lives as long as the page.
    EventListener::new(&registration, "updatefound", move |_| found()).forget();
}
