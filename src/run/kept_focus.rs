//! Keeps the keyboard focus in the run bar when its buttons are disabled under the reader's hands.

use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::shell::{mutations, platform};

/// The button of the bar that had the focus last.
struct Held {
    button: Element,
    /// Whether it could not be pressed after the last change.
    off: bool,
}

impl Held {
    /// Where the focus belongs after a change of the bar, if it has to move.
    fn next(&mut self, bar: &Element) -> Option<Element> {
        let document = platform::document()?;
        let active = document.active_element();
        let is = |other: &Element| active.as_ref() == Some(other);
        let nowhere = active.is_none() || document.body().is_some_and(|body| is(&body));
        let was = self.off;
        self.off = self.button.has_attribute("disabled") || !self.button.is_connected();
        match (was, self.off) {
            (false, true) if nowhere || is(&self.button) => Some(bar.clone()),
            (true, false) if is(bar) => Some(self.button.clone()),
            _ => None,
        }
    }
}

/// Keeps the focus within the element of `bar`, which needs `tabindex="-1"`. A browser takes the
/// focus from a button that is disabled, and the next Tab would begin at the top of the page.
/// Instead the bar itself has it until the button can be pressed again or the reader goes on.
/// Returns the listener for the bar's `onfocusin`.
#[hook]
pub fn use_kept_focus(bar: &NodeRef) -> Callback<FocusEvent> {
    let held = use_mut_ref(|| None::<Held>);
    let (kept, bar) = (held.clone(), bar.clone());
    // Not after a drawing: Yew may let other events come first, and the browser may paint.
    use_effect_with((), move |()| {
        let watch = bar.cast::<Element>().and_then(|bar| {
            let target = bar.clone();
            mutations::watch(&target, &["attributes"], move |_, _| {
                let next = kept.borrow_mut().as_mut().and_then(|held| held.next(&bar));
                if let Some(next) = next {
                    platform::focus_in_place(&next);
                }
            })
        });
        move || drop(watch)
    });
    Callback::from(move |event: FocusEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if let Some(button) = target.filter(|target| target.tag_name() == "BUTTON") {
            *held.borrow_mut() = Some(Held { button, off: false });
        }
    })
}
