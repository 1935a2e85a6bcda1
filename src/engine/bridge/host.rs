//! The class's host in the place of a worker.

use std::rc::Rc;

use resnette_protocol::engine::EngineKind;
use resnette_protocol::{Command, Outcome};

use super::worker::Carrier;
use super::{Bridge, Live};
use crate::engine::action::EngineAction;
use crate::engine::host_link::{HostConnect, HostEar, HostTold};
use crate::shell::action::Action;

impl Bridge {
    /// Notes whether the page is in a class, whose host may train.
    pub fn set_joined(&self, joined: bool) {
        self.0.borrow_mut().joined = joined;
    }

    /// Whether the class's host may train.
    pub fn is_joined(&self) -> bool {
        self.0.borrow().joined
    }

    /// The host can be reached from now on. A page that `returns` goes back to the seat that this
    /// tab had, before what has waited is sent: a run would take another seat, and the one of
    /// before could not be reached any more.
    pub fn set_connect(&self, connect: HostConnect, returns: bool) {
        self.0.borrow_mut().connect = Some(connect);
        if returns {
            self.return_to_host();
        }
        self.send_early();
    }

    /// Goes back to the seat that this tab had at the host when the class's link is opened in it
    /// again, unless an engine runs by now. What is there is told as if the page had been there.
    fn return_to_host(&self) {
        let is_free = self.0.borrow().live.is_none();
        if is_free && let Err(message) = self.start_host(true) {
            self.fail(message);
        }
    }

    pub(super) fn start_host(&self, returns: bool) -> Result<(), String> {
        let connect = self.0.borrow().connect.clone();
        let bridge = self.clone();
        let told: HostEar = Rc::new(move |told| match told {
            HostTold::Event(event) => bridge.heard(*event),
            HostTold::Away(words) => {
                bridge.dispatch(Action::Engine(EngineAction::Away(words)));
            }
            HostTold::Again => bridge.came_back(),
            HostTold::Lost(message) => bridge.lost(&message),
        });
        let send = connect.and_then(|connect| connect(told, returns));
        let send = send.ok_or("this browser does not connect to the class’s host")?;
        // `HostSend` decides what becomes of requests until there is a connection.
        let live = Live {
            carrier: Carrier::Host(send),
            kind: EngineKind::Host,
            waiting: None,
            _alarm: None,
        };
        let watching = {
            let mut inner = self.0.borrow_mut();
            inner.live = Some(live);
            inner.watching.clone()
        };
        if watching.is_some() {
            self.post(Command::Watch(watching));
        }
        Ok(())
    }

    /// The connection was made again: what was asked before is not answered any more, and what
    /// there is will be told.
    fn came_back(&self) {
        let ended = {
            let mut inner = self.0.borrow_mut();
            inner.takers.clear();
            inner.pending.end_all()
        };
        for kind in ended {
            self.dispatch(Action::RequestEnded(kind, Outcome::Cancelled));
        }
        self.dispatch(Action::Engine(EngineAction::CameBack));
    }
}
