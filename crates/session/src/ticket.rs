//! The end of a request, which comes exactly once.

use resnette_protocol::{Event, Failure, Outcome, RequestId, Subsystem};

use crate::host::Host;

/// A request that has not ended yet. Whoever holds the ticket ends the request, and a ticket that
/// is dropped cancels it: no request can be forgotten, and none can end twice.
#[must_use = "a dropped ticket cancels its request"]
pub struct Ticket<H: Host> {
    request: RequestId,
    /// `None` once the request has ended.
    host: Option<H>,
}

impl<H: Host> Ticket<H> {
    /// The ticket of a request that has just come in.
    pub fn new(request: RequestId, host: H) -> Self {
        Self { request, host: Some(host) }
    }

    /// The id of the request.
    pub fn request(&self) -> RequestId {
        self.request
    }

    /// What was asked for has been done; its answer, if it has one, was posted before.
    pub fn answered(self) {
        self.end(Outcome::Answered);
    }

    /// What was asked for cannot be done, for a reason that a person can read.
    pub fn refused(self, during: Subsystem, reason: impl ToString) {
        self.end(Outcome::Refused(Failure { during, message: reason.to_string() }));
    }

    /// What was asked for is not wanted any more.
    pub fn cancelled(self) {
        self.end(Outcome::Cancelled);
    }

    fn end(mut self, outcome: Outcome) {
        if let Some(host) = self.host.take() {
            host.post(Event::Ended { request: self.request, outcome });
        }
    }
}

impl<H: Host> Drop for Ticket<H> {
    fn drop(&mut self) {
        if let Some(host) = self.host.take() {
            host.post(Event::Ended { request: self.request, outcome: Outcome::Cancelled });
        }
    }
}
