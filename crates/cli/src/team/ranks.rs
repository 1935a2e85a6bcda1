//! The processes that mpirun or srun has started: which of them this is, what of its computer is
//! for it, and how all of them end.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use std::{fs, process, thread};

use anyhow::Context;
use mpi::environment::{Universe, processor_name};
use mpi::request::scope;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, CommunicatorCollectives, Root};
use mpi::{Threading, initialize_with_threading};
use resnette_protocol::saved::run_file;

use super::WAIT;
use super::transport::{MpiTeam, complete};
use crate::device::Seat;
use crate::output::{OutputError, set_quiet, tell};
use crate::stop;
use crate::stop::Stopped;

/// The longest that ranks wait while one does what it does alone: read its pictures, which takes
/// one computer longer than another, or write the results at the end, which rank 0 does.
const FOR_WORK_ALONE: Duration = Duration::from_secs(30 * 60);
/// How long another rank than the first keeps an error to itself: where all of them have the same,
/// the first one tells it and ends all. It is less than anybody waits for another (`--team-wait`),
/// so that the error is told before the silence.
const FIRST_SPEAKS: Duration = Duration::from_secs(3);
/// How long MPI may take to end all ranks before this one ends itself.
const MPI_ENDS: Duration = Duration::from_secs(5);

/// This process among the others. MPI ends when it is dropped.
pub struct Ranks {
    world: SimpleCommunicator,
    /// This rank among those of this computer.
    local_rank: u32,
    /// How many ranks this computer has.
    local_size: u32,
    /// Threads for this rank.
    threads: u32,
    /// How long it waits for the others.
    limit: Duration,
    /// Behind all else: what is dropped last ends MPI.
    universe: Universe,
}

impl Ranks {
    /// Starts MPI. `limit` is how long this rank waits for others; for the start itself it waits
    /// 75 seconds at least.
    ///
    /// # Errors
    /// If MPI is running already, or cannot be used beside the engine's threads.
    pub fn start(limit: Duration) -> anyhow::Result<Self> {
        // What follows waits for the other ranks within MPI, which knows no limit.
        let (_until_it_has_started, started) = channel();
        let at_most = limit.max(Duration::from_secs(WAIT));
        thread::Builder::new().spawn(move || end_unless_started(&started, at_most))?;
        // The engine has threads, and this one alone calls MPI.
        let (universe, threading) =
            initialize_with_threading(Threading::Funneled).context("MPI is running already")?;
        anyhow::ensure!(
            threading >= Threading::Funneled,
            "this MPI was built without threads; install Open MPI with them"
        );
        let world = universe.world();
        let here = world.split_shared(world.rank());
        let mut cores_of_all = vec![0u64; here.size() as usize];
        let cores = allowed_cores();
        here.all_gather_into(&cores, &mut cores_of_all[..]);
        // mpirun may have given each rank cores of its own, or the same to several.
        let sharing = cores_of_all.iter().filter(|theirs| **theirs == cores).count();
        let all = thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            local_rank: here.rank() as u32,
            local_size: here.size() as u32,
            threads: (all / sharing.max(1)).max(1) as u32,
            world,
            limit,
            universe,
        })
    }

    /// Which rank this is, counted from 0.
    pub fn rank(&self) -> u32 {
        self.world.rank() as u32
    }

    /// How many there are.
    pub fn size(&self) -> u32 {
        self.world.size() as u32
    }

    /// How many of them this computer has.
    pub fn on_this_computer(&self) -> u32 {
        self.local_size
    }

    /// What of this computer is for this rank.
    pub fn seat(&self) -> Seat {
        let gpu = (self.local_size > 1).then_some(self.local_rank as usize);
        Seat { threads: self.threads, gpu }
    }

    /// What the engine exchanges numbers with.
    pub fn team(&self) -> MpiTeam {
        MpiTeam::new(self.universe.world(), self.limit)
    }

    /// Waits until all ranks have their pictures.
    pub fn wait_for_pictures(&self) {
        self.wait_for_work_alone();
    }

    /// Waits until all ranks have come to the end of the run, and rank 0 has saved it.
    pub fn wait_for_all(&self) {
        self.wait_for_work_alone();
    }

    fn wait_for_work_alone(&self) {
        let limit = self.limit.max(FOR_WORK_ALONE);
        complete(&self.world, self.world.immediate_barrier(), limit);
    }

    /// Replaces `bytes` by those of rank 0.
    pub fn broadcast(&self, bytes: &mut Vec<u8>) {
        let (world, limit) = (&self.world, self.limit);
        let first = world.process_at_rank(0);
        let first = &first;
        let mut length = [bytes.len() as u64];
        let into = &mut length[..];
        scope(move |scope| complete(world, first.immediate_broadcast_into(scope, into), limit));
        bytes.resize(length[0].min(run_file::MAX_FILE_BYTES) as usize, 0);
        let into = &mut bytes[..];
        scope(move |scope| complete(world, first.immediate_broadcast_into(scope, into), limit));
    }

    /// Tells an error and ends all ranks.
    pub fn end_all(&self, error: &anyhow::Error) -> ! {
        if self.rank() > 0 {
            thread::sleep(FIRST_SPEAKS);
        }
        set_quiet(false);
        // What was stopped has said so, and a reader who left wants to hear no more.
        let is_told =
            error.is::<Stopped>() || matches!(error.downcast_ref(), Some(OutputError::NobodyReads));
        if !is_told {
            tell(format_args!("Error on {}: {error:?}", name(&self.world)));
        }
        let status = if error.is::<Stopped>() { stop::EXIT_STATUS.into() } else { 1 };
        abort(&self.world, status)
    }
}

/// Ends all ranks, whatever they do.
pub(super) fn abort(world: &SimpleCommunicator, status: i32) -> ! {
    // MPI asks others to end them, and may wait for an answer.
    let _ = thread::Builder::new().spawn(end_later);
    world.abort(status)
}

/// Ends this rank if MPI has not.
fn end_later() {
    thread::sleep(MPI_ENDS);
    process::abort();
}

/// Ends this rank if MPI has not started within `limit`. It has when the other end of the channel
/// is dropped.
fn end_unless_started(started: &Receiver<()>, limit: Duration) {
    if started.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
        // Nothing of MPI can be asked here: which rank this is, or to end the others. Who started
        // the ranks ends them when one is gone.
        tell(format_args!(
            "the ranks have not found each other within {} s, so the run does not begin: one of \
             them hangs, or a computer cannot be reached by the network that MPI takes. \
             docs/cluster.md says how to name another",
            limit.as_secs()
        ));
        process::abort();
    }
}

/// A rank, for a person: `rank 2 of 4 on node17`.
pub(super) fn name(world: &SimpleCommunicator) -> String {
    let mut name = format!("rank {} of {}", world.rank(), world.size());
    if let Ok(computer) = processor_name() {
        name += &format!(" on {computer}");
    }
    name
}

/// The cores that the system lets this process run on, as a number by which two processes of a
/// computer can be compared. It is the same for all where the system does not tell.
fn allowed_cores() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("Cpus_allowed_list:"));
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The process would end here.
    #[test]
    fn a_start_in_time_ends_nothing() {
        let (until_it_has_started, started) = channel();
        drop(until_it_has_started);
        end_unless_started(&started, Duration::from_secs(60));
    }
}
