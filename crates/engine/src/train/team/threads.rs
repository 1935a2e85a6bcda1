//! A team of threads of one process, for tests.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use super::{Team, TeamError};

/// How long a member waits for another.
const LIMIT: Duration = Duration::from_secs(120);

/// A member of a team of threads.
pub(in crate::train) struct ThreadTeam {
    rank: u32,
    /// To each rank, this one included.
    to: Vec<Sender<Vec<f32>>>,
    /// From each rank.
    from: Vec<Receiver<Vec<f32>>>,
}

impl ThreadTeam {
    /// The members of a team, in the order of their ranks.
    fn all(size: u32) -> Vec<Self> {
        let mut team: Vec<Self> =
            (0..size).map(|rank| Self { rank, to: Vec::new(), from: Vec::new() }).collect();
        for sender in 0..size as usize {
            for receiver in 0..size as usize {
                let (to, from) = channel();
                team[sender].to.push(to);
                team[receiver].from.push(from);
            }
        }
        team
    }

    /// Sends each rank its numbers, and returns what each has sent.
    fn swap(&self, numbers: impl Fn(usize) -> Vec<f32>) -> Result<Vec<Vec<f32>>, TeamError> {
        let lost = |error: &dyn std::fmt::Display| TeamError::Transport(error.to_string());
        for (rank, to) in self.to.iter().enumerate() {
            to.send(numbers(rank)).map_err(|error| lost(&error))?;
        }
        self.from.iter().map(|from| from.recv_timeout(LIMIT).map_err(|e| lost(&e))).collect()
    }
}

impl Team for ThreadTeam {
    fn rank(&self) -> u32 {
        self.rank
    }

    fn size(&self) -> u32 {
        self.to.len() as u32
    }

    fn share_out(&mut self, pieces: &[f32]) -> Result<Vec<f32>, TeamError> {
        let length = pieces.len() / self.to.len();
        Ok(self.swap(|rank| pieces[rank * length..(rank + 1) * length].to_vec())?.concat())
    }

    fn gather(&mut self, own: &[f32]) -> Result<Vec<f32>, TeamError> {
        Ok(self.swap(|_| own.to_vec())?.concat())
    }

    /// From the last rank to the first: nobody may count on an order.
    fn sum(&mut self, numbers: &mut [f32]) -> Result<(), TeamError> {
        let all = self.swap(|_| numbers.to_vec())?;
        numbers.fill(0.0);
        for row in all.iter().rev() {
            numbers.iter_mut().zip(row).for_each(|(sum, number)| *sum += number);
        }
        Ok(())
    }
}

/// What each member of a team of `size` threads makes of its part, in the order of the ranks.
pub(in crate::train) fn in_team<T: Send>(
    size: u32,
    work: impl Fn(ThreadTeam) -> T + Sync,
) -> Vec<T> {
    let work = &work;
    thread::scope(|scope| {
        let members: Vec<_> = ThreadTeam::all(size)
            .into_iter()
            .map(|member| scope.spawn(move || work(member)))
            .collect();
        let ended = members.into_iter().map(|member| member.join());
        ended.map(|ended| ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}
