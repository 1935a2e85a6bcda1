//! Keeps the page alive while the browser translates it.
//!
//! Chrome's translator takes a text node out of the page and puts `<font>` elements with the
//! translation in its place. Yew knows nothing of that: it goes on to change the node that is gone,
//! so that readers see an old text for good, or it inserts something before that node, which fails
//! and ends the page. So the node is put back, empty, before what stands for it. When the page
//! changes or removes it, what stands for it goes, and the translator finds the new text.
//!
//! Numbers and code have `translate="no"`: they need no translation, and during a run they change
//! several times a second.

use js_sys::{Array, WeakMap};
use wasm_bindgen::JsCast;
use web_sys::{Element, Node, NodeList};

use crate::shell::mutations::{self, MutationRecord};
use crate::shell::platform;

/// Watches for translations from now on.
pub fn install() {
    let translated = Translated::default();
    let body = platform::document().and_then(|document| document.body());
    // Without it the page works as long as it is not translated.
    let watch = body.and_then(|body| {
        mutations::watch(&body, &["characterData"], move |records, observer| {
            records.iter().for_each(|record| translated.record(record.unchecked_ref()));
            // What was changed here is not looked at again.
            observer.take_records();
        })
    });
    // It lives as long as the page.
    std::mem::forget(watch);
}

/// The text nodes that were translated.
struct Translated {
    /// What stands for a text node: its `<font>` element.
    elements: WeakMap,
    /// The text node for which an element stands, and the text that it had: `[node, text]`.
    texts: WeakMap,
}

impl Default for Translated {
    fn default() -> Self {
        Self { elements: WeakMap::new(), texts: WeakMap::new() }
    }
}

impl Translated {
    fn record(&self, record: &MutationRecord) {
        if record.kind() == "characterData" {
            // The page has another text by now.
            return self.end(&record.target());
        }
        for node in nodes(&record.removed()) {
            if node.node_type() == Node::TEXT_NODE {
                self.text_removed(&node, record);
            } else {
                self.element_removed(&node, record);
            }
        }
    }

    /// What stands for this text node, if it is translated.
    fn element(&self, text: &Node) -> Option<Node> {
        self.elements.get(text).dyn_into().ok()
    }

    /// The text node for which an element stands, and the text that it had.
    fn text(&self, element: &Node) -> Option<(Node, String)> {
        let pair: Array = self.texts.get(element).dyn_into().ok()?;
        Some((pair.get(0).dyn_into().ok()?, pair.get(1).as_string().unwrap_or_default()))
    }

    fn remember(&self, text: &Node, element: &Node, words: &str) {
        self.elements.set(text, element);
        self.texts.set(element, &Array::of2(text, &words.into()));
    }

    fn forget(&self, text: &Node, element: &Node) {
        self.elements.delete(text);
        self.texts.delete(element);
    }

    /// Removes what stands for a text node.
    fn end(&self, text: &Node) {
        if let Some(element) = self.element(text) {
            self.forget(text, &element);
            remove(&element);
        }
    }

    fn text_removed(&self, text: &Node, record: &MutationRecord) {
        let known = self.element(text);
        if text.is_connected() {
            // The page has moved it; what stands for it goes with it.
            if let (Some(element), Some(parent)) =
                (known.filter(Node::is_connected), text.parent_node())
            {
                let _ = parent.insert_before(&element, text.next_sibling().as_ref());
            }
            return;
        }
        match (known, self.stand_in(record)) {
            (None, Some(element)) => {
                let words = text.node_value().unwrap_or_default();
                if put_before(text, &element) {
                    text.set_node_value(Some(""));
                    self.remember(text, &element, &words);
                }
            }
            // A translation of the empty text that was put back here.
            (Some(_), Some(element)) => {
                if put_before(text, &element) {
                    remove(&element);
                }
            }
            // The page has removed it.
            (Some(_), None) => self.end(text),
            (None, None) => {}
        }
    }

    /// What was put in the place of a removed node and does not stand for another.
    fn stand_in(&self, record: &MutationRecord) -> Option<Node> {
        let beside = [record.before(), record.after()].into_iter().flatten();
        nodes(&record.added())
            .chain(beside)
            .find(|node| is_font(node) && node.is_connected() && self.text(node).is_none())
    }

    fn element_removed(&self, element: &Node, record: &MutationRecord) {
        let Some((text, words)) = self.text(element).filter(|_| !element.is_connected()) else {
            return;
        };
        self.forget(&text, element);
        match self.stand_in(record) {
            // Another translation.
            Some(other) => self.remember(&text, &other, &words),
            // The reader wants the original back.
            None if text.node_value().is_some_and(|now| now.is_empty()) => {
                text.set_node_value(Some(&words));
            }
            None => {}
        }
    }
}

fn nodes(list: &NodeList) -> impl Iterator<Item = Node> + '_ {
    (0..list.length()).filter_map(|at| list.get(at))
}

fn is_font(node: &Node) -> bool {
    node.dyn_ref::<Element>().is_some_and(|element| element.local_name() == "font")
}

fn put_before(text: &Node, element: &Node) -> bool {
    element.parent_node().is_some_and(|parent| parent.insert_before(text, Some(element)).is_ok())
}

fn remove(node: &Node) {
    if let Some(parent) = node.parent_node() {
        // It is a child of its parent, so this does not fail.
        let _ = parent.remove_child(node);
    }
}
