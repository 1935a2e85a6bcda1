//! The threads that make pictures ahead, and what takes them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use super::maker::Maker;
use super::queue::Queue;
use super::{Held, Part, StreamError, Wanted};
use crate::parallel;
use crate::sample::Sample;

/// The most threads that make pictures ahead.
const MOST_THREADS: usize = 32;
/// The most pictures that are looked at ahead, so that a batch costs little to plan.
const MOST_AHEAD: usize = 4_096;

/// Makes the pictures of a set when they are needed. A copy is the same stream; its threads end
/// with the last one.
#[derive(Clone)]
pub struct Stream(Arc<Threads>);

/// What a stream has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamStats {
    /// The most bytes that made pictures may take.
    pub limit: u64,
    /// The most that they have taken.
    pub most: u64,
    /// Pictures that were asked for.
    pub asked: u64,
    /// Those of them that were there, or under way, when they were asked for.
    pub found: u64,
    /// Pictures that were made, by threads or by who asked, each as often as it was made.
    pub made: u64,
}

/// What threads and takers share.
struct Shared {
    maker: Maker,
    limit: u64,
    queue: Mutex<Queue>,
    /// There may be something to make.
    work: Condvar,
    /// A picture has been made, or could not be.
    made: Condvar,
}

struct Threads {
    shared: Arc<Shared>,
    running: Vec<JoinHandle<()>>,
}

impl Stream {
    /// A stream whose made pictures take at most `limit` bytes, with as many threads as share other
    /// work.
    pub(crate) fn new(maker: Maker, limit: u64) -> Self {
        let queue = Mutex::new(Queue::new(limit, maker.all_bytes()));
        let (work, made) = (Condvar::new(), Condvar::new());
        let shared = Arc::new(Shared { maker, limit, queue, work, made });
        let start = |_| {
            let shared = shared.clone();
            let thread = thread::Builder::new().name("pictures".into());
            // Where the system gives no more threads, more is made by whoever needs it.
            thread.spawn(move || shared.work()).ok()
        };
        let running = (0..parallel::threads().clamp(1, MOST_THREADS)).filter_map(start).collect();
        Self(Arc::new(Threads { shared, running }))
    }

    /// What has been done so far.
    pub fn stats(&self) -> StreamStats {
        let queue = self.0.shared.lock();
        let Queue { most, asked, found, made, .. } = *queue;
        StreamStats { limit: self.0.shared.limit, most, asked, found, made }
    }

    /// See [`Dataset::samples`](crate::dataset::Dataset::samples).
    pub(super) fn take(
        &self,
        part: Part,
        wanted: &[usize],
        ahead: impl FnOnce(usize) -> Vec<Wanted>,
    ) -> Result<Vec<Held<'static>>, StreamError> {
        let shared = &self.0.shared;
        let wanted: Vec<Wanted> = wanted.iter().map(|&index| (part, index)).collect();
        let ahead = ahead(MOST_AHEAD);
        let missing = shared.lock().plan(&wanted, ahead);
        shared.work.notify_all();
        let groups = shared.maker.groups(&missing);
        let made = parallel::map(&groups, |_, group| shared.maker.make_together(group));
        let mut own: HashMap<Wanted, Arc<Sample>> = HashMap::new();
        for (wanted, made) in groups.into_iter().flatten().zip(made.into_iter().flatten()) {
            own.insert(wanted, Arc::new(made?));
        }
        let mut held = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            let sample = match own.remove(&wanted) {
                Some(sample) => {
                    shared.lock().keep_made(wanted, &sample);
                    sample
                }
                None => shared.wait_for(wanted)?,
            };
            held.push(Held::Made(sample));
        }
        shared.work.notify_all();
        Ok(held)
    }
}

impl Shared {
    /// Nothing that is done with the lock can panic halfway, so what it guards is whole in any
    /// case.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A picture that was there or under way, or is made here if it is not any more.
    fn wait_for(&self, wanted: Wanted) -> Result<Arc<Sample>, StreamError> {
        let mut queue = self.lock();
        loop {
            if let Some(sample) = queue.take(wanted) {
                return Ok(sample);
            }
            if !queue.is_making(wanted) {
                break;
            }
            queue = self.made.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        drop(queue);
        // A thread could not make it, and nobody else needs to know why.
        let sample = Arc::new(self.maker.make(wanted)?);
        self.lock().keep_made(wanted, &sample);
        Ok(sample)
    }

    /// Makes pictures until the stream is closed.
    fn work(&self) {
        loop {
            let group = {
                let mut queue = self.lock();
                loop {
                    if queue.is_closed {
                        return;
                    }
                    if let Some(group) = queue.begin(&self.maker) {
                        break group;
                    }
                    queue = self.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
                }
            };
            let mut group = Group { shared: self, wanted: group };
            let made = self.maker.make_together(&group.wanted);
            for (&wanted, made) in group.wanted.iter().zip(made) {
                let bytes = self.maker.bytes(wanted);
                self.lock().end(wanted, bytes, made.ok().map(Arc::new));
                self.made.notify_all();
            }
            group.wanted.clear();
        }
    }
}

/// Pictures that a thread makes. However it ends, nobody waits for them any longer.
struct Group<'a> {
    shared: &'a Shared,
    wanted: Vec<Wanted>,
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        for &wanted in &self.wanted {
            self.shared.lock().end(wanted, self.shared.maker.bytes(wanted), None);
        }
        self.shared.made.notify_all();
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.work.notify_all();
        for thread in self.running.drain(..) {
            // One that has panicked has said so.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stream").field(&self.stats()).finish()
    }
}

impl PartialEq for Stream {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Stream {}
