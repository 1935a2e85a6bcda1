//! What the seats may take of the host's computer.

use std::time::Duration;

use resnette_class::limits::SEAT_KEPT_FOR;

/// The most seats. One whose page is gone makes room for a new one.
pub const MAX_SEATS: usize = 32;
/// How long a seat is kept after its page is gone. Its run goes on meanwhile.
pub const KEPT_FOR: Duration = SEAT_KEPT_FOR;
/// The most memory of a training step, in bytes, as
/// [`StepWork::bytes`](resnette_spec::run_time::StepWork::bytes) counts it. Steps come one after
/// another, so that it is needed once, and not for every seat.
pub(crate) const MAX_STEP_BYTES: u64 = 1_000_000_000;
/// The most memory that a run holds between two steps, in bytes: each parameter with its gradient
/// and its two averages. A race holds as much again.
pub(crate) const MAX_HELD_BYTES: u64 = 200_000_000;
/// The most memory that the networks of all seats hold between two steps, in bytes. With a step
/// ([`MAX_STEP_BYTES`]) these are 3 GB, and beside the pictures ([`MAX_SETS_BYTES`]) they are to fit
/// a computer with 8 GB: each of the 32 seats may have some 4 million parameters, or eleven of them
/// a ResNet-18.
pub(crate) const MAX_NETWORKS_BYTES: u64 = 2_000_000_000;
/// The most multiply-adds of a step's forward pass, since all other seats wait for a step. A
/// ResNet-18 on 64 pictures of 64 px takes 10.7 billion.
pub(crate) const MAX_STEP_MULTIPLY_ADDS: f64 = 12e9;
/// The most requests of a seat that have not ended. A page has a handful.
pub(crate) const MAX_OPEN: usize = 64;
/// The longest name of a layer or of a stage in a request, in bytes. Those of our networks have
/// some twenty.
pub(crate) const MAX_NAME_BYTES: usize = 100;
/// The most memory of a set of drawn pictures, in bytes.
pub(crate) const MAX_DRAWN_BYTES: u64 = 400_000_000;
/// The most memory of all pictures in use before another set is loaded, in bytes.
pub(crate) const MAX_SETS_BYTES: u64 = 2_000_000_000;
