//! Draws all that a message changes before the browser paints or tells of another event.
//!
//! Once Yew 0.23 has drawn for 16 ms it leaves the rest to a timer. It means to do so only where
//! the document is as it should be, but forgets the components that wait for changed properties
//! (`can_yield` in its `scheduler.rs`): pictures were there without the notes on them, and what lay
//! below moved away from under a click.

use std::pin::pin;
use std::task::{Context, Waker};

use yew::scheduler;

use crate::shell::{mutations, platform};

/// Finishes every drawing from now on in the task that began it.
pub fn install() {
    let body = platform::document().and_then(|document| document.body());
    // Without it everything is drawn too, a moment later.
    let watch = body.and_then(|body| {
        mutations::watch(&body, &["attributes", "characterData"], |_, _| finish())
    });
    // It lives as long as the page.
    std::mem::forget(watch);
}

/// Draws what waits. Nobody waits for the timer, which then finds nothing to do: several who did
/// would wake one another without end.
fn finish() {
    let _ = pin!(scheduler::flush()).poll(&mut Context::from_waker(Waker::noop()));
}
