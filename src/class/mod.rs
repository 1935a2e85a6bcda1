//! What a join link brings, fetched only then: sharing the numbers of a run with a class, and
//! training on the class's host. Beside it, codes that people carry where there is no host
//! ([`by_hand`]).

pub mod by_hand;
pub mod card;
mod host_request;
mod host_seat;
mod line;
mod shared;
mod standing;
mod state;
