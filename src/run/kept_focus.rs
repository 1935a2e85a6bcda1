//! Keeps the keyboard focus in the run bar when its buttons are disabled under the reader's hands.

use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::shell::platform;

/// The button of the bar that had the focus last.
struct Held {
    button: Element,
    /// Whether it could not be pressed when the bar was drawn last.
    off: bool,
}

/// Keeps the focus within the element of `bar`, which needs `tabindex="-1"`. A browser takes the
/// focus from a button that is disabled, and the next Tab would begin at the top of the page.
/// Instead the bar itself has it until the button can be pressed again or the reader goes on.
/// Returns the listener for the bar's `onfocusin`.
#[hook]
pub fn use_kept_focus(bar: &NodeRef) -> Callback<FocusEvent> {
    let held = use_mut_ref(|| None::<Held>);
    let (kept, bar) = (held.clone(), bar.clone());
    // After every drawing, since any may disable or enable a button.
    use_effect(move || {
        let next = kept.borrow_mut().as_mut().and_then(|held| {
            let (bar, document) = (bar.cast::<Element>()?, platform::document()?);
            let active = document.active_element();
            let is = |other: &Element| active.as_ref() == Some(other);
            let nowhere = active.is_none() || document.body().is_some_and(|body| is(&body));
            let was = held.off;
            held.off = held.button.has_attribute("disabled") || !held.button.is_connected();
            match (was, held.off) {
                (false, true) if nowhere || is(&held.button) => Some(bar),
                (true, false) if is(&bar) => Some(held.button.clone()),
                _ => None,
            }
        });
        if let Some(next) = next {
            platform::focus_in_place(&next);
        }
    });
    Callback::from(move |event: FocusEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if let Some(button) = target.filter(|target| target.tag_name() == "BUTTON") {
            *held.borrow_mut() = Some(Held { button, off: false });
        }
    })
}
