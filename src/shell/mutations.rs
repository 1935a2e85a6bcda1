//! Hears of every change of a part of the document, before the browser paints it.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use web_sys::{Node, NodeList};

#[wasm_bindgen]
extern "C" {
    // Declared here, because web-sys has them only behind features that no other crate asks for.
    /// The browser's object that collects the changes.
    #[wasm_bindgen(extends = Object)]
    pub type MutationObserver;
    #[wasm_bindgen(constructor, js_class = "MutationObserver", catch)]
    fn new(callback: &JsValue) -> Result<MutationObserver, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn observe(this: &MutationObserver, target: &Node, options: &Object) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn disconnect(this: &MutationObserver);
    /// Takes the changes that the callback has not been told of yet.
    #[wasm_bindgen(method, js_name = takeRecords)]
    pub fn take_records(this: &MutationObserver) -> Array;

    /// One change.
    pub type MutationRecord;
    /// `attributes`, `characterData` or `childList`.
    #[wasm_bindgen(method, getter, js_name = type)]
    pub fn kind(this: &MutationRecord) -> String;
    /// The node whose attribute, text or children changed.
    #[wasm_bindgen(method, getter)]
    pub fn target(this: &MutationRecord) -> Node;
    /// The children that were added.
    #[wasm_bindgen(method, getter, js_name = addedNodes)]
    pub fn added(this: &MutationRecord) -> NodeList;
    /// The children that were removed.
    #[wasm_bindgen(method, getter, js_name = removedNodes)]
    pub fn removed(this: &MutationRecord) -> NodeList;
    /// The child before those that were added or removed.
    #[wasm_bindgen(method, getter, js_name = previousSibling)]
    pub fn before(this: &MutationRecord) -> Option<Node>;
    /// The child after those that were added or removed.
    #[wasm_bindgen(method, getter, js_name = nextSibling)]
    pub fn after(this: &MutationRecord) -> Option<Node>;
}

/// Tells of changes until it is dropped.
pub struct Watch {
    observer: MutationObserver,
    _callback: Closure<dyn Fn(Array, MutationObserver)>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Calls back with the [`MutationRecord`]s of a node and of all below it: of their children, and of
/// these other `kinds` (`attributes`, `characterData`). The call comes in the task that made the
/// change, so that neither another event nor a paint can come between. Nothing if the browser
/// refuses.
pub fn watch(
    target: &Node,
    kinds: &[&str],
    callback: impl Fn(Array, MutationObserver) + 'static,
) -> Option<Watch> {
    let callback = Closure::<dyn Fn(Array, MutationObserver)>::new(callback);
    let options = Object::new();
    for option in ["childList", "subtree"].iter().chain(kinds) {
        // Setting a property of a new object does not fail.
        let _ = Reflect::set(&options, &(*option).into(), &JsValue::TRUE);
    }
    let observer = MutationObserver::new(callback.as_ref()).ok()?;
    observer.observe(target, &options).ok()?;
    Some(Watch { observer, _callback: callback })
}
