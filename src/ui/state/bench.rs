//! How fast the engine is in this browser.

use std::rc::Rc;

use resnette_protocol::bench::Benchmark;

/// Where the benchmark is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Bench {
    /// Nobody asked, or the engine that was asked is gone.
    #[default]
    Unasked,
    /// It was asked for.
    Waiting,
    /// It was made.
    Made(Rc<Benchmark>),
}

impl Bench {
    /// The engine will not answer any more; what it has answered stays true.
    pub fn give_up(&mut self) {
        if *self == Self::Waiting {
            *self = Self::Unasked;
        }
    }
}
