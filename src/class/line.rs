//! A socket between a page and its class's host. What its bytes say, who opens it knows.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, MessageEvent, WebSocket};

use crate::shell::platform;

/// How long a page waits before it makes a broken connection again, in milliseconds.
pub const RETRY_AFTER_MS: u32 = 3_000;

/// An open or opening socket. It is closed when this is dropped, and then says nothing more.
pub struct Line {
    socket: WebSocket,
    _on_open: Closure<dyn Fn(JsValue)>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_end: Closure<dyn Fn(JsValue)>,
}

impl Line {
    /// Opens a socket to the host that the page came from, and sends `first` as soon as it is open.
    /// `told` says whether what it was told is a message of our host's. `None` where the browser
    /// has no sockets, or refuses one.
    pub fn open(
        path: &str,
        first: Vec<u8>,
        told: impl Fn(&[u8]) -> bool + 'static,
        ended: impl Fn() + 'static,
    ) -> Option<Self> {
        let socket = WebSocket::new(&address(path)?).ok()?;
        // Blockers put other things in the place of the class.
        if !socket.is_instance_of::<WebSocket>() {
            return None;
        }
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on_open = {
            let socket = socket.clone();
            Closure::<dyn Fn(JsValue)>::new(move |_: JsValue| {
                send(&socket, &first);
            })
        };
        let on_message = {
            let socket = socket.clone();
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                // A host that says what no host of ours says is not listened to any more.
                if !told(&Uint8Array::new(&event.data()).to_vec()) {
                    close(&socket);
                }
            })
        };
        let on_end = Closure::<dyn Fn(JsValue)>::new(move |_: JsValue| ended());
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_end.as_ref().unchecked_ref()));
        Some(Self { socket, _on_open: on_open, _on_message: on_message, _on_end: on_end })
    }

    /// Sends a message, if the socket is open, and says whether it was. One that is not is not sent
    /// later: the board is told the newest once a second, and a request to the host’s engine ends
    /// when the connection is made again.
    pub fn send(&self, message: &[u8]) -> bool {
        send(&self.socket, message)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        close(&self.socket);
    }
}

fn send(socket: &WebSocket, message: &[u8]) -> bool {
    socket.ready_state() == WebSocket::OPEN && socket.send_with_u8_array(message).is_ok()
}

fn close(socket: &WebSocket) {
    // One that cannot be closed is not listened to any more either.
    let _ = socket.close();
}

/// The address of a socket, beside the page: the host serves it at its root.
fn address(path: &str) -> Option<String> {
    let location = JsValue::from(platform::window()?.location());
    let part = |name: &str| Reflect::get(&location, &name.into()).ok()?.as_string();
    let scheme = if part("protocol")? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}/{path}", part("host")?))
}
