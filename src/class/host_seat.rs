//! The page's seat at its class's host: the connection, the seat's key, and coming back.

use std::cell::RefCell;
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

use crate::class::host_request::{kept_here, without_address};
use crate::class::line::{Line, RETRY_AFTER_MS};
use crate::class::standing::{Asked, Ended, GONE, Joined, LOST, NO_ENGINE, Standing};
use crate::engine::host_link::{HostEar, HostSend, HostTold};
use crate::shell::commands::Commands;
use crate::shell::platform;

/// Where this tab keeps the key of its seat: for as long as the tab is there, also when the class's
/// link is opened in it again.
const KEPT_KEY: &str = "resnette-host-seat";
/// What a page is told whose browser opens no connection any more.
const REFUSED: &str = "this browser does not connect to the class’s host any more. The table is \
                       kept. Open the class’s link again in this tab within ten minutes";

/// Tells the bridge how to reach the host, and goes back to the seat that this tab had before.
#[hook]
pub fn use_host(commands: &Commands, join: &str) {
    let bridge = commands.bridge.clone();
    use_effect_with(join.to_owned(), move |join| {
        if let Some(token) = Token::read(join) {
            let had_seat = kept_key().is_some();
            let connect = move |told, returns| connect(token, told, returns);
            bridge.set_connect(Rc::new(connect), had_seat);
        }
    });
}

/// Opens a connection to the seat that this tab had, or to a new one.
fn connect(token: Token, told: HostEar, returns: bool) -> Option<HostSend> {
    let key = kept_key().filter(|_| returns);
    let seat = Rc::new(HostSeat {
        token,
        told,
        standing: RefCell::new(Standing::new(key)),
        line: RefCell::default(),
        queue: RefCell::default(),
        retry: RefCell::default(),
    });
    let is_open = seat.open();
    let send = move |id, command, has_files| seat.ask(id, command, has_files);
    is_open.then(|| Box::new(send) as HostSend)
}

struct HostSeat {
    token: Token,
    told: HostEar,
    standing: RefCell<Standing>,
    line: RefCell<Option<Line>>,
    /// Requests that wait for a connection.
    queue: RefCell<Vec<(RequestId, Command)>>,
    retry: RefCell<Option<Timeout>>,
}

impl HostSeat {
    /// Opens a socket in the place of the one before, and says whether the browser does.
    fn open(self: &Rc<Self>) -> bool {
        self.change(Standing::open);
        let (token, seat) = (self.token, self.standing.borrow().key());
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
        if self.standing.borrow().is_joined() {
            let event = decode::<Event>(bytes);
            let is_event = event.is_ok();
            match event {
                Ok(event) => {
                    for run in self.change(|standing| standing.hear(&event)) {
                        // No request of the page has this number.
                        self.send(0, Command::Cancel(run));
                    }
                    (self.told)(HostTold::Event(Box::new(event)));
                }
                Err(error) => self.lost(&error.to_string()),
            }
            return is_event;
        }
        match read::<EngineAnswer>(bytes) {
            Ok(EngineAnswer::Joined(key)) => self.joined(key),
            Ok(EngineAnswer::Refused(why)) => {
                self.forget_own_key();
                self.lost(&why.to_string());
            }
            Err(_) => return false,
        }
        true
    }

    fn joined(&self, key: Token) {
        match self.change(|standing| standing.join(key)) {
            Joined::Seat => {}
            Joined::Again => (self.told)(HostTold::Again),
            Joined::Other => {
                forget_key();
                return self.lost(GONE);
            }
        }
        keep_key(key);
        for (id, command) in self.queue.take() {
            self.send(id, command);
        }
    }

    /// The connection has ended, or could not be made.
    fn ended(self: &Rc<Self>) {
        match self.change(Standing::end) {
            Ended::Retry => (self.told)(HostTold::Away(self.standing.borrow().outage())),
            // The key is kept: it may open the seat yet when the class's link is opened again.
            Ended::Lost => return self.lost(LOST),
            Ended::Unanswered => {
                self.forget_own_key();
                return self.lost(NO_ENGINE);
            }
        }
        let seat = Rc::downgrade(self);
        let retry = Timeout::new(RETRY_AFTER_MS, move || {
            if let Some(seat) = seat.upgrade()
                && !seat.open()
            {
                seat.lost(REFUSED);
            }
        });
        self.retry.replace(Some(retry));
    }

    /// Forgets the key of this seat, which opens nothing any more. If it had none, the tab may keep
    /// that of another seat, and that one stays.
    fn forget_own_key(&self) {
        if self.standing.borrow().key().is_some() {
            forget_key();
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Standing) -> T) -> T {
        change(&mut self.standing.borrow_mut())
    }

    fn lost(&self, message: &str) {
        (self.told)(HostTold::Lost(message.to_owned()));
    }

    /// Sends a request, now or as soon as there is a connection; or ends it, if it stays here.
    fn ask(&self, id: RequestId, command: Command, has_files: bool) {
        let asked = match kept_here(&command, has_files) {
            Some(failure) => Asked::End(Outcome::Refused(failure)),
            None => self.standing.borrow().ask(&command),
        };
        match asked {
            Asked::Send => self.send(id, command),
            Asked::Wait => self.queue.borrow_mut().push((id, command)),
            Asked::End(outcome) => {
                let told = self.told.clone();
                let event = Box::new(Event::Ended { request: id, outcome });
                // Whoever asks does not expect an answer before it has asked.
                spawn_local(async move { told(HostTold::Event(event)) });
            }
        }
    }

    fn send(&self, id: RequestId, command: Command) {
        self.change(|standing| standing.sent(id, &command));
        let (command, corrections) = (without_address(command), ClassCorrections::default());
        if let Ok(bytes) = encode(&Request { id, command, corrections })
            && let Some(line) = &*self.line.borrow()
        {
            line.send(&bytes);
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
