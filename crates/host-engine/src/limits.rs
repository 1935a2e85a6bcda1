//! What the seats may take of the host's computer.

use std::time::Duration;

/// The most seats. One whose page is gone makes room for a new one.
pub const MAX_SEATS: usize = 32;
/// How long a seat is kept after its page is gone. Its run goes on meanwhile.
pub const KEPT_FOR: Duration = Duration::from_secs(600);
/// The most memory of a training step, in bytes, as
/// [`StepWork::bytes`](resnette_spec::run_time::StepWork::bytes) counts it. Steps come one after
/// another, so that it is needed once, and not for every seat.
pub(crate) const MAX_STEP_BYTES: u64 = 1_000_000_000;
/// The most memory that a run holds between two steps, in bytes: each parameter with its gradient
/// and its two averages. A race holds as much again.
pub(crate) const MAX_HELD_BYTES: u64 = 200_000_000;
/// The most memory of a set of drawn pictures, in bytes.
pub(crate) const MAX_DRAWN_BYTES: u64 = 400_000_000;
/// The most memory of all pictures in use before another set is loaded, in bytes.
pub(crate) const MAX_SETS_BYTES: u64 = 2_000_000_000;
