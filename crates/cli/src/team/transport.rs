//! The numbers that ranks exchange, by MPI.
//!
//! MPI itself never notices that another process hangs, so no call here waits without a limit: each
//! begins the exchange, asks again and again whether it has ended, and ends all ranks if it has not
//! in time.

use std::thread;
use std::time::{Duration, Instant};

use mpi::collective::SystemOperation;
use mpi::request::{Request, Scope, scope};
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, CommunicatorCollectives};
use resnette_engine::train::team::{Team, TeamError};

use super::ranks::{abort, name};
use crate::output::{set_quiet, tell};

/// How long is asked without a pause. Ranks with the same work are there within a few milliseconds.
const WITHOUT_PAUSE: Duration = Duration::from_millis(20);
/// The pause between two questions after that.
const PAUSE: Duration = Duration::from_micros(200);
/// The exit status of a run that a rank has ended because others did not answer.
const NO_ANSWER: i32 = 1;

/// A team of the processes that mpirun or srun has started.
pub struct MpiTeam {
    world: SimpleCommunicator,
    limit: Duration,
}

impl MpiTeam {
    /// All ranks of `world`, for which this one waits no longer than `limit`.
    pub fn new(world: SimpleCommunicator, limit: Duration) -> Self {
        Self { world, limit }
    }
}

impl Team for MpiTeam {
    fn rank(&self) -> u32 {
        self.world.rank() as u32
    }

    fn size(&self) -> u32 {
        self.world.size() as u32
    }

    fn share_out(&mut self, pieces: &[f32]) -> Result<Vec<f32>, TeamError> {
        check_length(pieces.len())?;
        let (world, limit) = (&self.world, self.limit);
        let mut all = vec![0.0f32; pieces.len()];
        let into = &mut all[..];
        scope(move |scope| {
            complete(world, world.immediate_all_to_all_into(scope, pieces, into), limit);
        });
        Ok(all)
    }

    fn gather(&mut self, own: &[f32]) -> Result<Vec<f32>, TeamError> {
        let (world, limit) = (&self.world, self.limit);
        let length = own.len().saturating_mul(world.size() as usize);
        check_length(length)?;
        let mut all = vec![0.0f32; length];
        let into = &mut all[..];
        scope(move |scope| {
            complete(world, world.immediate_all_gather_into(scope, own, into), limit);
        });
        Ok(all)
    }

    fn sum(&mut self, numbers: &mut [f32]) -> Result<(), TeamError> {
        check_length(numbers.len())?;
        let (world, limit) = (&self.world, self.limit);
        let own = numbers.to_vec();
        let own = &own[..];
        scope(move |scope| {
            let sum = SystemOperation::sum();
            complete(world, world.immediate_all_reduce_into(scope, own, numbers, sum), limit);
        });
        Ok(())
    }
}

/// MPI counts in 32 bits.
fn check_length(length: usize) -> Result<(), TeamError> {
    match i32::try_from(length) {
        Ok(_) => Ok(()),
        Err(_) => Err(TeamError::Transport(format!("{length} numbers are too many for MPI"))),
    }
}

/// Waits until an exchange is done. If it is not within `limit`, all ranks are ended: what the
/// others still write to cannot be taken back from MPI.
pub(super) fn complete<'a, D: ?Sized, S: Scope<'a>>(
    world: &SimpleCommunicator,
    mut request: Request<'a, D, S>,
    limit: Duration,
) {
    let began = Instant::now();
    loop {
        request = match request.test() {
            Ok(_) => return,
            Err(unfinished) => unfinished,
        };
        let waited = began.elapsed();
        if waited > limit {
            set_quiet(false);
            tell(format_args!(
                "{} has waited {} s for the other ranks, so the run ends on all of them: one of \
                 them hangs, or its computer cannot be reached. What was saved is kept; \
                 docs/cluster.md says how to go on with it. Where a rank only takes long, give a \
                 larger --team-wait",
                name(world),
                limit.as_secs()
            ));
            abort(world, NO_ANSWER);
        }
        if waited < WITHOUT_PAUSE {
            thread::yield_now();
        } else {
            thread::sleep(PAUSE);
        }
    }
}
