//! The engine of a class's host: it trains for pages whose computers are too slow for it.
//!
//! To a page it is a third engine behind the protocol that it speaks with its workers. Each page
//! has a seat with a [`Session`](resnette_session::Session) of its own, and one thread gives the
//! seats a unit of work each in turn: a batch, a picture's share of loading, one request. A seat
//! that waits costs nothing. Seats share the pictures that they load.
//!
//! - [`HostEngine`] is the thread, and what sockets ask for a seat
//!   ([`SeatEngine`](resnette_class_host::engine_line::SeatEngine)).
//! - `desk` says which key opens which seat, `seats` gives the turns, `seat` is one of them, and
//!   `seat_host` is what a session has there instead of a browser.
//! - `admission` says what the host does for strangers at all: every plan is bounded before it
//!   begins, nothing is fetched and nothing is opened. `account` has what a seat has asked for and
//!   what its networks hold, so that all together are bounded too.
//!
//! - `kept_runs` has the runs in a folder, if the teacher names one: a host that was killed goes on
//!   with them.
//!
//! What fails in one seat ends that seat alone, so that this has to be built to unwind (the profile
//! `host`). Without such a folder everything is in memory, and nothing is logged.

mod account;
mod admission;
mod desk;
mod host_engine;
mod host_file;
mod kept_runs;
mod limits;
mod seat;
mod seat_host;
mod seats;

pub use host_engine::{HostEngine, HostEngineError};
pub use kept_runs::KeptRunsError;
pub use limits::{KEPT_FOR, MAX_SEATS};
