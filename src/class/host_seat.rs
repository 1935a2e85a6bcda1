//! The page's seat at its class's host: the connection, the seat's key, and coming back.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use resnette_class::limits::{ENGINE_PATH, VERSION};
use resnette_class::{EngineAnswer, EngineJoin, Token, read, write};
use resnette_picture::report::ClassCorrections;
use resnette_protocol::version::VERSION as PROTOCOL;
use resnette_protocol::{Command, Event, Outcome, Request, RequestId, decode, encode};
use wasm_bindgen_futures::spawn_local;
use web_sys::Storage;
use yew::prelude::*;

use crate::class::host_request::kept_here;
use crate::class::line::Line;
use crate::engine::host_link::{HostEar, HostSend, HostTold};
use crate::shell::commands::Commands;
use crate::shell::platform;

/// How long a page waits before it tries to come back, in milliseconds.
const RETRY_AFTER_MS: u32 = 3_000;
/// How often it tries.
const TRIES: u32 = 20;
/// Where this tab keeps the key of its seat: for as long as the tab is there, reloaded or not.
const KEPT_KEY: &str = "resnette-host-seat";

/// What a page is told whose host does not train, or is not there.
const NO_ENGINE: &str = "the class’s host does not train for this page. Choose another engine, or \
                         ask the teacher to start the host with --train";
/// What a page is told whose seat is gone.
const LOST: &str = "the connection to the class’s host was lost, and with it the run there. The \
                    table is kept; press Train to start again, or choose another engine";

/// Tells the bridge how to reach the host, and goes back to the seat that this tab had before.
#[hook]
pub fn use_host(commands: &Commands, join: &str) {
    let bridge = commands.bridge.clone();
    use_effect_with(join.to_owned(), move |join| {
        if let Some(token) = Token::read(join) {
            bridge.set_connect(Rc::new(move |told, returns| connect(token, told, returns)));
            if kept_key().is_some() {
                bridge.return_to_host();
            }
        }
    });
}

/// Opens a connection to the seat that this tab had, or to a new one.
fn connect(token: Token, told: HostEar, returns: bool) -> Option<HostSend> {
    let key = kept_key().filter(|_| returns);
    let seat = Rc::new(HostSeat {
        token,
        told,
        key: Cell::new(key),
        line: RefCell::default(),
        is_joined: Cell::default(),
        was_joined: Cell::default(),
        queue: RefCell::default(),
        tries: Cell::default(),
        retry: RefCell::default(),
    });
    let is_open = seat.open();
    let send = move |id, command, has_files| seat.ask(id, command, has_files);
    is_open.then(|| Box::new(send) as HostSend)
}

struct HostSeat {
    token: Token,
    told: HostEar,
    /// The key of the seat, once it is given.
    key: Cell<Option<Token>>,
    line: RefCell<Option<Line>>,
    /// Whether the host has answered on this connection.
    is_joined: Cell<bool>,
    /// Whether it has on any.
    was_joined: Cell<bool>,
    /// Requests that wait for that.
    queue: RefCell<Vec<Vec<u8>>>,
    /// How often it has tried to come back.
    tries: Cell<u32>,
    retry: RefCell<Option<Timeout>>,
}

impl HostSeat {
    /// Opens a socket in the place of the one before, and says whether the browser does.
    fn open(self: &Rc<Self>) -> bool {
        self.is_joined.set(false);
        let (token, seat) = (self.token, self.key.get());
        let join = EngineJoin { version: VERSION, protocol: PROTOCOL.into(), token, seat };
        let Ok(first) = write(&join) else { return false };
        // The socket must not keep the seat that has it.
        let (hears, ends) = (Rc::downgrade(self), Rc::downgrade(self));
        let hear = move |bytes: &[u8]| hears.upgrade().is_some_and(|seat| seat.hear(bytes));
        let end = move || {
            if let Some(seat) = ends.upgrade() {
                seat.ended();
            }
        };
        let line = Line::open(ENGINE_PATH, first, hear, end);
        let is_open = line.is_some();
        self.line.replace(line);
        is_open
    }

    /// Takes what the host says, and returns whether a host of ours says so.
    fn hear(&self, bytes: &[u8]) -> bool {
        if self.is_joined.get() {
            let event = decode::<Event>(bytes);
            let is_event = event.is_ok();
            match event {
                Ok(event) => (self.told)(HostTold::Event(Box::new(event))),
                Err(error) => self.lost(&error.to_string()),
            }
            return is_event;
        }
        match read::<EngineAnswer>(bytes) {
            Ok(EngineAnswer::Joined(key)) => self.joined(key),
            Ok(EngineAnswer::Refused(why)) => self.lost(&why.to_string()),
            Err(_) => return false,
        }
        true
    }

    fn joined(&self, key: Token) {
        let is_other = self.key.replace(Some(key)).is_some_and(|known| known != key);
        keep_key(key);
        let has_come_back = self.tries.replace(0) > 0;
        self.is_joined.set(true);
        self.was_joined.set(true);
        if has_come_back && is_other {
            return self.lost(LOST);
        }
        if has_come_back {
            (self.told)(HostTold::Again);
        }
        for request in self.queue.take() {
            self.send(&request);
        }
    }

    /// The connection has ended, or could not be made.
    fn ended(self: &Rc<Self>) {
        self.is_joined.set(false);
        if !self.was_joined.get() {
            // A key that opens nothing is not tried again.
            forget_key();
            return self.lost(NO_ENGINE);
        }
        if self.tries.get() >= TRIES {
            return self.lost(LOST);
        }
        self.tries.set(self.tries.get() + 1);
        let seat = Rc::downgrade(self);
        let retry = Timeout::new(RETRY_AFTER_MS, move || {
            if let Some(seat) = seat.upgrade()
                && !seat.open()
            {
                seat.lost(LOST);
            }
        });
        self.retry.replace(Some(retry));
    }

    fn lost(&self, message: &str) {
        (self.told)(HostTold::Lost(message.to_owned()));
    }

    /// Sends a request, as soon as there is a connection; or ends it, if it stays here.
    fn ask(&self, id: RequestId, command: Command, has_files: bool) {
        if let Some(failure) = kept_here(&command, has_files) {
            let (told, outcome) = (self.told.clone(), Outcome::Refused(failure));
            let event = Box::new(Event::Ended { request: id, outcome });
            // Whoever asks does not expect an answer before it has asked.
            return spawn_local(async move { told(HostTold::Event(event)) });
        }
        let request = Request { id, command, corrections: ClassCorrections::default() };
        if let Ok(bytes) = encode(&request) {
            match self.is_joined.get() {
                true => self.send(&bytes),
                false => self.queue.borrow_mut().push(bytes),
            }
        }
    }

    fn send(&self, request: &[u8]) {
        if let Some(line) = &*self.line.borrow() {
            line.send(request);
        }
    }
}

/// What the tab keeps until it is closed. A browser that withholds it has no way back.
fn tab_storage() -> Option<Storage> {
    platform::window()?.session_storage().ok().flatten()
}

fn kept_key() -> Option<Token> {
    Token::read(&tab_storage()?.get_item(KEPT_KEY).ok().flatten()?)
}

fn keep_key(key: Token) {
    if let Some(storage) = tab_storage() {
        let _ = storage.set_item(KEPT_KEY, &key.text());
    }
}

fn forget_key() {
    if let Some(storage) = tab_storage() {
        let _ = storage.remove_item(KEPT_KEY);
    }
}
