//! Listens for files that are dropped beside every place for them. The browser would leave the page
//! and show them.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, DragEvent, Event};
use yew::prelude::*;

use crate::shell::platform;
use crate::widgets::opened_files::Dropped;

/// Emits what is dropped anywhere on the page and was not taken by a place for files.
#[hook]
pub fn use_stray_drops(on_drop: Callback<Dropped>) {
    use_effect_with(on_drop, |on_drop| {
        let listen = |name: &'static str, then: Box<dyn Fn(Option<DataTransfer>)>| {
            let may_hold = EventListenerOptions::enable_prevent_default();
            let window = platform::window()?;
            Some(EventListener::new_with_options(&window, name, may_hold, move |event| {
                // A place for files sees the event before the window does and also prevents the
                // default.
                if let Some(transfer) = files_in(event).filter(|_| !event.default_prevented()) {
                    event.prevent_default();
                    then(Some(transfer));
                }
            }))
        };
        let on_drop = on_drop.clone();
        let listeners = [
            listen("dragover", Box::new(|_| {})),
            listen("drop", Box::new(move |transfer| on_drop.emit(Dropped::take(transfer)))),
        ];
        move || drop(listeners)
    });
}

/// The data of a drag if there are files in it. Text that is dragged into a field is left to the
/// browser.
fn files_in(event: &Event) -> Option<DataTransfer> {
    let transfer = event.dyn_ref::<DragEvent>()?.data_transfer()?;
    transfer.types().includes(&"Files".into(), 0).then_some(transfer)
}
