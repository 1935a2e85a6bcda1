//! What a thread of the CPU engine tells the page when it crashes.
//!
//! The engine's worker waits for its threads, and while it waits it hears and says nothing. If one
//! of them crashes, it waits for ever. So the thread tells the page by itself
//! (`xtask/src/loader_thread.js`), on a `BroadcastChannel` whose name no other engine has: engines
//! of other tabs and of earlier runs have their own.

use js_sys::{Function, Math, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

/// The most that is shown of what a thread says, in characters.
const MAX_WORDS: usize = 200;

/// The channel of one engine. It is closed when this is dropped.
pub struct Alarm {
    name: String,
    channel: BroadcastChannel,
    _on_message: Closure<dyn Fn(MessageEvent)>,
}

impl Alarm {
    /// Opens a channel, and calls `crashed` with the browser's words when a thread tells of a
    /// crash. `None` where the browser has no such channels, or refuses one: then a crash is not
    /// told.
    pub fn listen(crashed: impl Fn(String) + 'static) -> Option<Self> {
        let random = || (Math::random() * 2e15) as u64;
        let name = format!("resnette-engine-{:x}-{:x}", random(), random());
        let channel = BroadcastChannel::new(&name).ok()?;
        // Blockers put other things in the place of the class.
        if !channel.is_instance_of::<BroadcastChannel>() {
            return None;
        }
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let words = event.data().as_string().unwrap_or_default();
            crashed(words.chars().take(MAX_WORDS).collect());
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Some(Self { name, channel, _on_message: on_message })
    }

    /// The channel's name, for the engine's threads.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        let channel: &JsValue = &self.channel;
        let close = Reflect::get(channel, &"close".into()).and_then(JsCast::dyn_into::<Function>);
        // One that cannot be closed has nobody who listens.
        let _ = close.and_then(|close| close.call0(channel));
    }
}
