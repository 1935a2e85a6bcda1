//! What the bridge knows of the class's host: how to connect to it, and what comes back. The socket
//! is in the part of the page that only a join link fetches (`src/class/host_seat.rs`).

use std::rc::Rc;

use resnette_protocol::{Command, Event, RequestId};

/// What comes from the host.
pub enum HostTold {
    /// An event of its engine.
    Event(Box<Event>),
    /// The connection is broken and is being made again, in words for the reader.
    Away(&'static str),
    /// The connection was broken and is there again. What was asked before is not answered any
    /// more; the page is told all that there is.
    Again,
    /// It is gone, or does not take the page, for this reason.
    Lost(String),
}

/// Who hears it.
pub type HostEar = Rc<dyn Fn(HostTold)>;
/// Sends a request; whether the reader has opened files, which do not go with it. Dropping it ends
/// the connection.
pub type HostSend = Box<dyn Fn(RequestId, Command, bool)>;
/// Opens a connection: to the seat that the page had before, or to a new one. `None` if the browser
/// opens none. It is never called back before it has returned.
pub type HostConnect = Rc<dyn Fn(HostEar, bool) -> Option<HostSend>>;
