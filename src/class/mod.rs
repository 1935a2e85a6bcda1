//! Sharing the numbers of a run with a class: the card that a join link brings, fetched only then,
//! and codes that people carry where there is no host ([`by_hand`]).

pub mod by_hand;
pub mod card;
mod line;
mod shared;
mod state;
