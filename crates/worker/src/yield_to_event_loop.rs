//! Letting the event loop run between two units of work.

use gloo_timers::future::TimeoutFuture;
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::MessageChannel;

/// Waits for the next macrotask, so that messages are heard and the GPU's callbacks run.
///
/// A message channel and not `setTimeout(0)`: timers are held back to 4 ms once they nest, and to a
/// second in a hidden tab, where training must go on.
///
/// Where a browser has no channels, a timer is better than a worker that hears nothing.
pub async fn yield_to_event_loop() {
    let channel = MessageChannel::new().ok();
    // What a blocker puts in the place of the class may make anything.
    let Some(channel) = channel.filter(|channel| channel.is_instance_of::<MessageChannel>()) else {
        return TimeoutFuture::new(0).await;
    };
    let promise = Promise::new(&mut |resolve, _| {
        channel.port1().set_onmessage(Some(&resolve));
    });
    if channel.port2().post_message(&JsValue::NULL).is_ok() {
        let _ = JsFuture::from(promise).await;
    }
    channel.port1().close();
}
