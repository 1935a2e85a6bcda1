//! What lies between a page's socket and the engine that trains for it: two bounded queues of
//! bytes. What the bytes say is the engine's business, so that nothing here knows of tensors.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use resnette_class::{EngineJoin, EngineRefusal, Token};
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// The most requests of a page that wait for the engine. A page that sends more waits itself.
pub const MAX_REQUESTS: usize = 16;
/// The most events that wait for a page.
pub const MAX_EVENTS: usize = 1_024;
/// The most bytes of events that wait for a page, unless it is a single one. A saved run is the
/// largest.
pub const MAX_EVENT_BYTES: usize = 64 << 20;

/// An engine that trains for pages.
pub trait SeatEngine: Debug + Send + Sync {
    /// Gives a page with the right token a seat: the one that it had, or a new one with the key
    /// `new_key`. The key that opens the seat comes back. Never waits for the engine.
    ///
    /// # Errors
    /// [`EngineRefusal`], and nothing is changed.
    fn take_seat(
        &self,
        join: &EngineJoin,
        new_key: Token,
    ) -> Result<(Token, PageEnd), EngineRefusal>;
}

/// A line without anything on it. `bell` is rung when the page has said something or is gone.
pub fn engine_line(bell: Arc<dyn Fn() + Send + Sync>) -> (PageEnd, EngineEnd) {
    let (asks, requests) = channel(MAX_REQUESTS);
    let (tells, events) = channel(MAX_EVENTS);
    let page = PageEnd { requests: Some(asks), events, bell };
    (page, EngineEnd { requests, events: tells, unsent: Arc::default() })
}

/// The socket's end. Dropping it tells the engine that the page is gone.
pub struct PageEnd {
    /// `None` only while it is dropped.
    requests: Option<Sender<Vec<u8>>>,
    events: Receiver<EventFrame>,
    bell: Arc<dyn Fn() + Send + Sync>,
}

impl PageEnd {
    /// Hands a request over, as soon as there is room for it, and returns whether the engine still
    /// listens.
    pub async fn ask(&self, request: Vec<u8>) -> bool {
        let Some(requests) = &self.requests else { return false };
        let heard = requests.send(request).await.is_ok();
        (self.bell)();
        heard
    }

    /// The next event; `None` once the engine says nothing more.
    pub async fn event(&mut self) -> Option<Vec<u8>> {
        self.events.recv().await.map(EventFrame::into_bytes)
    }
}

impl Drop for PageEnd {
    fn drop(&mut self) {
        // First the end, then the bell: who comes to look has to see it.
        self.requests = None;
        self.events.close();
        (self.bell)();
    }
}

/// What the page has said.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// This request.
    Request(Vec<u8>),
    /// Nothing since it was asked last.
    Nothing,
    /// It is gone.
    Gone,
}

/// The engine's end. Dropping it ends the page's connection behind what was told before.
pub struct EngineEnd {
    requests: Receiver<Vec<u8>>,
    events: Sender<EventFrame>,
    /// Bytes of events that the socket has not taken.
    unsent: Arc<AtomicUsize>,
}

impl EngineEnd {
    /// What the page has said, oldest first.
    pub fn hear(&mut self) -> Heard {
        match self.requests.try_recv() {
            Ok(request) => Heard::Request(request),
            Err(TryRecvError::Empty) => Heard::Nothing,
            Err(TryRecvError::Disconnected) => Heard::Gone,
        }
    }

    /// Sends an event, and returns whether there was room for it. A page that does not take what it
    /// is told is let go, and told again when it comes back.
    pub fn tell(&self, bytes: Vec<u8>) -> bool {
        let size = bytes.len();
        let before = self.unsent.fetch_add(size, Ordering::Relaxed);
        // Counted from here on, and no more once it is dropped, wherever that is.
        let frame = EventFrame { bytes, size, unsent: self.unsent.clone() };
        (before == 0 || before + size <= MAX_EVENT_BYTES) && self.events.try_send(frame).is_ok()
    }
}

/// An event on its way.
struct EventFrame {
    bytes: Vec<u8>,
    size: usize,
    unsent: Arc<AtomicUsize>,
}

impl EventFrame {
    fn into_bytes(mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

impl Drop for EventFrame {
    fn drop(&mut self) {
        self.unsent.fetch_sub(self.size, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::runtime::Builder;

    use super::*;

    fn line() -> (PageEnd, EngineEnd, Arc<AtomicUsize>) {
        let rung = Arc::new(AtomicUsize::new(0));
        let counted = rung.clone();
        let (page, engine) = engine_line(Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        }));
        (page, engine, rung)
    }

    /// Each word of the page rings, and so does its end, which the engine then sees.
    #[test]
    fn the_engine_hears_every_request_and_the_end() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let (page, mut engine, rung) = line();
        assert_eq!(engine.hear(), Heard::Nothing);
        assert!(runtime.block_on(page.ask(vec![1])));
        assert!(runtime.block_on(page.ask(vec![2])));
        assert_eq!(rung.load(Ordering::Relaxed), 2);
        assert_eq!(engine.hear(), Heard::Request(vec![1]));
        drop(page);
        assert_eq!(rung.load(Ordering::Relaxed), 3);
        assert_eq!(engine.hear(), Heard::Request(vec![2]));
        assert_eq!(engine.hear(), Heard::Gone);
        assert!(!engine.tell(vec![3]), "nobody takes it");
    }

    /// A page that takes nothing holds neither more events nor more bytes than allowed.
    #[test]
    fn what_waits_for_a_page_is_bounded() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let (mut page, engine, _) = line();
        let told = (0..2 * MAX_EVENTS).take_while(|_| engine.tell(vec![0; 8])).count();
        assert_eq!(told, MAX_EVENTS);
        assert_eq!(runtime.block_on(page.event()), Some(vec![0; 8]));
        assert!(engine.tell(vec![0; 8]), "there is room for one again");
        let (mut page, engine, _) = line();
        assert!(engine.tell(vec![0; MAX_EVENT_BYTES + 1]), "one alone may be larger");
        assert!(!engine.tell(vec![0]));
        assert_eq!(runtime.block_on(page.event()).unwrap().len(), MAX_EVENT_BYTES + 1);
        assert!(engine.tell(vec![0]), "what was refused is not counted");
        drop(engine);
        assert_eq!(runtime.block_on(page.event()), Some(vec![0]));
        assert_eq!(runtime.block_on(page.event()), None);
    }
}
