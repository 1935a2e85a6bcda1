//! What a session has at the class's host instead of a browser.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};

use burn::tensor::Device;
use resnette_class_host::engine_line::{EngineEnd, Heard};
use resnette_engine::train::checkpoint::Checkpoint;
use resnette_protocol::engine::Memory;
use resnette_protocol::persistence::{Kept, NotKept};
use resnette_protocol::saved::slots::SlotId;
use resnette_protocol::{Event, Failure, Subsystem, encode};
use resnette_session::{Host, SharedSets};

use crate::host_file::{HostFile, Unfetched};

/// Why a run of the host is not saved by itself: there is no place that belongs to the student.
const NOT_SAVED: &str = "this run is on the class's host, which keeps it while this tab is open and \
                         for ten minutes after that. Save run keeps it as a file";

/// What a page is told whose seat another tab has taken over.
const ELSEWHERE: &str = "this run is open in another tab now, and goes on there. Close this tab, or \
                         press Train to start another run";

/// A seat as the place where a session runs. Clones are the same place.
#[derive(Clone)]
pub(crate) struct SeatHost(Rc<Place>);

struct Place {
    /// `None` while the page is away: then nobody is told anything, and the run goes on.
    line: RefCell<Option<EngineEnd>>,
    sets: SharedSets,
    started: Instant,
}

impl SeatHost {
    /// A place that nobody is connected to.
    pub(crate) fn new(sets: SharedSets) -> Self {
        Self(Rc::new(Place { line: RefCell::default(), sets, started: Instant::now() }))
    }

    /// Connects a page. The connection that there was ends; a page that still hears it is told why,
    /// or it would come back and take the seat again.
    pub(crate) fn connect(&self, line: EngineEnd) {
        let Some(before) = self.0.line.replace(Some(line)) else { return };
        let failure = Failure { during: Subsystem::Engine, message: ELSEWHERE.into() };
        if let Ok(bytes) = encode(&Event::Failed(failure)) {
            before.tell(bytes);
        }
    }

    /// Ends the connection, behind what was told before.
    pub(crate) fn hang_up(&self) {
        self.0.line.replace(None);
    }

    /// Whether nobody is connected.
    pub(crate) fn is_away(&self) -> bool {
        self.0.line.borrow().is_none()
    }

    /// What the page has said, oldest first.
    pub(crate) fn hear(&self) -> Heard {
        self.0.line.borrow_mut().as_mut().map_or(Heard::Nothing, EngineEnd::hear)
    }
}

impl Host for SeatHost {
    type File = HostFile;
    type Remote = Unfetched;

    fn post(&self, event: Event) {
        let Ok(bytes) = encode(&event) else { return };
        let told = self.0.line.borrow().as_ref().is_none_or(|line| line.tell(bytes));
        if !told {
            // It would miss an event. When it comes back it is told everything again.
            self.hang_up();
        }
    }

    fn now(&self) -> Duration {
        self.0.started.elapsed()
    }

    /// Ends the seat's turn: it is ready for the next one at once.
    async fn pause(&self) {
        let mut passed = false;
        poll_fn(|context| {
            if std::mem::replace(&mut passed, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    fn shared_sets(&self) -> Option<SharedSets> {
        Some(self.0.sets.clone())
    }

    async fn open(&self, _: String, name: String, _: Option<Rc<Cell<bool>>>) -> Unfetched {
        Unfetched(name)
    }

    async fn save_run(&self, _: Option<SlotId>, _: &Checkpoint) -> Result<Kept, NotKept> {
        Err(NotKept::from(NOT_SAVED.to_owned()))
    }

    async fn load_run(&self, _: SlotId) -> Result<(Checkpoint, Option<String>), String> {
        Err("the class's host keeps no saved runs".into())
    }

    fn memory(&self, _: &Device) -> Memory {
        // What the host takes is shared by all seats, and nothing of it is the tab's.
        Memory { wasm: 0, gpu: None }
    }

    fn dispatches(&self) -> Option<f64> {
        None
    }
}
