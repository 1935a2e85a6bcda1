//! What an engine says: events go to the page's state, files to whoever asked for them.

use js_sys::{Array, Uint8Array};
use resnette_protocol::version::VERSION;
use resnette_protocol::{Command, Event, Failure, Outcome, RequestId, Subsystem, decode};
use wasm_bindgen::{JsCast, JsValue};

use super::Bridge;
use super::worker::Carrier;
use crate::engine::action::EngineAction;
use crate::engine::message::deliver;
use crate::engine::pending::RequestKind;
use crate::shell::action::Action;
use crate::shell::platform;

impl Bridge {
    /// The worker listens: it is told what is watched, and gets what has waited for it.
    fn deliver_waiting(&self, waiting: &[(RequestId, Array)]) {
        let watching = self.0.borrow().watching.clone();
        if watching.is_some() {
            self.post(Command::Watch(watching));
        }
        let failed = {
            let inner = self.0.borrow();
            match inner.live.as_ref().map(|live| &live.carrier) {
                Some(Carrier::Worker { worker, .. }) => {
                    waiting.iter().find_map(|(_, message)| deliver(worker, message).err())
                }
                _ => None,
            }
        };
        if let Some(message) = failed {
            self.fail(message);
        }
    }

    /// A file has come from the worker, which answers requests for files in their order.
    fn on_file(&self, name: &str, bytes: Vec<u8>) {
        let taker = {
            let mut inner = self.0.borrow_mut();
            let oldest = inner.pending.oldest(RequestKind::SaveFile);
            oldest.and_then(|id| inner.takers.remove(&id))
        };
        if let Some(taker) = taker {
            // Whoever asked may be gone by now.
            let _ = taker.send(bytes);
        } else if let Err(message) = platform::save(name, "application/octet-stream", &bytes) {
            let during = Subsystem::Model;
            self.dispatch(Action::Failed(Failure { during, message }));
        }
    }

    pub(super) fn on_message(&self, data: &JsValue) {
        let bytes =
            data.dyn_ref::<Array>().and_then(|parts| parts.get(0).dyn_into::<Uint8Array>().ok());
        let event = bytes.map(|bytes| decode::<Event>(&bytes.to_vec()));
        if let Some(Ok(Event::Building)) = event {
            // The engine does not listen yet, so what waits for it can still be stopped.
            return self.dispatch(Action::Event(Box::new(Event::Building)));
        }
        let version = data.dyn_ref::<Array>().and_then(|parts| parts.get(1).as_string());
        if version.as_deref() != Some(VERSION) {
            return self.other_version();
        }
        // The first message says that the worker listens.
        let waiting = self.0.borrow_mut().live.as_mut().and_then(|live| live.waiting.take());
        if let Some(waiting) = waiting {
            self.deliver_waiting(&waiting);
        }
        match event {
            Some(Ok(event)) => self.heard(event),
            Some(Err(error)) => self.fail(error.to_string()),
            None => {
                let message = "the engine sent a message that the page cannot read. What was saved \
                               is kept; reload the page";
                self.fail(message.into());
            }
        }
    }

    /// The engine has said this.
    pub(super) fn heard(&self, event: Event) {
        match event {
            Event::Model { name, bytes } => self.on_file(&name, bytes),
            Event::Ended { request, outcome } => self.ended(request, outcome),
            event => {
                if let Event::Loaded(report) = &event
                    && report.opened.is_some()
                {
                    self.0.borrow_mut().file_classes = Some(report.classes.len() as u32);
                }
                // An engine that could not start, or that lost its device, does not answer any
                // more.
                let dead =
                    matches!(&event, Event::Failed(failure) if failure.during == Subsystem::Engine);
                self.dispatch(Action::Event(Box::new(event)));
                if dead {
                    self.end();
                }
            }
        }
    }

    /// The worker is of another version, because the page was updated since it was opened: neither
    /// would understand the other, so the worker is ended before it is asked anything.
    fn other_version(&self) {
        self.end();
        self.dispatch(Action::Engine(EngineAction::OtherVersion));
        self.fail(
            "the engine is of another version than this page, which was updated since it was \
             opened. What was saved is kept; reload the page"
                .into(),
        );
    }

    /// A request has ended. An engine that cannot do what is asked of engines is not used again.
    fn ended(&self, request: RequestId, outcome: Outcome) {
        let kind = {
            let mut inner = self.0.borrow_mut();
            inner.takers.remove(&request);
            inner.pending.end(request)
        };
        let Some(kind) = kind else { return };
        let dead = matches!(&outcome, Outcome::Refused(Failure { during: Subsystem::Engine, .. }));
        self.dispatch(Action::RequestEnded(kind, outcome));
        if dead {
            self.end();
        }
    }
}
