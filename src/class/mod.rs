//! Sharing the numbers of a run with a class: the card that a join link brings, fetched only then.

pub mod card;
mod line;
mod shared;
mod state;
