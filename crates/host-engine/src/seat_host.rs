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
use resnette_protocol::{Command, Event, Failure, Outcome, Request, RequestId, Subsystem, encode};
use resnette_session::{Host, SharedSets};
use resnette_spec::write_run;

use crate::account::Account;
use crate::host_file::{HostFile, Unfetched};
use crate::kept_runs::SeatKeeper;

/// Why a run of the host is not saved by itself: there is no place that belongs to the student.
const NOT_SAVED: &str = "this run is on the class's host, which keeps it while this tab is open and \
                         for ten minutes after that. Save run keeps it as a file";

/// The same where the host keeps the runs of its seats.
const SAVED_HERE: &str = "this run is on the class's host, which keeps it while this tab is open and \
                          for ten minutes after that, and resumes it if the host is started again. \
                          Save run keeps it as a file";

/// What a page is told whose seat another tab has taken over.
const ELSEWHERE: &str = "this run is open in another tab now, and goes on there. Close this tab, or \
                         press Train to start another run";

/// Tells a page that another one has its seat: it would come back and take the seat again.
pub(crate) fn tell_elsewhere(line: &EngineEnd) {
    let failure = Failure { during: Subsystem::Engine, message: ELSEWHERE.into() };
    if let Ok(bytes) = encode(&Event::Failed(failure)) {
        line.tell(bytes);
    }
}

/// A seat as the place where a session runs. Clones are the same place.
#[derive(Clone)]
pub(crate) struct SeatHost(Rc<Place>);

struct Place {
    /// `None` while the page is away: then nobody is told anything, and the run goes on.
    line: RefCell<Option<EngineEnd>>,
    account: RefCell<Account>,
    sets: SharedSets,
    started: Instant,
    /// `None` if the host keeps no runs.
    keeper: Option<RefCell<SeatKeeper>>,
    /// The settings of the runs that were asked for and have not begun, by request.
    asked: RefCell<Vec<(RequestId, String)>>,
}

impl SeatHost {
    /// A place that nobody is connected to.
    pub(crate) fn new(sets: SharedSets, keeper: Option<SeatKeeper>) -> Self {
        let (line, account, asked) = (RefCell::default(), RefCell::default(), RefCell::default());
        let (started, keeper) = (Instant::now(), keeper.map(RefCell::new));
        Self(Rc::new(Place { line, account, sets, started, keeper, asked }))
    }

    /// Connects a page. The connection that there was ends; a page that still hears it is told why.
    pub(crate) fn connect(&self, line: EngineEnd) {
        self.0.account.borrow_mut().other_page();
        if let Some(before) = self.0.line.replace(Some(line)) {
            tell_elsewhere(&before);
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

    /// Takes a request of the page's into the account, and returns it as the session gets it. The
    /// networks of all other seats hold `others` bytes.
    ///
    /// # Errors
    /// Why it is refused.
    pub(crate) fn begin(&self, request: Request, others: u64) -> Result<Request, Failure> {
        let request = self.begin_again(request, others)?;
        if let Command::Train(config) = &request.command {
            self.0.asked.borrow_mut().push((request.id, write_run(config)));
            // The run that there was is held while the pictures come.
            self.goes_on(false);
        }
        Ok(request)
    }

    /// The same for what a page has asked for before the host ended: it is kept already.
    ///
    /// # Errors
    /// Why it is refused.
    pub(crate) fn begin_again(&self, request: Request, others: u64) -> Result<Request, Failure> {
        self.0.account.borrow_mut().begin(request, others)
    }

    /// A run of last time whose network holds so many bytes is the seat's.
    pub(crate) fn restored(&self, held: u64) {
        self.0.account.borrow_mut().restored(held);
    }

    /// Forgets the runs that were kept of the seat.
    pub(crate) fn forget(&self) {
        if let Some(keeper) = &self.0.keeper {
            keeper.borrow().forget();
        }
    }

    /// Takes note of what becomes of the run.
    fn keep_up(&self, event: &Event) {
        let mut asked = self.0.asked.borrow_mut();
        match event {
            // Behind the start of a new run its request ends.
            Event::Started(_) | Event::Resumed if asked.is_empty() => self.goes_on(true),
            Event::Paused | Event::Stopped | Event::Done => self.goes_on(false),
            // A search that fails is no fault of the run.
            Event::Failed(_) if !self.0.account.borrow().is_searching() => self.goes_on(false),
            Event::Ended { request, outcome } => {
                let at = asked.iter().position(|(asked_as, _)| asked_as == request);
                if let (Some(keeper), Some((_, link))) =
                    (&self.0.keeper, at.map(|at| asked.remove(at)))
                    && *outcome == Outcome::Answered
                {
                    keeper.borrow_mut().begun(link);
                }
            }
            _ => {}
        }
    }

    /// The run is under way from now on, or not.
    fn goes_on(&self, goes_on: bool) {
        if let Some(keeper) = &self.0.keeper {
            keeper.borrow_mut().goes_on(goes_on);
        }
    }

    /// Bytes that the seat's networks hold, or are about to.
    pub(crate) fn held(&self) -> u64 {
        self.0.account.borrow().held()
    }

    /// Tells the page, as it is, what is not the session's.
    pub(crate) fn tell(&self, event: &Event) {
        let Ok(bytes) = encode(event) else { return };
        let told = self.0.line.borrow().as_ref().is_none_or(|line| line.tell(bytes));
        if !told {
            // It would miss an event. When it comes back it is told everything again.
            self.hang_up();
        }
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
        self.keep_up(&event);
        // Also while nobody is there to be told.
        let told = self.0.account.borrow_mut().follow(event);
        if let Some(event) = told {
            self.tell(&event);
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

    /// The page hears that nothing is in its browser, also where the host has kept the run.
    async fn save_run(&self, _: Option<SlotId>, run: &Checkpoint) -> Result<Kept, NotKept> {
        let kept = self.0.keeper.as_ref().map(|keeper| keeper.borrow_mut().save(run));
        Err(NotKept::from(match kept {
            None => NOT_SAVED.to_owned(),
            Some(Ok(())) => SAVED_HERE.to_owned(),
            Some(Err(error)) => format!("{NOT_SAVED}. It would be lost if the host ended: {error}"),
        }))
    }

    async fn load_run(&self, _: SlotId) -> Result<(Checkpoint, Option<String>), String> {
        Err("the class's host has no saved runs of this browser".into())
    }

    fn memory(&self, _: &Device) -> Memory {
        // What the host takes is shared by all seats, and nothing of it is the tab's.
        Memory { wasm: 0, gpu: None }
    }

    fn dispatches(&self) -> Option<f64> {
        None
    }
}
