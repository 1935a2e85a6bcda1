//! The state of the benchmark.

use std::rc::Rc;

use resnette_protocol::bench::Benchmark;

/// The state of the benchmark.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum BenchmarkState {
    /// Nobody asked for it, or the engine that was asked is gone.
    #[default]
    Unasked,
    /// It was requested and is under way.
    Waiting,
    /// It has ended with these measurements.
    Made(Rc<Benchmark>),
}

impl BenchmarkState {
    /// The engine will not answer any more. What it has answered stays true.
    pub fn give_up(&mut self) {
        if *self == Self::Waiting {
            *self = Self::Unasked;
        }
    }
}
