//! How long each test took: where the time of the whole suite goes.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

static TESTS: Mutex<Vec<(Duration, String)>> = Mutex::new(Vec::new());

/// Measures the test of this name until it is dropped.
pub struct Watch {
    name: String,
    began: Instant,
}

impl Watch {
    pub fn start(name: &str) -> Self {
        Self { name: name.to_owned(), began: Instant::now() }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut tests = TESTS.lock().unwrap_or_else(PoisonError::into_inner);
        tests.push((self.began.elapsed(), std::mem::take(&mut self.name)));
    }
}

/// Prints the slowest tests, if there were many.
pub fn print() {
    let mut tests = TESTS.lock().unwrap_or_else(PoisonError::into_inner);
    if tests.len() < 20 {
        return;
    }
    tests.sort_unstable();
    let slowest: Vec<_> = tests
        .iter()
        .rev()
        .take(SHOWN)
        .map(|(time, name)| format!("{name} {:.0} s", time.as_secs_f64()))
        .collect();
    println!("The slowest tests: {}", slowest.join(", "));
}

const SHOWN: usize = 25;
