//! A page's place at the engine: its session, which does one unit of work a turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread::Thread;
use std::time::Instant;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use resnette_class::Token;
use resnette_class_host::engine_line::{EngineEnd, Heard};
use resnette_protocol::persistence::{ContinueRun, SavedRunSource};
use resnette_protocol::{Command, Event, Failure, Outcome, Request, Subsystem, decode};
use resnette_session::{Engine, Inbox, Session, SharedSets};
use resnette_spec::Source;
use resnette_spec::run_time::StepWork;

use crate::account::held_bytes;
use crate::admission::{Admitted, admit};
use crate::host_file::HostFile;
use crate::kept_runs::{KeptRun, KeptRuns, KeptSeat, SeatKeeper};
use crate::limits::MAX_NETWORKS_BYTES;
use crate::seat_host::SeatHost;

/// What the page is told of a seat that broke.
const BROKE: &str = "your run on the class's host crashed; no other run did. The table is kept, \
                     the network is lost; press Train to start again, with fewer or smaller \
                     pictures if it happens twice";

/// What all seats use.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) sets: SharedSets,
    /// The files of the host's folder; none if it has no pictures of its own.
    pub(crate) files: Vec<HostFile>,
    /// Where the runs of the seats are kept; `None` if they are not.
    pub(crate) runs: Option<KeptRuns>,
    /// The engine's thread, which sleeps while no seat has anything to do.
    pub(crate) thread: Thread,
}

/// Whether a seat has something to do. Whoever wakes it wakes the engine's thread too.
struct Ready {
    is_set: AtomicBool,
    thread: Thread,
}

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_set.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// A seat.
pub(crate) struct Seat {
    /// Its number, which no other seat has had.
    pub(crate) id: u32,
    /// Since when its page is gone; `None` while it is there.
    pub(crate) away: Option<Instant>,
    host: SeatHost,
    inbox: Inbox<HostFile>,
    /// The session, which never ends by itself.
    work: LocalBoxFuture<'static, ()>,
    ready: Arc<Ready>,
}

impl Seat {
    /// A seat with an idle session, and without a page.
    pub(crate) fn new(id: u32, key: Token, shared: &Shared) -> Self {
        let keeper = shared.runs.as_ref().map(|runs| SeatKeeper::new(runs, id, key));
        Self::with(id, keeper, shared)
    }

    /// A seat as it was when the host ended, without a page. A run that was under way is resumed if
    /// there is still room for it; one that was saved is shown to its page in any case. The networks
    /// of all other seats hold `others` bytes.
    pub(crate) fn take_up(kept: KeptSeat, shared: &Shared, others: u64, now: Instant) -> Self {
        let keeper = shared.runs.as_ref().map(|runs| SeatKeeper::again(runs, &kept));
        let seat = Self { away: Some(now), ..Self::with(kept.id, keeper, shared) };
        let source = kept.run.config().data.source;
        let held = held_bytes(&StepWork::of(kept.run.config()));
        let goes_on = kept.goes_on && others + held <= MAX_NETWORKS_BYTES;
        let ask = |command| {
            let request = Request { id: 0, command, corrections: Default::default() };
            if let Ok(request) = seat.host.begin_again(request, others) {
                let files = if source == Source::Files { shared.files.clone() } else { Vec::new() };
                seat.inbox.push(request, files);
            }
        };
        match kept.run {
            KeptRun::Saved(_, bytes) => {
                ask(Command::OpenRun { name: "the run that was kept".into(), bytes });
                seat.host.restored(held);
                if goes_on {
                    let origin = SavedRunSource::Opened;
                    ask(Command::Continue(ContinueRun { origin, source }));
                }
            }
            KeptRun::Begun(config) if goes_on => ask(Command::Train(*config)),
            KeptRun::Begun(_) => {}
        }
        seat
    }

    fn with(id: u32, keeper: Option<SeatKeeper>, shared: &Shared) -> Self {
        let host = SeatHost::new(shared.sets.clone(), keeper);
        let inbox = Inbox::default();
        let session = Session::new(host.clone(), shared.engine.clone(), inbox.clone());
        let ready = Ready { is_set: AtomicBool::new(true), thread: shared.thread.clone() };
        let work = session.run().boxed_local();
        Self { id, away: None, host, inbox, work, ready: Arc::new(ready) }
    }

    /// A page has come, which is told what there is. If there was another one, its connection ends.
    pub(crate) fn arrive(&mut self, line: EngineEnd) {
        self.host.connect(line);
        self.away = None;
        self.inbox.greet();
    }

    /// Forgets what was kept of it, since it ends.
    pub(crate) fn forget(&self) {
        self.host.forget();
    }

    /// Bytes that its networks hold between two steps, or are about to.
    pub(crate) fn held(&self) -> u64 {
        self.host.held()
    }

    /// Takes a request of the page's, and does a unit of work if there is one. Returns whether
    /// there was any of this. The networks of all other seats hold `others` bytes.
    pub(crate) fn turn(&mut self, shared: &Shared, others: u64, now: Instant) -> bool {
        // A session that works on a request takes the next one afterwards. The line has room for a
        // few more, and a page that sends yet more has to wait.
        let has_heard = self.inbox.is_empty() && self.hear(shared, others);
        let has_worked = self.ready.is_set.swap(false, Ordering::Acquire);
        if has_worked {
            let waker = Waker::from(self.ready.clone());
            let _ = self.work.as_mut().poll(&mut Context::from_waker(&waker));
        }
        if self.host.is_away() {
            self.away.get_or_insert(now);
        }
        has_heard || has_worked
    }

    fn hear(&self, shared: &Shared, others: u64) -> bool {
        match self.host.hear() {
            Heard::Request(bytes) => {
                match decode::<Request>(&bytes) {
                    Ok(request) => self.take(request, shared, others),
                    Err(error) => {
                        self.fail(error.to_string());
                    }
                }
                true
            }
            Heard::Nothing => false,
            Heard::Gone => {
                self.host.hang_up();
                false
            }
        }
    }

    fn take(&self, request: Request, shared: &Shared, others: u64) {
        let id = request.id;
        let taken = admit(request, !shared.files.is_empty()).and_then(|admitted| {
            let Admitted { request, wants_files } = admitted;
            let request = self.host.begin(request, others).map_err(Outcome::Refused)?;
            Ok((request, if wants_files { shared.files.clone() } else { Vec::new() }))
        });
        match taken {
            Ok((request, files)) => self.inbox.push(request, files),
            Err(outcome) => self.host.tell(&Event::Ended { request: id, outcome }),
        }
    }

    /// Tells the page that the seat has broken, and ends its connection.
    pub(crate) fn broke(&self) {
        self.fail(BROKE.into());
    }

    fn fail(&self, message: String) {
        self.host.tell(&Event::Failed(Failure { during: Subsystem::Engine, message }));
        self.host.hang_up();
    }

    /// Puts other work in the place of the session.
    #[cfg(test)]
    pub(crate) fn replace_work(&mut self, work: impl Future<Output = ()> + 'static) {
        self.work = work.boxed_local();
        self.ready.is_set.store(true, Ordering::Release);
    }
}
