//! Files that are dropped beside every place for them: the browser would leave the page and show
//! them.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, DragEvent, Event};
use yew::prelude::*;

use crate::shell::platform;
use crate::widgets::opened_files::Dropped;

/// Hands over what is dropped anywhere on the page and was not taken by a place for it.
#[hook]
pub fn use_stray_drops(on_drop: Callback<Dropped>) {
    use_effect_with(on_drop, |on_drop| {
        let listen = |name: &'static str, then: Box<dyn Fn(Option<DataTransfer>)>| {
            let may_hold = EventListenerOptions::enable_prevent_default();
            let window = platform::window()?;
            Some(EventListener::new_with_options(&window, name, may_hold, move |event| {
                // A place for files has seen the event before the window does, and says so in the
                // same way.
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

/// What a drag carries, if there are files in it: text that is dragged into a field is none of
/// ours.
fn files_in(event: &Event) -> Option<DataTransfer> {
    let transfer = event.dyn_ref::<DragEvent>()?.data_transfer()?;
    transfer.types().includes(&"Files".into(), 0).then_some(transfer)
}
