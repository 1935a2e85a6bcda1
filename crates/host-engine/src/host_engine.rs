//! The engine's thread, and how sockets come to it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle, Thread};
use std::time::Instant;

use burn::tensor::Device;
use resnette_class::limits::VERSION;
use resnette_class::{EngineJoin, EngineRefusal, Token};
use resnette_class_host::engine_line::{PageEnd, SeatEngine, engine_line};
use resnette_image_parquet::source::SourceError;
use resnette_images::load::disk::DiskFile;
use resnette_images::problems::Problems;
use resnette_picture::report::Problem;
use resnette_protocol::engine::{EngineInfo, EngineKind};
use resnette_protocol::version::VERSION as PROTOCOL;
use resnette_protocol::{Command, Outcome, Request};
use resnette_session::{Engine, SharedSets};

use crate::admission::admit;
use crate::desk::Desk;
use crate::host_file::HostFile;
use crate::kept_runs::{Found, KeptRuns, KeptRunsError, KeptSeat};
use crate::limits::MAX_SETS_BYTES;
use crate::seat::Shared;
use crate::seats::Seats;

/// Stack of the engine's thread, in bytes: that of a program's main thread.
const STACK_BYTES: usize = 8 << 20;

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum HostEngineError {
    /// The folder of pictures cannot be read.
    #[error("the pictures for the class cannot be read: {0}")]
    Pictures(#[from] SourceError),
    /// Runs cannot be kept.
    #[error(transparent)]
    Runs(#[from] KeptRunsError),
    /// The system gives no thread.
    #[error("the system gives no thread for the engine: {0}")]
    Thread(#[from] io::Error),
}

/// What the thread and the sockets share.
#[derive(Default)]
struct Office {
    desk: Mutex<Desk>,
    is_closed: AtomicBool,
    turns: AtomicU64,
}

impl Office {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An engine that gives pages seats. Dropping it ends all of them.
pub struct HostEngine {
    office: Arc<Office>,
    thread: Thread,
    running: Option<JoinHandle<()>>,
    problems: Vec<Problem>,
}

impl HostEngine {
    /// Starts an engine on the CPU. `pictures` is a folder, an archive or a parquet file that
    /// students may train on (`source=files`); without it they have the drawn ones. `runs` is a
    /// folder in which the runs of the seats are kept: those that are in it go on.
    ///
    /// # Errors
    /// [`HostEngineError`]
    pub fn start(pictures: Option<PathBuf>, runs: Option<&Path>) -> Result<Self, HostEngineError> {
        let mut problems = Problems::default();
        let files = match pictures {
            Some(path) => DiskFile::open_telling(&path, &mut problems)?,
            None => Vec::new(),
        };
        let office = Arc::new(Office::default());
        let runs = runs.map(KeptRuns::open).transpose()?;
        let kept = match &runs {
            Some(runs) => take_up(&mut office.desk(), runs, !files.is_empty(), &mut problems)?,
            None => Vec::new(),
        };
        let shared = office.clone();
        let running = thread::Builder::new()
            .name("engine".into())
            .stack_size(STACK_BYTES)
            .spawn(move || serve(&shared, files, runs, kept))?;
        let thread = running.thread().clone();
        Ok(Self { office, thread, running: Some(running), problems: problems.into_vec() })
    }

    /// What of the pictures was left out, for a person.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Turns in which a seat had something to do, since the start.
    pub fn turns(&self) -> u64 {
        self.office.turns.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for HostEngine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HostEngine(…)")
    }
}

impl SeatEngine for HostEngine {
    fn take_seat(
        &self,
        join: &EngineJoin,
        new_key: Token,
    ) -> Result<(Token, PageEnd), EngineRefusal> {
        if join.version != VERSION || join.protocol != PROTOCOL {
            return Err(EngineRefusal::OtherVersion);
        }
        let thread = self.thread.clone();
        let (page, line) = engine_line(Arc::new(move || thread.unpark()));
        let key = self.office.desk().take(join.seat, new_key, line)?;
        self.thread.unpark();
        Ok((key, page))
    }
}

impl Drop for HostEngine {
    fn drop(&mut self) {
        self.office.is_closed.store(true, Ordering::Release);
        self.thread.unpark();
        if let Some(running) = self.running.take() {
            // One that panicked has ended too.
            let _ = running.join();
        }
    }
}

/// Gives the desk the seats of last time, and returns them. What the host would not take from a
/// page it does not take from a file either; it is told, and left where it is.
fn take_up(
    desk: &mut Desk,
    runs: &KeptRuns,
    has_folder: bool,
    problems: &mut Problems,
) -> Result<Vec<KeptSeat>, KeptRunsError> {
    let Found { mut seats, last, left } = runs.read()?;
    for (file, reason) in left {
        problems.add(file, format!("it was left where it is: {reason}"));
    }
    desk.count_from(last);
    let now = Instant::now();
    seats.retain(|seat| {
        let command = Command::Train(seat.run.config().clone());
        let request = Request { id: 0, command, corrections: Default::default() };
        match admit(request, has_folder) {
            Ok(_) => desk.take_up(seat.id, seat.key, now),
            Err(Outcome::Refused(failure)) => {
                let reason = format!("it was left where it is: {}", failure.message);
                problems.add(format!("the run of seat {}", seat.id), reason);
                return false;
            }
            Err(_) => return false,
        }
        true
    });
    Ok(seats)
}

/// The thread's whole life.
fn serve(office: &Office, files: Vec<DiskFile>, runs: Option<KeptRuns>, kept: Vec<KeptSeat>) {
    let info = EngineInfo { kind: EngineKind::Host, device: "the class's host".into() };
    let mut seats = Seats::new(Shared {
        engine: Engine { device: Device::flex(), info, read_every: 1, groups_in_flight: 1 },
        sets: SharedSets::new(MAX_SETS_BYTES),
        files: files.into_iter().map(HostFile::new).collect(),
        runs,
        thread: thread::current(),
    });
    let started = Instant::now();
    for seat in kept {
        seats.take_up(seat, started);
    }
    while !office.is_closed.load(Ordering::Acquire) {
        let arrivals = {
            let mut desk = office.desk();
            // Those that had to make room.
            let ended: Vec<u32> =
                seats.standing().map(|(id, _)| id).filter(|id| !desk.knows(*id)).collect();
            let arrivals = desk.arrivals();
            drop(desk);
            seats.end(|seat| ended.contains(&seat.id));
            arrivals
        };
        for arrival in arrivals {
            seats.arrive(arrival);
        }
        let now = Instant::now();
        let has_worked = seats.round(now);
        seats.expire(now);
        office.turns.store(seats.turns, Ordering::Relaxed);
        let standing: Vec<_> = seats.standing().collect();
        office.desk().update(&standing);
        if has_worked {
            continue;
        }
        // Whoever has something for the thread unparks it, before or after this.
        match seats.until_next_end(now) {
            Some(wait) => thread::park_timeout(wait),
            None => thread::park(),
        }
    }
}
