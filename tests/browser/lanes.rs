//! How many tests run side by side. Nearly all of them draw or train for as long as they last, and
//! as many as were asked for fill the cores; more would make each other late. A few wait for limits
//! of the page's own in between, and one of those runs beside the others.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use libtest_mimic::{Arguments, Trial};

/// Tests that wait: for browsers that never answer, and for what fades.
const WAITING: [&str; 3] = [
    "withheld::every_function_in_every_way",
    "withheld::a_gpu_without_a_device",
    "projector::the_run_alone_on_one_screen",
];

/// Lanes that no test is in.
struct Free {
    working: usize,
    waiting: usize,
}

impl Free {
    fn of_kind(&mut self, waits: bool) -> &mut usize {
        if waits { &mut self.waiting } else { &mut self.working }
    }
}

static FREE: Mutex<Free> = Mutex::new(Free { working: 1, waiting: 1 });
static LEFT: Condvar = Condvar::new();

fn free() -> MutexGuard<'static, Free> {
    FREE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens as many lanes as tests were to run side by side (`--test-threads`, else one a core), and
/// one more for those that wait, which begin first: each of them holds a thread until its turn.
///
/// # Panics
/// If there is no test of a name in [`WAITING`].
pub fn open(arguments: &mut Arguments, tests: &mut [Trial]) {
    for name in WAITING {
        assert!(tests.iter().any(|test| test.name() == name), "no test is named {name}");
    }
    tests.sort_by_key(|test| !WAITING.contains(&test.name()));
    let cores = || thread::available_parallelism().map_or(1, |cores| cores.get());
    let lanes = arguments.test_threads.unwrap_or_else(cores);
    // One at a time was asked for, and is what one thread does.
    if lanes > 1 {
        free().working = lanes;
        arguments.test_threads = Some(lanes + WAITING.len());
    }
}

/// A test's lane, free for the next one when this is dropped.
pub struct Lane {
    waits: bool,
}

impl Lane {
    /// Waits for a lane for the test of this name.
    pub fn enter(name: &str) -> Self {
        let waits = WAITING.contains(&name);
        let mut free = free();
        loop {
            let lanes = free.of_kind(waits);
            if *lanes > 0 {
                *lanes -= 1;
                return Self { waits };
            }
            free = LEFT.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        *free().of_kind(self.waits) += 1;
        LEFT.notify_all();
    }
}
